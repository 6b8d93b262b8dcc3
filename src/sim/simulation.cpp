#include "sim/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "config/coverage.h"
#include "config/order.h"
#include "schedule/reach.h"
#include "shell/shell.h"
#include "sim/virtual_executor.h"
#include "store/forwarding_store.h"

namespace mc::app {

namespace {

// A target that is added to every job's `late`, so that each missed deadline makes a notice.
constexpr std::string_view late_mark = "simulate:late";
// How far from a logical date its fires are searched for: T+2 jobs, holidays.
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
        return fail(Error::Kind::calendar,
                    fmt::format("calendar {} covers dates only {} {}, and job {} needs it", use.calendar->name(),
                                early ? "from" : "up to", to_string(early ? coverage.from : coverage.to),
                                use.jobs.front()->shown()),
                    early ? "choose a later --from" : "choose an earlier --to");
    }
    return {};
}

// An exit code with which the job's command fails: neither success nor skip.
int failing_exit_code(const Job& job) {
    const auto means = [](const std::vector<int>& codes, int code) {
        return std::find(codes.begin(), codes.end(), code) != codes.end();
    };
    int code = 1;
    while (means(job.success_exit_codes, code) || means(job.skip_exit_codes, code)) ++code;
    return code;
}

// The ledger of a simulation; reports each committed batch.
class WatchedStore final : public ForwardingStore {
   public:
    using Seen = std::function<void(const StepWrites&)>;
    WatchedStore(std::shared_ptr<Store> behind, Seen seen)
        : ForwardingStore(std::move(behind)), seen_(std::move(seen)) {}
    Result<void> commit(const StepWrites& batch) override {
        auto done = behind().commit(batch);
        if (done) seen_(batch);
        return done;
    }

   private:
    Seen seen_;
};

// Simulated commands start at once, so the shell need not watch for their start.
class AtOnce final : public VirtualExecutor {
   public:
    using VirtualExecutor::VirtualExecutor;
    bool begins_at_once() const override { return true; }
};

class Simulator {
   public:
    Simulator(const Plan& plan, const ReadContext& context, const SimulationAsked& asked)
        : context_(context),
          asked_(asked),
          executor_(clock_, [this](const os::Launch& launch) { return behaviour_of(launch.run); }) {
        Plan marked = plan;
        for (auto& [name, job] : marked.jobs) job.notify.make().late.push_back(*Target::parse(late_mark));
        plan_ = std::make_shared<const Plan>(std::move(marked));
    }

    Result<Simulated> run();

   private:
    DueSpan due_span(const Job& job) const;
    Result<void> begin();
    Result<void> advance(Instant until);
    Result<void> start_daemon();
    void stop_daemon();
    Result<void> pass_sensors();
    void seen(const StepWrites& batch);
    void post(const Run& run);
    Behaviour behaviour_of(RunId id) const;
    std::optional<Seconds> next_end() const;
    bool take_ends();
    Result<void> in_limits() const;
    bool pending() const;
    bool is_asked(Date date) const { return asked_.from <= date && date <= asked_.to; }
    Instant wall() const { return clock_.wall_seconds(); }
    Seconds up() const { return clock_.up_seconds(); }
    std::vector<Start> starts() const;
    Simulated told() const;
    void count_at_once(Simulated& all) const;

    std::shared_ptr<const Plan> plan_;
    const ReadContext& context_;
    const SimulationAsked& asked_;
    VirtualClock clock_{Instant{}};
    WatchedStore store_{make_memory_store(), [this](const StepWrites& batch) { seen(batch); }};
    VirtualLauncher launcher_;
    AtOnce executor_;
    std::unique_ptr<Shell> shell_;  // null: no daemon
    Instant fires_end_, stop_;
    std::size_t inserted_ = 0;
    std::map<std::pair<RunId, int>, Instant> ends_;  // of attempts
    std::vector<Notice> notices_;
    std::multimap<Seconds, Outcome> posts_;  // runs whose action is a message, by the time of delivery
    std::vector<Start> posted_;
};

