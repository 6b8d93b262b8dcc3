#include "explain/why_reasons.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/order.h"
#include "config/rolled.h"
#include "config/size.h"
#include "engine/fresh_run.h"
#include "engine/sensor.h"
#include "engine/upstream.h"
#include "schedule/reach.h"

namespace mc {

namespace {

std::string row_sentence(const Run& run, const Zone& zone) {
    std::string text = fmt::format("run {} {}", run.id, to_text(run.state));
    if (run.fires > 1) text = fmt::format("one row for {} fires, {}", run.fires, to_text(run.state));
    if (run.reason != Reason::none) text += fmt::format(" ({})", to_text(run.reason));
    if (!run.detail.empty()) text += ": " + run.detail;
    if (run.attempt > 0) text += fmt::format("; attempt {}", run.attempt);
    if (run.started) text += fmt::format(", started {}", zoned_text(*run.started, zone));
    if (run.finished) text += fmt::format(", ended {}", zoned_text(*run.finished, zone));
    if (run.clearing != 0 && run.clear_part == ClearPart::reset && finished(run.state))
        text += "; it is being cleared: it is reset when the stopped runs have ended";
    if (run.not_before && !finished(run.state))
        text += fmt::format("; not before {}", zoned_text(*run.not_before, zone));
    return text;
}

// "held by root since 2026-11-20T06:30:00+00:00 (UTC)"
std::string since_text(const Hold& hold, std::string_view what, const Zone& zone) {
    return fmt::format("the job is {} by {} since {}", what, hold.by, zoned_text(hold.since, zone));
}

bool still_holds(const BoxedOptional<Hold>& hold, const Fire& fire) {
    return hold && (!hold->until || *hold->until > fire.due);
}

// "it waits for file /x, checked every 30s, for 1h at most; then it fails"
std::string waiting_text(const Sensor& sensor, const std::string& title, const Run& run, const Zone& zone) {
    std::string text = fmt::format("it waits for {}, checked every {}", title, duration_text(sensor.poll));
    if (!sensor.timeout) return text;
    text += run.sensing_since ? fmt::format(", until {}", zoned_text(*run.sensing_since + *sensor.timeout, zone))
                              : fmt::format(", for {} at most", duration_text(*sensor.timeout));
    return text + (sensor.on_timeout == Sensor::OnTimeout::skip ? "; then it is skipped" : "; then it fails");
}

// The result of the wait for the sensor; nullopt: the row does not have it.
std::optional<WhyReason> waited_for(const Sensor& sensor, const std::string& title, const Run& run) {
    if (has_begun(run) && run.bypasses_gates)
        return WhyReason{"sensor", true, fmt::format("it did not wait for {}: an operator started it", title)};
    if (has_begun(run)) return WhyReason{"sensor", true, fmt::format("it waited for {}; the sensor has passed", title)};
    if (run.reason != Reason::sensor_timeout || !sensor.timeout) return {};
    const auto* facts = run.reason_data ? std::get_if<SensorTimedOut>(&*run.reason_data) : nullptr;
    if (!facts || facts->sensor != title) return {};
    return WhyReason{"sensor", false, fmt::format("it {}; the sensor did not pass in that time", waited_text(*facts)),
                     run.reason_data};
}

WhyReasons none(const Job& job, Date date, const Plan& plan, std::set<JobName>& told);

// Adds the reasons why the upstream job has no fire, each with its name.
void tell_upstream(WhyReasons& reasons, const Job& before, Date date, const Plan& plan, std::set<JobName>& told) {
    if (!told.insert(before.name).second) return;
    for (WhyReason& reason : none(before, date, plan, told)) {
        if (reason.holds) continue;
        reason.text = fmt::format("{}: {}", before.shown(), reason.text);
        reasons.push_back(std::move(reason));
    }
}

// The first fire for the date if `when` is ignored.
std::optional<Fire> first_but_for_when(const Job& job, Date date, const Plan& plan) {
    if (!job.schedule.when) return {};
    Job bare = job;
    bare.schedule.when.reset();
    const auto fires = planned_fires(bare, plan, date, date, 1);
    if (!fires || fires->empty() || fires->front().calendar_ended) return {};
    return fires->front();
}

// The first fire that `roll` moves away from the date; `when` is ignored.
std::optional<Fire> first_rolled_away(const Job& job, Date date, const Plan& plan) {
    if (job.schedule.roll == Roll::none) return {};
    const auto farthest = date::ceil<date::days>(key_reach(job.schedule, *plan.calendars));
    constexpr std::size_t fires_max = 20'000;
    Job bare = job;
    bare.schedule.when.reset();
    const auto fires = planned_fires(bare, plan, date - farthest, date + farthest, fires_max);
    if (!fires) return {};
    const auto is_it = [&](const Fire& fire) { return rolled_from(job, fire) == date; };
    const auto found = std::find_if(fires->begin(), fires->end(), is_it);
    return found == fires->end() ? std::nullopt : std::optional(*found);
}

void tell_when_of(WhyReasons& reasons, const Job& job, const Fire& fire, const Plan& plan) {
    const Asked asked{fire.date, fire.logical_date, fire.due};
    tell_when(reasons, job, asked, plan);
    tell_when_false(reasons, job, asked, plan);
}

WhyReasons none(const Job& job, Date date, const Plan& plan, std::set<JobName>& told) {
    WhyReasons reasons;
    tell_calendar(reasons, job.schedule.calendar, date, plan);
    if (!job.enabled) {
        reasons.push_back({"disabled", false, "the job is disabled"});
        return reasons;
    }
    if (!job.has_schedule()) {
        tell_when(reasons, job, Asked{date, date, std::nullopt}, plan);
        tell_when_false(reasons, job, {date, date, std::nullopt}, plan);
    } else if (const auto fire = first_but_for_when(job, date, plan)) {
        tell_when_of(reasons, job, *fire, plan);
        return reasons;
    } else if (const auto moved = first_rolled_away(job, date, plan)) {
        reasons.push_back({"schedule", false,
                           fmt::format("{} fires on {}, and `roll` moves that to {}", schedule_words(job),
                                       to_string(date), to_string(moved->date))});
        tell_when_of(reasons, job, *moved, plan);
        return reasons;
    }
    if (job.after && !job.has_schedule())
        for (const Upstream& upstream : job.after->upstreams)
            if (!upstream.previous) tell_upstream(reasons, plan.jobs.at(upstream.job), date, plan, told);
    reasons.push_back({"schedule", false, fmt::format("{} has no fire for {}", schedule_words(job), to_string(date))});
    return reasons;
}

}  // namespace

bool has_begun(const Run& run) { return run.started.has_value() && run.attempt > run.attempts_before; }

std::string zoned_text(Instant t, const Zone& zone) { return fmt::format("{} ({})", local_text(t, zone), zone.name()); }

std::string schedule_words(const Job& job) {
    if (!job.has_schedule()) return job.shown() + ", after other jobs,";
    return fmt::format("`{}`", fmt::join(job.schedule.texts, "`, `"));
}

std::string rolled_text(const Job& job, const Fire& fire) {
    const auto from = rolled_from(job, fire);
    return from ? fmt::format(", rolled from {}", to_string(*from)) : "";
}

void tell_calendar(WhyReasons& reasons, const CalendarName& name, Date date, const Plan& plan) {
    if (name.empty()) return;
    const auto calendar = plan.calendars->find(name);
    if (!calendar) return;
    const auto facts = (*calendar)->facts(date);
    if (!facts) {
        reasons.push_back({"calendar_ended", false, facts.error().sentence()});
        return;
    }
    const bool open = facts->session != nullptr;
    std::string text =
        fmt::format("{} {} {}", to_string(date), open ? "is a session of" : "is not a session of", (*calendar)->name());
    if (open)
        text += fmt::format(", {} to {}", local_text(facts->session->open, *(*calendar)->zone()),
                            local_text(facts->session->close, *(*calendar)->zone()));
    else if (!facts->week_has_it && !facts->apart) text += ": not a trading day of its week";
    if (!facts->reason.empty()) text += ": " + facts->reason;
    reasons.push_back({"session", open, std::move(text)});
}

void tell_when(WhyReasons& reasons, const Job& job, const Asked& asked, const Plan& plan) {
    const auto& when = job.schedule.when;
    if (!when) return;
    const auto answers = when->explain(asked, *plan.calendars, job.schedule.calendar);
    if (!answers) {
        reasons.push_back({"when", false, answers.error().sentence()});
        return;
    }
    for (const Answer& answer : *answers) reasons.push_back({answer.check, answer.holds, answer.text});
}

void tell_when_false(WhyReasons& reasons, const Job& job, const Asked& asked, const Plan& plan) {
    const auto& when = job.schedule.when;
    if (!when) return;
    const auto holds = when->holds(asked, *plan.calendars, job.schedule.calendar);
    if (!holds || *holds) return;
    const std::string of = asked.fire ? fmt::format("for its fire at {}", zoned_text(*asked.fire, *job.schedule.zone))
                                      : "on " + to_string(asked.date);
    reasons.push_back({"when_false", false, fmt::format("`{}` is false {}", when->text(), of)});
}

namespace {

std::string_view what_comes_of(TriggerVerdict verdict, Gates gates) {
    if (gates == Gates::have_decided && verdict != TriggerVerdict::start)
        return "is not met now, but the run has already started";
    switch (verdict) {
        case TriggerVerdict::start: return "is met";
        case TriggerVerdict::wait: return "is not met yet";
        case TriggerVerdict::skip: return "is not met: the job is skipped";
        case TriggerVerdict::upstream_failed: return "is not met: the job ends as upstream_failed";
    }
    return "";
}

}  // namespace

void tell_gates(WhyReasons& reasons, const Job& job, const Fire& fire, const History& history, Gates gates) {
    const Date date = fire.logical_date;
    if (job.after) {
        const Trigger trigger = job.after->trigger;
        std::vector<UpstreamStatus> looks;
        for (const Upstream& upstream : job.after->upstreams) {
            const UpstreamStatus& look = looks.emplace_back(status_of(upstream, date, history));
            const bool alone = judge(trigger, {&look, 1}) == TriggerVerdict::start;
            reasons.push_back({"dependency", alone, text_of(look, &history.plan), ReasonData(UpstreamAlone{look})});
        }
        const TriggerVerdict all = judge(trigger, looks);
        if (trigger != Trigger::all_success)
            reasons.push_back({"trigger", all == TriggerVerdict::start,
                               fmt::format("trigger {} {}", to_text(trigger), what_comes_of(all, gates))});
    }
    if (!job.depends_on_past) return;
    const UpstreamStatus past = status_of_past(job, date, history);
    reasons.push_back({"dependency", past.standing == UpstreamStatus::Standing::success,
                       "depends_on_past: " + text_of(past, &history.plan), ReasonData(OwnPast{past})});
}

// Whether the sensor with that index in the job's list has passed, according to the row of the waiting run.
bool has_passed(const Run& run, int place) {
    const auto* facts = run.reason_data ? std::get_if<SensorPending>(&*run.reason_data) : nullptr;
    if (!facts) return false;  // no sensor was checked so far
    return std::find(facts->pending.begin(), facts->pending.end(), place) == facts->pending.end();
}

void tell_sensors(WhyReasons& reasons, const Job& job, const Run& run, Known known, const Plan& plan) {
    if (!job.wait) return;
    const bool waits = known == Known::planned || (!finished(run.state) && !has_begun(run));
    const RunFacts facts = facts_of(job, run);
    int place = -1;
    for (const Sensor& sensor : *job.wait) {
        ++place;
        const auto subject = sensor_subject(sensor, facts, *plan.calendars);
        if (!subject) {
            if (waits) reasons.push_back({"sensor", false, subject.error().sentence()});
            continue;
        }
        const std::string title = sensor_title(sensor, *subject);
        if (!waits) {
            if (auto came = waited_for(sensor, title, run)) reasons.push_back(*std::move(came));
            continue;
        }
        if (run.reason == Reason::sensor && has_passed(run, place)) {
            reasons.push_back({"sensor", true, fmt::format("it waited for {}; the sensor has passed", title)});
            continue;
        }
        SensorPending pending{title, sensor.poll, {}, {}, {place}};
        if (sensor.timeout && run.sensing_since) pending.until = *run.sensing_since + *sensor.timeout;
        reasons.push_back(
            {"sensor", false, waiting_text(sensor, title, run, *job.schedule.zone), ReasonData(std::move(pending))});
    }
}

void tell_limits(WhyReasons& reasons, const Job& job, const Run& run, Known known, Instant now) {
    const Zone& zone = *job.schedule.zone;
    const bool waits = known == Known::planned && run.not_before && *run.not_before > std::max(run.fire, now);
    if (waits)
        reasons.push_back({"sensor", false,
                           fmt::format("wait_until: it waits until {}", zoned_text(*run.not_before, zone)),
                           ReasonData(WaitUntil{*run.not_before})});
    const bool may_start = run.state != State::running && !run.forced;
    if (run.not_after && may_start && *run.not_after <= (waits ? *run.not_before : run.fire))
        reasons.push_back(
            {"too_late", false,
             fmt::format("not_after: it cannot start after {}, which is not later than its earliest start: it ends as "
                         "missed",
                         zoned_text(*run.not_after, zone)),
             ReasonData(StartLimit{*run.not_after})});
    else if (run.not_after && may_start)
        reasons.push_back(
            {"not_after", true,
             fmt::format("it may start until {}; later it ends as missed (too_late)", zoned_text(*run.not_after, zone)),
             ReasonData(StartLimit{*run.not_after})});
    if (run.deadline && *run.deadline > now)
        reasons.push_back({"deadline", true,
                           fmt::format("it is late unless it has ended by {}", zoned_text(*run.deadline, zone)),
                           ReasonData(Deadline{*run.deadline})});
    else if (run.deadline)
        reasons.push_back({"deadline", false,
                           fmt::format("its deadline was {}; it is late", zoned_text(*run.deadline, zone)),
                           ReasonData(Deadline{*run.deadline})});
}

void tell_limits_kept(WhyReasons& reasons, const Job& job, const Run& row, const Run& planned) {
    const Zone& zone = *job.schedule.zone;
    if (planned.not_before && *planned.not_before > row.fire && row.started)
        reasons.push_back({"sensor", true,
                           fmt::format("wait_until: it had to wait until {}", zoned_text(*planned.not_before, zone)),
                           ReasonData(WaitUntil{*planned.not_before})});
    if (planned.not_after && row.reason != Reason::too_late)
        reasons.push_back({"not_after", true,
                           fmt::format("it could start until {}", zoned_text(*planned.not_after, zone)),
                           ReasonData(StartLimit{*planned.not_after})});
    if (!planned.deadline || !row.finished) return;
    const bool good = row.state == State::success || row.state == State::skipped;
    const bool in_time = good && *row.finished <= *planned.deadline;
    reasons.push_back({"deadline", in_time,
                       fmt::format("its deadline was {}; {}", zoned_text(*planned.deadline, zone),
                                   in_time ? "it ended in time"
                                   : good  ? "it ended late"
                                           : "it did not succeed"),
                       ReasonData(Deadline{*planned.deadline})});
}

void tell_admission(WhyReasons& reasons, const Job& job, const Plan& plan) {
    if (job.latest_only)
        reasons.push_back({"latest_only", true, "in catch-up and backfills only its newest date runs"});
    if (job.overlap == Overlap::skip)
        reasons.push_back({"overlap", true, "overlap skip: it is skipped if an earlier run is still active"});
    if (job.overlap == Overlap::queue)
        reasons.push_back({"overlap", true, "overlap queue: it waits while an earlier run is still active"});
    if (job.overlap == Overlap::kill)
        reasons.push_back({"overlap", true, "overlap kill: an earlier run that is still active is killed"});
    if (!job.pool.empty())
        reasons.push_back(
            {"pool", true, fmt::format("it takes one of the {} slots of pool {}", plan.pools.at(job.pool), job.pool)});
    const DaemonSettings& host = plan.daemon;
    if (job.memory && host.capacity_memory)
        reasons.push_back({"claim", true,
                           fmt::format("it claims {} of {} of memory", rounded_size_text(*job.memory),
                                       rounded_size_text(*host.capacity_memory))});
    if (job.cpus && host.capacity_cpus)
        reasons.push_back({"claim", true, fmt::format("it claims {} of {} cpus", *job.cpus, *host.capacity_cpus)});
}

void tell_word(WhyReasons& reasons, const Job& job, const JobRecord& record, const Fire& fire) {
    const Zone& zone = *job.schedule.zone;
    if (still_holds(record.hold, fire)) {
        std::string text = since_text(*record.hold, "held", zone);
        text += record.hold->until ? fmt::format(", until {}", zoned_text(*record.hold->until, zone))
                                   : fmt::format(": it waits for `marketcron release {}`", job.shown());
        reasons.push_back({"held", false, std::move(text), ReasonData(HeldBy{record.hold->by, record.hold->since})});
    }
    if (still_holds(record.ice, fire)) {
        std::string text = since_text(*record.ice, "iced", zone);
        text += record.ice->until ? fmt::format(", until {}", zoned_text(*record.ice->until, zone))
                                  : fmt::format(", until `marketcron release {}`", job.shown());
        reasons.push_back({"iced", false,
                           text + ": this run is skipped, and downstream jobs run as if it had succeeded",
                           ReasonData(IcedBy{record.ice->by, record.ice->since})});
    }
}

WhyReason of_row(const Run& run, const Zone& zone) {
    const bool good = run.state == State::success || run.state == State::running;
    const auto check = run.reason == Reason::none ? to_text(run.state) : to_text(run.reason);
    return {std::string(check), good, row_sentence(run, zone), run.reason_data};
}

WhyReason of_no_row(const std::optional<JobRecord>& record, const Fire& fire, const Job& job) {
    const std::string backfill =
        fmt::format("`marketcron backfill {0} --from {1} --to {1}`", job.shown(), to_string(fire.logical_date));
    if (record && fire.due <= record->since)
        return {"no_fire", false,
                fmt::format("its schedule was loaded later, at {}; create the run with {}",
                            zoned_text(record->since, *job.schedule.zone), backfill)};
    if (!record)
        return {"no_fire", false,
                "no daemon has loaded the job, so the fire has no run; once one has, create it with " + backfill};
    if (!job.has_schedule())
        return {"no_fire", false, "no live run of its upstream jobs created a run; create it with " + backfill};
    return {"down", false,
            "no row in the ledger: no daemon has run since, or the daemon cannot write the ledger (`marketcron status` "
            "shows it); after that, the job's catch_up applies"};
}

WhyReasons of_no_fire(const Job& job, Date date, const Plan& plan) {
    std::set<JobName> told{job.name};
    return none(job, date, plan, told);
}

}  // namespace mc
