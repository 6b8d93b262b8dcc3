// job_runner.h — the keeper's jobs: starts them, signals them, reaps them, bounds what they print.
//
// Knows nothing of daemons: what they should hear is given back as events.
#pragma once

#include <unordered_map>
#include <variant>
#include <vector>

#include "os/attempt_table.h"
#include "os/clock.h"
#include "os/keeper.h"
#include "os/keeper_wire.h"
#include "os/spawn.h"

namespace mc::os {

class JobRunner {
   public:
    using Event = std::variant<Ended, wire::Claimed>;

    JobRunner(int state_dir, AttemptTable& table);

    // False when the table is full: ask again when something has ended.
    bool launch(const Launch& wanted, std::vector<Event>& events);
    // To the whole tree of each attempt whose main process still runs, whoever started it.
    void signal(const std::vector<wire::Signal>& wanted);
    // Takes in every child that has ended.
    void reap(std::vector<Event>& events);

    bool idle() const { return running_.empty(); }
    // When bound_outputs() is due; meaningless while idle.
    MonotonicTime next_check() const { return next_check_; }
    void bound_outputs();

   private:
    void conclude(AttemptEntry& entry, const struct Zombie& zombie, std::vector<Event>& events);

    SpawnPlace place_;
    AttemptTable& table_;
    std::unordered_map<pid_t, AttemptEntry*> running_;
    MonotonicTime next_check_{};
};

}  // namespace mc::os
