// consequences.cpp — ten thousand runs wait on a hundred thousand dependencies, and one of their upstream runs
// ends: how long the engine takes to decide what follows.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <stdexcept>

#include "bench/bench.h"
#include "bench/stopwatch.h"
#include "engine/engine.h"
#include "store/store.h"
#include "support/context.h"

namespace mc::bench {

namespace {

constexpr int waiting_jobs = 10'000, upstreams_each = 10;

// `sources` jobs that run, and ten thousand jobs with ten upstream jobs each: sources only, or with `layered`
// the previous thousand jobs.
std::string jobs(int sources, bool layered) {
    std::mt19937 chance(20261122);
    std::string text = "[defaults]\ncommand = \"true\"\ntimezone = \"UTC\"\n";
    for (int i = 0; i < sources; ++i) text += fmt::format("[job.s{:05}]\nschedule = \"0 12 * * *\"\n", i);
    for (int i = 0; i < waiting_jobs; ++i) {
        const int first = layered ? i / sources * sources : 0;
        std::set<int> upstreams;
        while (upstreams.size() < upstreams_each)
            upstreams.insert(first + std::uniform_int_distribution<int>(0, sources - 1)(chance));
        text += fmt::format("[job.s{:05}]\nafter = [", sources + i);
        for (const int upstream : upstreams) text += fmt::format("\"s{:05}\", ", upstream);
        text += "]\n";
    }
    return text;
}

// The engine with an in-memory ledger; writes are committed, spawned runs count as running.
class Desk {
   public:
    explicit Desk(const std::string& text) : store_(make_memory_store()) {
        auto plan = read_plan({"bench.toml", text}, test::read_context());
        if (!plan) throw std::runtime_error(plan.error().front().text());
        engine_ = std::make_unique<Engine>(*store_->recover(), *store_, test::read_context(), "boot");
        step(PlanLoaded{std::make_shared<const Plan>(std::move(*plan))});
        now_.wall = *parse_instant("2026-11-24T12:00:00Z");
        step(Woke{});
    }
    // Decides what follows, and when to wake; returns the seconds. The commit is not measured.
    double step(const Event& event) {
        const auto begun = std::chrono::steady_clock::now();
        const std::vector<Action> actions = engine_->step(event, now_).value();
        (void)engine_->next_wake();
        const double taken = seconds_since(begun);
        for (const Action& action : actions) {
            if (const auto* write = std::get_if<Write>(&action)) {
                if (!store_->commit(write->batch)) throw std::runtime_error("the batch is refused");
                changed_ = write->batch.updated.size();
            } else if (const auto* spawn = std::get_if<Spawn>(&action)) {
                running_.push_back(spawn->run);
            }
        }
        return taken;
    }
    // The run that started first succeeds.
    double end_one() {
        const Run run = running_.at(ended_++);
        Outcome outcome;
        outcome.run = run.id;
        outcome.attempt = run.attempt;
        outcome.started = outcome.finished = now_.wall;
        outcome.exit_code = 0;
        return step(AttemptsEnded{{outcome}});
    }
    std::size_t changed() const { return changed_; }  // runs, in the last step that wrote
    std::size_t unfinished() const { return engine_->unfinished().size(); }
    std::size_t left() const { return running_.size() - ended_; }

   private:
    Now now_{*parse_instant("2026-11-24T11:00:00Z"), Seconds{1000}};
    std::unique_ptr<Store> store_;
    std::unique_ptr<Engine> engine_;
    std::vector<Run> running_;
    std::size_t ended_ = 0, changed_ = 0;
};

// The minimum of map lookups, by name and date, that the decision needs: for each run that is examined again,
// the run's and its upstream runs'. Milliseconds.
double bare_look_milliseconds(double runs) {
    std::map<std::pair<std::string, Date>, std::int64_t> nodes;
    std::vector<std::pair<std::string, Date>> keys;
    const Date date = make_date(2026, 11, 24);
    for (int i = 0; i < waiting_jobs + 1000; ++i) nodes[{fmt::format("s{:05}", i), date}] = i;
    std::mt19937 chance(1);
    for (int i = 0; i < static_cast<int>(runs * (upstreams_each + 1)); ++i)
        keys.emplace_back(fmt::format("s{:05}", chance() % waiting_jobs), date);
    std::vector<double> each;
    for (int i = 0; i < 5; ++i)
        each.push_back(nanoseconds_each(keys, [&](const auto& key) { return nodes.at(key)++; }));
    return median(each) * static_cast<double>(keys.size()) / 1e6;
}

Row consequence_row(const std::string& what, int sources, bool layered, int outcomes) {
    Desk desk(jobs(sources, layered));
    if (desk.unfinished() != static_cast<std::size_t>(sources) + static_cast<std::size_t>(waiting_jobs))
        throw std::runtime_error("the ten thousand do not wait");
    std::vector<double> milliseconds, changed;
    for (int i = 0; i < outcomes; ++i) {
        milliseconds.push_back(desk.end_one() * 1000);
        changed.push_back(static_cast<double>(desk.changed()));
    }
    const double runs = median(changed);
    return {what, median(milliseconds), 1, "ms",
            fmt::format("{}: {:.0f} runs changed, their and their upstreams' nodes of a map",
                        amount(bare_look_milliseconds(runs), "ms"), runs)};
}

}  // namespace

Rows consequence_rows() {
    return {consequence_row("10,000 runs wait on 100,000 dependencies: an outcome's consequences", 1000, true, 900),
            consequence_row("the same, a hundred runs behind each outcome", 1000, false, 900)};
}

}  // namespace mc::bench
