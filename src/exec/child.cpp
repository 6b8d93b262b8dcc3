#include "exec/child.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/resource.h>

#include <csignal>
#include <string_view>
#include <utility>

#include "exec/raw_call.h"

namespace mc::os {

namespace {

// The failed step; none if all succeeded.
struct Failure {
    SpawnStep step = SpawnStep::none;
    long reason = 0;  // errno
    const char* subject = "";
};

Failure failed(SpawnStep step, long result, const char* subject = "") { return {step, -result, subject}; }

Failure claim(const Child& child, pid_t self) {
    const long result = claim_attempt(child.state_dir, child.claim.data(), self, child.boot, child.owner,
                                      child.entry->ticks, child.entry->started);
    child.entry->has_claimed.store(result == 0);
    if (result == 0) return {};
    return failed(result == claim_taken ? SpawnStep::taken : SpawnStep::claim, result);
}

Failure connect_streams(const Child& child) {
    const long output =
        raw_call(SYS_openat, child.state_dir, child.output.data(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    if (output < 0) return failed(SpawnStep::output, output);
    // The job may open /dev/stdout again, for which it must own the file.
    if (child.change_identity) {
        const gid_t group = child.launch.gid.value_or(static_cast<gid_t>(-1));
        const long result = raw_call(SYS_fchown, output, *child.launch.uid, group);
        if (result < 0) return failed(SpawnStep::identity, result, child.identity.c_str());
    }
    if (child.input < 0) return failed(SpawnStep::input, child.input);
    for (const auto& [from, to] : {std::pair<long, int>{child.input, 0}, {output, 1}, {output, 2}}) {
        const long result = raw_call(SYS_dup3, from, to, 0);
        if (result < 0) return failed(SpawnStep::output, result);
    }
    return {};
}

Failure take_priority(const Child& child) {
    if (child.launch.nice == 0) return {};
    // The system call returns 1..40, so that no value looks like an error.
    const long base = 20 - raw_call(SYS_getpriority, PRIO_PROCESS, 0);
    const long result = raw_call(SYS_setpriority, PRIO_PROCESS, 0, base + child.launch.nice);
    return result < 0 ? failed(SpawnStep::priority, result) : Failure{};
}

Failure become_user(const Child& child) {
    if (!child.change_identity) return {};
    const Launch& launch = child.launch;
    long result = raw_call(SYS_setgroups, launch.groups.size(), launch.groups.data());
    if (result == 0 && launch.gid) result = raw_call(SYS_setresgid, *launch.gid, *launch.gid, *launch.gid);
    if (result == 0) result = raw_call(SYS_setresuid, *launch.uid, *launch.uid, *launch.uid);
    return result < 0 ? failed(SpawnStep::identity, result, child.identity.c_str()) : Failure{};
}

Failure enter_directory(const Child& child) {
    raw_call(SYS_umask, child.launch.umask);
    const char* directory = child.launch.cwd.empty() ? "/" : child.launch.cwd.c_str();
    const long result = raw_call(SYS_chdir, directory);
    return result < 0 ? failed(SpawnStep::directory, result, directory) : Failure{};
}

void leave_house(const Child&) {
    raw_call(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
    const std::uint64_t none = 0;
    raw_call(SYS_rt_sigprocmask, SIG_SETMASK, &none, 0, sizeof none);
    // Last, because the scheduler puts a new session at the end of its queue.
    raw_call(SYS_setsid);
}

Failure execute(const Child& child) {
    Failure failure{SpawnStep::program, ENOENT, child.launch.argv.front().c_str()};
    for (const std::string& program : child.programs) {
        const long result = raw_call(SYS_execve, program.c_str(), child.argv.data(), child.env.data());
        const bool missing = result == -ENOENT || result == -ENOTDIR;
        if (missing && raw_call(SYS_faccessat, AT_FDCWD, program.c_str(), F_OK) == 0)
            return failed(SpawnStep::interpreter, -ENOENT, program.c_str());
        if (missing) continue;
        failure = failed(SpawnStep::program, result, program.c_str());
        if (result != -EACCES) break;
    }
    return failure;
}

Failure reach_program(const Child& child, pid_t self) {
    if (const Failure failure = claim(child, self); failure.step != SpawnStep::none) return failure;
    for (const auto step : {connect_streams, take_priority, become_user, enter_directory}) {
        if (const Failure failure = step(child); failure.step != SpawnStep::none) return failure;
    }
    leave_house(child);
    return execute(child);
}

}  // namespace

int run_child(Child& child) {
    AttemptEntry& entry = *child.entry;
    const auto self = static_cast<pid_t>(raw_call(SYS_getpid));
    entry.pid.store(self);
    char* digits = child.marks.front().data() + child.pid_place;
    for (std::size_t i = TreeMark::main_digits, rest = static_cast<std::size_t>(self); i > 0; --i, rest /= 10)
        digits[i - 1] = static_cast<char>('0' + rest % 10);
    const Failure failure = reach_program(child, self);
    entry.failure = static_cast<std::int32_t>(failure.reason);
    entry.failed_step = failure.step;
    entry.subject[std::string_view(failure.subject).copy(entry.subject.data(), entry.subject.size() - 1)] = '\0';
    return 127;
}

}  // namespace mc::os
