#include "schedule/session_moments.h"

#include <fmt/format.h>

#include <algorithm>

#include "schedule/words.h"

namespace mc {
namespace {

Result<CalendarPtr> calendar_of(const CalendarName& named, const JobSchedule& job, const CalendarSet& calendars) {
    const auto& name = named.empty() ? job.calendar : named;
    if (name.empty())
        return fail(Error::Kind::config, "a session event needs a calendar, and the job has none",
                    "add calendar = \"XNYS\" to the job, or write @XNYS.close");
    return calendars.find(name);
}

std::optional<Instant> first_of(const std::vector<Instant>& instants) {
    if (instants.empty()) return std::nullopt;
    return instants.front();
}

bool inside_break(const Session& session, Instant at) {
    return std::any_of(session.breaks.begin(), session.breaks.end(),
                       [at](const Span& pause) { return pause.from <= at && at < pause.to; });
}

}  // namespace

std::vector<Instant> event_instants(const Session& session, SessionEvent event) {
    std::vector<Instant> instants;
    switch (event) {
        case SessionEvent::open: instants.push_back(session.open); break;
        case SessionEvent::close: instants.push_back(session.close); break;
        case SessionEvent::break_start:
            for (const auto& pause : session.breaks) instants.push_back(pause.from);
            break;
        case SessionEvent::break_end:
            for (const auto& pause : session.breaks) instants.push_back(pause.to);
            break;
        case SessionEvent::pre:
            if (session.pre) instants.push_back(*session.pre);
            break;
        case SessionEvent::post:
            if (session.post) instants.push_back(*session.post);
            break;
    }
    return instants;
}

CalendarName session_calendar(const JobSchedule& job, const FireKey& key) {
    if (const std::string_view of_event = key.calendar(); !of_event.empty()) return CalendarName(std::string(of_event));
    // Started by hand without a date: the session of its schedule's event.
    const auto* event = job.schedules.empty() ? nullptr : std::get_if<EventSchedule>(&job.schedules.front());
    const auto* time = job.schedules.empty() ? nullptr : std::get_if<SessionTime>(&job.schedules.front());
    const auto* every = job.schedules.empty() ? nullptr : std::get_if<EveryInSession>(&job.schedules.front());
    const CalendarName named = event   ? event->calendar
                               : time  ? time->calendar
                               : every ? every->from.calendar
                                       : CalendarName();
    return key.is_start() && !named.empty() ? named : job.calendar;
}

Result<SessionSource> SessionSource::of(const EventSchedule& schedule, const JobSchedule& job,
                                        const CalendarSet& calendars) {
    auto calendar = calendar_of(schedule.calendar, job, calendars);
    if (!calendar) return tl::unexpected(std::move(calendar.error()));
    SessionSource source;
    source.schedule_ = schedule;
    source.calendar_ = std::move(*calendar);
    source.event_ = fmt::format("{}@{}", source.calendar_->name(), event_name(schedule.event));
    source.earliest_ = source.latest_ = schedule.offset;
    return source;
}

Result<SessionSource> SessionSource::of(const SessionTime& schedule, const JobSchedule& job,
                                        const CalendarSet& calendars) {
    auto calendar = calendar_of(schedule.calendar, job, calendars);
    if (!calendar) return tl::unexpected(std::move(calendar.error()));
    SessionSource source;
    source.schedule_ = schedule;
    source.calendar_ = std::move(*calendar);
    source.zone_ = job.zone;
    source.event_ = fmt::format("{}@session", source.calendar_->name());
    source.earliest_ = source.latest_ = date::days{schedule.days};
    return source;
}

Result<SessionSource> SessionSource::of(const EveryInSession& schedule, const JobSchedule& job,
                                        const CalendarSet& calendars) {
    auto calendar = calendar_of(schedule.from.calendar, job, calendars);
    if (!calendar) return tl::unexpected(std::move(calendar.error()));
    auto to_calendar = calendar_of(schedule.to.calendar, job, calendars);
    if (!to_calendar) return tl::unexpected(std::move(to_calendar.error()));
    SessionSource source;
    source.schedule_ = schedule;
    source.calendar_ = std::move(*calendar);
    source.to_calendar_ = std::move(*to_calendar);
    source.event_ = fmt::format("{}@every", source.calendar_->name());
    source.earliest_ = schedule.from.offset;
    source.latest_ = schedule.to.offset;
    return source;
}

std::vector<Struck> SessionSource::struck_event(const EventSchedule& event, const Session& session) const {
    const bool of_break = event.event == SessionEvent::break_start || event.event == SessionEvent::break_end;
    std::vector<Struck> all;
    int count = 0;
    for (const auto at : event_instants(session, event.event))
        all.push_back({at + event.offset, of_break ? ++count : 0});
    return all;
}

Result<std::vector<Struck>> SessionSource::struck_every(const Session& session, Instant low, Instant high,
                                                        std::size_t most) const {
    const auto& every = std::get<EveryInSession>(schedule_);
    const Session* to_session = &session;
    if (to_calendar_ != calendar_) {
        const auto found = to_calendar_->session(session.date);
        if (!found) return tl::unexpected(found.error());
        to_session = *found;
    }
    std::vector<Struck> all;
    if (to_session == nullptr) return all;
    const auto from = first_of(event_instants(session, every.from.event));
    const auto to = first_of(event_instants(*to_session, every.to.event));
    if (!from || !to) return all;
    const auto first = *from + every.from.offset;
    const auto last = std::min(*to + every.to.offset, high);
    // The count starts at 1 with the first instant, and continues during breaks.
    auto n = low < first ? 0 : (low - first) / every.period + 1;
    for (auto at = first + n * every.period; at <= last && all.size() < most; at += every.period, ++n)
        if (!inside_break(session, at)) all.push_back({at, static_cast<int>(n) + 1});
    return all;
}

Result<std::vector<Struck>> SessionSource::struck(const Session& session, Instant low, Instant high,
                                                  std::size_t most) const {
    if (std::holds_alternative<EveryInSession>(schedule_)) return struck_every(session, low, high, most);
    std::vector<Struck> all;
    if (const auto* event = std::get_if<EventSchedule>(&schedule_)) all = struck_event(*event, session);
    if (const auto* time = std::get_if<SessionTime>(&schedule_)) {
        const WallTime wall = session.date + date::days{time->days} + time->time_of_day;
        for (const auto at : resolve(wall, *zone_, GapRule::shift, OverlapRule::first)) all.push_back({at, 0});
    }
    std::erase_if(all, [&](const Struck& one) { return one.at <= low || one.at > high; });
    return all;
}

FireKey SessionSource::key(Date session, const Struck& struck) const {
    return FireKey::of_session(session, event_, nth_, struck.count);
}

}  // namespace mc
