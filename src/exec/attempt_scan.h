// attempt_scan.h — which attempts have files, and files that belong to no run of the ledger.
//
// Run numbers and file names are told by directories alone; no file is opened here.
//
// Aside: runs/aside/SECONDS-RUN.ATTEMPT.record and .output, where SECONDS is when they were moved. They are never read
// again by the program, and are removed after keep_output.
#pragma once

#include <string>
#include <vector>

#include "exec/keeper.h"
#include "exec/process_tree.h"

namespace mc::os {

struct AttemptsOnDisk {
    std::int64_t largest_run = 0;    // of all files whose number a ledger can have given
    std::vector<AttemptId> records;  // in order
};

// Those in directories in which a file was made, moved or removed since then; absent: all. A directory of a thousand
// runs costs one look at it, and is listed only where that may be so.
AttemptsOnDisk attempts_on_disk(const std::string& state, std::optional<Instant> changed_since);

// Moves the files of an attempt aside. Returns where its record is now. Error: process.
Result<std::string> set_aside(const std::string& state, AttemptId attempt, Instant now);
// Gives them to another run: moved, or, where the process that writes them still lives, linked, so that both
// names are the same files. Error: process.
enum class Give { move, link };
Result<void> give_attempt(const std::string& state, AttemptId from, AttemptId to, Give how);
// Says anew whose the attempt is: another line of its record. Error: process.
Result<void> name_owner(const std::string& state, AttemptId attempt, const std::string& owner);

// Writes the record of an attempt whose main process that is, of this boot. What stands there is overwritten; when it
// cannot be, nothing is said.
void record_attempt(const std::string& state, AttemptId attempt, const Process& main, const std::string& owner);

// Whether anything lies aside; and how many records.
bool has_aside(const std::string& state);
std::size_t count_aside(const std::string& state);
// Removes those that were moved before that.
void remove_aside(const std::string& state, Instant before);

}  // namespace mc::os
