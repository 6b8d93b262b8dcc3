#include "sim/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "config/coverage.h"
#include "config/order.h"
#include "engine/engine.h"
#include "schedule/reach.h"
#include "sim/virtual_machine.h"
#include "store/run_store.h"

namespace mc::app {

namespace {

// Added to every job's `late`, so that a passed deadline is seen also where nobody is told.
constexpr const char* late_mark = "simulate";
// How far the fires of a logical date are looked for: T+2 jobs, holidays.
constexpr date::days fires_around{10};

Error usage(std::string what, std::string hint) { return {Error::Kind::usage, std::move(what), std::move(hint), {}}; }

Result<void> in_bounds(const Plan& plan, const SimulationAsked& asked) {
    if (asked.to < asked.from)
        return tl::unexpected(
            usage(fmt::format("--from {} is after --to {}", to_string(asked.from), to_string(asked.to)),
                  "write the earlier date after --from"));
    if (const date::days days = asked.to - asked.from + date::days{1}; days > simulated_days_max)
        return tl::unexpected(usage(fmt::format("{} days are too many to simulate", days.count()),
                                    fmt::format("choose dates at most {} days apart", simulated_days_max.count())));
    for (const CalendarUse& use : calendars_in_use(plan)) {
        const Coverage coverage = use.calendar->coverage();
        const bool early = asked.from < coverage.from;
        if (!early && asked.to <= coverage.to) continue;
        return fail(
            Error::Kind::calendar,
            fmt::format("calendar {} is known {} {}, and job {} needs it", use.calendar->name(), early ? "from" : "to",
                        to_string(early ? coverage.from : coverage.to), use.jobs.front()->shown()),
            early ? "choose a later --from" : "choose an earlier --to");
    }
    return {};
}

// What fails the job's command: an exit code that it takes neither for success nor for a skip.
int failing_exit_code(const Job& job) {
    const auto means = [](const std::vector<int>& codes, int code) {
        return std::find(codes.begin(), codes.end(), code) != codes.end();
    };
    int code = 1;
    while (means(job.success_exit_codes, code) || means(job.skip_exit_codes, code)) ++code;
    return code;
}

class Simulator {
   public:
    Simulator(const Plan& plan, const ReadContext& context, const SimulationAsked& asked)
        : context_(context), asked_(asked), store_(make_memory_store()) {
        Plan marked = plan;
        for (auto& [name, job] : marked.jobs) job.notify.make().late.emplace_back(late_mark);
        plan_ = std::make_shared<const Plan>(std::move(marked));
    }

    Result<Simulated> run();

   private:
    DueSpan due_span(const Job& job) const;
    Result<void> begin();
    Result<void> advance(Instant until);
    Result<void> start_daemon();
    Result<void> event(const Event& event);
    Result<void> carry_out(const std::vector<Action>& actions);
    Result<void> write(const Batch& batch);
    void spawn(const Run& run);
    bool pending() const;
    bool is_asked(Date date) const { return asked_.from <= date && date <= asked_.to; }
    Now now() const { return {wall_, up_}; }
    Simulated told() const;
    void count_at_once(Simulated& all) const;

