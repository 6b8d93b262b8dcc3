// keeper.h — who waits for a job is not the daemon: a small process that outlives it.
//
// Three processes, forked (no exec) at the very start while we are small: two wardens, each above the
// next, which only wait, and below them the keeper, which starts jobs and reaps them. All are subreapers.
// Whoever of them is killed, its children fall to the one above, which records how they end and starts
// what is missing on the same listening socket; if the daemon is killed, all three go on, and the next
// daemon connects to them. docs/adr/0002 has the measurements.
//
// Each attempt has files STATE/runs/THOUSAND/RUN.ATTEMPT.* (in directories of mode 0700):
//   output  what the job printed (both streams, O_APPEND), head and tail kept when it grows past its cap
//   record  made with O_EXCL by the child itself just before exec: who makes it may exec, so an attempt
//           asked for twice starts once. Its end is added by whoever reaps it, before it is reaped.
//           A child that could not execute for a shortage has not begun: who reaps it removes its files
// What the disk says is the truth; messages on the socket only save looking.
//
// After any disaster a daemon does one thing: start_keeper, Keeper::connect, and for each unfinished
// attempt look at attempt_state(): running: watch() it; ended: take it; unclear: look again later; absent,
// garbled or unknown: ask() the keeper, for somebody may have removed or overwritten the record while the
// process lives. What the keeper does not have is launched (again) when absent, else lost. That holds for a
// new daemon, a killed keeper, and a keeper of another version,
// which goes on with its own jobs until they have ended. "Absent" is only certain in the boot in which
// the run was recorded: nothing here is forced to disk, so after a crash of the machine a run that may
// have begun is lost.
//
// Ends: told by SIGTERM, when its last job has ended; without daemon and jobs, after a minute.
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
    std::vector<std::string> argv;  // a name without a slash is looked for in env's PATH
    std::vector<std::string> env;   // NAME=value, all of it; MARKETCRON_TREE and MARKETCRON_OWNER are added
    std::string cwd;                // "" = /
    std::string stdin_text;         // "" = /dev/null
    std::optional<std::uint32_t> uid, gid;
    std::vector<std::uint32_t> groups;
    std::uint32_t umask = 022;
    int nice = 0;
    std::uint64_t max_output = 10'000'000;
    // Whose attempt it is, in one line: it stands in the record, and comes back with attempt_state(). Numbers can be
    // given again, by a ledger that was restored; this tells one run 17 from another.
    std::string owner;
    // The same in short, without a blank or an `@`: no other attempt of that number has it. Its processes are known by it.
    std::string identity;
};

// What keeps an attempt from beginning now. It never began and left no record: it may be launched again.
struct Hindrance {
    enum class Of {
        every_attempt,  // of the machine or the state directory: others will be hindered too
        this_attempt,   // of its own user, directory or program
    } of = Of::every_attempt;
    std::string text;  // "cannot make a process: Resource temporarily unavailable"
};

// How an attempt ended, or that it could not begin.
struct Ended {
    std::int64_t run = 0;
    int attempt = 0;
    Instant started, finished;
    std::optional<int> exit_code, signal;
    std::string spawn_error;             // it can never begin: what must be changed first
    std::optional<Hindrance> hindrance;  // it cannot begin now
    std::int64_t max_rss_bytes = 0;      // not less than the keeper's own few MB
    double cpu_seconds = 0;
    std::uint64_t claimed_ticks = 0;  // when its record was made, since boot; only who reaped it knows: else 0

    // Nobody can know how it ended: everyone who could have recorded it was killed.
    bool lost() const { return !exit_code && !signal && spawn_error.empty() && !hindrance; }
};

// Of an attempt whose files may say something false, or nothing.
struct Question {
    AttemptId id;
    std::string identity;  // of its Launch
    // at_all: also for processes that another keeper began. at_own: they are not looked for, and only a yes is answered.
    enum class Look { at_own, at_all } look = Look::at_all;
};

// What the keeper says of it.
struct Answer {
    AttemptId id;
    bool is_held = false;  // it has its process, and has tried to make the record name it again
};

