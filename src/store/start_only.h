// start_only.h — what a person asked of one run alone, as the text of its column: "" or a JSON object.
#pragma once

#include <string>
#include <string_view>

#include "engine/run.h"

namespace mc::store {

std::string start_only_text(const Rare<StartOnly>& only);
// Absent where the text is empty, or was changed by hand into what cannot be read.
Rare<StartOnly> read_start_only(std::string_view text);

}  // namespace mc::store
