#include "engine/why.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/order.h"
#include "engine/body.h"
#include "engine/sensor.h"
#include "engine/upstream.h"

namespace mc {

namespace {

std::string schedule_words(const Job& job) {
    if (!job.has_schedule()) return fmt::format("{}, after other jobs,", job.shown());
    return fmt::format("`{}`", fmt::join(job.schedule.texts, "`, `"));
}

std::string at(Instant t, const Job& job) {
    return fmt::format("{} ({})", local_text(t, *job.schedule.zone), job.schedule.zone->name());
}

// What the calendar says of the date, where the job has one.
void add_calendar(WhyLine& line, const Job& job, Date date, const Plan& plan) {
    if (job.schedule.calendar.empty()) return;
    const auto calendar = plan.calendars->find(job.schedule.calendar);
    if (!calendar) return;
    const auto facts = (*calendar)->facts(date);
    if (!facts) {
        line.reasons.push_back({"calendar_ended", false, facts.error().sentence()});
        return;
    }
    const bool open = facts->session != nullptr;
    std::string text =
        fmt::format("{} {} {}", to_string(date), open ? "is a session of" : "is no session of", (*calendar)->name());
    if (open)
        text += fmt::format(", {} to {}", local_text(facts->session->open, *(*calendar)->zone()),
                            local_text(facts->session->close, *(*calendar)->zone()));
    else if (!facts->week_has_it) text += ": its week has it closed";
    if (!facts->reason.empty()) text += ": " + facts->reason;
    line.reasons.push_back({"session", open, std::move(text)});
}

void add_when(WhyLine& line, const Job& job, const Asked& asked, const Plan& plan) {
    if (!job.schedule.when) return;
    const auto answers = job.schedule.when->explain(asked, *plan.calendars, job.schedule.calendar);
    if (!answers) {
        line.reasons.push_back({"when", false, answers.error().sentence()});
        return;
    }
    for (const Answer& answer : *answers) line.reasons.push_back({answer.check, answer.holds, answer.text});
}

std::string row_sentence(const Run& run, const Job& job) {
    std::string text = fmt::format("run {} {}", run.id, to_text(run.state));
    if (run.fires > 1) text = fmt::format("one row for {} fires, {}", run.fires, to_text(run.state));
    if (run.reason != Reason::none) text += fmt::format(" ({})", to_text(run.reason));
    if (!run.detail.empty()) text += ": " + run.detail;
    if (run.attempt > 0) text += fmt::format("; attempt {}", run.attempt);
    if (run.started) text += fmt::format(", started {}", at(*run.started, job));
    if (run.finished) text += fmt::format(", ended {}", at(*run.finished, job));
    if (run.not_before && !finished(run.state)) text += fmt::format("; not before {}", at(*run.not_before, job));
    return text;
}

void add_row(WhyLine& line, const Run& run, const Job& job) {
    line.run = run.id;
    line.fire = run.fire;
    line.state = std::string(to_text(run.state));
    const bool good = run.state == State::success || run.state == State::running;
    line.reasons.push_back(
        {run.reason == Reason::none ? line.state : std::string(to_text(run.reason)), good, row_sentence(run, job)});
}

// Why a fire that is past has no row.
WhyReason no_row(const std::optional<JobRecord>& record, const Fire& fire, const Job& job) {
    if (record && fire.due <= record->since)
        return {"no_fire", false,
                fmt::format("its schedule was loaded later, at {}; `marketcron backfill` fills it in",
                            at(record->since, job))};
    if (!job.has_schedule())
        return {"no_fire", false, "no live run of the jobs before it gave it one; `marketcron backfill` runs it"};
    return {"down", false,
            "the ledger has no row for it: no daemon has run since; one that starts catches up as catch_up says"};
}

// Each job before it, and its own past, with what they are now.
void add_gates(WhyLine& line, const Job& job, Date date, Instant fire, const History& history) {
    if (job.after)
        for (const Upstream& upstream : job.after->upstreams) {
            const UpstreamLook look = look_at(upstream, date, fire, history);
            line.reasons.push_back({"dependency", look.is == UpstreamLook::Is::success, text_of(look, history.plan)});
        }
    if (job.after && job.after->trigger != Trigger::all_success)
        line.reasons.push_back({"trigger", true, fmt::format("it goes by trigger {}", to_text(job.after->trigger))});
    if (!job.depends_on_past) return;
    const UpstreamLook past = look_at_past(job, date, fire, history);
    line.reasons.push_back(
        {"dependency", past.is == UpstreamLook::Is::success, "depends_on_past: " + text_of(past, history.plan)});
}

// Each sensor, and what would end the wait for it. What the last look said stands in the run's own detail.
void add_sensors(WhyLine& line, const Job& job, const Fire& fire, const std::optional<Run>& row, const Plan& plan) {
    if (!job.wait) return;
    const Run run = row ? *row : make_run(job, fire, Origin::live, *plan.calendars);
    const bool begun = run.started.has_value() && run.attempt > run.attempts_before;
    const RunFacts facts = facts_of(job, run);
    for (const Sensor& sensor : *job.wait) {
        const auto subject = sensor_subject(sensor, facts, *plan.calendars);
        if (!subject) {
            line.reasons.push_back({"sensor", begun, subject.error().sentence()});
            continue;
        }
        std::string text = fmt::format("it waits for {}, looked at every {}", sensor_title(sensor, *subject),
                                       duration_text(sensor.poll));
        if (sensor.timeout) {
            const bool skip = sensor.on_timeout == Sensor::OnTimeout::skip;
            text += run.sensing_since ? fmt::format(", until {}", at(*run.sensing_since + *sensor.timeout, job))
                                      : fmt::format(", for {} at most", duration_text(*sensor.timeout));
            text += skip ? "; then it is skipped" : "; then it fails";
        }
        line.reasons.push_back({"sensor", begun, std::move(text)});
    }
}

void add_hold(WhyLine& line, const JobRecord& record, const Fire& fire, const Job& job) {
    if (record.hold->until && *record.hold->until <= fire.due) return;
    std::string text = fmt::format("the job is held by {} since {}", record.hold->by, at(record.hold->since, job));
    text += record.hold->until ? fmt::format(", until {}", at(*record.hold->until, job))
                               : fmt::format(": it waits for `marketcron release {}`", job.shown());
    line.reasons.push_back({"held", false, std::move(text)});
}

WhyLine line_of_fire(const Job& job, const Fire& fire, const std::optional<Run>& row,
                     const std::optional<JobRecord>& record, const Plan& plan, const Ledger* ledger, Instant now) {
    WhyLine line{job.shown(), fire.logical_date, fire.due, {}, "scheduled", {}};
    line.reasons.push_back({"schedule", true, fmt::format("{} is due at {}", schedule_words(job), at(fire.due, job))});
    if (fire.calendar_ended) line.reasons.push_back({"calendar_ended", false, fire.note});
    else add_calendar(line, job, fire.date, plan);
    add_when(line, job, Asked{fire.date, fire.logical_date, fire.due}, plan);
    if (ledger) add_gates(line, job, fire.logical_date, fire.due, History{plan, *ledger, now});
    if (!fire.calendar_ended) add_sensors(line, job, fire, row, plan);
    if (row) {
        add_row(line, *row, job);
    } else if (!job.enabled) {
        line.reasons.push_back({"disabled", false, "the job is disabled"});
    } else if (fire.due <= now) {
        line.state = "none";
        line.reasons.push_back(no_row(record, fire, job));
    } else if (record && record->held()) {
        add_hold(line, *record, fire, job);
    }
    return line;
}

WhyLine line_of_nothing(const Job& job, Date date, const Plan& plan, Instant now) {
    WhyLine line{job.shown(), date, {}, {}, "none", {}};
    add_calendar(line, job, date, plan);
    add_when(line, job, Asked{date, date, std::nullopt}, plan);
    if (const auto& when = job.schedule.when) {
        const auto holds = when->holds(Asked{date, date, std::nullopt}, *plan.calendars, job.schedule.calendar);
        if (holds && !*holds)
            line.reasons.push_back({"when_false", false, fmt::format("`when` is false on {}", to_string(date))});
    }
    line.reasons.push_back(
        {"schedule", false, fmt::format("{} has no fire for {}", schedule_words(job), to_string(date))});
    constexpr Seconds ahead{800LL * 86400};
    if (const auto next = next_planned(job, plan, now, ahead); next && !next->empty())
        line.reasons.push_back({"schedule", true, fmt::format("the next fire is at {}", at(next->front().due, job))});
    return line;
}

}  // namespace

Result<std::vector<WhyLine>> why(const Plan& plan, const std::string& name, Date date, const Ledger* ledger,
                                 Instant now) {
    const Job& job = plan.jobs.at(name);
    const auto fires = planned_fires(job, plan, date, date);
    if (!fires) return tl::unexpected(fires.error());

    const auto record = ledger ? ledger->record_of(name) : std::nullopt;
    std::vector<WhyLine> lines;
    std::set<RunId> told;
    for (const Fire& fire : *fires) {
        auto row = ledger ? ledger->by_key(name, fire.key) : std::nullopt;
        if (ledger && !row) row = ledger->spanning(name, fire.due);
        if (row) told.insert(row->id);
        lines.push_back(line_of_fire(job, fire, row, record, plan, ledger, now));
    }
    if (ledger)
        for (const Run& run : ledger->by_date(name, date)) {
            if (told.count(run.id)) continue;
            WhyLine& line = lines.emplace_back(WhyLine{name, date, {}, {}, {}, {}});
            Fire fire;
            add_sensors(line, job, fire, run, plan);
            add_row(line, run, job);
        }
    if (lines.empty()) lines.push_back(line_of_nothing(job, date, plan, now));
    std::stable_sort(lines.begin(), lines.end(), [](const WhyLine& a, const WhyLine& b) { return a.fire < b.fire; });
    return lines;
}

}  // namespace mc
