#include "support/world.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "store/forwarding_store.h"

namespace mc::test {

namespace {

// Reports each commit.
class Watched final : public ForwardingStore {
   public:
    Watched(std::shared_ptr<Store> behind, std::function<void(const StepWrites&)> seen)
        : ForwardingStore(std::move(behind)), seen_(std::move(seen)) {}
    Result<void> commit(const StepWrites& batch) override {
        const auto done = behind().commit(batch);
        if (!done) FAIL(done.error().text());
        seen_(batch);
        return done;
    }

   private:
    std::function<void(const StepWrites&)> seen_;
};

}  // namespace

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

World::World(std::string_view start)
    : clock_(utc(start), Seconds{1000}),
      store_(make_memory_store()),
      executor_(clock_, [this](const os::Launch& launch) { return behaviour_of(launch); }) {}

void World::plan(const std::string& toml) {
    read(toml);
    if (shell_) event(PlanLoaded{plan_});
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

void World::take_probes() {
    if (!shell_) return;
    for (Probe& probe : shell_->take_probes()) unanswered_.push_back(std::move(probe));
}

void World::answer_probes() {
    take_probes();
    while (shell_ && !unanswered_.empty()) {
        SensorsAnswered answered;
        for (const Probe& probe : std::exchange(unanswered_, {})) {
            looks_.push_back({now(), probe});
            const auto run = engine().unfinished().find(probe.run);
            SensorAnswer answer;
            if (run != engine().unfinished().end())
                if (const auto found = findings_.find({run->second.job, probe.sensor}); found != findings_.end())
                    answer = found->second(probe, now());
            if (answer.look == no_answer) continue;
            answer.run = probe.run;
            answer.sensor = probe.sensor;
            answer.look = probe.look;
            answered.answers.push_back(std::move(answer));
        }
        event(answered);
    }
}

void World::event(const Event& event) {
    (void)shell_->step(event);
    take_probes();
}

Reply World::ask(const Event& asked) {
    Reply reply = shell_->step(asked);
    take_probes();
    REQUIRE_FALSE(reply.text.empty());
    return reply;
}

Behaviour World::behaviour_of(const os::Launch& launch) {
    auto& script = scripts_[launch.argv.at(0)];
    if (script.empty()) return {};
    Behaviour behaviour = script.front();
    if (script.size() > 1) script.pop_front();
    return behaviour;
}

void World::run_until(std::string_view instant) { run_until(utc(instant)); }

void World::run_until(Instant instant) {
    for (int steps = 0; steps < 2'000'000; ++steps) {
        answer_probes();
        const Wake wake = shell_->wake();
        Seconds ahead = instant - now();
        if (wake.wall) ahead = std::min(ahead, *wake.wall - now());
        if (wake.up) ahead = std::min(ahead, *wake.up - clock_.up_seconds());
        if (const auto news = executor_.next_news()) ahead = std::min(ahead, *news - clock_.up_seconds());
        clock_.advance(std::max(ahead, Seconds{0}));
        if (executor_.has_news()) {
            shell_->keeper_readable();
            take_probes();
            continue;
        }
        const bool due = (wake.wall && *wake.wall <= now()) || (wake.up && *wake.up <= clock_.up_seconds());
        if (due) event(Woke{});
        if (now() >= instant && !due) return;
    }
    FAIL("the world never becomes idle");
}

void World::crash() {
    shell_.reset();
    executor_.disconnect();
    unanswered_.clear();
}

void World::restart() {
    REQUIRE(executor_.connect());
    questions_ = std::make_shared<FailingQuestions>(store_);
    watched_ = std::make_unique<Watched>(questions_, [this](const StepWrites& batch) {
        ++writes_;
        notices_.insert(notices_.end(), batch.notices.begin(), batch.notices.end());
    });
    shell_ = std::make_unique<app::Shell>(app::Shell::Surroundings{executor_, clock_, launcher_, *watched_},
                                          read_context(), app::Shell::Listeners{});
    if (const int number = std::exchange(fails_loading_, 0); number != 0) questions_->fail(number);
    const auto loaded = shell_->load(plan_);
    if (!loaded && !questions_->has_failed()) FAIL(loaded.error().text());
    take_probes();
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
    REQUIRE(store_->remember_boot(executor_.boot()));
    restart();
}

void World::sleep_until(std::string_view instant) { clock_.advance(utc(instant) - now()); }

void World::reboot() {
    crash();
    executor_.reboot();
    clock_.set_up(Seconds{10});
}

void World::set_clock(std::string_view instant) {
    clock_.set_wall(utc(instant));
    event(Woke{});
}

std::vector<Instant> World::started(const std::string& job) const {
    std::vector<Instant> times;
    for (const Start& start : executor_.starts())
        if (start.job == job) times.push_back(start.at);
    return times;
}

std::vector<Run> World::runs(const std::string& job) const {
    RunFilter filter;
    if (!job.empty()) filter.jobs = {JobName(job)};
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
