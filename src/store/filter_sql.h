// filter_sql.h — a RunFilter as the WHERE, ORDER BY and LIMIT of questions to the table of runs.
#pragma once

#include <string>
#include <vector>

#include "store/run_store.h"

namespace mc::store {

// One question for each index that has some of the runs; their answers, taken together, are the filter's, each in the
// filter's order and not longer than its limit. Parameters: ?1 the job, or of several a JSON list; ?2 and ?3 the dates;
// ?4 the state; ?5 the limit; where the filter has `before`, ?6 its fire and ?7 its number.
std::vector<std::string> filter_sql(const RunFilter& filter);

}  // namespace mc::store
