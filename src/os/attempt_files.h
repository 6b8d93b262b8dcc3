// attempt_files.h — an attempt's directory: its claim and its outcome, as they stand on disk.
//
// These texts outlive every version of the program; they are added to, never changed.
//   pid   "PID TICKS SECONDS BOOT\n": the process, when it claimed the attempt in clock ticks of this
//         boot and in seconds since the epoch, and the boot's id. A process of that number which began
//         after TICKS is another one, whose number was used again.
//   exit  lines of "NAME VALUE": one of exit_code, signal, spawn_error; then started, finished (seconds
//         since the epoch), max_rss_bytes, cpu_microseconds.
//
// None of it is forced to the disk: it survives the death of any process, not the loss of power. After
// another boot an absent claim proves nothing; the ledger, which is forced to disk, decides then.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "os/keeper.h"

namespace mc::os {

// Room for "runs/", two numbers and a file's name.
using AttemptPath = std::array<char, 64>;

// "runs/RUN/ATTEMPT/NAME", relative to the state directory; ends with NUL.
AttemptPath attempt_path(std::int64_t run, int attempt, const char* name);

// Makes runs/RUN/ATTEMPT, mode 0700; whether they are there afterwards (else errno says why).
bool make_attempt_directory(int state_dir, std::int64_t run, int attempt);

enum class ClaimResult { won, taken, failed };

// Makes the pid file, which only one process can do; sets `started` to the seconds written into it.
// Calls nothing but system calls, for it runs in a child that shares its parent's memory.
ClaimResult claim_attempt(int state_dir, const char* path, pid_t pid, const char* boot, std::int64_t& started);

// Writes `exit` by temporary file and rename. Whether it stands.
bool write_ended(int state_dir, const Ended& ended);
std::optional<Ended> read_ended_file(int state_dir, std::int64_t run, int attempt);

struct Claim {
    pid_t pid = 0;
    std::uint64_t ticks = 0;
    Instant started;
    std::string boot;
};

// The attempt's claim; `pid` 0 while it is being written, nothing when there is none.
std::optional<Claim> read_claim(int state_dir, std::int64_t run, int attempt);

// Whether the process that made the claim still exists, be it as a zombie that nobody has reaped yet:
// whoever reaps it writes its exit file first.
bool lives(const Claim& claim);

}  // namespace mc::os
