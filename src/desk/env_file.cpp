#include "desk/env_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/spelling.h"
#include "desk/trust.h"
#include "os/files.h"

namespace mc::app {

namespace {
constexpr std::size_t env_file_bytes_max = 1024 * 1024;
constexpr std::string_view export_word = "export";  // optional, for files that shells read too
}  // namespace

Result<std::map<std::string, std::string>> read_env_file(const std::string& path, const os::User* reader) {
    std::map<std::string, std::string> env;
    const auto file = os::read_owned_file(path, env_file_bytes_max);
    if (!file) return fail(file.error().kind, "env_file: " + file.error().what, file.error().hint);
    if (const std::string bad = reader ? objection_to_env_file(path, file->owner, *reader) : ""; !bad.empty())
        return fail(Error::Kind::process, fmt::format("env_file {}: {}", path, bad));
    const std::string* text = &file->text;
    std::size_t number = 0;
    for (std::size_t at = 0; at < text->size();) {
        const std::size_t end = std::min(text->find('\n', at), text->size());
        std::string line = text->substr(at, end - at);
        at = end + 1;
        ++number;
        const auto start = line.find_first_not_of(" \t\r");
        if (start == std::string::npos || line[start] == '#') continue;
        line.erase(0, start);
        line.erase(line.find_last_not_of(" \t\r") + 1);
        if (const auto word = line.find_first_not_of(" \t", export_word.size());
            line.starts_with(export_word) && word != std::string::npos && word > export_word.size())
            line.erase(0, word);
        const auto equals = std::min(line.find('='), line.size());
        const std::string name = line.substr(0, equals);
        if (equals == line.size() || !is_environment_name(name))
            return fail(Error::Kind::process, fmt::format("env_file {}:{} is not a NAME=value line", path, number),
                        "write NAME=value, without blanks around the `=`");
        std::string value = line.substr(equals + 1);
        if (line.find('\0') != std::string::npos)
            return fail(Error::Kind::process, fmt::format("env_file {}:{} contains a NUL byte", path, number),
                        "remove it");
        const bool is_quoted = !value.empty() && (value.front() == '"' || value.front() == '\'');
        if (is_quoted && (value.size() == 1 || value.back() != value.front()))
            return fail(Error::Kind::process, fmt::format("env_file {}:{}: the quote is not closed", path, number),
                        "close it, or put the whole value into the other kind of quotes");
        if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
            value = value.substr(1, value.size() - 2);
        env[name] = value;
    }
    return env;
}

}  // namespace mc::app
