// hold.cpp — a held job starts nothing; what gathers meanwhile goes as catch_up says once it is released.
#include "engine/hold.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "engine/body.h"

namespace mc {

namespace {

constexpr std::size_t runs_named = 10;

bool never_begun(const Run& run) { return run.attempt == run.attempts_before; }

}  // namespace

bool gathered(const Run& run, Instant held_since) {
    const bool of_schedule = run.origin == Origin::live || run.origin == Origin::catch_up;
    return of_schedule && never_begun(run) && run.fire >= held_since;
}

std::vector<Reason> fates_on_release(const std::vector<const Run*>& in_order, const Job& job, Instant now) {
    Date newest{};
    for (const Run* run : in_order) newest = std::max(newest, run->logical_date);
    std::vector<Reason> fates;
    for (const Run* run : in_order) {
        // catch_up does not concern a job without a schedule.
        const bool is_kept = run == in_order.back() || !job.has_schedule() ||
                             (job.catch_up == CatchUp::all && now - run->fire <= job.catch_up_within);
        if (!is_kept) fates.push_back(Reason::superseded);
        else fates.push_back(job.latest_only && run->logical_date < newest ? Reason::latest_only : Reason::none);
    }
    return fates;
}

std::string until_text(const Hold& hold, const Job& job) {
    return hold.until ? fmt::format("until {}", local_text(*hold.until, *job.schedule.zone))
                      : fmt::format("until `marketcron release {}`", job.shown());
}

bool Engine::Body::is_to_come(const std::optional<Instant>& until, const Job& job, std::string_view what) {
    if (!until || *until > now.wall) return true;
    refuse({Error::Kind::usage,
            fmt::format("{} has passed", local_text(*until, *job.schedule.zone)),
            fmt::format("name a time to come, or none: then it is {} until `marketcron release`", what),
            {}});
    return false;
}

void Engine::Body::record(const JobRecord& record) {
    if (record.held()) held.insert(record.job);
    else held.erase(record.job);
    if (record.iced()) iced.insert(record.job);
    else iced.erase(record.job);
    records.insert_or_assign(record.job, record);
    batch.jobs.push_back(record);
}

bool Engine::Body::holds_back(const Run& run) const { return !run.past_gates && held.contains(run.job); }

void Engine::Body::wait_for_release(Run& run) {
    stop_sensing(run);
    // A run between two attempts stays so: it has begun.
    const State state = run.state == State::retrying ? State::retrying : State::waiting;
    const JobRecord& record = records.at(run.job);
    std::string detail = fmt::format("held by {} since {}", record.hold->by, to_string(record.hold->since));
    if (run.state == state && run.reason == Reason::held && run.detail == detail) return;
    run.state = state;
    run.reason = Reason::held;
    run.detail = std::move(detail);
    touch(run);
}

void Engine::Body::hold_asked(const HoldAsked& asked) {
    const Job* job = job_asked(asked.job);
    if (!job || !is_to_come(asked.until, *job, "held")) return;
    JobRecord held_now = records.at(job->name);
    const JobRecord before = held_now;
    if (!held_now.held()) {
        held_now.hold = Hold{now.wall, {}, {}};
        // Whom a person let pass before is held too.
        for (const RunId id : open_by_job[job->name]) {
            rouse(id);
            if (Run& run = open.at(id); std::exchange(run.past_gates, false)) touch(run);
        }
    }
    held_now.hold.make().until = asked.until;
    held_now.hold.make().by = asked.by;
    record(held_now);
    std::string text = fmt::format("{} is held {}: nothing of it starts, but by `marketcron start {}`", job->shown(),
                                   until_text(*held_now.hold, *job), job->shown());
    if (before.held())
        text += fmt::format("; before, it was held by {} {}", before.hold->by, until_text(*before.hold, *job));
    for (const RunId id : open_by_job[job->name])
        if (open.at(id).state == State::running) text += fmt::format("; run {} goes on", id);
    batch.operator_note = fmt::format("hold {} {} by {}", job->shown(), until_text(*held_now.hold, *job), asked.by);
    reply(true, std::move(text));
}

void Engine::Body::release_asked(const ReleaseAsked& asked) {
    const bool known = held.contains(asked.job) || iced.contains(asked.job);
    const bool gone = known && !plan->jobs.contains(asked.job);
    const Job* job = gone ? nullptr : job_asked(asked.job);
    if (!gone && !job) return;
    const std::string shown = job ? job->shown() : asked.job;
    if (!known) return reply(false, fmt::format("{} is neither held nor iced", shown));
    const bool was_iced = iced.contains(asked.job);
    if (was_iced) melt(records.at(asked.job));
    std::vector<RunId> runs;
    std::size_t left_out = 0;
    if (held.contains(asked.job)) std::tie(runs, left_out) = let_go(records.at(asked.job));
    batch.operator_note = fmt::format("release {} by {}", shown, asked.by);
    std::string text = fmt::format("{} is released", shown);
    if (was_iced) text += ": it is iced no more, and runs from its next fire on";
    if (gone) text += "; it is not in the file now";
    if (runs.size() > runs_named) text += fmt::format(": {} runs may start", runs.size());
    else if (!runs.empty())
        text += fmt::format(": run{} {} may start", runs.size() == 1 ? "" : "s", fmt::join(runs, ", "));
    if (left_out > 0) text += fmt::format("; {} that gathered {} skipped", left_out, left_out == 1 ? "is" : "are");
    reply(true, std::move(text), std::move(runs));
}

void Engine::Body::end_holds() {
    std::vector<std::string> over;
    for (const std::string& name : held)
        if (const auto until = records.at(name).hold->until; until && *until <= now.wall) over.push_back(name);
    for (const std::string& name : over) {
        let_go(records.at(name));
        batch.operator_note += fmt::format("{}the hold of {} ends", batch.operator_note.empty() ? "" : "; ", name);
    }
}

// Fires that came while it was held are late now, and one is always kept: who releases wants it to go on.
std::pair<std::vector<RunId>, std::size_t> Engine::Body::let_go(JobRecord released) {
    const Instant since = released.hold->since;
    released.hold = {};
    const bool forget = !released.iced();
    const auto found = plan->jobs.find(released.job);
    record(released);
    if (found == plan->jobs.end()) {
        if (!forget) return {};
        batch.removed_jobs.push_back(released.job);
        records.erase(released.job);
        return {};
    }
    const Job& job = found->second;
    std::vector<Run*> due;
    std::pair<std::vector<RunId>, std::size_t> fates;
    for (const RunId id : open_by_job[job.name]) {
        Run& run = open.at(id);
        if (finished(run.state) || run.past_gates) continue;
        unwatch(id);                                      // its other gates are asked now
        if (!seen_by_others(run)) run.past_gates = true;  // a start by hand goes on as it was asked for
        if (gathered(run, since)) due.push_back(&run);
        else if (run.reason == Reason::held) fates.first.push_back(id);
    }
    std::sort(due.begin(), due.end(), [](const Run* a, const Run* b) { return a->fire < b->fire; });
    const std::vector<Reason> reasons = fates_on_release({due.begin(), due.end()}, job, now.wall);
    for (std::size_t i = 0; i < due.size(); ++i) {
        Run* run = due[i];
        if (now.wall - run->fire > job.grace || running_against(*run)) run->origin = Origin::catch_up;
        if (reasons[i] != Reason::none) {
            finish(*run, State::skipped, reasons[i], "it was held");
            ++fates.second;
            continue;
        }
        if (run->not_before && *run->not_before > now.wall) continue;  // it waits for its own time
        touch(*run);
        run->state = State::queued;
        run->reason = Reason::none;
        run->detail.clear();
        fates.first.push_back(run->id);
    }
    return fates;
}

}  // namespace mc
