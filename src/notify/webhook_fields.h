// webhook_fields.h — the fields of a notice that a webhook's template can name (marketcron.toml(5)). Pure.
#pragma once

#include "engine/run.h"
#include "notify/json_template.h"

namespace mc::notify {

// All of them, also those that the notice does not have. Texts are clean (text.h).
Fields webhook_fields(const Notice& notice, const std::string& host);

// An example of each, with something in every field, to try a template with.
const Fields& known_webhook_fields();

}  // namespace mc::notify
