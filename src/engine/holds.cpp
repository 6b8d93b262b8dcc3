#include "engine/holds.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/hold.h"
#include "engine/turn.h"

namespace mc {

namespace {

constexpr std::size_t runs_named = 10;

}  // namespace

Holds::Holds(Step& step, const Definitions& jobs, RunBook& book, JobRecords& records, Gates& gates, Endings& endings,
             SensorWatch& sensors)
    : step_(step), jobs_(jobs), book_(book), records_(records), gates_(gates), endings_(endings), sensors_(sensors) {}

bool Holds::is_to_come(const std::optional<Instant>& until, const Job& job, std::string_view what) {
    if (!until || *until > step_.now.wall) return true;
    step_.refuse({Error::Kind::usage,
                  fmt::format("{} is in the past", local_text(*until, *job.schedule.zone)),
                  fmt::format("give a future time, or omit --until: then it is {} until `marketcron release`", what),
                  {}});
    return false;
}

const Run* Holds::running_against(const Run& run) const {
    for (const RunId id : book_.of_job(run.job))
        if (const Run& other = book_.at(id); must_end_first(other, run)) return &other;
    return nullptr;
}

void Holds::wait_for_release(const Run& run) {
    sensors_.stop(run);
    const Hold& hold = *records_.of(run.job).hold;
    book_.wait(run, {Reason::held, HeldBy{hold.by, hold.since}});
}

void Holds::asked(const HoldAsked& asked) {
    const Job* job = jobs_.asked(asked.job, step_);
    if (!job || !is_to_come(asked.until, *job, "held")) return;
    JobRecord record = records_.of(job->name);
    const JobRecord before = record;
    if (!record.held()) {
        record.hold = Hold{step_.now.wall, {}, {}};
        // A run that was started by hand before the hold is held too.
        for (const RunId id : book_.of_job(job->name)) {
            book_.activate(id);
            if (book_.at(id).bypasses_gates) book_.respect_gates(book_.at(id));
        }
    }
    record.hold.make().until = asked.until;
    record.hold.make().by = asked.by;
    records_.put(record);
    std::string text = fmt::format("{} is held {}: only `marketcron start {}` and `marketcron rerun` start its runs",
                                   job->shown(), until_text(*record.hold, *job), job->shown());
    if (before.held())
        text += fmt::format("; it was already held by {} {}", before.hold->by, until_text(*before.hold, *job));
    for (const RunId id : book_.of_job(job->name))
        if (book_.at(id).state == State::running) text += fmt::format("; run {} is still running", id);
    step_.batch.operator_note = fmt::format("hold {} {} by {}", job->shown(), until_text(*record.hold, *job), asked.by);
    step_.done(std::move(text));
}

void Holds::asked(const IceAsked& asked) {
    const Job* job = jobs_.asked(asked.job, step_);
    if (!job || !is_to_come(asked.until, *job, "iced")) return;
    JobRecord record = records_.of(job->name);
    if (!record.iced()) record.ice = Hold{step_.now.wall, {}, {}};
    record.ice.make().until = asked.until;
    record.ice.make().by = asked.by;
    records_.put(record);
    gates_.judge_all_again();
    const std::string until = until_text(*record.ice, *job);
    std::vector<RunId> skipped;
    std::string text = fmt::format(
        "{} is iced {}: its due runs are skipped, and downstream jobs run as if it had succeeded", job->shown(), until);
    text += skip_iced_runs(*job, skipped);
    step_.batch.operator_note = fmt::format("ice {} {} by {}", job->shown(), until, asked.by);
    step_.done(std::move(text), std::move(skipped));
}

std::string Holds::skip_iced_runs(const Job& job, std::vector<RunId>& skipped) {
    std::string text;
    for (const RunId id : book_.of_job(job.name)) {
        const Run& run = book_.at(id);
        if (run.bypasses_gates || run.clearing != 0) continue;  // started by hand, or being cleared
        if (started(run)) text += fmt::format("; run {} is still active", id);
        else if (run.origin == Origin::live || run.origin == Origin::catch_up) skipped.push_back(id);
    }
    for (const RunId id : skipped) {
        endings_.finish(book_.at(id), State::skipped, records_.iced(job.name));
        text += fmt::format("; run {} is skipped", id);
    }
    return text;
}

void Holds::asked(const ReleaseAsked& asked) {
    const bool held = records_.is_held(asked.job), iced = records_.is_iced(asked.job);
    const bool gone = (held || iced) && !jobs_.planned(asked.job);
    const Job* job = gone ? nullptr : jobs_.asked(asked.job, step_);
    if (!gone && !job) return;
    const std::string shown = job ? job->shown() : asked.job.text();
    if (!held && !iced) return step_.decline(fmt::format("{} is neither held nor iced", shown));
    if (iced) release_ice(records_.of(asked.job));
    Released released;
    if (held) released = release_hold(records_.of(asked.job));
    step_.batch.operator_note = fmt::format("release {} by {}", shown, asked.by);
    const std::vector<RunId>& runs = released.may_start;
    std::string text = fmt::format("{} is released", shown);
    if (iced) text += ": it is no longer iced, and runs again from its next fire";
    if (gone) text += "; it is no longer in the configuration";
    if (runs.size() > runs_named) text += fmt::format(": {} runs may start", runs.size());
    else if (!runs.empty())
        text += fmt::format(": run{} {} may start", runs.size() == 1 ? "" : "s", fmt::join(runs, ", "));
    if (released.skipped > 0)
        text += fmt::format("; {} of the backlog {} skipped", released.skipped, released.skipped == 1 ? "is" : "are");
    step_.done(std::move(text), std::move(released.may_start));
}

void Holds::forget_if_removed(const JobRecord& record) {
    if (!jobs_.planned(record.job) && !record.held() && !record.iced()) records_.remove(record.job);
}

void Holds::release_ice(JobRecord record) {
    record.ice = {};
    records_.put(record);
    forget_if_removed(record);
    gates_.judge_all_again();
}

Holds::Released Holds::release_hold(JobRecord record) {
    const Instant since = record.hold->since;
    record.hold = {};
    records_.put(record);
    forget_if_removed(record);
    const Job* job = jobs_.planned(record.job);
    return job ? settle_backlog(*job, since) : Released{};
}

// Fires that came while the job was held are overdue now; one of them is always kept.
Holds::Released Holds::settle_backlog(const Job& job, Instant held_since) {
    std::vector<const Run*> due;
    Released released;
    for (const RunId id : book_.of_job(job.name)) {
        const Run& run = book_.at(id);
        if (finished(run.state) || run.bypasses_gates) continue;
        gates_.forget(id);                                  // its other gates are judged now
        if (!seen_by_others(run)) book_.bypass_gates(run);  // started by hand: bypasses its gates, as before the hold
        if (gathered(run, held_since)) due.push_back(&run);
        else if (run.reason == Reason::held) released.may_start.push_back(id);
    }
    std::sort(due.begin(), due.end(), [](const Run* a, const Run* b) { return a->fire < b->fire; });
    std::vector<Because> fates = fates_on_release(due, job, step_.now.wall, jobs_.wording(job));
    for (std::size_t i = 0; i < due.size(); ++i) {
        const Run& run = *due[i];
        if (step_.now.wall - run.fire > job.grace || running_against(run)) book_.count_as_caught_up(run);
        if (fates[i].reason != Reason::none) {
            endings_.finish(run, State::skipped, std::move(fates[i]));
            ++released.skipped;
            continue;
        }
        if (run.not_before && *run.not_before > step_.now.wall) continue;  // it waits for its wait_until
        book_.queue(run);
        released.may_start.push_back(run.id);
    }
    return released;
}

std::vector<JobName> Holds::over(const std::set<JobName>& names, BoxedOptional<Hold> JobRecord::*which) const {
    std::vector<JobName> over;
    for (const JobName& name : names)
        if (const auto& until = (records_.of(name).*which)->until; until && *until <= step_.now.wall)
            over.push_back(name);
    return over;
}

void Holds::expire() {
    for (const JobName& name : over(records_.held(), &JobRecord::hold)) {
        release_hold(records_.of(name));
        step_.add_note(fmt::format("the hold of {} ends", name));
    }
    for (const JobName& name : over(records_.iced(), &JobRecord::ice)) {
        release_ice(records_.of(name));
        step_.add_note(fmt::format("the ice of {} ends", name));
    }
}

std::optional<Instant> Holds::wake() const {
    std::optional<Instant> wake;
    const auto earlier = [&](const std::optional<Instant>& until) {
        if (until && (!wake || *until < *wake)) wake = until;
    };
    for (const JobName& name : records_.held()) earlier(records_.of(name).hold->until);
    for (const JobName& name : records_.iced()) earlier(records_.of(name).ice->until);
    return wake;
}

}  // namespace mc
