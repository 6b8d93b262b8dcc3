// question.cpp — calls a question's row with its date, its calendar and the instant.
#include "schedule/question.h"

#include <fmt/format.h>

namespace mc {
namespace {

Date date_asked(const Question& question, const Asked& asked) {
    return question.of_run ? asked.logical_date : asked.date;
}

// "" if neither the question nor the job names a calendar.
const CalendarName& calendar_asked(const Question& question, const CalendarName& own) {
    return question.calendar.empty() ? own : question.calendar;
}

tl::unexpected<Error> no_calendar(const Question& question) {
    return fail(Error::Kind::config, fmt::format("'{}' needs a calendar, and the job has none", question.text),
                fmt::format("add calendar = \"XNYS\" to the job, or write XNYS.{}", question.text));
}

}  // namespace

std::string_view period_name(Period period) {
    switch (period) {
        case Period::day: return "day";
        case Period::session: return "session";
        case Period::week: return "week";
        case Period::month: return "month";
        case Period::quarter: return "quarter";
        case Period::year: return "year";
    }
    return {};
}

Result<bool> answer(const Question& question, const Asked& asked, const CalendarSet& calendars,
                    const CalendarName& own) {
    const auto date = date_asked(question, asked);
    if (const auto* of_date = std::get_if<AsksDate>(&question.asks)) return of_date->answer(question, date);
    const auto name = calendar_asked(question, own);
    if (name.empty()) return no_calendar(question);
    const auto calendar = calendars.find(name);
    if (!calendar) return tl::unexpected(calendar.error());
    if (const auto* of_calendar = std::get_if<AsksCalendar>(&question.asks))
        return of_calendar->answer(question, **calendar, date);
    if (!asked.fire)
        return fail(Error::Kind::calendar, fmt::format("{} needs an instant, and there is none", question.row->name));
    return std::get<AsksInstant>(question.asks).answer(question, **calendar, *asked.fire);
}

Result<std::string> sentence(const Question& question, bool holds, const Asked& asked, const CalendarSet& calendars,
                             const CalendarName& own) {
    const auto date = date_asked(question, asked);
    if (const auto* of_date = std::get_if<AsksDate>(&question.asks)) return of_date->sentence(question, holds, date);
    const auto calendar = calendars.find(calendar_asked(question, own));
    if (!calendar) return tl::unexpected(calendar.error());
    const auto facts = (*calendar)->facts(date);
    if (!facts) return tl::unexpected(facts.error());
    if (const auto* of_calendar = std::get_if<AsksCalendar>(&question.asks))
        return of_calendar->sentence(question, holds, **calendar, *facts);
    return std::get<AsksInstant>(question.asks).sentence(question, holds, **calendar, *facts, *asked.fire);
}

Instant false_until(const Question& question, const Asked& asked, const CalendarSet& calendars,
                    const CalendarName& own) {
    const Instant fire = *asked.fire;
    const auto* of_instant = std::get_if<AsksInstant>(&question.asks);
    if (of_instant == nullptr) return fire;
    const auto calendar = calendars.find(calendar_asked(question, own));
    return calendar ? of_instant->false_until(**calendar, fire) : fire;
}

}  // namespace mc
