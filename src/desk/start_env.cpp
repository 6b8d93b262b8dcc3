#include "desk/start_env.h"

#include <fmt/format.h>

#include "base/spelling.h"
#include "desk/json.h"

namespace mc::app {

namespace {

constexpr std::size_t bytes_max = 64 * 1024;

}  // namespace

Result<void> check_start_env(const std::map<std::string, std::string>& env) {
    std::size_t bytes = 0;
    for (const auto& [name, value] : env) {
        if (name.starts_with("MARKETCRON_"))
            return fail(Error::Kind::usage, fmt::format("`{}` is set by marketcron itself", name), "use another name");
        if (!is_environment_name(name) || value.find('\0') != std::string::npos)
            return fail(Error::Kind::usage, "`env` must map names of variables to texts",
                        R"(send "env": {"NAME": "value"})");
        if (!Json(value).is_utf8())
            return fail(Error::Kind::usage, fmt::format("the value of `{}` is not valid UTF-8", name),
                        "write it to a file, and pass the name of the file");
        bytes += name.size() + value.size() + 2;  // the `=` and the NUL at the end
    }
    if (bytes <= bytes_max) return {};
    return fail(Error::Kind::usage, fmt::format("--env has {} bytes in total; the limit is {}", bytes, bytes_max),
                "write the values to a file, and pass its name");
}

}  // namespace mc::app
