#include "schedule/limit.h"

#include <fmt/format.h>

#include "schedule/session_moments.h"
#include "schedule/words.h"

namespace mc {
namespace {

// `own`: the calendar of the run's session.
Result<CalendarPtr> calendar_of(const EventSchedule& event, const CalendarName& own, const CalendarSet& calendars) {
    const auto& name = event.calendar.empty() ? own : event.calendar;
    if (name.empty())
        return fail(Error::Kind::config, "a session event needs a calendar, and the job has none",
                    "add calendar = \"XNYS\" to the job, or name one: @XNYS.open");
    return calendars.find(name);
}

// The event in the run's own session.
Result<Instant> of_session(const EventSchedule& event, const std::string& text, const Fire& fire,
                           const Calendar& calendar) {
    if (!fire.session)
        return fail(Error::Kind::refused, fmt::format("'{}' needs the run's session, and this run has none", text));
    const auto session = calendar.session(*fire.session);
    if (!session) return tl::unexpected(session.error());
    const auto instants = *session == nullptr ? std::vector<Instant>{} : event_instants(**session, event.event);
    if (instants.empty())
        return fail(Error::Kind::refused,
                    fmt::format("'{}': {} has no such event on {}", text, calendar.name(), to_string(*fire.session)));
    return instants.front() + event.offset;
}

// The first such event strictly after the fire.
Result<Instant> after_fire(const EventSchedule& event, const std::string& text, Instant due, const Calendar& calendar) {
    const auto from = date::floor<date::days>(due - event.offset - session_reach);
    constexpr int most_sessions = 400;  // then the calendar no longer has the event
    auto date = Date{from.time_since_epoch()};
    for (int n = 0; n < most_sessions; ++n) {
        const auto session = calendar.on_or_after(date);
        if (!session) return tl::unexpected(session.error());
        for (const auto at : event_instants(**session, event.event))
            if (at + event.offset > due) return at + event.offset;
        date = (*session)->date + date::days{1};
    }
    return fail(Error::Kind::calendar, fmt::format("'{}': {} has no such event", text, calendar.name()));
}

}  // namespace

Result<Limit> parse_limit(std::string_view text) {
    text = trimmed(text);
    const auto bad = [&] {
        return fail(Error::Kind::config, fmt::format("invalid limit '{}'", text),
                    "write a time (\"21:30\", \"06:30+1d\"), a length (\"+2h\") or an event (\"@open-10m\")");
    };
    if (text.starts_with('@')) {
        auto event = parse_event(text);
        if (!event) return tl::unexpected(std::move(event.error()));
        return Limit{std::move(*event), std::string(text)};
    }
    if (text.starts_with('+')) {
        const auto length = parse_duration(text.substr(1));
        if (!length) return bad();
        return Limit{LimitAfter{*length}, std::string(text)};
    }
    const auto time = parse_time_on_day(text);
    if (!time) return bad();
    return Limit{LimitTime{time->time_of_day, time->days}, std::string(text)};
}

Result<Instant> resolve_limit(const Limit& limit, const Fire& fire, LimitOf of, const JobSchedule& job,
                              const CalendarSet& calendars) {
    if (const auto* after = std::get_if<LimitAfter>(&limit.rule)) return fire.due + after->length;
    if (const auto* time = std::get_if<LimitTime>(&limit.rule)) {
        const auto date = date_of(job.zone->to_wall(fire.due)) + date::days{time->days};
        return job.zone->wall(date + time->time_of_day).first;
    }
    const auto& event = std::get<EventSchedule>(limit.rule);
    const auto own = of == LimitOf::own_session ? session_calendar(job, fire.key) : job.calendar;
    const auto calendar = calendar_of(event, own, calendars);
    if (!calendar) return tl::unexpected(calendar.error());
    return of == LimitOf::own_session ? of_session(event, limit.text, fire, **calendar)
                                      : after_fire(event, limit.text, fire.due, **calendar);
}

}  // namespace mc
