// keeper.h — the process that starts jobs and collects their exit status, separate from the daemon so that jobs survive
// a restart.
//
// Three processes are forked (without exec) at the very start, while the daemon is small: a warden, below it a second
// warden, and below that the keeper. Wardens only wait; the keeper starts and reaps jobs. All are subreapers. If
// one is killed, its children pass to the process above, which records how they end and restarts the missing processes
// on the same listening socket. If the daemon is killed, all three continue, and the next daemon connects to
// them. docs/adr/0002 has the measurements.
//
// Each attempt has files STATE/runs/THOUSAND/RUN.ATTEMPT.* (in directories of mode 0700):
//   output  what the job printed (both streams, O_APPEND); when it exceeds its limit, only head and tail are kept
//   record  created with O_EXCL by the child itself just before exec: only the process that creates it may exec, so
//           an attempt that is launched twice starts once. The end is added before the child is reaped. A
//           child that could not execute because of a shortage has not begun: the reaping process removes its files
// The files are authoritative; messages on the socket only save checking them.
//
// After any failure a daemon does the same: start_keeper, Keeper::connect, and attempt_state() for each unfinished
// attempt. If it is running, watch() it; if ended, take its end; if unclear, check again later; if absent, garbled or
// unknown, ask() the keeper, because the record may have been removed or overwritten while the process runs. An attempt
// that the keeper does not hold is launched (again) if absent, and otherwise lost. This applies to a new daemon, a
// killed keeper, and a keeper of another version, which continues with its own jobs until they have ended. "Absent" is
// certain only in the boot in which the run was recorded: nothing here is synced to disk, so after a crash of the
// machine a run that may have begun is lost.
//
// Ends     after SIGTERM, when its last job has ended; without a daemon and jobs, after 60 s.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace mc::os {

struct AttemptId {
    std::int64_t run = 0;
    int attempt = 0;
    auto operator<=>(const AttemptId&) const = default;
};

struct Launch {
    std::int64_t run = 0;
    int attempt = 1;
    std::vector<std::string> argv;  // a name without a slash is searched in env's PATH
    std::vector<std::string> env;   // NAME=value, the whole environment; MARKETCRON_TREE and MARKETCRON_OWNER are added
    std::string cwd;                // "" = /
    std::string stdin_text;         // "" = /dev/null
    std::optional<std::uint32_t> uid, gid;
    std::vector<std::uint32_t> groups;
    std::uint32_t umask = 022;
    int nice = 0;
    std::uint64_t max_output = 10'000'000;
    // To whom the attempt belongs, in one line: stored in the record and returned by attempt_state(). A restored ledger
    // can give run numbers again; the owner distinguishes one run 17 from another.
    std::string owner;
    // A short form of the owner, without blanks and `@`, unique among attempts of that number. It identifies the
    // attempt's processes.
    std::string identity;
};

// Why an attempt cannot begin now. It never began and left no record: it may be launched again.
struct Hindrance {
    enum class Of {
        every_attempt,  // the machine or the state directory: other attempts are hindered too
        this_attempt,   // its own user, directory or program
    } of = Of::every_attempt;
    std::string text;  // "cannot create a process: Resource temporarily unavailable"
};

// How an attempt ended, or that it could not begin.
struct Ended {
    std::int64_t run = 0;
    int attempt = 0;
    Instant started, finished;
    std::optional<int> exit_code, signal;
    std::string spawn_error;             // it can never begin: the cause, which must be fixed first
    std::optional<Hindrance> hindrance;  // it cannot begin now
    std::int64_t max_rss_bytes = 0;      // at least the keeper's own few MB
    double cpu_seconds = 0;
    std::uint64_t claimed_ticks = 0;  // when its record was made, since boot; 0 unless we reaped the process ourselves

    // It is not known how it ended: all processes that could have recorded it were killed.
    bool lost() const { return !exit_code && !signal && spawn_error.empty() && !hindrance; }
};

// Asks the keeper about an attempt whose files may be missing or wrong.
struct Question {
    AttemptId id;
    std::string identity;  // of its Launch
    // at_all: also searches for processes that another keeper began. at_own: does not, and is answered only with yes.
    enum class Look { at_own, at_all } look = Look::at_all;
};

