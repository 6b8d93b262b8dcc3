// start_trouble.cpp — starts that the machine refuses for now: their runs wait, and are tried again.
//
// What hinders every start (no process, no space for an attempt's files) is tried by one run at a time. What hinders
// one run alone (its user's limit, its program that is being written) lets the others go on. Both are tried again
// after five seconds, then more and more rarely. Nothing of this is in the ledger but the run's reason: a new engine
// tries at once.
#include <algorithm>

#include "engine/body.h"

namespace mc {

namespace {

constexpr Seconds first_pause{5}, longest_pause{30};
// What has not been refused by then has begun.
constexpr Seconds refused_within{2};

bool needs_process(const Job& job) { return !std::holds_alternative<SlackPost>(job.action); }

}  // namespace

void Engine::Body::StartTrouble::again(const std::string& why, Now now) {
    pause = pause == Seconds{0} ? first_pause : std::min(2 * pause, longest_pause);
    next_up = after(now, pause);
    text = why;
}

// The attempt has not begun: it is as if it had not been asked for. Its number is given again.
void Engine::Body::put_back(Run& run, const Hindrance& why) {
    touch(run);
    --run.attempt;
    run.state = run.attempt > run.attempts_before ? State::retrying : State::waiting;
    run.reason = Reason::resources;
    run.detail = why.text;
    run.started.reset();
    run.timeout_up.reset();
    const bool is_trial = std::exchange(trial, trial == run.id ? 0 : trial) == run.id;
    if (why.of == Hindrance::Of::this_run) {
        if (is_trial) every_start.reset();
        StartTrouble& own = hindered.try_emplace(run.id, StartTrouble{{}, now.wall}).first->second;
        own.again(why.text, now);
    } else if (is_trial || !every_start) {
        if (!every_start) every_start = StartTrouble{{}, now.wall};
        every_start->again(why.text, now);
    }
    const auto planned = plan->jobs.find(run.job);
    if (planned == plan->jobs.end()) finish(run, State::skipped, Reason::removed);
    else if (!planned->second.enabled) finish(run, State::skipped, Reason::disabled);
}

// The one that was tried has begun, or it has become clear that nothing waits to be tried.
void Engine::Body::judge_trial() {
    const auto tried = open.find(trial);
    const bool runs = tried != open.end() && tried->second.state == State::running;
    if (trial != 0 && runs && now.up < trial_until) return;
    if (std::exchange(trial, 0) != 0 && runs) every_start.reset();
    const auto waits = [](const auto& one) { return one.second->reason == Reason::resources; };
    if (every_start && std::none_of(awake.begin(), awake.end(), waits)) every_start.reset();
    std::erase_if(hindered, [&](const auto& one) { return !open.contains(one.first); });
}

std::optional<std::string> Engine::Body::hindrance_of(const Job& job, const Run& run) const {
    if (const auto own = hindered.find(run.id); own != hindered.end() && own->second.next_up > now.up)
        return own->second.text;
    if (!every_start || !needs_process(job)) return std::nullopt;
    if (trial != 0 || every_start->next_up > now.up) return every_start->text;
    return std::nullopt;
}

void Engine::Body::note_start(const Job& job, const Run& run) {
    if (!every_start || !needs_process(job)) return;
    trial = run.id;
    trial_until = after(now, refused_within);
}

void Engine::Body::add_start_wakes(Wake& wake) const {
    const auto add = [&](Seconds up) {
        if (up > now.up) wake.up = std::min(wake.up.value_or(up), up);
    };
    if (trial != 0) add(trial_until);
    else if (every_start) add(every_start->next_up);
    for (const auto& [id, own] : hindered)
        if (const auto run = open.find(id); run != open.end() && run->second.reason == Reason::resources)
            add(own.next_up);
}

std::map<std::string, std::string> Engine::start_troubles() const {
    std::map<std::string, std::string> texts;
    if (body_->every_start) texts.emplace("", body_->every_start->text);
    for (const auto& [id, own] : body_->hindered) {
        const auto run = body_->open.find(id);
        if (run == body_->open.end() || run->second.reason != Reason::resources) continue;
        const Job* job = body_->job_of(run->second);
        texts.emplace(job ? job->shown() : run->second.job, own.text);
    }
    for (const auto& [id, of_run] : body_->sensing) {
        const auto is_refused = [](const auto& state) { return state.refused && !state.passed; };
        const auto found = std::find_if(of_run.states.begin(), of_run.states.end(), is_refused);
        const Job* job = found == of_run.states.end() ? nullptr : body_->job_of(body_->open.at(id));
        if (job) texts.emplace(job->shown(), "its sensor cannot look: " + found->trouble);
    }
    return texts;
}

}  // namespace mc
