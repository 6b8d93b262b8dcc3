// virtual_machine.h — a machine that runs commands on virtual time: keeper and disk in one, for `simulate`
// and for tests. It outlives every engine, as the real keeper outlives the daemon.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "engine/engine.h"

namespace mc {

// What a command does when it is started.
struct Behaviour {
    Seconds takes{1};
    int exit_code = 0;
    bool ignores_term = false;
    std::string spawn_error = {};
    std::optional<Hindrance> hindrance = {};  // it does not begin
};

// One start of a command.
struct Start {
    std::string job, key;
    RunId run = 0;
    int attempt = 0;
    Instant at;
};

class VirtualMachine {
   public:
    enum class Kind { absent, running, ended, unknown };

    // Until the next call nothing begins, for that reason.
    void hinder(std::optional<Hindrance> why) { hindrance_ = std::move(why); }
    // Exclusive by (run, attempt): a second request for the same changes nothing and returns false.
    bool spawn(const Run& run, const Behaviour& behaviour, Now now);
    void signal(RunId run, int attempt, int number, Now now);
    // On the monotonic clock: when the next process ends of itself.
    std::optional<Seconds> next_end() const;
    // Those that have ended by now and were not told yet (to this daemon), in order of (run, attempt).
    std::vector<Outcome> take_ended(Now now);
    // What the disk says of an attempt, as a starting daemon asks it.
    Kind state(RunId run, int attempt, Now now) const;
    Outcome outcome(RunId run, int attempt, Now now) const;
    // Of the attempts that these runs say are running, those that are over: what a starting daemon is told first.
    std::vector<Outcome> over(const std::vector<Run>& runs, Now now) const;
    // What had ended left its exit file; what was running left none.
    void reboot(Now now);

    const std::vector<Start>& starts() const { return starts_; }
    // Processes alive now, by (run, attempt).
    std::vector<std::pair<RunId, int>> alive(Now now) const;

   private:
    using Key = std::pair<RunId, int>;
    struct Process {
        Behaviour behaviour;
        Instant began;
        Seconds began_up{0}, ends_up{0};
        std::optional<Instant> finished;  // on the wall clock, once it has ended
        bool gone = false;                // the machine went down under it
        std::optional<int> signal;
    };
    void move_end(const Key& key, Process& process, Seconds ends_up);

    std::map<Key, Process> processes_;
    std::set<std::pair<Seconds, Key>> untold_;  // by their ends
    std::vector<Start> starts_;
    std::optional<Hindrance> hindrance_;
    std::vector<Outcome> not_begun_;  // untold
    Seconds refused_up_{0};           // when the first of those was
};

}  // namespace mc