// When the job's first and last run for the dates are due; an estimate if the job has none.
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
    StepWrites batch;
    Instant start = Instant::max();
    Instant dates_end = Instant::min();
    for (const auto& [name, job] : plan_->jobs) {
        const DueSpan due = due_span(job);
        JobRecord record;
        record.job = name;
        record.schedule = schedule_text(job, *plan_);
        record.since = due.first - Seconds{1};
        record.enabled = job.enabled;
        if (job.hold) record.hold = Hold{record.since, {}, "the configuration"};
        start = std::min(start, record.since);
        fires_end_ = std::max(fires_end_, due.last);
        dates_end = std::max(dates_end, job.schedule.zone->wall(WallTime{asked_.to + date::days{1}}).first);
        batch.jobs.push_back(std::move(record));
    }
    stop_ = std::max(dates_end, fires_end_) + run_out;
    clock_.set_wall(start);
    batch.planned_through = start;
    if (auto done = store_.commit(batch); !done) return done;
    return store_.remember_boot(executor_.boot());
}

Result<Simulated> Simulator::run() {
    if (plan_->jobs.empty()) return Simulated{};
    if (auto done = begin(); !done) return tl::unexpected(done.error());
    std::vector<Span> down = asked_.down;
    std::sort(down.begin(), down.end(), [](const Span& a, const Span& b) { return a.from < b.from; });
    for (const Span& span : down)
        if (span.to <= wall() || fires_end_ <= span.from)
            return tl::unexpected(usage(
                fmt::format("--down {}..{} is outside the simulated time", to_string(span.from), to_string(span.to)),
                fmt::format("the simulated time is {} to {}", to_string(wall()), to_string(fires_end_))));
    Result<void> done;
    if (down.empty() || wall() < down.front().from) done = start_daemon();
    for (const Span& span : down) {
        if (shell_ && done) done = advance(span.from - Seconds{1});
        if (!done) return tl::unexpected(done.error());
        stop_daemon();
        if (span.to <= wall()) continue;  // inside the span before
        clock_.advance(span.to - wall());
        const auto next = std::find_if(down.begin(), down.end(), [&](const Span& s) { return s.from > span.from; });
        if (next == down.end() || next->from > wall()) done = start_daemon();
    }
    if (!shell_ && done) done = start_daemon();
    if (done) done = advance(stop_);
    if (!done) return tl::unexpected(done.error());
    return told();
}

// Whether a run of the requested dates has not ended.
bool Simulator::pending() const {
    const auto& open = shell_->engine().unfinished();
    return std::any_of(open.begin(), open.end(), [&](const auto& run) { return is_asked(run.second.logical_date); });
}

Result<void> Simulator::advance(Instant until) {
    for (;;) {
        if (wall() >= fires_end_ && !pending()) return {};
        const Wake wake = shell_->wake();
        Seconds ahead = std::max(until - wall(), Seconds{0});
        if (wake.wall) ahead = std::min(ahead, *wake.wall - wall());
        if (wake.up) ahead = std::min(ahead, *wake.up - up());
        if (const auto end = next_end()) ahead = std::min(ahead, *end - up());
        clock_.advance(std::max(ahead, Seconds{0}));
        const bool due = (wake.wall && *wake.wall <= wall()) || (wake.up && *wake.up <= up());
        const bool ended = take_ends();
        if (!ended && !due) return {};  // `until` is reached
        if (!ended) (void)shell_->step(Woke{});
        if (auto done = pass_sensors(); !done) return done;
    }
}

std::optional<Seconds> Simulator::next_end() const {
    std::optional<Seconds> next = executor_.next_news();
    if (!posts_.empty() && (!next || posts_.begin()->first < *next)) next = posts_.begin()->first;
    return next;
}

// False: no attempt has ended.
bool Simulator::take_ends() {
    std::vector<Outcome> delivered;
    while (!posts_.empty() && posts_.begin()->first <= up()) {
        Outcome outcome = posts_.begin()->second;
        outcome.finished = wall() - (up() - posts_.begin()->first);
        delivered.push_back(std::move(outcome));
        posts_.erase(posts_.begin());
    }
    const bool has_news = executor_.has_news();
    if (has_news) shell_->keeper_readable();
    if (!delivered.empty()) (void)shell_->step(AttemptsEnded{delivered});
    return has_news || !delivered.empty();
}

