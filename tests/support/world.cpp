#include "support/world.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace mc::test {

Instant utc(std::string_view text) {
    const auto t = parse_instant(text);
    REQUIRE(t);
    return *t;
}

Date day(std::string_view text) {
    const auto d = parse_date(text);
    REQUIRE(d);
    return *d;
}

World::World(std::string_view start) : wall_(utc(start)), store_(make_memory_store()) {}

void World::plan(const std::string& toml) {
    read(toml);
    if (engine_) event(PlanLoaded{plan_});
    else restart();
}

Reply World::change_calendar(const std::string& toml, std::optional<Date> date) {
    read(toml);
    return ask(CalendarChanged{plan_, "it changed", "it changed by root", date});
}

void World::read(const std::string& toml) {
    toml_ = toml;
    auto plan = read_plan({"test.toml", toml}, read_context());
    if (!plan) {
        std::string all;
        for (const Error& error : plan.error()) all += error.text() + "\n";
        FAIL(all);
    }
    plan_ = std::make_shared<const Plan>(std::move(*plan));
}

void World::script(const std::string& job, std::vector<Behaviour> attempts) {
    scripts_[job] = {attempts.begin(), attempts.end()};
}

void World::sensor(const std::string& job, std::size_t number, Finding finding) {
    findings_[{job, number}] = std::move(finding);
}

void World::answer_probes() {
    while (engine_ && !unanswered_.empty()) {
        SensorsAnswered answered;
        for (const Probe& probe : std::exchange(unanswered_, {})) {
            looks_.push_back({wall_, probe});
            const auto run = engine_->unfinished().find(probe.run);
            SensorAnswer answer;
            if (run != engine_->unfinished().end())
                if (const auto found = findings_.find({run->second.job, probe.sensor}); found != findings_.end())
                    answer = found->second(probe, wall_);
            if (answer.look == no_answer) continue;
            answer.run = probe.run;
            answer.sensor = probe.sensor;
            answer.look = probe.look;
            answered.answers.push_back(std::move(answer));
        }
        event(answered);
    }
}

void World::event(const Event& event) { carry_out(engine_->step(event, now_both())); }

Reply World::ask(const Event& asked) {
    reply_.reset();
    event(asked);
    REQUIRE(reply_);
    return *reply_;
}

void World::carry_out(const std::vector<Action>& actions) {
    for (const Action& action : actions) {
        if (const auto* write = std::get_if<Write>(&action)) {
            ++writes_;
            const auto done = store_->commit(write->batch);
            if (!done) FAIL(done.error().text());
            notices_.insert(notices_.end(), write->batch.notices.begin(), write->batch.notices.end());
        } else if (const auto* start = std::get_if<Spawn>(&action)) {
            spawn(start->run);
        } else if (const auto* signal = std::get_if<Signal>(&action)) {
            machine_.signal(signal->run, signal->attempt, signal->number, now_both());
        } else if (const auto* probe = std::get_if<Probe>(&action)) {
            unanswered_.push_back(*probe);
        } else if (const auto* reply = std::get_if<Reply>(&action)) {
            reply_ = *reply;
        }
    }
}

void World::spawn(const Run& run) {
    begun_.insert_or_assign({run.id, run.attempt}, run);
    auto& script = scripts_[run.job];
    const Behaviour behaviour = script.empty() ? Behaviour{} : script.front();
    if (machine_.spawn(run, behaviour, now_both()) && script.size() > 1) script.pop_front();
}

void World::run_until(std::string_view instant) { run_until(utc(instant)); }

void World::run_until(Instant instant) {
    for (int steps = 0; steps < 2'000'000; ++steps) {
        answer_probes();
        const Wake wake = engine_->next_wake();
        Seconds ahead = instant - wall_;
        if (wake.wall) ahead = std::min(ahead, *wake.wall - wall_);
        if (wake.up) ahead = std::min(ahead, *wake.up - up_);
        if (const auto end = machine_.next_end()) ahead = std::min(ahead, *end - up_);
        ahead = std::max(ahead, Seconds{0});
        wall_ += ahead;
        up_ += ahead;
        const auto ended = machine_.take_ended(now_both());
        if (!ended.empty()) {
            event(AttemptsEnded{ended});
            continue;
        }
        const bool due = (wake.wall && *wake.wall <= wall_) || (wake.up && *wake.up <= up_);
        if (due) event(Woke{});
        if (wall_ >= instant && !due) return;
    }
    FAIL("the world does not come to rest");
}

