// attempt_table.h — maps processes to attempts, in memory shared by keeper and wardens.
//
// A child first enters its own pid here, so that the process that reaps it (the keeper, or a warden that
// inherited it) knows which attempt has ended.
//
// Size       about 6 MB of address space; only entries that were ever used take memory.
// Ownership  created by start_keeper() and inherited by fork; freed with the last process of the chain.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mc::os {

// The step at which a child failed.
enum class SpawnStep : std::uint32_t {
    none,         // nothing failed: the job's program runs, or has run
    fork,         // no process could be created
    claim,        // the attempt's record could not be written
    taken,        // the record exists: another process has this attempt
    output,       // the output file
    input,        // the job's stdin
    priority,     // nice
    identity,     // user and groups
    directory,    // cwd
    program,      // exec
    interpreter,  // exec of an existing file whose interpreter is missing
};

struct AttemptEntry {
    std::atomic<std::uint32_t> in_use;
    std::atomic<std::int32_t> pid;
    std::int64_t run;
    std::int64_t started;                    // when it was claimed, in seconds since the epoch; 0: not yet
    std::uint64_t ticks;                     // the same, in clock ticks of this boot
    std::atomic<std::uint32_t> has_claimed;  // its record is written
    std::uint64_t max_output;
    std::int32_t attempt;
    SpawnStep failed_step;
    std::int32_t failure;           // errno
    std::array<char, 204> subject;  // the path or user of the failed step; ends with NUL
    std::array<char, 96> identity;  // Launch::identity; ends with NUL
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

class AttemptTable {
   public:
    static constexpr std::size_t capacity = 16384;  // attempts that run at the same time; further ones wait

    // A table of at most `capacity` entries. Error: process.
    static Result<AttemptTable> make(std::size_t entries = capacity);
    // The first free entry, cleared; nullptr when all are in use.
    AttemptEntry* reserve();
    void release(AttemptEntry& entry);
    // The entry of this process, or nullptr. Searches all entries that were ever used.
    AttemptEntry* find(std::int32_t pid);
    // The entries that are in use.
    std::vector<AttemptEntry*> used();
    // Whether no attempt runs.
    bool empty() const;

   private:
    struct Shared {
        std::atomic<std::size_t> used;  // no entry from this index on was ever in use
        std::array<AttemptEntry, capacity> entries;
    };
    struct Unmap {
        void operator()(Shared* shared) const;
    };
    AttemptTable(Shared* shared, std::size_t entries) : shared_(shared), entries_(entries) {}
    std::unique_ptr<Shared, Unmap> shared_;
    std::size_t entries_;
    std::size_t lowest_ = 0;  // entries before it are in use, except those released by another process
};

}  // namespace mc::os
