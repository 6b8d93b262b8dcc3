#include "os/other_cron.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <string_view>

namespace mc::os {

namespace {

constexpr std::array<std::string_view, 3> names{"cron", "crond", "bcron-sched"};
constexpr std::array<const char*, 3> pid_files{"/run/crond.pid", "/run/cron.pid", "/var/run/crond.pid"};

// The file's first bytes, without the last newline; "" when it cannot be read.
std::string start_of(int directory, const std::string& path) {
    std::array<char, 512> bytes{};
    const Descriptor file{::openat(directory, path.c_str(), O_RDONLY | O_CLOEXEC)};
    const ssize_t count = file ? ::read(file.get(), bytes.data(), bytes.size()) : 0;
    std::string text(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

std::string link_at(int directory, const std::string& path) {
    std::array<char, 64> bytes{};
    const ssize_t count = ::readlinkat(directory, path.c_str(), bytes.data(), bytes.size());
    return {bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
}

// True for a process that has ended and is not reaped yet: "17 (cron) Z 1 ..."
bool has_ended(int proc, const std::string& pid) {
    const std::string stat = start_of(proc, pid + "/stat");
    const std::size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos || name_end + 2 >= stat.size()) return true;
    const char state = stat[name_end + 2];
    return state == 'Z' || state == 'X';
}

// Every user can name a program cron. Only a process of root or of our own user runs these crontabs, and only in our
// own container.
bool counts(int proc, const std::string& pid) {
    struct stat status {};
    if (::fstatat(proc, pid.c_str(), &status, 0) != 0) return false;
    if (status.st_uid != 0 && status.st_uid != ::geteuid()) return false;
    if (has_ended(proc, pid)) return false;
    const std::string ours = link_at(proc, "self/ns/pid"), its = link_at(proc, pid + "/ns/pid");
    return ours.empty() || its.empty() || ours == its;
}

std::optional<CronProcess> cron_of(int proc, const std::string& pid) {
    const std::string name = start_of(proc, pid + "/comm");
    if (std::find(names.begin(), names.end(), name) == names.end() || !counts(proc, pid)) return std::nullopt;
    pid_t number = 0;
    (void)std::from_chars(pid.data(), pid.data() + pid.size(), number);
    return CronProcess{name, number};
}

bool is_number(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string CronProcess::text() const { return fmt::format("{} (pid {})", name, pid); }

std::optional<CronProcess> other_cron() {
    const std::unique_ptr<DIR, int (*)(DIR*)> proc{::opendir("/proc"), ::closedir};
    if (!proc) return std::nullopt;
    while (const dirent* entry = ::readdir(proc.get()))
        if (is_number(entry->d_name))
            if (auto found = cron_of(::dirfd(proc.get()), entry->d_name)) return found;
    return std::nullopt;
}

std::optional<CronProcess> other_cron_by_pid_file() {
    for (const char* file : pid_files)
        if (auto found = cron_in_pid_file(file)) return found;
    return std::nullopt;
}

std::optional<CronProcess> cron_in_pid_file(const std::string& file) {
    const std::string text = start_of(AT_FDCWD, file);
    const std::string pid = text.substr(0, text.find_first_not_of("0123456789"));
    if (pid.empty()) return std::nullopt;
    const Descriptor proc{::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    return cron_of(proc.get(), pid);
}

Descriptor process_descriptor(pid_t pid) { return Descriptor{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0u))}; }

}  // namespace mc::os
