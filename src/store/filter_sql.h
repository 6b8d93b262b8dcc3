// filter_sql.h — a RunFilter as WHERE, ORDER BY and LIMIT of queries on the table of runs.
#pragma once

#include <string>
#include <vector>

#include "store/run_store.h"

namespace mc::store {

// One query for each index that has some of the runs. Together their results are the filter's; each result is in the
// filter's order and at most as long as its limit. Parameters: ?1 the job, or a JSON list of several jobs; ?2 and ?3
// the dates; ?4 the state; ?5 the limit; if the filter has `before`, ?6 its fire and ?7 its number.
std::vector<std::string> filter_sql(const RunFilter& filter);

}  // namespace mc::store
