#include "support/machine.h"

#include <algorithm>

namespace mc::test {

bool Machine::spawn(const Run& run, const Behaviour& behaviour, Now now) {
    const auto [it, fresh] = processes_.try_emplace({run.id, run.attempt});
    if (!fresh) return false;
    it->second.behaviour = behaviour;
    it->second.began = now.wall;
    it->second.began_up = now.up;
    it->second.ends_up = now.up + behaviour.takes;
    starts_.push_back({run.job, run.key, run.id, run.attempt, now.wall});
    return true;
}

void Machine::signal(RunId run, int attempt, int number, Now now) {
    const auto it = processes_.find({run, attempt});
    if (it == processes_.end() || it->second.ends_up <= now.up) return;
    if (number == 15 && it->second.behaviour.ignores_term) return;
    it->second.signal = number;
    it->second.ends_up = now.up;
}

std::optional<Seconds> Machine::next_end() const {
    std::optional<Seconds> best;
    for (const auto& [key, process] : processes_)
        if (!process.told && !process.gone && (!best || process.ends_up < *best)) best = process.ends_up;
    return best;
}

std::vector<Outcome> Machine::take_ended(Now now) {
    std::vector<Outcome> ended;
    for (auto& [key, process] : processes_) {
        if (process.told || process.gone || process.ends_up > now.up) continue;
        process.told = true;
        ended.push_back(outcome(key.first, key.second, now));
    }
    return ended;
}

Machine::Kind Machine::state(RunId run, int attempt, Now now) const {
    const auto it = processes_.find({run, attempt});
    if (it == processes_.end()) return Kind::absent;
    if (it->second.gone) return Kind::unknown;
    return it->second.ends_up <= now.up ? Kind::ended : Kind::running;
}

Outcome Machine::outcome(RunId run, int attempt, Now now) const {
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

void Machine::reboot(Now now) {
    for (auto& [key, process] : processes_) {
        if (process.gone) continue;
        if (process.ends_up > now.up) process.gone = true;
        else if (!process.finished) process.finished = process.began + (process.ends_up - process.began_up);
        process.ends_up = Seconds{0};  // the monotonic clock begins anew
    }
}

std::vector<std::pair<RunId, int>> Machine::alive(Now now) const {
    std::vector<std::pair<RunId, int>> keys;
    for (const auto& [key, process] : processes_)
        if (!process.gone && process.ends_up > now.up) keys.push_back(key);
    return keys;
}

}  // namespace mc::test
