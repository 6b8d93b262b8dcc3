#include "desk/crontab_files.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

#include "os/files.h"
#include "os/obstacle.h"
#include "os/user.h"

namespace mc::app {

namespace {

namespace fs = std::filesystem;

// The daemon waits while it reads a user's crontab. Debian's cron has this limit too (3.0pl1-134).
constexpr std::ptrdiff_t users_lines_max = 10'000;

constexpr const char* not_there = "not found; it is read when it appears";

// "", or why a crontab with that status is not run.
std::string fault_of(const struct stat& status) {
    if (!S_ISREG(status.st_mode)) return "it is not a regular file";
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return "users other than its owner can write it; chmod go-w FILE";
    return {};
}

std::string fault_of_system_table(const struct stat& status) {
    if (std::string fault = fault_of(status); !fault.empty()) return fault;
    if (status.st_uid != 0 && status.st_uid != ::geteuid()) return "its owner is neither root nor the daemon's user";
    return {};
}

std::string fault_of_users_table(const struct stat& status, const Result<os::User>& user, const std::string& name) {
    if (std::string fault = fault_of(status); !fault.empty()) return fault;
    if (status.st_nlink != 1) return "it has a second name (a hard link)";
    if (!user) return user.error().kind == Error::Kind::resources ? user.error().what : unknown_user_text(name);
    if (status.st_uid != 0 && status.st_uid != user->uid) return fmt::format("its owner is neither root nor {}", name);
    return {};
}

Result<void> unknown_now(const std::string& path, const std::string& cause) {
    return fail(Error::Kind::resources, fmt::format("the crontab {} cannot be read now: {}", path, cause));
}

Result<void> take_text(CrontabFile& file) {
    auto text = os::read_file(file.path, crontab_bytes_max);
    if (!text && text.error().kind == Error::Kind::resources) return tl::unexpected(text.error());
    if (text) file.text = std::move(*text);
    else file.ignored = text.error().what;
    return {};
}

// A user who cannot be looked up at the moment counts as existing: the runs wait until the lookup works.
void note_unknown_users(CrontabFile& file, os::Users& users) {
    for (const CrontabEntry& entry : parse_crontab(file.text, file.owner, file.path).entries)
        if (const auto& user = users.named(entry.user); !user && user.error().kind != Error::Kind::resources)
            file.unknown_users.insert(entry.user);
}

Result<void> add_system_table(std::vector<CrontabFile>& files, const std::string& path, os::Users& users) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        if (const int error = errno; os::obstacle_of(error) == os::Obstacle::now)
            return unknown_now(path, std::strerror(error));
        const bool link = ::lstat(path.c_str(), &status) == 0;
        files.push_back({path, {true, ""}, "", link ? "the link is broken" : not_there, !link});
        return {};
    }
    CrontabFile file{path, {true, ""}, "", fault_of_system_table(status)};
    if (file.ignored.empty())
        if (auto taken = take_text(file); !taken) return taken;
    note_unknown_users(file, users);
    files.push_back(std::move(file));
    return {};
}

Result<void> add_users_table(std::vector<CrontabFile>& files, const std::string& path, const std::string& user) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        const int error = errno;
        return os::obstacle_of(error) == os::Obstacle::now ? unknown_now(path, std::strerror(error)) : Result<void>{};
    }
    const auto known = os::find_user(user);
    CrontabFile file{path, {false, user}, "", fault_of_users_table(status, known, user)};
    if (!known) file.unknown_users.insert(user);
    file.harmless = file.ignored == unknown_user_text(user);
    if (file.ignored.empty())
        if (auto taken = take_text(file); !taken) return taken;
    if (std::count(file.text.begin(), file.text.end(), '\n') > users_lines_max) {
        file.text.clear();
        file.ignored = fmt::format("it has more than {} lines", users_lines_max);
    }
    files.push_back(std::move(file));
    return {};
}

// Sorted. `error`: why the directory cannot be read.
std::vector<std::string> names_in(const std::string& directory, std::error_code& error) {
    std::vector<std::string> names;
    error.clear();
    auto entry = fs::directory_iterator(directory, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error))
        names.push_back(entry->path().filename());
    std::sort(names.begin(), names.end());
    return names;
}

// The names in a directory of the settings. A directory that cannot be read is added to `files`, with the reason. Error:
// resources, if it cannot be read at the moment.
Result<std::vector<std::string>> names_or_fault(const std::string& directory, std::vector<CrontabFile>& files) {
    std::error_code error;
    std::vector<std::string> names = names_in(directory, error);
    if (!error) return names;
    if (os::obstacle_of(error.value()) == os::Obstacle::now)
        return unknown_now(directory, error.message()).map([&] { return names; });
    const bool is_gone = error == std::errc::no_such_file_or_directory;
    files.push_back(
        {directory, {true, ""}, "", is_gone ? not_there : "it cannot be read: " + error.message(), is_gone});
    return names;
}

