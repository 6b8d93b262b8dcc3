#include "os/init_process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "os/clock.h"
#include "os/files.h"

namespace mc::os {

namespace {

constexpr std::chrono::seconds asked_for{6}, patience{8};
constexpr int died_of_signal = 128;

// Reaps all children that have ended; true when no child is left. Sets `code` if one of them was the program.
bool reap_all(pid_t program, std::optional<int>& code) {
    while (true) {
        int status = 0;
        const pid_t pid = ::waitpid(-1, &status, WNOHANG);
        if (pid < 0) return errno == ECHILD;
        if (pid == 0) return false;
        if (pid == program) code = WIFEXITED(status) ? WEXITSTATUS(status) : died_of_signal + WTERMSIG(status);
    }
}

// Kills all processes except keepers and wardens, which still have to record the ends of their jobs.
void kill_jobs() {
    for (const auto& entry : entries_of("/proc")) {
        const pid_t pid = std::atoi(entry.filename().c_str());
        if (pid <= 1) continue;
        std::ifstream comm(entry / "comm");
        std::string name;
        std::getline(comm, name);
        if (!name.starts_with("mc-")) ::kill(pid, SIGKILL);
    }
}

timespec until(MonotonicTime end) {
    const auto left = std::max(end - monotonic_now(), std::chrono::nanoseconds{0});
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    return {seconds.count(), static_cast<long>((left - seconds).count())};
}

}  // namespace

bool is_first_process() { return ::getpid() == 1; }

// Another parent 1 would be the init of a machine: it is not of our program.
bool runs_under_init() {
    const auto link = [](const char* path) {
        std::error_code failed;
        return std::filesystem::read_symlink(path, failed);
    };
    const auto own = link("/proc/self/exe");
    return ::getppid() == 1 && !own.empty() && own == link("/proc/1/exe");
}

int run_under_init(const std::function<int()>& program) {
    sigset_t all, before;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, &before);
    const pid_t child = ::fork();
    if (child < 0) return -1;
    if (child == 0) {
        ::sigprocmask(SIG_SETMASK, &before, nullptr);
        std::exit(program());
    }
    std::optional<int> code;
    std::optional<MonotonicTime> end;  // until when the others may run
    bool killed = false;
    while (true) {
        const bool alone = reap_all(child, code);
        if (code && !end) {
            end = monotonic_now() + asked_for;
            ::kill(-1, SIGTERM);
        }
        if (code && (alone || (killed && monotonic_now() >= *end))) return *code;
        if (code && monotonic_now() >= *end) {
            killed = true;
            end = monotonic_now() + (patience - asked_for);
            kill_jobs();
        }
        const timespec wait = end ? until(*end) : timespec{};
        const int number = end ? ::sigtimedwait(&all, nullptr, &wait) : ::sigwaitinfo(&all, nullptr);
        if (number > 0 && number != SIGCHLD && !code) ::kill(child, number);
    }
}

}  // namespace mc::os