    std::shared_ptr<const Plan> plan_;
    const ReadContext& context_;
    const SimulationAsked& asked_;
    std::unique_ptr<RunStore> store_;
    std::unique_ptr<Engine> engine_;  // null: no daemon
    VirtualMachine machine_;
    Instant wall_, fires_end_, stop_;
    Seconds up_{0};
    std::size_t inserted_ = 0;
    std::map<std::pair<RunId, int>, Instant> ends_;  // of attempts
    std::vector<Notice> notices_;
    std::vector<Probe> probes_;  // not answered yet
};

// When the job's runs for the dates are due, first and last; roughly, where it has none.
DueSpan Simulator::due_span(const Job& job) const {
    const Zone& zone = *job.schedule.zone;
    DueSpan span{zone.wall(WallTime{asked_.from}).first, zone.wall(WallTime{asked_.to + date::days{1}}).first};
    const auto planned = [&](Date from, Date to) {
        auto fires = planned_fires(job, *plan_, from, to);
        return fires ? std::move(*fires) : std::vector<Fire>{};
    };
    if (!job.enabled || !job.has_schedule()) return span;
    const bool is_near = fires_on_own_date(job.schedule);
    const date::days around = std::max(fires_around, days_off(job, *plan_));
    auto first = planned(asked_.from, asked_.from);
    if (first.empty() || !is_near) first = planned(asked_.from, std::min(asked_.from + around, asked_.to));
    if (!first.empty()) span.first = first.front().due;
    auto last = planned(asked_.to, asked_.to);
    if (last.empty() || !is_near) last = planned(std::max(asked_.to - around, asked_.from), asked_.to);
    if (!last.empty()) span.last = std::max(span.last, last.back().due);
    return span;
}

Result<void> Simulator::begin() {
    Batch batch;
    wall_ = Instant::max();
    Instant dates_end = Instant::min();
    for (const auto& [name, job] : plan_->jobs) {
        const DueSpan due = due_span(job);
        JobRecord record;
        record.job = name;
        record.schedule = schedule_text(job, *plan_);
        record.since = due.first - Seconds{1};
        record.enabled = job.enabled;
        if (job.hold) record.hold = Hold{record.since, {}, "the configuration"};
        wall_ = std::min(wall_, record.since);
        fires_end_ = std::max(fires_end_, due.last);
        dates_end = std::max(dates_end, job.schedule.zone->wall(WallTime{asked_.to + date::days{1}}).first);
        batch.jobs.push_back(std::move(record));
    }
    stop_ = std::max(dates_end, fires_end_) + run_out;
    batch.planned_through = wall_;
    if (auto done = store_->commit(batch); !done) return done;
    return store_->remember_boot("simulated");
}

Result<Simulated> Simulator::run() {
    if (plan_->jobs.empty()) return Simulated{};
    if (auto done = begin(); !done) return tl::unexpected(done.error());
    std::vector<Span> down = asked_.down;
    std::sort(down.begin(), down.end(), [](const Span& a, const Span& b) { return a.from < b.from; });
    for (const Span& span : down)
        if (span.to <= wall_ || fires_end_ <= span.from)
            return tl::unexpected(usage(fmt::format("--down {}..{} lies outside of what is simulated",
                                                    to_string(span.from), to_string(span.to)),
                                        fmt::format("that is {} to {}", to_string(wall_), to_string(fires_end_))));
    Result<void> done;
    if (down.empty() || wall_ < down.front().from) done = start_daemon();
    for (const Span& span : down) {
        if (engine_ && done) done = advance(span.from - Seconds{1});
        if (!done) return tl::unexpected(done.error());
        engine_.reset();
        if (span.to <= wall_) continue;  // inside of the one before
        up_ += span.to - wall_;
        wall_ = span.to;
        const auto next = std::find_if(down.begin(), down.end(), [&](const Span& s) { return s.from > span.from; });
        if (next == down.end() || next->from > wall_) done = start_daemon();
    }
    if (!engine_ && done) done = start_daemon();
    if (done) done = advance(stop_);
    if (!done) return tl::unexpected(done.error());
    return told();
}

// A run that is asked about has not ended.
bool Simulator::pending() const {
    const auto& open = engine_->unfinished();
    return std::any_of(open.begin(), open.end(), [&](const auto& run) { return is_asked(run.second.logical_date); });
}

Result<void> Simulator::advance(Instant until) {
    for (;;) {
        if (wall_ >= fires_end_ && !pending()) return {};
        const Wake wake = engine_->next_wake();
        Seconds ahead = std::max(until - wall_, Seconds{0});
        if (wake.wall) ahead = std::min(ahead, *wake.wall - wall_);
        if (wake.up) ahead = std::min(ahead, *wake.up - up_);
        if (const auto end = machine_.next_end()) ahead = std::min(ahead, *end - up_);
        ahead = std::max(ahead, Seconds{0});
        wall_ += ahead;
        up_ += ahead;
        auto ended = machine_.take_ended(now());
        const bool due = (wake.wall && *wake.wall <= wall_) || (wake.up && *wake.up <= up_);
        if (ended.empty() && !due) return {};  // `until` has come
        auto done = ended.empty() ? event(Woke{}) : event(AttemptsEnded{std::move(ended)});
        if (!done) return done;
    }
}

// As after a crash: the ledger says what runs, the machine what became of it.
Result<void> Simulator::start_daemon() {
    auto recovered = store_->recover();
    if (!recovered) return tl::unexpected(recovered.error());
    engine_ = std::make_unique<Engine>(std::move(*recovered), *store_, context_, "simulated");
    return event(PlanLoaded{plan_, machine_.take_ended(now())});
}

// Sensors pass at the first look: what they wait for is not simulated.
Result<void> Simulator::event(const Event& event) {
    auto done = carry_out(engine_->step(event, now()));
    while (done && !probes_.empty()) {
        SensorsAnswered answered;
        for (const Probe& probe : std::exchange(probes_, {}))
            answered.answers.push_back({probe.run, probe.sensor, probe.look, true, "", FileFacts{}});
        done = carry_out(engine_->step(answered, now()));
    }
    return done;
}

Result<void> Simulator::carry_out(const std::vector<Action>& actions) {
    for (const Action& action : actions) {
        if (const auto* written = std::get_if<Write>(&action)) {
            if (auto done = write(written->batch); !done) return done;
        } else if (const auto* start = std::get_if<Spawn>(&action)) {
            spawn(start->run);
        } else if (const auto* signal = std::get_if<Signal>(&action)) {
            machine_.signal(signal->run, signal->attempt, signal->number, now());
        } else if (const auto* probe = std::get_if<Probe>(&action)) {
            probes_.push_back(*probe);
        }
    }
    return {};
}

Result<void> Simulator::write(const Batch& batch) {
    if (auto done = store_->commit(batch); !done) return done;
    inserted_ += batch.inserted.size();
    if (inserted_ > simulated_runs_max)
        return tl::unexpected(usage(fmt::format("there are more than {} runs by {}", simulated_runs_max,
                                                to_string(date_of(context_.host_zone->to_wall(wall_)))),
                                    "choose an earlier --to"));
    for (const Attempt& attempt : batch.attempts)
        ends_.emplace(std::pair{attempt.run, attempt.number}, attempt.finished);
    for (const Notice& notice : batch.notices) {
        notices_.push_back(notice);
        if (!notice.is_action) continue;
        const auto run = engine_->unfinished().find(notice.run.value_or(0));
        if (run != engine_->unfinished().end()) spawn(run->second);
    }
    return {};
}

void Simulator::spawn(const Run& run) {
    const Job* job = engine_->job_of(run);
    const auto duration = asked_.durations.find(run.job);
    Behaviour behaviour;
    behaviour.takes = duration == asked_.durations.end() ? usual_duration : duration->second;
    if (asked_.failing.contains({run.job, run.logical_date})) {
        if (job && std::holds_alternative<SlackPost>(job->action)) behaviour.spawn_error = "simulated: not delivered";
        else behaviour.exit_code = job ? failing_exit_code(*job) : 1;
    }
    machine_.spawn(run, behaviour, now());
}

Simulated Simulator::told() const {
    Simulated all;
    RunFilter filter;
    filter.from = asked_.from;
    filter.to = asked_.to;
    auto rows = store_->runs(filter);
    if (!rows) return all;
    std::map<RunId, Instant> first_starts;
    for (const Start& start : machine_.starts()) first_starts.emplace(start.run, start.at);
    std::set<RunId> late, shown;
    for (const Notice& notice : notices_)
        if (notice.target == late_mark) late.insert(notice.run.value_or(0));
    for (auto row = rows->rbegin(); row != rows->rend(); ++row) {
        Run& run = *row;
        run.max_rss_bytes.reset();  // nothing ran
        run.cpu_seconds.reset();
        shown.insert(run.id);
        SimulatedRun one;
        one.late = late.contains(run.id);
        const auto start = first_starts.find(run.id);
        if (start != first_starts.end()) one.waited = start->second - run.fire;
        one.run = std::move(run);
        all.runs.push_back(std::move(one));
    }
    for (const Notice& notice : notices_) {
        if (notice.target == late_mark || (notice.run && !shown.contains(*notice.run))) continue;
        if (notice.is_action) ++all.posts[notice.target];
        else ++all.messages[notice.target][notice.kind];
    }
    count_at_once(all);
    return all;
}

void Simulator::count_at_once(Simulated& all) const {
    std::set<RunId> shown;
    for (const SimulatedRun& one : all.runs) shown.insert(one.run.id);
    std::vector<std::pair<Instant, int>> changes;
    for (const Start& start : machine_.starts()) {
        if (!shown.contains(start.run)) continue;
        changes.emplace_back(start.at, 1);
        const auto end = ends_.find({start.run, start.attempt});
        if (end != ends_.end()) changes.emplace_back(std::max(end->second, start.at + Seconds{1}), -1);
    }
    std::sort(changes.begin(), changes.end());  // at one instant what ends makes room first
    int running = 0;
    for (const auto& [at, change] : changes) {
        running += change;
        if (running <= static_cast<int>(all.most_at_once)) continue;
        all.most_at_once = static_cast<std::size_t>(running);
        all.most_at = at;
    }
}

}  // namespace

Result<Simulated> simulate(const Plan& plan, const ReadContext& context, const SimulationAsked& asked) {
    if (auto good = in_bounds(plan, asked); !good) return tl::unexpected(good.error());
    return Simulator(plan, context, asked).run();
}

}  // namespace mc::app
