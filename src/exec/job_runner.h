// job_runner.h — runs the keeper's jobs: starts, signals and reaps them, and limits their output.
//
// It is independent of daemons: what they must be told is returned as events.
#pragma once

#include <map>
#include <set>
#include <unordered_map>
#include <variant>
#include <vector>

#include "exec/attempt_table.h"
#include "exec/keeper.h"
#include "exec/keeper_wire.h"
#include "exec/process_tree.h"
#include "exec/spawn.h"
#include "os/clock.h"
#include "os/descriptor.h"

namespace mc::os {

class JobRunner {
   public:
    using Event = std::variant<Ended, wire::Claimed, Answer>;

    JobRunner(int state_dir, AttemptTable& table);

    // False when the table is full: call again when an attempt has ended.
    bool launch(const Launch& wanted, std::vector<Event>& events);
    void ask(Question question) { asked_.push_back(std::move(question)); }
    // Adds an Answer for each question, after its record was checked or written again; or the attempt's end, if that is
    // not on the disk yet.
    void answer(std::vector<Event>& events);
    // Signals the whole tree of each attempt that has not ended, also of one that another keeper started.
    void signal(const std::vector<wire::Signal>& wanted);
    // Reaps every child that has ended.
    void reap(std::vector<Event>& events);

    bool idle() const { return running_.empty() && lingering_.empty() && not_on_disk_.empty(); }
    // When check() is due; meaningless while idle.
    MonotonicTime next_check() const;
    void check(std::vector<Event>& events);

   private:
    // The main process of a signalled attempt has ended, but others of its tree have not: SIGTERM ends a shell
    // at once, while the program that it called still cleans up. The attempt ends with the last of them.
    struct Lingering {
        Event end;
        Tree tree;
    };
    using AttemptKey = std::pair<std::int64_t, int>;

    void end_of(AttemptEntry& entry, const struct Zombie& zombie, std::vector<Event>& events);
    Event conclude(AttemptEntry& entry, const struct Zombie& zombie);
    // An attempt whose child was created, by this keeper or by one that died.
    struct Begun {
        AttemptEntry* entry = nullptr;
        std::string owner;  // the line of its record; "" if an earlier keeper began it
    };
    const Begun* held(AttemptKey key, const std::string& identity) const;
    bool keep_record(AttemptKey key, const std::string& identity) const;
    bool is_known(const Question& asked, std::vector<Event>& events) const;
    bool adopt(AttemptKey key, const std::vector<Process>& members) const;
    pid_t main_process(AttemptKey key, const std::string& identity) const;
    pid_t unclaimed_child(AttemptKey key, const std::string& identity) const;
    Tree tree_of(AttemptKey key, const std::string& identity) const;
    void forget(AttemptKey key, const AttemptEntry& entry);
    bool may_begin(const Launch& wanted, AttemptEntry& entry);
    void put_on_disk();
    void bound_outputs();
    void look_at_lingering(std::vector<Event>& events);

    SpawnPlace place_;
    Cradles cradles_;
    AttemptTable& table_;
    std::unordered_map<pid_t, AttemptEntry*> running_;
    std::vector<Question> asked_;
    std::multimap<AttemptKey, Begun> begun_;
    std::map<AttemptKey, std::vector<Process>> signalled_;  // of running attempts
    std::map<AttemptKey, Lingering> lingering_;
    // Ends that could not be written, because the disk is full or fails; retried with each check.
    std::map<AttemptKey, Ended> not_on_disk_;
    MonotonicTime next_bound_{}, next_look_{};
    Descriptor null_;
};

}  // namespace mc::os
