// webhook_fields.h — the fields of a notice for a webhook's template (marketcron.toml(5)). Pure.
#pragma once

#include "engine/run.h"
#include "notify/json_template.h"

namespace mc::notify {

// All fields, including those that the notice does not have (empty). Texts are clean (text.h).
Fields webhook_fields(const Notice& notice, const std::string& host);

// An example value for every field, to check a template with.
const Fields& known_webhook_fields();

}  // namespace mc::notify
