// attempt_table.h — which process is which attempt, in memory that keeper and wardens share.
//
// A child enters its own pid here before it does anything else, so that whoever reaps it, the keeper or
// a warden that inherited it, knows which attempt has ended.
//
// Size       4 MB of address space, of which only the entries ever used at once are real memory.
// Ownership  made by the first warden, inherited by fork, gone with the last of them.
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

// What a child was doing when it could not go on.
enum class SpawnStep : std::uint32_t {
    none,         // nothing failed: the job's program runs, or has run
    fork,         // no process could be made
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
    std::array<char, 204> subject;  // what it failed on, a path or a user; ends with NUL
    std::array<char, 96> identity;  // Launch::identity; ends with NUL
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

class AttemptTable {
   public:
    static constexpr std::size_t capacity = 16384;  // attempts that may run at once; more of them wait

    // Of at most `capacity` entries.
    static Result<AttemptTable> make(std::size_t entries = capacity);
    // A cleared entry with the lowest free place; nullptr when all are in use.
    AttemptEntry* reserve();
    void release(AttemptEntry& entry);
    // The entry whose process this is, or nullptr. Looks at every entry ever used.
    AttemptEntry* find(std::int32_t pid);
    // The entries that are in use.
    std::vector<AttemptEntry*> used();
    // Whether no attempt runs.
    bool empty() const;

   private:
    struct Shared {
        std::atomic<std::size_t> used;  // no entry at or behind this place was ever in use
        std::array<AttemptEntry, capacity> entries;
    };
    struct Unmap {
        void operator()(Shared* shared) const;
    };
    AttemptTable(Shared* shared, std::size_t entries) : shared_(shared), entries_(entries) {}
    std::unique_ptr<Shared, Unmap> shared_;
    std::size_t entries_;
    std::size_t lowest_ = 0;  // no entry before it is free, but for those released by another process
};

}  // namespace mc::os
