// unread_record.h — what `why` says of a running run whose record on disk cannot be read: whether it has ended is not known.
#pragma once

#include <string>
#include <vector>

#include "explain/why.h"
#include "store/run_store.h"

namespace mc::app {

// Adds a reason, `record`, to each line of such a run. `state`: the state directory.
Result<void> add_unread_records(std::vector<WhyLine>& lines, const std::string& state, const RunStore& store);

}  // namespace mc::app
