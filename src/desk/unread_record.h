// unread_record.h — adds to `why` that a run may have ended, because its record on disk cannot be read.
#pragma once

#include <string>
#include <vector>

#include "explain/why.h"
#include "store/run_store.h"

namespace mc::app {

// Adds the reason `record` to each line of such a run. `state`: the state directory. Error: store.
Result<void> add_unread_records(std::vector<WhyLine>& lines, const std::string& state, const RunStore& store);

}  // namespace mc::app
