// start_options.h — what a person asked of one run alone, as the text of its column: "" or a JSON object.
#pragma once

#include <string>
#include <string_view>

#include "engine/run.h"

namespace mc::store {

std::string start_options_text(const BoxedOptional<StartOptions>& only);
// Absent where the text is empty, or was changed by hand into what cannot be read.
BoxedOptional<StartOptions> read_start_options(std::string_view text);

}  // namespace mc::store
