// attempt_scan.h — finds the attempts that have files, and handles files that belong to no run of the ledger.
//
// The scan reads only directories; it opens no files.
//
// Files set aside are runs/aside/SECONDS-RUN.ATTEMPT.record and .output, where SECONDS is the time of the move. The
// program never reads them again, and removes them after keep_output.
#pragma once

#include <string>
#include <vector>

#include "exec/keeper.h"
#include "exec/process_tree.h"

namespace mc::os {

struct AttemptsOnDisk {
    std::int64_t largest_run = 0;    // of all files with a number that a ledger can give
    std::vector<AttemptId> records;  // in order
};

// The attempts in directories in which a file was created, moved or removed since then; absent: all. An unchanged
// directory of 1000 runs costs only one stat; the one with the largest numbers is always listed.
AttemptsOnDisk attempts_on_disk(const std::string& state, std::optional<Instant> changed_since);

// Moves the files of an attempt aside. Returns the new path of its record. Error: process.
Result<std::string> set_aside(const std::string& state, AttemptId attempt, Instant now);
// Gives the files to another run: moved, or linked if the process that writes them still exists, so that both
// names are the same files. Error: process.
enum class Give { move, link };
Result<void> give_attempt(const std::string& state, AttemptId from, AttemptId to, Give how);
// Sets the attempt's owner again, by another line in its record. Error: process.
Result<void> name_owner(const std::string& state, AttemptId attempt, const std::string& owner);

// Writes the record of an attempt with that main process, which runs in this boot. Overwrites the existing record;
// ignores errors.
void record_attempt(const std::string& state, AttemptId attempt, const Process& main, const std::string& owner);

// Whether files were set aside; and the number of records among them.
bool has_aside(const std::string& state);
std::size_t count_aside(const std::string& state);
// Removes the files that were moved before that time.
void remove_aside(const std::string& state, Instant before);

}  // namespace mc::os
