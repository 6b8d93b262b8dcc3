// json.h — the facts of a reason as JSON: `reason_data` in the ledger, in `runs` and in `why`.
//
// An object with "kind" and the members of that kind, in their order. Instants are strings in UTC, dates are strings,
// durations are whole seconds; an absent value is null.
#pragma once

#include <string>

#include "base/boxed_optional.h"
#include "base/json.h"
#include "reason/data.h"

namespace mc {

Json reason_json(const ReasonData& data);
Json reason_json(const BoxedOptional<ReasonData>& data);  // null if there is none

// Empty if it is null, invalid, or of a kind that this version does not have.
BoxedOptional<ReasonData> read_reason_json(const Json& json);

// The text of the ledger's column; "" if there are no facts.
std::string reason_data_text(const BoxedOptional<ReasonData>& data);
BoxedOptional<ReasonData> read_reason_data(const std::string& text);

}  // namespace mc
