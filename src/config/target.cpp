#include "config/target.h"

#include <fmt/format.h>

#include "base/result.h"

namespace mc {

Target::Target(std::string_view kind, std::string_view name)
    : text_(fmt::format("{}:{}", kind, name)), kind_size_(kind.size()) {
    check(!kind.empty() && kind.find(':') == std::string_view::npos,
          "the kind of a channel is not empty and has no colon");
}

std::optional<Target> Target::parse(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) return std::nullopt;
    return Target(text.substr(0, colon), text.substr(colon + 1));
}

std::string Target::section() const {
    return name().empty() ? fmt::format("[{}]", kind()) : fmt::format("[{}.{}]", kind(), name());
}

}  // namespace mc
