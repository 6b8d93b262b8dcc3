#include "exec/executor_kinds.h"

#include <fmt/format.h>

#include <array>

namespace mc::os {

Result<std::unique_ptr<Executor>> connect_executor(std::string_view name, const std::string& state) {
    static const std::array kinds{keeper_kind()};
    std::string known;
    for (const ExecutorKind& kind : kinds) {
        if (kind.name == name) return kind.connect(state);
        known += fmt::format("{}`{}`", known.empty() ? "" : ", ", kind.name);
    }
    return fail(Error::Kind::config, fmt::format("unknown executor `{}`", name), "write one of: " + known);
}

}  // namespace mc::os
