// attempt_files.h — an attempt's files: its claim and its result on disk.
//
// Two files, runs/THOUSAND/RUN.ATTEMPT.record and .output, in one directory for 1000 runs, because creating
// files and directories is the most expensive part of a launch.
//
// The format outlives every version of the program: it can be extended, never changed.
//   first "PID TICKS SECONDS BOOT\n": the process, the time when it claimed the attempt in clock ticks since
//         boot and in seconds since the epoch, and the boot's id. A process with that number which began
//         after TICKS is another one, because the kernel reuses pids.
//   then, in the same write, "owner TEXT\n": to whom the attempt belongs (Launch::owner).
//         Records of version 0.1 have none. The line may be added again; the last one counts.
//   then, once it has ended, in one write, lines of "NAME VALUE": one of exit_code, signal, spawn_error;
//         max_rss_bytes, cpu_microseconds, started and, last, finished (seconds since the epoch). An end
//         without its last line is invalid. If two processes record an end, both write the same.
//
// Nothing here is synced to disk: it survives the death of any process, but not a power failure. After a
// reboot a missing claim proves nothing; then the ledger, which is synced, decides.
#pragma once

#include <sys/types.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>

#include "exec/keeper.h"
#include "exec/process_tree.h"

namespace mc::os {

// Room for "runs/", three numbers and a file's name.
using AttemptPath = std::array<char, 80>;

// "runs/THOUSAND/RUN.ATTEMPT.NAME", relative to the state directory; ends with NUL.
AttemptPath attempt_path(std::int64_t run, int attempt, const char* name);

// Creates the directory for the run's files, mode 0700. True if it exists afterwards; otherwise errno is set.
bool make_run_directory(int state_dir, std::int64_t run);

// "owner TEXT\n" as in a record; "" for "". Line breaks in the text become spaces.
std::string owner_line(std::string owner);

// Creates the record, which only one process can do, and sets `ticks` and `started` to the values written into it.
// Returns 0 or -errno; claim_taken if another process has it. A record that could not be written completely
// is removed again. For child.h: uses only system calls.
constexpr long claim_taken = -EEXIST;
long claim_attempt(int state_dir, const char* path, pid_t pid, const char* boot, const std::string& owner_line,
                   std::uint64_t& ticks, std::int64_t& started);

// Adds the end to the record; if the record was removed, creates one without an owner. True if the end is written, or
// if the record now belongs to another attempt.
bool write_ended(int state_dir, const Ended& ended);
std::optional<Ended> read_ended(int state_dir, std::int64_t run, int attempt);

struct Claim {
    pid_t pid = 0;
    std::uint64_t ticks = 0;
    Instant started;
    std::string boot;
};

// The claim that the process would have made when it began, in this boot.
Claim claim_of(const Process& main);

// The attempt's claim; nullopt without a record; `pid` is 0 while it is being written, or if the content is not a
// claim.
std::optional<Claim> read_claim(int state_dir, std::int64_t run, int attempt);

// Whether the record belongs to another attempt with the same number, because it was made after this attempt's claim
// (`claimed_ticks`): a restored or new ledger gives numbers again. Only that other attempt may write the record.
bool is_anothers(int state_dir, std::int64_t run, int attempt, std::uint64_t claimed_ticks);

// For an attempt whose process is not reaped yet. A record that names this process, or that write_ended() created, is
// kept; any other was removed or overwritten, and is written again. If that fails, the record is garbled (keeper.h).
void keep_claim(int state_dir, std::int64_t run, int attempt, const Claim& claim, const std::string& owner_line);

// The record's owner; "" if it has none.
std::string read_owner(int state_dir, std::int64_t run, int attempt);

// Removes the files of an attempt that has not begun. Only the process that reaped the claiming child may do this.
// True if no record is left.
bool withdraw_attempt(int state_dir, std::int64_t run, int attempt);

// Whether the process that made the claim still exists. A zombie also lives, because its end is recorded before
// it is reaped. Unclear if /proc cannot be read.
enum class Life { lives, gone, unclear };
Life life_of(const Claim& claim);
inline bool lives(const Claim& claim) { return life_of(claim) == Life::lives; }

}  // namespace mc::os
