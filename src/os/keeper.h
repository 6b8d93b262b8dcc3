// keeper.h — who waits for a job is not the daemon: a small process that outlives it.
//
// Two processes, forked (no exec) at the very start while we are small, as double insurance: a warden
// (subreaper, only waits) and under it the keeper (subreaper, starts jobs and reaps them). If the keeper
// is killed, its jobs fall to the warden, which reaps them and starts a new keeper on the same listening
// socket; if the daemon is killed, both go on; the next daemon connects to them.
//
// Each attempt has a directory STATE/runs/RUN/ATTEMPT (mode 0700) with
//   output  what the job printed (both streams, O_APPEND), head and tail kept when it grows past its cap
//   pid     made with O_EXCL by the child itself just before exec: who makes it may exec, so an attempt
//           asked for twice starts once
//   exit    the outcome, by temporary file and rename, written by whoever reaped it
// What the disk says is the truth; messages on the socket only save looking.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace mc::os {

struct Launch {
    std::int64_t run = 0;
    int attempt = 1;
    std::vector<std::string> argv;
    std::vector<std::string> env;        // NAME=value, all of it
    std::string cwd;                     // "" = /
    std::string stdin_text;              // "" = /dev/null
    std::optional<std::uint32_t> uid, gid;
    std::vector<std::uint32_t> groups;
    std::uint32_t umask = 022;
    int nice = 0;
    std::uint64_t max_output = 10'000'000;
};

// How an attempt ended, or that it could not begin.
struct Ended {
    std::int64_t run = 0;
    int attempt = 0;
    Instant started, finished;
    std::optional<int> exit_code, signal;
    std::string spawn_error;
    std::int64_t max_rss_bytes = 0;
    double cpu_seconds = 0;
};

// What the attempt's directory says.
struct AttemptState {
    enum class Kind {
        absent,   // never began: it may be launched (again)
        running,  // its process lives
        ended,    // `ended` is filled in
        unknown,  // it began, and nobody can know how it ended (lost)
    } kind = Kind::absent;
    Ended ended;
};

// Forks warden and keeper. To be called before anything large is read and before any thread; returns in
// the caller, with nothing else changed. `state` is an existing directory. Does nothing when a keeper of
// this protocol version already listens there.
Result<void> start_keeper(const std::string& state);

class Keeper {
   public:
    // Error: process, when nobody listens.
    static Result<Keeper> connect(const std::string& state);
    ~Keeper();
    Keeper(Keeper&&) noexcept;
    Keeper& operator=(Keeper&&) noexcept;

    int fd() const;  // readable: read() has something
    // Sends all; the keeper starts them in order. Never blocks for long; buffers what does not fit.
    Result<void> launch(const std::vector<Launch>& launches);
    // To the attempt's whole process tree, also what has left its session or was orphaned.
    Result<void> signal(std::int64_t run, int attempt, int number);
    // Those that ended since the last call. Error: process, when the keeper is gone (connect again and
    // look at the disk).
    Result<std::vector<Ended>> read();

   private:
    struct Body;
    explicit Keeper(std::unique_ptr<Body> body);
    std::unique_ptr<Body> body_;
};

// Reads the attempt's directory; asks /proc whether the process of `pid` is still that process.
AttemptState attempt_state(const std::string& state, std::int64_t run, int attempt);

std::string attempt_dir(const std::string& state, std::int64_t run, int attempt);
// The last `lines` lines of the attempt's output, at most `bytes`.
std::string output_tail(const std::string& state, std::int64_t run, int attempt, std::size_t lines, std::size_t bytes);

}  // namespace mc::os
