// attempt_files.h — an attempt's files: its claim and its outcome, as they stand on disk.
//
// Two files, runs/THOUSAND/RUN.ATTEMPT.record and .output, in a directory for each thousand runs: making
// files and directories is what costs most in a launch.
//
// These texts outlive every version of the program; they are added to, never changed.
//   first "PID TICKS SECONDS BOOT\n": the process, when it claimed the attempt in clock ticks of this
//         boot and in seconds since the epoch, and the boot's id. A process of that number which began
//         after TICKS is another one, whose number was used again.
//   then, in the same write, "owner TEXT\n": whose attempt it is, a text of who asked for it (Launch::owner).
//         Records of version 0.1 have none. It may be added again; the last one counts.
//   then, once it has ended, in one write, lines of "NAME VALUE": one of exit_code, signal, spawn_error;
//         max_rss_bytes, cpu_microseconds, started and, last, finished (seconds since the epoch). An end
//         without its last line is none. Two who both recorded it wrote the same.
//
// None of it is forced to the disk: it survives the death of any process, not the loss of power. After
// another boot an absent claim proves nothing; the ledger, which is forced to disk, decides then.
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

// Makes the directory for the run's files, mode 0700; whether it is there afterwards (else errno says why).
bool make_run_directory(int state_dir, std::int64_t run);

// "owner TEXT\n" as it is in a record; "" for "". A line break in the text would end it, and becomes a space.
std::string owner_line(std::string owner);

// Makes the record, which only one process can do; sets `ticks` and `started` to what is written into it. 0, or
// what hindered it as -errno; claim_taken when another has it. A record that could not be written to its end
// is removed again. For child.h: only asks the kernel.
constexpr long claim_taken = -EEXIST;
long claim_attempt(int state_dir, const char* path, pid_t pid, const char* boot, const std::string& owner_line,
                   std::uint64_t& ticks, std::int64_t& started);

// Adds the end to the record, and makes one, without an owner, where it was removed. Whether it stands there, or another
// attempt's does.
bool write_ended(int state_dir, const Ended& ended);
std::optional<Ended> read_ended(int state_dir, std::int64_t run, int attempt);

struct Claim {
    pid_t pid = 0;
    std::uint64_t ticks = 0;
    Instant started;
    std::string boot;
};

// As the process that is there now would have made it when it began, in this boot.
Claim claim_of(const Process& main);

// The attempt's claim; `pid` 0 while it is being written, or when what stands there is no claim; nothing when there is
// none.
std::optional<Claim> read_claim(int state_dir, std::int64_t run, int attempt);

// Whether the record there was made after a claim of that time, by another attempt: its number was given again, by a ledger
// that was restored or begun anew. Such a record is nobody else's to write.
bool is_anothers(int state_dir, std::int64_t run, int attempt, std::uint64_t claimed_ticks);

// For an attempt whose process is not reaped yet. Leaves a record that names this process, and one that write_ended() made
// anew; writes any other one again, for somebody has removed or overwritten it. If that fails, the record is garbled
// (keeper.h).
void keep_claim(int state_dir, std::int64_t run, int attempt, const Claim& claim, const std::string& owner_line);

// The record's owner; "" when it has none.
std::string read_owner(int state_dir, std::int64_t run, int attempt);

// Removes the files of an attempt that has not begun, which only the process that reaped its claimant may do.
// Whether the record is gone.
bool withdraw_attempt(int state_dir, std::int64_t run, int attempt);

// Whether the process that made the claim still exists, be it as a zombie that nobody has reaped yet:
// whoever reaps it records its end first.
// Unclear when /proc cannot be read.
enum class Life { lives, gone, unclear };
Life life_of(const Claim& claim);
inline bool lives(const Claim& claim) { return life_of(claim) == Life::lives; }

}  // namespace mc::os
