#include "os/spawn.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <vector>

#include "os/attempt_files.h"
#include "os/descriptor.h"

namespace mc::os {

namespace {

// Everything the child needs, made beforehand: in borrowed memory it may only make system calls.
struct Child {
    const SpawnPlace& place;
    const Launch& launch;
    AttemptEntry& entry;
    AttemptPath claim, output;
    int input = -1;
    bool change_identity = false;
    std::vector<std::string> programs;  // paths to try, in order
    std::vector<char*> argv, env;       // end with nullptr
    std::string identity;
};

[[noreturn]] void give_up(Child& child, SpawnStep step, const char* subject = "") {
    AttemptEntry& entry = child.entry;
    entry.failure = errno;
    entry.failed_step = step;
    std::size_t length = 0;
    for (; subject[length] != '\0' && length + 1 < entry.subject.size(); ++length) {
        entry.subject[length] = subject[length];
    }
    entry.subject[length] = '\0';
    ::_exit(127);
}

void claim(Child& child, pid_t self) {
    switch (claim_attempt(child.place.state_dir, child.claim.data(), self, child.place.boot.c_str(),
                          child.entry.started)) {
        case ClaimResult::won: return;
        case ClaimResult::taken: give_up(child, SpawnStep::taken);
        case ClaimResult::failed: give_up(child, SpawnStep::claim);
    }
}

void connect_streams(Child& child) {
    const int output = ::openat(child.place.state_dir, child.output.data(),
                                O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    if (output < 0) give_up(child, SpawnStep::output);
    // The job may open /dev/stdout anew, which asks for the file's owner.
    if (child.change_identity) {
        const gid_t group = child.launch.gid.value_or(static_cast<gid_t>(-1));
        if (::fchown(output, *child.launch.uid, group) != 0) give_up(child, SpawnStep::output);
    }
    if (child.input < 0) give_up(child, SpawnStep::input);
    if (::dup2(child.input, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0) {
        give_up(child, SpawnStep::output);
    }
}

// By raw system calls: the C library's would change every thread that shares this memory.
void become_user(Child& child) {
    if (!child.change_identity) return;
    const Launch& launch = child.launch;
    const bool changed = ::syscall(SYS_setgroups, launch.groups.size(), launch.groups.data()) == 0 &&
                         (!launch.gid || ::syscall(SYS_setresgid, *launch.gid, *launch.gid, *launch.gid) == 0) &&
                         ::syscall(SYS_setresuid, *launch.uid, *launch.uid, *launch.uid) == 0;
    if (!changed) give_up(child, SpawnStep::identity, child.identity.c_str());
}

[[noreturn]] void execute(Child& child) {
    int reason = ENOENT;
    const char* subject = child.launch.argv.front().c_str();
    SpawnStep step = SpawnStep::program;
    for (const std::string& program : child.programs) {
        ::execve(program.c_str(), child.argv.data(), child.env.data());
        const bool missing = errno == ENOENT || errno == ENOTDIR;
        if (missing && ::access(program.c_str(), F_OK) == 0) step = SpawnStep::interpreter;
        if (missing && step == SpawnStep::program) continue;
        reason = step == SpawnStep::interpreter ? ENOENT : errno;
        subject = program.c_str();
        if (reason != EACCES) break;
    }
    errno = reason;
    give_up(child, step, subject);
}

int child_main(void* argument) {
    Child& child = *static_cast<Child*>(argument);
    const auto self = static_cast<pid_t>(::syscall(SYS_getpid));
    child.entry.pid.store(self);
    claim(child, self);
    ::setsid();
    connect_streams(child);
    if (child.launch.nice != 0) {
        const int base = ::getpriority(PRIO_PROCESS, 0);
        if (::setpriority(PRIO_PROCESS, 0, base + child.launch.nice) != 0) give_up(child, SpawnStep::priority);
    }
    become_user(child);
    ::umask(child.launch.umask);
    const char* directory = child.launch.cwd.empty() ? "/" : child.launch.cwd.c_str();
    if (::chdir(directory) != 0) give_up(child, SpawnStep::directory, directory);
    ::syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    execute(child);
}

Descriptor open_input(const std::string& text) {
    if (text.empty()) return Descriptor{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    Descriptor memory{::memfd_create("stdin", MFD_CLOEXEC)};
    if (!memory) return memory;
    for (std::size_t at = 0; at < text.size();) {
        const ssize_t written = ::write(memory.get(), text.data() + at, text.size() - at);
        if (written <= 0) return {};
        at += static_cast<std::size_t>(written);
    }
    ::lseek(memory.get(), 0, SEEK_SET);
    return memory;
}

// As execvp does, but in the job's PATH, not ours.
std::vector<std::string> programs(const Launch& launch) {
    const std::string& name = launch.argv.front();
    if (name.empty() || name.find('/') != std::string::npos) return {name};
    std::string path = "/usr/bin:/bin";
    for (const std::string& variable : launch.env) {
        if (variable.starts_with("PATH=")) path = variable.substr(5);
    }
    std::vector<std::string> found;
    for (std::size_t at = 0; at <= path.size();) {
        const std::size_t end = std::min(path.find(':', at), path.size());
        const std::string directory = path.substr(at, end - at);
        found.push_back((directory.empty() ? "." : directory) + "/" + name);
        at = end + 1;
    }
    return found;
}

std::vector<char*> pointers(const std::vector<std::string>& texts, const std::string* last = nullptr) {
    std::vector<char*> all;
    all.reserve(texts.size() + 2);
    for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
    if (last != nullptr) all.push_back(const_cast<char*>(last->c_str()));
    all.push_back(nullptr);
    return all;
}

pid_t clone_child(Child& child) {
    // The child calls nothing deep; its stack is only ours to lend while we wait for it.
    static constexpr std::size_t stack_bytes = 64 * 1024;
    alignas(16) static char stack[stack_bytes];
    return ::clone(child_main, stack + stack_bytes, CLONE_VM | CLONE_VFORK | SIGCHLD, &child);
}

// A fault of ours before there is a child: claimed all the same, so that the attempt has its one outcome.
void record_failure(const SpawnPlace& place, AttemptEntry& entry, SpawnStep step, int failure) {
    const AttemptPath path = attempt_path(entry.run, entry.attempt, "pid");
    const ClaimResult claimed = claim_attempt(place.state_dir, path.data(), 0, place.boot.c_str(), entry.started);
    entry.failed_step = claimed == ClaimResult::taken ? SpawnStep::taken : step;
    entry.failure = failure;
}

}  // namespace

std::string tree_mark(const SpawnPlace& place, std::int64_t run, int attempt) {
    return fmt::format("MARKETCRON_TREE={}.{}@{}", run, attempt, place.mark_tail);
}

pid_t spawn(const SpawnPlace& place, const Launch& launch, AttemptEntry& entry) {
    entry.run = launch.run;
    entry.attempt = launch.attempt;
    entry.max_output = launch.max_output;
    if (!make_attempt_directory(place.state_dir, launch.run, launch.attempt)) {
        record_failure(place, entry, SpawnStep::claim, errno);
        return 0;
    }
    if (launch.argv.empty()) {
        record_failure(place, entry, SpawnStep::program, EINVAL);
        return 0;
    }
    const Descriptor input = open_input(launch.stdin_text);
    const std::string mark = tree_mark(place, launch.run, launch.attempt);
    const bool root = ::geteuid() == 0;
    Child child{place, launch, entry, {}, {}, input.get(), false, programs(launch), {}, {}, {}};
    child.claim = attempt_path(launch.run, launch.attempt, "pid");
    child.output = attempt_path(launch.run, launch.attempt, "output");
    child.change_identity = launch.uid && (root || *launch.uid != ::geteuid());
    child.argv = pointers(launch.argv);
    child.env = pointers(launch.env, &mark);
    if (launch.uid) child.identity = std::to_string(*launch.uid);
    const pid_t pid = clone_child(child);
    if (pid > 0) return pid;
    record_failure(place, entry, SpawnStep::fork, errno);
    return 0;
}

std::string spawn_error_text(SpawnStep step, int failure, const char* subject) {
    const char* reason = std::strerror(failure);
    switch (step) {
        case SpawnStep::none: return {};
        case SpawnStep::fork: return fmt::format("cannot make a process: {}", reason);
        case SpawnStep::claim: return fmt::format("cannot write the attempt's directory: {}", reason);
        case SpawnStep::taken: return "another process has begun this attempt";
        case SpawnStep::output: return fmt::format("cannot write the output file: {}", reason);
        case SpawnStep::input: return fmt::format("cannot prepare the standard input: {}", reason);
        case SpawnStep::priority: return fmt::format("cannot set the nice value: {}", reason);
        case SpawnStep::identity: return fmt::format("cannot become user {}: {}", subject, reason);
        case SpawnStep::directory: return fmt::format("cannot enter the directory {}: {}", subject, reason);
        case SpawnStep::program:
            if (failure == EACCES) return fmt::format("{} is not executable: {}", subject, reason);
            return fmt::format("cannot execute {}: {}", subject, reason);
        case SpawnStep::interpreter:
            return fmt::format("cannot execute {}: the interpreter in its first line does not exist", subject);
    }
    return {};
}

}  // namespace mc::os