// The keeper's answer.
struct Answer {
    AttemptId id;
    bool is_held = false;  // the keeper has its process, and has tried to correct its record
};

// The state of an attempt according to its files.
struct AttemptState {
    enum class Kind {
        absent,   // no record: it never began, or the record was removed
        running,  // its process exists
        ended,    // `ended` is filled in
        unknown,  // it began, and its process is gone without an end: lost, unless the keeper holds it
        garbled,  // its record names no process, because it was emptied or overwritten: ask the keeper
        unclear,  // its files cannot be read now: check again later
    } kind = Kind::absent;
    Ended ended;          // if running, unknown, garbled or unclear, only run, attempt and started
    std::string owner;    // as in its Launch; "" in a record of version 0.1
    Instant claimed;      // when its record was made
    std::string boot;     // the boot of the machine in which it was made
    std::string trouble;  // if unclear: "cannot read FILE: Permission denied"; otherwise ""

    // The files may have been removed or overwritten: ask the keeper whether it holds the attempt.
    bool is_doubtful() const { return kind == Kind::absent || kind == Kind::garbled || kind == Kind::unknown; }
};

// Forks wardens and keeper, and returns in the caller. To be called before large data is read and before any thread
// starts. `state` must exist. Does nothing if a keeper of this protocol version already listens there. Error: process
// or resources.
Result<void> start_keeper(const std::string& state);

class Keeper {
   public:
    // Error: process, if no keeper answers or it has another version; resources.
    static Result<Keeper> connect(const std::string& state);
    ~Keeper();
    Keeper(Keeper&&) noexcept;
    Keeper& operator=(Keeper&&) noexcept;

    int fd() const;   // readable: call read()
    int pid() const;  // of the keeper
    // Sends all launches; the keeper starts them in order. Does not block: buffers what the socket does not take.
    Result<void> launch(const std::vector<Launch>& launches);
    // Signals the attempt's whole process tree, including processes that left its session or were orphaned. A
    // signalled attempt has ended when the last process of its tree is gone. Does nothing if the attempt has ended by
    // itself: the processes that it left behind may stay. `identity` is that of its Launch.
    Result<void> signal(std::int64_t run, int attempt, int number, const std::string& identity = {});
    // Makes read() also report the end of this attempt, which an earlier keeper or connection launched. If its record
    // names another process by now, that one is watched instead. Uses a descriptor while it runs.
    void watch(std::int64_t run, int attempt);
    // The attempts that ended since the last call. Error: process, when the keeper is gone (connect again and
    // check the files).
    Result<std::vector<Ended>> read();
    // The launched attempts that had already begun, since the last call; call it after read(). The caller must find out
    // whether such an attempt is its own, and then watch() it.
    std::vector<AttemptId> take_begun();
    // Asks whether the keeper holds these attempts; take_answers() has the answers. For an attempt whose end could not
    // be recorded, read() reports the end instead.
    Result<void> ask(const std::vector<Question>& questions);
    // The answers since the last call; call it after read().
    std::vector<Answer> take_answers();
    // Asks and waits at most `patience` for the answers; returns those that arrived. Ends that arrive meanwhile are
    // returned by the next read().
    std::vector<Answer> ask_now(const std::vector<Question>& questions, std::chrono::milliseconds patience);
    // The watched attempts whose files became unclear, garbled or absent since the last call; call it after read().
    // They are no longer watched.
    std::vector<AttemptId> take_unclear();

   private:
    struct Body;
    explicit Keeper(std::unique_ptr<Body> body);
    std::unique_ptr<Body> body_;
};

// Reads the attempt's files, and checks in /proc whether its process still exists.
AttemptState attempt_state(const std::string& state, std::int64_t run, int attempt);

// The path of its `name`: "output".
std::string attempt_file(const std::string& state, std::int64_t run, int attempt, const char* name);
// Removes the files of all attempts of a run that has ended.
void remove_attempts(const std::string& state, std::int64_t run);
// Removes the files of runs that ended before that time, except those for which `keep` is true. Run numbers
// grow with time: it begins with the lowest, and stops at the first directory (1000 runs) with none to remove.
void remove_old_attempts(const std::string& state, Instant before, const std::function<bool(std::int64_t run)>& keep);
// Whether the attempt has printed anything.
bool has_output(const std::string& state, std::int64_t run, int attempt);

}  // namespace mc::os