void World::crash() {
    engine_.reset();
    unanswered_.clear();
}

void World::restart() {
    auto recovered = store_->recover();
    REQUIRE(recovered);
    const std::string boot = "boot-" + std::to_string(boot_);
    auto lacking = found();
    std::vector<Run> latest;
    for (const FoundRun& one : lacking) latest.push_back(one.run);
    for (const Run& run : recovered->unfinished)
        if (std::none_of(latest.begin(), latest.end(), [&](const Run& other) { return other.id == run.id; }))
            latest.push_back(run);
    if (!begun_.empty()) recovered->last_run = std::max(recovered->last_run, begun_.rbegin()->first.first);
    auto over = machine_.over(latest, now_both());
    engine_ = std::make_unique<Engine>(std::move(*recovered), *store_, read_context(), boot);
    event(PlanLoaded{plan_, std::move(over), {}, std::move(lacking)});
    REQUIRE(store_->remember_boot(boot));
    reconcile();
}

// The attempts that have files, and that the ledger lacks.
std::vector<FoundRun> World::found() const {
    std::map<RunId, FoundRun> found;
    for (const auto& [id, run] : begun_) {
        const auto row = store_->by_key(run.job, run.key);
        if (!row || row->attempt < run.attempt) found[run.id].run = run;
    }
    std::vector<FoundRun> all;
    for (auto& [id, one] : found) all.push_back(std::move(one));
    return all;
}

void World::back_up() {
    const auto recovered = store_->recover();
    REQUIRE(recovered);
    backup_ = {};
    backup_.inserted = runs();
    backup_.jobs = recovered->jobs;
    backup_.alerts = recovered->alerts;
    backup_.planned_through = recovered->planned_through;
}

void World::restore() {
    crash();
    store_ = make_memory_store();
    REQUIRE(store_->commit(backup_));
    REQUIRE(store_->remember_boot("boot-" + std::to_string(boot_)));
    restart();
}

// What a daemon does when it starts: asks the disk how each attempt is that its ledger says is running.
void World::reconcile() {
    std::vector<Run> running;
    for (const auto& [id, run] : engine_->unfinished())
        if (run.state == State::running) running.push_back(run);
    for (const Run& run : running) switch (machine_.state(run.id, run.attempt, now_both())) {
            case Machine::Kind::absent: spawn(run); break;
            case Machine::Kind::running: break;
            case Machine::Kind::ended:
            case Machine::Kind::unknown:
                event(AttemptsEnded{{machine_.outcome(run.id, run.attempt, now_both())}});
                break;
        }
}

void World::sleep_until(std::string_view instant) {
    const Instant t = utc(instant);
    up_ += t - wall_;
    wall_ = t;
}

void World::reboot() {
    crash();
    ++boot_;
    machine_.reboot(now_both());
    up_ = Seconds{10};
}

void World::set_clock(std::string_view instant) {
    wall_ = utc(instant);
    event(Woke{});
}

std::vector<Instant> World::started(const std::string& job) const {
    std::vector<Instant> times;
    for (const Start& start : machine_.starts())
        if (start.job == job) times.push_back(start.at);
    return times;
}

std::vector<Run> World::runs(const std::string& job) const {
    RunFilter filter;
    if (!job.empty()) filter.jobs = {job};
    auto found = store_->runs(filter);
    REQUIRE(found);
    return {found->rbegin(), found->rend()};
}

std::vector<Notice> World::notices() const { return notices_; }

std::string fates(const World& world, const std::string& job) {
    std::string text;
    for (const Run& run : world.runs(job)) {
        text += (text.empty() ? "" : ", ") + std::string(to_text(run.state));
        if (run.reason != Reason::none) text += " " + std::string(to_text(run.reason));
    }
    return text;
}

}  // namespace mc::test
