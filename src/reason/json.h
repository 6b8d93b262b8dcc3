// json.h — the facts of a reason as JSON: `reason_data` of the ledger, of `runs` and of `why`.
//
// An object of "kind" and the members of that kind, in their order. Instants are texts of UTC, dates are texts, durations
// whole seconds; what is absent is null.
#pragma once

#include <string>

#include "base/boxed_optional.h"
#include "base/json.h"
#include "reason/data.h"

namespace mc {

Json reason_json(const ReasonData& data);
Json reason_json(const BoxedOptional<ReasonData>& data);  // null where there is none

// Nothing where it is null, of another version's kind, or wrong.
BoxedOptional<ReasonData> read_reason_json(const Json& json);

// The text of the ledger's column; "" where there is none.
std::string reason_data_text(const BoxedOptional<ReasonData>& data);
BoxedOptional<ReasonData> read_reason_data(const std::string& text);

}  // namespace mc