// As after a crash: the ledger has the running runs, and the records have their state.
Result<void> Simulator::start_daemon() {
    if (auto done = executor_.connect(); !done) return done;
    shell_ = std::make_unique<Shell>(Shell::Surroundings{executor_, clock_, launcher_, store_}, context_,
                                     Shell::Listeners{});
    if (auto done = shell_->load(plan_); !done) return done;
    return pass_sensors();
}

void Simulator::stop_daemon() {
    shell_.reset();
    executor_.disconnect();
}

// All sensors pass at the first check: their subjects are not simulated.
Result<void> Simulator::pass_sensors() {
    for (auto probes = shell_->take_probes(); !probes.empty(); probes = shell_->take_probes()) {
        SensorsAnswered answered;
        for (const Probe& probe : probes)
            answered.answers.push_back({probe.run, probe.sensor, probe.look, true, "", FileFacts{}});
        (void)shell_->step(answered);
    }
    return in_limits();
}

Result<void> Simulator::in_limits() const {
    if (!shell_->trouble().empty()) return fail(Error::Kind::store, shell_->trouble());
    if (inserted_ <= simulated_runs_max) return {};
    return tl::unexpected(usage(fmt::format("there are more than {} runs by {}", simulated_runs_max,
                                            to_string(date_of(context_.host_zone->to_wall(wall())))),
                                "choose an earlier --to"));
}

void Simulator::seen(const StepWrites& batch) {
    inserted_ += batch.inserted.size();
    for (const Attempt& attempt : batch.attempts)
        ends_.emplace(std::pair{attempt.run, attempt.number}, attempt.finished);
    for (const Notice& notice : batch.notices) {
        notices_.push_back(notice);
        const auto run = notice.is_action ? store_.by_id(notice.run.value_or(0)).value() : std::nullopt;
        if (run) post(*run);
    }
}

// For a run whose action is a message.
void Simulator::post(const Run& run) {
    const Behaviour behaviour = behaviour_of(run.id);
    Outcome outcome;
    outcome.run = run.id;
    outcome.attempt = run.attempt;
    outcome.started = wall();
    outcome.spawn_error = behaviour.spawn_error;
    if (outcome.spawn_error.empty()) outcome.exit_code = behaviour.exit_code;
    posts_.emplace(up() + behaviour.takes, std::move(outcome));
    posted_.push_back({run.job, run.key, run.id, run.attempt, wall()});
}

Behaviour Simulator::behaviour_of(RunId id) const {
    Behaviour behaviour;
    const auto run = store_.by_id(id).value();
    if (!run) return behaviour;
    const auto job = plan_->jobs.find(run->job);
    const auto duration = asked_.durations.find(run->job);
    behaviour.takes = duration == asked_.durations.end() ? usual_duration : duration->second;
    if (job == plan_->jobs.end() || !asked_.failing.contains({run->job, run->logical_date})) return behaviour;
    if (std::holds_alternative<SlackPost>(job->second.action)) behaviour.spawn_error = "simulated: not delivered";
    else behaviour.exit_code = failing_exit_code(job->second);
    return behaviour;
}

std::vector<Start> Simulator::starts() const {
    std::vector<Start> all = executor_.starts();
    all.insert(all.end(), posted_.begin(), posted_.end());
    return all;
}

Simulated Simulator::told() const {
    Simulated all;
    RunFilter filter;
    filter.from = asked_.from;
    filter.to = asked_.to;
    auto rows = store_.runs(filter);
    if (!rows) return all;
    std::map<RunId, Instant> first_starts;
    for (const Start& start : starts()) first_starts.emplace(start.run, start.at);
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
    for (const Start& start : starts()) {
        if (!shown.contains(start.run)) continue;
        changes.emplace_back(start.at, 1);
        const auto end = ends_.find({start.run, start.attempt});
        if (end != ends_.end()) changes.emplace_back(std::max(end->second, start.at + Seconds{1}), -1);
    }
    std::sort(changes.begin(), changes.end());  // at the same instant, ends are counted before starts
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
