// start_options.h — the options of `start` for one run, as the text of its column: "" or a JSON object.
#pragma once

#include <string>
#include <string_view>

#include "engine/run.h"

namespace mc::store {

std::string start_options_text(const BoxedOptional<StartOptions>& only);
// Empty if the text is empty or cannot be read.
BoxedOptional<StartOptions> read_start_options(std::string_view text);

}  // namespace mc::store
