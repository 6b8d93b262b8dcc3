#include "desk/start_env.h"

#include <fmt/format.h>

#include "base/spelling.h"

namespace mc::app {

namespace {

constexpr std::size_t bytes_max = 64 * 1024;

}  // namespace

Result<void> check_start_env(const std::map<std::string, std::string>& env) {
    std::size_t bytes = 0;
    for (const auto& [name, value] : env) {
        if (name.starts_with("MARKETCRON_"))
            return fail(Error::Kind::usage, fmt::format("`{}` is set by marketcron itself", name), "take another name");
        if (!is_environment_name(name) || value.find('\0') != std::string::npos)
            return fail(Error::Kind::usage, "`env` has names and texts", R"(send "env": {"NAME": "value"})");
        bytes += name.size() + value.size() + 2;  // NAME=value and its end
    }
    if (bytes <= bytes_max) return {};
    return fail(Error::Kind::usage, fmt::format("--env has {} bytes in all, and may have {}", bytes, bytes_max),
                "write it to a file, and give the file's name");
}

}  // namespace mc::app