// What the attempt's files say.
struct AttemptState {
    enum class Kind {
        absent,   // it has no record: it never began, or the record was removed
        running,  // its process lives
        ended,    // `ended` is filled in
        unknown,  // it began, and its process is gone without an end: lost, unless the keeper has it
        garbled,  // its record names no process: emptied, overwritten; ask the keeper, who holds it or not
        unclear,  // its files cannot be read now: ask again
    } kind = Kind::absent;
    Ended ended;        // while running, unknown, garbled or unclear only run, attempt and started
    std::string owner;  // as in its Launch; "" in a record of version 0.1
    Instant claimed;    // when its record was made, and in which boot of the machine
    std::string boot;
    std::string trouble;  // while unclear: "cannot read FILE: Permission denied"; else ""

    // Unless the keeper has its process, which it is to be asked: files may have been removed or overwritten.
    bool is_doubtful() const { return kind == Kind::absent || kind == Kind::garbled || kind == Kind::unknown; }
};

// Forks wardens and keeper. To be called before anything large is read and before any thread; returns in
// the caller, with nothing else changed. `state` is an existing directory. Does nothing when a keeper of
// this protocol version already listens there.
Result<void> start_keeper(const std::string& state);

class Keeper {
   public:
    // Error: process, when nobody listens, or one of another version.
    static Result<Keeper> connect(const std::string& state);
    ~Keeper();
    Keeper(Keeper&&) noexcept;
    Keeper& operator=(Keeper&&) noexcept;

    int fd() const;   // readable: read() has something
    int pid() const;  // the keeper's
    // Sends all; the keeper starts them in order. Never blocks for long; buffers what does not fit.
    Result<void> launch(const std::vector<Launch>& launches);
    // To the attempt's whole process tree, also what has left its session or was orphaned. An attempt that
    // was signalled is told as ended when the last of its tree is gone. Nothing once an attempt has ended by
    // itself: what it left behind is meant to stay. `identity` is its Launch's.
    Result<void> signal(std::int64_t run, int attempt, int number, const std::string& identity = {});
    // Also tell through read() when this attempt ends, which an earlier keeper or connection launched. When its record
    // names another process by now, that one is watched instead. Costs a descriptor while it runs.
    void watch(std::int64_t run, int attempt);
    // Those that ended since the last call. Error: process, when the keeper is gone (connect again and
    // look at the disk).
    Result<std::vector<Ended>> read();
    // Those that were asked for and had begun already, since the last call; it comes after read(). Whose they are is
    // for the caller to say: watch() it, when it is his own.
    std::vector<AttemptId> take_begun();
    // Whether the keeper has these attempts, which is answered by take_answers(); of one that has ended and could not be
    // recorded its end is told instead, by read().
    Result<void> ask(const std::vector<Question>& questions);
    // The answers since the last call; it comes after read().
    std::vector<Answer> take_answers();
    // The same at once: waits for the answers, and gives those that came in time. What else is told meanwhile comes with
    // the next read().
    std::vector<Answer> ask_now(const std::vector<Question>& questions, std::chrono::milliseconds patience);
    // Those that were watched, and whose files became unclear, garbled or absent since the last call; it comes after
    // read(). They are watched no longer.
    std::vector<AttemptId> take_unclear();

   private:
    struct Body;
    explicit Keeper(std::unique_ptr<Body> body);
    std::unique_ptr<Body> body_;
};

// Reads the attempt's files; asks /proc whether its process is still that process.
AttemptState attempt_state(const std::string& state, std::int64_t run, int attempt);

// The path of its `name`: "output".
std::string attempt_file(const std::string& state, std::int64_t run, int attempt, const char* name);
// Removes the files of all attempts of a run that has ended.
void remove_attempts(const std::string& state, std::int64_t run);
// Removes the files of runs that ended before that, but for the runs that `keep` holds back. Run numbers
// grow with time: it looks through the lowest, and stops at the first thousand of which none is that old.
void remove_old_attempts(const std::string& state, Instant before, const std::function<bool(std::int64_t run)>& keep);
// Whether the attempt has printed anything.
bool has_output(const std::string& state, std::int64_t run, int attempt);

}  // namespace mc::os
