#include "cli/import_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include "crontab/anacrontab.h"
#include "crontab/timer_unit.h"
#include "desk/crontab_files.h"
#include "os/files.h"

namespace mc::app {

namespace {

namespace fs = std::filesystem;

// The first has precedence (systemd.unit(5)).
constexpr std::array<std::string_view, 5> unit_directories{"/etc/systemd/system", "/run/systemd/system",
                                                           "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
                                                           "/lib/systemd/system"};

Error usage(Error error) {
    error.kind = Error::Kind::usage;
    return error;
}

bool is_timer(const std::string& name) { return name.ends_with(".timer"); }

// The path before one of these directories: "" for the machine's own. Absent: it is not one of them.
std::optional<std::string> root_of(const std::string& directory) {
    for (const auto known : unit_directories)
        if (directory.ends_with(known)) {
            std::string root = directory.substr(0, directory.size() - known.size());
            // "/usr/lib/systemd/system" ends with "/lib/systemd/system" too.
            if (known == unit_directories.back() && (root.ends_with("/usr") || root.ends_with("/usr/local"))) continue;
            return root;
        }
    return {};
}

std::vector<std::string> directories_for(const std::string& directory) {
    const auto root = root_of(directory);
    if (!root) return {directory};
    std::vector<std::string> all;
    for (const auto known : unit_directories) all.push_back(*root + std::string(known));
    return all;
}

bool is_masked(const std::string& path) {
    std::error_code error;
    return fs::is_symlink(path, error) && fs::read_symlink(path, error) == "/dev/null";
}

// By name; if several directories have the name, the first directory has precedence.
std::map<std::string, std::string> drop_ins(const std::vector<std::string>& directories, const std::string& name) {
    std::map<std::string, std::string> found;
    for (const std::string& directory : directories)
        for (const std::string& path : os::glob_files(fmt::format("{}/{}.d/*.conf", directory, name)))
            found.emplace(path.substr(path.rfind('/') + 1), path);
    return found;
}

Result<NamedCrontab> read_timer(const std::string& path, const ImportAsked& asked) {
    const std::string name = path.substr(path.rfind('/') + 1);
    const std::string directory = path.find('/') == std::string::npos ? "." : path.substr(0, path.rfind('/'));
    auto text = os::read_file(path, crontab_bytes_max);
    if (!text) return tl::unexpected(usage(text.error()));
    std::vector<UnitFile> files{{"", *std::move(text)}};
    for (const auto& [drop_in, place] : drop_ins(directories_for(directory), name)) {
        if (is_masked(place)) continue;
        auto more = os::read_file(place, crontab_bytes_max);
        if (!more) return tl::unexpected(usage(more.error()));
        files.push_back({drop_in, *std::move(more)});
    }
    Crontab table = parse_timer_unit(files, name);
    for (CrontabEntry& entry : table.entries) entry.user = asked.user;
    return NamedCrontab{path, std::move(table)};
}

Result<NamedCrontab> read_table(const std::string& path, const ImportAsked& asked) {
    const std::string name = path.substr(path.rfind('/') + 1);
    if (is_timer(name)) return read_timer(path, asked);
    const auto text = os::read_file(path, crontab_bytes_max);
    if (!text) return tl::unexpected(usage(text.error()));
    if (name.starts_with("anacrontab")) {
        Crontab table = parse_anacrontab(*text);
        for (CrontabEntry& entry : table.entries) entry.user = asked.user;
        return NamedCrontab{path, std::move(table)};
    }
    const CrontabOwner owner{asked.system || is_system_table(path), asked.user};
    return NamedCrontab{path, parse_crontab(*text, owner, path)};
}

// The timers of all directories, each from the directory with precedence; masked ones are left out.
std::vector<std::string> timers_in(const std::string& directory) {
    std::map<std::string, std::string> found;
    for (const std::string& one : directories_for(directory))
        for (const std::string& path : os::glob_files(one + "/*.timer"))
            found.emplace(path.substr(path.rfind('/') + 1), path);
    std::vector<std::string> paths;
    for (const auto& [name, path] : found)
        if (!is_masked(path)) paths.push_back(path);
    return paths;
}

// The directory's timers; if there are none, its crontabs: files without a dot in the name, as in Debian's cron.
std::vector<std::string> tables_in(const std::string& directory) {
    std::vector<std::string> paths = timers_in(directory);
    if (!paths.empty()) return paths;
    for (const std::string& path : os::glob_files(directory + "/*")) {
        std::error_code error;
        const std::string name = path.substr(path.rfind('/') + 1);
        const auto good = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        };
        if (fs::is_regular_file(path, error) && std::all_of(name.begin(), name.end(), good)) paths.push_back(path);
    }
    return paths;
}

// The file of a unit that was given by name. Error: usage.
Result<std::string> find_unit(const std::string& name) {
    for (const auto directory : unit_directories) {
        const std::string path = fmt::format("{}/{}", directory, name);
        std::error_code error;
        if (is_masked(path))
            return fail(Error::Kind::usage, fmt::format("the unit {} is masked: {} is a link to /dev/null", name, path),
                        "give another file of this unit");
        if (fs::exists(path, error)) return path;
    }
    return fail(Error::Kind::usage, fmt::format("the unit {} was not found", name), "give the path of its file");
}

}  // namespace

bool is_system_table(const std::string& path) { return path == "/etc/crontab" || path.starts_with("/etc/cron.d/"); }

Result<std::vector<NamedCrontab>> read_import(const std::string& word, const ImportAsked& asked) {
    std::error_code error;
    std::vector<std::string> paths{word};
    if (fs::is_directory(word, error)) {
        std::string directory = word;
        while (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
        paths = tables_in(directory);
        if (paths.empty())
            return fail(Error::Kind::usage, fmt::format("{} has neither timers nor crontabs", word),
                        "give a file or another directory");
    } else if (is_timer(word) && word.find('/') == std::string::npos && !fs::exists(word, error)) {
        auto path = find_unit(word);
        if (!path) return tl::unexpected(path.error());
        paths = {*std::move(path)};
    }
    std::vector<NamedCrontab> tables;
    for (const std::string& path : paths) {
        auto table = read_table(path, asked);
        if (!table) return tl::unexpected(table.error());
        tables.push_back(*std::move(table));
    }
    return tables;
}

}  // namespace mc::app
