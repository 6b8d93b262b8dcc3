// predicate_table.h — the table of all predicates, used by the parser, `why` and the suggestions.
//
// The rows are in one file for each theme, together with their functions. A new row needs no other change.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schedule/predicate_row.h"

namespace mc {

using PredicateRows = std::span<const PredicateRow>;

PredicateRows session_predicates();  // session, holiday, unscheduled
PredicateRows hours_predicates();    // early_close, late_open, market_open
PredicateRows nth_predicates();      // first_session, last_session, nth_session
PredicateRows beside_predicates();   // before_holiday, after_holiday
PredicateRows expiry_predicates();   // monthly_expiry, quarterly_expiry
PredicateRows date_predicates();     // weekday, day, month, nth_weekday, date, year, true
PredicateRows every_predicates();    // every

// All rows; they are static.
std::vector<const PredicateRow*> all_predicates();
// The row with that name; null if there is none.
const PredicateRow* find_predicate(std::string_view name);
// For suggestions, in the order of the table.
std::vector<std::string> predicate_names();

}  // namespace mc
