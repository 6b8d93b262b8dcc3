#include "desk/say.h"

#include "base/characters.h"

namespace mc::app {

void put_visible(std::FILE* to, const std::string& text) { fmt::print(to, "{}", visible(text)); }

}  // namespace mc::app
