#include "engine/early_end.h"

#include "config/job_parts.h"
#include "config/order.h"
#include "engine/fresh_run.h"

namespace mc {

Reason reason_of_text(const Error& error) {
    if (error.kind == Error::Kind::calendar) return Reason::calendar_ended;
    return error.kind == Error::Kind::refused ? Reason::no_session : Reason::spawn_failed;
}

std::optional<Because> lacks_session(const Job& job, const Run& run, const CalendarSet& calendars) {
    const bool waits = waits_for_event(job) && !run.bypasses_gates;
    if (run.session && waits) {
        const auto at = resolve_limit(*job.wait_until, fire_of(run), LimitOf::own_session, job.schedule, calendars);
        if (at) return {};
        return Because{reason_of_text(at.error()), at.error().sentence()};
    }
    if (run.session || (!waits && !fills_in_session(job))) return {};
    const CalendarName calendar = session_calendar(job.schedule, run.key);
    return Because{Reason::no_session, NoSession{run.logical_date, calendar}};
}

std::optional<Because> lacks_dates(const Job& job, const Run& run, const CalendarSet& calendars, Texts texts) {
    std::optional<Error> wrong;
    const RunFacts facts = facts_of(job, run);
    each_template(job, [&](const Template& text, std::string_view key) {
        if (wrong || (texts == Texts::but_sensors && key == "wait")) return;
        if (auto filled = text.fill(facts, calendars); !filled) wrong = std::move(filled).error();
    });
    if (!wrong)
        if (auto environment = run_environment(facts, calendars); !environment) wrong = std::move(environment).error();
    if (!wrong) return {};
    return Because{reason_of_text(*wrong), wrong->sentence()};
}

std::optional<Because> early_end(const Job& job, const Run& run, const CalendarSet& calendars) {
    // A run that bypasses its gates ignores `when` and sensors.
    if (const auto holds = when_holds(job, calendars, run.logical_date); !holds && !run.bypasses_gates)
        return Because{Reason::calendar_ended, holds.error().sentence()};
    if (auto end = lacks_session(job, run, calendars)) return end;
    return lacks_dates(job, run, calendars, run.bypasses_gates ? Texts::but_sensors : Texts::all);
}

std::optional<Because> early_end(const Job& job, const Fire& fire, const CalendarSet& calendars) {
    if (fire.calendar_ended) return Because{Reason::calendar_ended, fire.note};
    return early_end(job, make_run(job, fire, Origin::live, calendars), calendars);
}

}  // namespace mc
