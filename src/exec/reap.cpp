#include "exec/reap.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>

#include "exec/attempt_files.h"
#include "exec/output_file.h"
#include "exec/spawn.h"
#include "os/clock.h"
#include "os/descriptor.h"

namespace mc::os {

namespace {

double seconds(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; }

// Whether the child created the record before it failed; an earlier record may belong to another child.
bool has_claimed(SpawnStep failed_step) {
    switch (failed_step) {
        case SpawnStep::fork:
        case SpawnStep::claim:
        case SpawnStep::taken: return false;
        case SpawnStep::none:
        case SpawnStep::output:
        case SpawnStep::input:
        case SpawnStep::priority:
        case SpawnStep::identity:
        case SpawnStep::directory:
        case SpawnStep::program:
        case SpawnStep::interpreter: return true;
    }
    return true;
}

Hindrance killed_too_soon(int signal) {
    return {Hindrance::Of::this_attempt, fmt::format("its process was ended by signal {} before it began", signal)};
}

void shorten(int state_dir, const AttemptEntry& entry) {
    const AttemptPath path = attempt_path(entry.run, entry.attempt, "output");
    struct stat status {};
    if (::fstatat(state_dir, path.data(), &status, 0) != 0) return;
    if (static_cast<std::uint64_t>(status.st_size) <= entry.max_output) return;
    const Descriptor file{
        ::openat(state_dir, path.data(), O_RDWR | O_CLOEXEC | O_NONBLOCK)};  // the job may hold a lease on it
    if (file) shorten_output(file.get(), entry.max_output);
}

}  // namespace

std::optional<Zombie> find_zombie(Wait wait) {
    Zombie zombie;
    siginfo_t info{};
    const int options = WEXITED | WNOWAIT | (wait == Wait::look ? WNOHANG : 0);
    // The system call also returns the used resources; the C library's waitid omits them.
    long result = 0;
    do {
        result = ::syscall(SYS_waitid, P_ALL, 0, &info, options, &zombie.used);
    } while (result != 0 && errno == EINTR);
    if (result != 0 || info.si_pid == 0) return std::nullopt;
    zombie.pid = info.si_pid;
    (info.si_code == CLD_EXITED ? zombie.exit_code : zombie.signal) = info.si_status;
    return zombie;
}

void bury(const Zombie& zombie) { ::waitpid(zombie.pid, nullptr, WNOHANG); }

Claim claim_of(const AttemptEntry& entry) {
    return {entry.pid.load(), entry.ticks, Instant{Seconds{entry.started}}, boot_id()};
}

std::optional<Concluded> conclude(int state_dir, const AttemptEntry& entry, const Zombie& zombie) {
    if (entry.failed_step == SpawnStep::taken) return std::nullopt;
    Ended ended;
    ended.run = entry.run;
    ended.attempt = entry.attempt;
    ended.started = Instant{Seconds{entry.started}};
    ended.finished = instant_now();
    ended.claimed_ticks = entry.ticks;
    if (zombie.signal && entry.failed_step == SpawnStep::none && entry.started == 0) {
        const auto claim = read_claim(state_dir, entry.run, entry.attempt);
        if (claim && claim->pid != 0) return std::nullopt;
        // Without a record the attempt has not begun; an empty record is its own.
        if (!claim) {
            ended.hindrance = killed_too_soon(*zombie.signal);
            return Concluded{std::move(ended), true};
        }
    }
    ended.hindrance = hindrance_of(entry);
    if (ended.hindrance) {
        const bool gone = !has_claimed(entry.failed_step) || put_on_disk(state_dir, ended);
        return Concluded{std::move(ended), gone};
    }
    if (entry.failed_step != SpawnStep::none) {
        ended.spawn_error = spawn_error_text(entry.failed_step, entry.failure, entry.subject.data());
    } else {
        ended.exit_code = zombie.exit_code;
        ended.signal = zombie.signal;
        ended.max_rss_bytes = zombie.used.ru_maxrss * std::int64_t{1024};
        ended.cpu_seconds = seconds(zombie.used.ru_utime) + seconds(zombie.used.ru_stime);
        if (!is_anothers(state_dir, entry.run, entry.attempt, entry.ticks)) shorten(state_dir, entry);
        if (entry.has_claimed.load() != 0) keep_claim(state_dir, entry.run, entry.attempt, claim_of(entry), "");
    }
    const bool written = put_on_disk(state_dir, ended);
    return Concluded{std::move(ended), written};
}

bool put_on_disk(int state_dir, const Ended& ended) {
    if (ended.hindrance) return withdraw_attempt(state_dir, ended.run, ended.attempt);
    return write_ended(state_dir, ended);
}

}  // namespace mc::os
