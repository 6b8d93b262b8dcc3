#include "os/spawn.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <linux/close_range.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>
#include <vector>

#include "os/attempt_files.h"
#include "os/descriptor.h"

namespace mc::os {

namespace {

// Everything the child needs, made beforehand, so that it gets to its program by the shortest way.
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
    const auto end = fmt::format_to_n(entry.subject.data(), entry.subject.size() - 1, "{}", subject);
    *end.out = '\0';
    ::_exit(127);
}

void claim(Child& child, pid_t self) {
    switch (
        claim_attempt(child.place.state_dir, child.claim.data(), self, child.place.boot.c_str(), child.entry.started)) {
        case ClaimResult::won: return;
        case ClaimResult::taken: give_up(child, SpawnStep::taken);
        case ClaimResult::failed: give_up(child, SpawnStep::claim);
    }
}

void connect_streams(Child& child) {
    const int output =
        ::openat(child.place.state_dir, child.output.data(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    if (output < 0) give_up(child, SpawnStep::output);
    // The job may open /dev/stdout anew, which asks for the file's owner.
    if (child.change_identity) {
        const gid_t group = child.launch.gid.value_or(static_cast<gid_t>(-1));
        if (::fchown(output, *child.launch.uid, group) != 0)
            give_up(child, SpawnStep::identity, child.identity.c_str());
    }
    if (child.input < 0) give_up(child, SpawnStep::input);
    if (::dup2(child.input, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0) {
        give_up(child, SpawnStep::output);
    }
}

void become_user(Child& child) {
    if (!child.change_identity) return;
    const Launch& launch = child.launch;
    const bool changed = ::setgroups(launch.groups.size(), launch.groups.data()) == 0 &&
                         (!launch.gid || ::setresgid(*launch.gid, *launch.gid, *launch.gid) == 0) &&
                         ::setresuid(*launch.uid, *launch.uid, *launch.uid) == 0;
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

[[noreturn]] void run_child(Child& child) {
    const pid_t self = ::getpid();
    child.entry.pid.store(self);
    claim(child, self);
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
    // Last, for the scheduler treats a session as a newcomer at the end of its queue.
    ::setsid();
    execute(child);
}

Descriptor text_to_read(const std::string& text) {
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

// A fault of ours before there is a child: claimed all the same, so that the attempt has its one outcome.
void record_failure(const SpawnPlace& place, AttemptEntry& entry, SpawnStep step, int failure) {
    const AttemptPath path = attempt_path(entry.run, entry.attempt, "record");
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
    if (launch.argv.empty()) {
        record_failure(place, entry, SpawnStep::program, EINVAL);
        return 0;
    }
    const Descriptor text = launch.stdin_text.empty() ? Descriptor{} : text_to_read(launch.stdin_text);
    const int input = launch.stdin_text.empty() ? place.null : text.get();
    const std::string mark = tree_mark(place, launch.run, launch.attempt);
    Child child{place, launch, entry, {}, {}, input, false, programs(launch), {}, {}, {}};
    child.claim = attempt_path(launch.run, launch.attempt, "record");
    child.output = attempt_path(launch.run, launch.attempt, "output");
    child.change_identity = launch.uid && (place.user == 0 || *launch.uid != place.user);
    child.argv = pointers(launch.argv);
    child.env = pointers(launch.env, &mark);
    if (launch.uid) child.identity = std::to_string(*launch.uid);
    const pid_t pid = ::fork();
    if (pid == 0) run_child(child);
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
