#include "desk/plan_files.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>

#include "base/toml.h"
#include "calendar/check.h"
#include "calendar/head.h"
#include "desk/embedded.h"
#include "notify/channel_readers.h"
#include "os/files.h"
#include "os/user.h"
#include "os/zone_files.h"

namespace mc::app {

namespace {

constexpr const char* system_file = "/etc/marketcron/marketcron.toml";
constexpr const char* calendar_directory = "/etc/marketcron/calendars";
constexpr std::size_t config_bytes_max = 10'000'000;
constexpr std::size_t calendar_bytes_max = 4'000'000;

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value && *value == '/' ? value : "";
}

// The XDG base directories count only when they are absolute (their specification's rule).
std::string user_directory(const char* variable, const char* below_home) {
    if (const std::string value = environment(variable); !value.empty()) return value + "/marketcron";
    std::string home = environment("HOME");
    if (home.empty())
        if (const auto user = os::current_user()) home = user->home;
    return fmt::format("{}/{}/marketcron", home, below_home);
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

bool is_larger(const std::string& path, std::size_t bytes) {
    std::error_code unknown;
    const auto size = std::filesystem::file_size(path, unknown);
    return !unknown && size > bytes;
}

Result<std::vector<SourceText>> included(std::string_view pattern, std::string_view from) {
    std::filesystem::path path{std::string(pattern)};
    if (path.is_relative()) path = std::filesystem::path(std::string(from)).parent_path() / path;
    path = path.lexically_normal();  // a/../a/x and a/x are the same file, which is read once
    const auto files = os::glob_files(path.string());
    const bool plain = pattern.find_first_of("*?[") == std::string_view::npos;
    if (files.empty() && plain)
        return fail(Error::Kind::config, fmt::format("include: there is no {}", path.string()),
                    "create the file, or remove the line");
    std::vector<SourceText> texts;
    for (const std::string& file : files) {
        auto text = read_source(file);
        if (!text) return tl::unexpected(text.error());
        texts.push_back(std::move(*text));
    }
    return texts;
}

// What to do about a file that is missing, too large or empty.
struct FileHints {
    const char *missing, *large, *empty;
};
constexpr FileHints config_hints{"check the name, or write the file; examples/ has some",
                                 "split it, or check that it is the right file",
                                 "write at least one [job.NAME]; examples/quickstart.toml shows how"};
constexpr FileHints calendar_hints{"check the name, or the link", "check that it is the right file",
                                   "write the calendar, as docs/calendars.md shows, or remove the file"};

Result<std::string> read_text(const std::string& path, std::size_t bytes_max, const FileHints& hints) {
    auto text = os::read_file(path, bytes_max);
    if (!text) {
        Error error = text.error();
        error.kind = Error::Kind::config;
        if (!exists(path)) error.hint = hints.missing;
        else if (is_larger(path, bytes_max)) error.hint = hints.large;
        return tl::unexpected(error);
    }
    if (const auto nul = text->find('\0'); nul != std::string::npos)
        return fail(Error::Kind::config, "the file contains a NUL byte",
                    "it is not a text file, or was only half written; write it again",
                    Spot{path,
                         static_cast<std::uint32_t>(
                             1 + std::count(text->begin(), text->begin() + static_cast<std::ptrdiff_t>(nul), '\n')),
                         1});
    if (text->find_first_not_of(" \t\r\n") == std::string::npos)
        return fail(Error::Kind::config, "the file is empty", hints.empty, Spot{path, 1, 1});
    return text;
}

// Refuses names that another calendar has. Of two files for one calendar, the order of the file names would choose one.
void check_names(const CalendarSource& source, const CalendarSet& calendars, const std::vector<CalendarSource>& before,
                 Errors& problems) {
    const auto head = read_calendar_head(*source.owned, source.file);
    if (!head) return;
    for (Error& taken : words_of_others(*head, calendars)) problems.push_back(std::move(taken));
    for (const CalendarSource& other : before)
        if (same_calendar_word(other.name, source.name))
            problems.push_back({Error::Kind::config, fmt::format("{} defines calendar {} too", other.file, source.name),
                                "keep one of the two files", head->name.spot});
}

}  // namespace

Result<std::string> config_path(const std::string& given) {
    std::error_code ignored;
    if (!given.empty()) return std::filesystem::absolute(given, ignored).lexically_normal().string();
    if (::geteuid() == 0) {
        if (exists(system_file)) return std::string(system_file);
        return fail(Error::Kind::config, fmt::format("there is no {}", system_file), "name a file with -c FILE");
    }
    const std::string own = user_directory("XDG_CONFIG_HOME", ".config") + "/marketcron.toml";
    if (exists(own)) return own;
    if (exists(system_file)) return std::string(system_file);
    return fail(Error::Kind::config, fmt::format("there is neither {} nor {}", own, system_file),
                "name a file with -c FILE");
}

bool is_systems_file_closed(const std::string& path) {
    return path == system_file && ::access(system_file, R_OK) != 0 && errno == EACCES;
}

Result<SourceText> read_source(const std::string& path) {
    auto text = read_text(path, config_bytes_max, config_hints);
    if (!text) return tl::unexpected(std::move(text.error()));
    return SourceText{path, std::move(*text)};
}

Result<std::string> read_calendar_text(const std::string& file) {
    struct stat info {};
    const bool special = ::stat(file.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
    if (special)
        return fail(Error::Kind::config, "not a regular file", "write the calendar to a regular file",
                    Spot{file, 0, 0});
    auto text = read_text(file, calendar_bytes_max, calendar_hints);
    if (!text && text.error().spot.file.empty()) text.error().spot.file = file;
    return text;
}

Result<CalendarSource> calendar_source(const std::string& file) {
    auto text = read_calendar_text(file);
    if (!text) return tl::unexpected(text.error());
    const auto head = read_calendar_head(*text, file);
    if (!head) return tl::unexpected(head.error());
    CalendarSource source;
    source.name = CalendarName(head->name.word);
    source.file = file;
    for (const CalendarWord& alias : head->aliases) source.aliases.push_back(alias.word);
    source.owned = std::make_shared<const std::string>(std::move(*text));
    source.text = *source.owned;
    return source;
}

void check_source(const CalendarSource& source, const CalendarSet& calendars, const CalendarSet& replaced,
                  Errors& problems) {
    const auto extended = [&](std::string_view name) -> Result<std::shared_ptr<const CalendarRules>> {
        const auto calendar = same_calendar_word(name, source.name) ? replaced.find(name) : calendars.find(name);
        if (!calendar) return tl::unexpected(calendar.error());
        return (*calendar)->rules();
    };
    const auto good = check_calendar(*source.owned, source.file, calendars.zones(), extended);
    if (!good) problems.insert(problems.end(), good.error().begin(), good.error().end());
}

CalendarSet built_in_calendars() {
    CalendarSet calendars{os::zone_files()};
    for (CalendarSource& source : embedded_calendars()) calendars.add(std::move(source));
    return calendars;
}

std::vector<std::string> calendar_files(const std::vector<std::string>& also) {
    std::map<std::string, std::string> by_name;
    for (const std::string& file : os::glob_files(fmt::format("{}/*.toml", calendar_directory)))
        by_name[std::filesystem::path(file).filename()] = file;
    for (const std::string& file : also) by_name[std::filesystem::path(file).filename()] = file;
    std::vector<std::string> files;
    for (const auto& [name, file] : by_name) files.push_back(file);
    return files;
}

ReadContext read_context_of(CalendarSet calendars, const std::vector<std::string>& files, Errors* problems) {
    // All are added before the first check: a file may extend a later one.
    std::vector<CalendarSource> added;
    const std::optional<CalendarSet> replaced = files.empty() ? std::nullopt : std::optional(calendars);
    for (const std::string& file : files) {
        auto source = calendar_source(file);
        if (!source && problems) problems->push_back(source.error());
        if (!source) continue;
        if (problems) check_names(*source, calendars, added, *problems);
        if (problems) added.push_back(*source);
        calendars.add(std::move(*source));
    }
    for (const CalendarSource& source : added) check_source(source, calendars, *replaced, *problems);
    ReadContext context;
    context.host_zone = os::host_zone(calendars.zones());
    context.calendars = std::make_shared<const CalendarSet>(std::move(calendars));
    context.channels = notify::channel_readers();
    context.include = included;
    return context;
}

ReadContext make_read_context(Errors* problems) {
    // A directory that we may not read would look empty.
    const bool closed = ::access(calendar_directory, R_OK | X_OK) != 0 && errno != ENOENT && errno != ENOTDIR;
    if (closed && problems)
        problems->push_back({Error::Kind::config, fmt::format("cannot read the directory: {}", std::strerror(errno)),
                             "all users must be able to read it: chmod 755", Spot{calendar_directory, 0, 0}});
    return read_context_of(built_in_calendars(), calendar_files(), problems);
}

Errors check_modes(const Plan& plan) {
    Errors errors;
    for (const auto& [target, channel] : plan.channels) {
        const Secret& secret = channel->secret;
        const bool inline_secret = !secret.value.empty();
        const std::string& file = inline_secret ? channel->spot.file : secret.file;
        struct stat info {};
        if (file.empty() || ::stat(file.c_str(), &info) != 0) continue;  // a missing file is reported when it is needed
        if ((info.st_mode & 077) == 0) continue;
        errors.push_back(Error{
            Error::Kind::config,
            fmt::format("other users can read {}, which holds the {} of {}", file, secret.kind->noun, target.section()),
            fmt::format("chmod 600 {}{}", file, inline_secret ? fmt::format(", or use {}_file", secret.kind->key) : ""),
            channel->spot});
    }
    return errors;
}

std::string default_state(const std::string& config) {
    const bool systems = ::geteuid() == 0 || config == system_file;
    return systems ? "/var/lib/marketcron" : user_directory("XDG_STATE_HOME", ".local/state");
}

std::string default_socket(const std::string& config) {
    if (::geteuid() == 0 || config == system_file) return "/run/marketcron/control";
    // Without a runtime directory of the login session, the socket is in the state directory.
    const std::string runtime = environment("XDG_RUNTIME_DIR");
    return runtime.empty() ? default_state(config) + "/control" : runtime + "/marketcron/control";
}

}  // namespace mc::app
