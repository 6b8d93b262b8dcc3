#include "sim/virtual_machine.h"

#include <algorithm>
#include <utility>

namespace mc {

bool VirtualMachine::spawn(const Run& run, const Behaviour& behaviour, Now now) {
    // A new daemon asks again for what the one before did not hear of.
    std::erase_if(not_begun_, [&](const Outcome& one) { return one.run == run.id && one.attempt == run.attempt; });
    if (const auto& why = hindrance_ ? hindrance_ : behaviour.hindrance;
        why && !processes_.contains({run.id, run.attempt})) {
        if (not_begun_.empty()) refused_up_ = now.up;
        Outcome outcome;
        outcome.run = run.id;
        outcome.attempt = run.attempt;
        outcome.hindered = why;
        not_begun_.push_back(std::move(outcome));
        return true;
    }
    const auto [it, fresh] = processes_.try_emplace({run.id, run.attempt});
    if (!fresh) return false;
    it->second.behaviour = behaviour;
    it->second.began = now.wall;
    it->second.began_up = now.up;
    it->second.ends_up = now.up + behaviour.takes;
    untold_.emplace(it->second.ends_up, it->first);
    starts_.push_back({run.job, run.key, run.id, run.attempt, now.wall});
    return true;
}

void VirtualMachine::signal(RunId run, int attempt, int number, Now now) {
    const auto it = processes_.find({run, attempt});
    if (it == processes_.end() || it->second.ends_up <= now.up) return;
    if (number == 15 && it->second.behaviour.ignores_term) return;
    it->second.signal = number;
    it->second.finished = now.wall;
    move_end(it->first, it->second, now.up);
}

void VirtualMachine::move_end(const Key& key, Process& process, Seconds ends_up) {
    if (untold_.erase({process.ends_up, key}) > 0) untold_.emplace(ends_up, key);
    process.ends_up = ends_up;
}

std::optional<Seconds> VirtualMachine::next_end() const {
    if (!not_begun_.empty()) return refused_up_;
    if (untold_.empty()) return std::nullopt;
    return untold_.begin()->first;
}

std::vector<Outcome> VirtualMachine::take_ended(Now now) {
    std::vector<Key> keys;
    while (!untold_.empty() && untold_.begin()->first <= now.up) {
        keys.push_back(untold_.begin()->second);
        untold_.erase(untold_.begin());
    }
    std::sort(keys.begin(), keys.end());
    std::vector<Outcome> ended = std::exchange(not_begun_, {});
    for (const Key& key : keys) {
        ended.push_back(outcome(key.first, key.second, now));
        processes_.at(key).finished = ended.back().finished;  // whatever the wall clock does from here on
    }
    return ended;
}

VirtualMachine::Kind VirtualMachine::state(RunId run, int attempt, Now now) const {
    const auto it = processes_.find({run, attempt});
    if (it == processes_.end()) return Kind::absent;
    if (it->second.gone) return Kind::unknown;
    return it->second.ends_up <= now.up ? Kind::ended : Kind::running;
}

Outcome VirtualMachine::outcome(RunId run, int attempt, Now now) const {
    const Process& process = processes_.at({run, attempt});
    Outcome outcome;
    outcome.run = run;
    outcome.attempt = attempt;
    outcome.lost = process.gone;
    if (process.gone) return outcome;
    outcome.started = process.began;
    outcome.finished = process.finished.value_or(now.wall - (now.up - process.ends_up));
    outcome.spawn_error = process.behaviour.spawn_error;
    if (process.signal) outcome.signal = process.signal;
    else if (outcome.spawn_error.empty()) outcome.exit_code = process.behaviour.exit_code;
    return outcome;
}

std::vector<Outcome> VirtualMachine::over(const std::vector<Run>& runs, Now now) const {
    std::vector<Outcome> outcomes;
    for (const Run& run : runs) {
        if (run.state != State::running) continue;
        const Kind is = state(run.id, run.attempt, now);
        if (is == Kind::ended || is == Kind::unknown) outcomes.push_back(outcome(run.id, run.attempt, now));
    }
    return outcomes;
}

void VirtualMachine::reboot(Now now) {
    not_begun_.clear();
    for (auto& [key, process] : processes_) {
        if (process.gone) continue;
        if (process.ends_up > now.up) {
            process.gone = true;
            untold_.erase({process.ends_up, key});
        } else if (!process.finished) {
            process.finished = process.began + (process.ends_up - process.began_up);
        }
        move_end(key, process, Seconds{0});  // the monotonic clock begins anew
    }
}

std::vector<std::pair<RunId, int>> VirtualMachine::alive(Now now) const {
    std::vector<std::pair<RunId, int>> keys;
    for (const auto& [key, process] : processes_)
        if (!process.gone && process.ends_up > now.up) keys.push_back(key);
    return keys;
}

}  // namespace mc