bool is_debian_name(const std::string& name) {
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

const char* bad_name(const CrontabSettings& settings) {
    return settings.cronies_names ? "its name looks like a file that an editor or a package left behind"
                                  : "its name has characters other than letters, digits, `_` and `-`";
}

// cronie ignores files that editors and packages leave behind.
bool is_cronie_name(const std::string& name) {
    constexpr std::array<std::string_view, 4> left_behind{"~", ".rpmsave", ".rpmorig", ".rpmnew"};
    return name.front() != '.' && name.front() != '#' &&
           std::none_of(left_behind.begin(), left_behind.end(), [&](auto end) { return name.ends_with(end); });
}

// Adds the directories in which a change can make the path lead to another file: those of the links on the path, and
// that of the file at its end.
void add_places_of(const fs::path& path, std::set<std::string>& directories, int links) {
    constexpr int links_max = 40;  // the kernel's limit
    fs::path so_far;
    for (auto part = path.begin(); part != path.end(); ++part) {
        so_far /= *part;
        std::error_code error;
        const fs::path target = fs::read_symlink(so_far, error);
        if (error || links >= links_max) continue;
        directories.insert(so_far.parent_path());
        fs::path led = target.is_absolute() ? target : so_far.parent_path() / target;
        for (auto rest = std::next(part); rest != path.end(); ++rest) led /= *rest;
        return add_places_of(led.lexically_normal(), directories, links + 1);
    }
    if (links > 0) directories.insert(path.parent_path());
}

}  // namespace

Result<std::vector<CrontabFile>> read_crontab_files(const CrontabSettings& settings) {
    std::vector<CrontabFile> files;
    os::Users users(os::current_user());
    for (const std::string& path : settings.files)
        if (auto added = add_system_table(files, path, users); !added) return tl::unexpected(added.error());
    for (const std::string& directory : settings.dirs) {
        const auto names = names_or_fault(directory, files);
        if (!names) return tl::unexpected(names.error());
        for (const std::string& name : *names) {
            const std::string path = fmt::format("{}/{}", directory, name);
            if (settings.cronies_names ? is_cronie_name(name) : is_debian_name(name)) {
                if (auto added = add_system_table(files, path, users); !added) return tl::unexpected(added.error());
            } else if (name.front() != '.') {  // .placeholder and similar files: ignored without a warning
                files.push_back({path, {true, ""}, "", bad_name(settings), true});
            }
        }
    }
    if (settings.spool.empty()) return files;
    const auto names = names_or_fault(settings.spool, files);
    if (!names) return tl::unexpected(names.error());
    for (const std::string& name : *names)
        if (name.front() != '.' && !name.starts_with("tmp.") && !name.starts_with("#tmp."))
            if (auto added = add_users_table(files, fmt::format("{}/{}", settings.spool, name), name); !added)
                return tl::unexpected(added.error());
    return files;
}

void keep_known_users(std::vector<CrontabFile>& files, const std::vector<CrontabFile>& before) {
    for (CrontabFile& file : files) {
        if (file.unknown_users.empty()) continue;
        const auto was =
            std::find_if(before.begin(), before.end(), [&](const auto& one) { return one.path == file.path; });
        if (was == before.end() || !was->ignored.empty()) continue;
        if (!file.owner.system) file = *was;
        else if (was->text == file.text) file.unknown_users = was->unknown_users;
    }
}

bool wait_for_users(const std::vector<CrontabFile>& files) {
    return std::any_of(files.begin(), files.end(), [](const CrontabFile& file) { return !file.unknown_users.empty(); });
}

std::vector<std::string> crontab_directories(const CrontabSettings& settings) {
    std::set<std::string> directories;
    std::vector<std::string> paths = settings.files;
    std::error_code error;
    for (const std::string& directory : settings.dirs) {
        directories.insert(directory);
        paths.push_back(directory);
        for (const std::string& name : names_in(directory, error))
            paths.push_back(fmt::format("{}/{}", directory, name));
    }
    if (!settings.spool.empty()) {
        directories.insert(settings.spool);
        paths.push_back(settings.spool);
    }
    for (const std::string& path : paths) add_places_of(path, directories, 0);
    for (const std::string& file : settings.files) directories.insert(fs::path(file).parent_path());
    return {directories.begin(), directories.end()};
}

}  // namespace mc::app
