// question.cpp — the answers. Each looks at no more dates than it needs, so that it is known up to
// the calendar's very end.
#include "schedule/question.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <climits>

namespace mc {
namespace {

using date::days;

// In the order of QuestionKind.
constexpr std::array<std::string_view, 21> names{"session",
                                                 "holiday",
                                                 "unscheduled",
                                                 "early_close",
                                                 "late_open",
                                                 "market_open",
                                                 "first_session",
                                                 "last_session",
                                                 "nth_session",
                                                 "before_holiday",
                                                 "after_holiday",
                                                 "monthly_expiry",
                                                 "quarterly_expiry",
                                                 "weekday",
                                                 "day",
                                                 "month",
                                                 "nth_weekday",
                                                 "date",
                                                 "year",
                                                 "every",
                                                 "true"};

struct DateSpan {
    Date first, last;
};

Date month_start(Date d, unsigned months_per_period) {
    const auto ymd = civil(d);
    const auto month = (static_cast<unsigned>(ymd.month()) - 1) / months_per_period * months_per_period + 1;
    return Date{ymd.year() / date::month{month} / 1};
}

DateSpan months_around(Date d, unsigned months_per_period) {
    const auto first = month_start(d, months_per_period);
    const auto next = civil(first) + date::months{static_cast<int>(months_per_period)};
    return {first, Date{next} - days{1}};
}

DateSpan period_around(Date d, Period period, const Calendar& calendar) {
    switch (period) {
        case Period::day:
        case Period::session:  // of every() alone, which counts otherwise
        case Period::week: break;
        case Period::month: return months_around(d, 1);
        case Period::quarter: return months_around(d, 3);
        case Period::year: return months_around(d, 12);
    }
    const auto since_start = (weekday_of(d) + 7 - calendar.first_weekday(d)) % 7;
    const auto first = d - days{since_start};
    return {first, first + days{6}};
}

// The number of sessions in [from, to]; counts to `enough` at most.
Result<int> count_sessions(const Calendar& calendar, Date from, Date to, int enough) {
    int count = 0;
    while (from <= to && count < enough) {
        const auto next = calendar.on_or_after(from);
        if (!next) {
            // None follows within coverage: a sound answer if coverage holds the whole span.
            const auto coverage = calendar.coverage();
            if (coverage.holds(from) && coverage.holds(to)) return count;
            return tl::unexpected(next.error());
        }
        if ((*next)->date > to) return count;
        ++count;
        from = (*next)->date + days{1};
    }
    return count;
}

// Is `d` the nth session of its period; n < 0 counts from the end.
Result<bool> is_nth(const Calendar& calendar, Date d, int n, Period period) {
    const auto session = calendar.session(d);
    if (!session) return tl::unexpected(session.error());
    if (*session == nullptr) return false;
    const auto [first, last] = period_around(d, period, calendar);
    const int others = std::abs(n) - 1;
    const auto count = n > 0 ? count_sessions(calendar, first, d - days{1}, others + 1)
                             : count_sessions(calendar, d + days{1}, last, others + 1);
    if (!count) return tl::unexpected(count.error());
    return *count == others;
}

// Is there a planned holiday between the session `d` and its neighbour in that direction.
Result<bool> beside_holiday(const Calendar& calendar, Date d, int direction) {
    const auto session = calendar.session(d);
    if (!session) return tl::unexpected(session.error());
    if (*session == nullptr) return false;
    for (auto day = d + days{direction};; day += days{direction}) {
        const auto facts = calendar.facts(day);
        if (!facts) return tl::unexpected(facts.error());
        if (facts->session != nullptr) return false;
        if (facts->is_holiday() && !facts->unscheduled) return true;
    }
}

Result<bool> is_expiry(const Calendar& calendar, Date d, bool quarterly) {
    const auto ymd = civil(d);
    if (quarterly && static_cast<unsigned>(ymd.month()) % 3 != 0) return false;
    const Date third_friday{ymd.year() / ymd.month() / date::Friday[3]};
    if (d > third_friday) return false;
    const auto session = calendar.session(d);
    if (!session) return tl::unexpected(session.error());
    if (*session == nullptr || d == third_friday) return *session != nullptr;
    const auto between = count_sessions(calendar, d + days{1}, third_friday, 1);
    if (!between) return tl::unexpected(between.error());
    return *between == 0;
}

Result<bool> ask_facts(const Calendar& calendar, Date d, QuestionKind kind) {
    const auto facts = calendar.facts(d);
    if (!facts) return tl::unexpected(facts.error());
    return facts->is_holiday() && (kind == QuestionKind::holiday || facts->unscheduled);
}

Result<bool> ask_session(const Calendar& calendar, Date d, QuestionKind kind) {
    const auto session = calendar.session(d);
    if (!session) return tl::unexpected(session.error());
    if (*session == nullptr) return false;
    if (kind == QuestionKind::early_close) return (*session)->early_close;
    if (kind == QuestionKind::late_open) return (*session)->late_open;
    return true;
}

bool in_range(int value, const NumberRange& range) {
    if (range.from <= range.to) return range.from <= value && value <= range.to;
    return value >= range.from || value <= range.to;  // over the end of the week or year
}

bool is_day(Date d, const std::vector<NumberRange>& ranges) {
    const auto ymd = civil(d);
    const auto day = static_cast<int>(static_cast<unsigned>(ymd.day()));
    const auto last = static_cast<int>(static_cast<unsigned>((ymd.year() / ymd.month() / date::last).day()));
    const auto counted = [last](int n) { return n < 0 ? last + 1 + n : n; };
    return std::any_of(ranges.begin(), ranges.end(), [&](const NumberRange& range) {
        return counted(range.from) <= day && day <= counted(range.to);
    });
}

bool in_ranges(int value, const std::vector<NumberRange>& ranges) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [value](const NumberRange& range) { return in_range(value, range); });
}

bool is_nth_weekday(Date d, int n, int weekday) {
    if (static_cast<int>(weekday_of(d)) != weekday) return false;
    const auto ymd = civil(d);
    const auto day = static_cast<int>(static_cast<unsigned>(ymd.day()));
    const auto last = static_cast<int>(static_cast<unsigned>((ymd.year() / ymd.month() / date::last).day()));
    return n > 0 ? (day - 1) / 7 == n - 1 : (last - day) / 7 == -n - 1;
}

// The first session on or after the date counts, and each nth after it.
Result<bool> is_every_session(const Calendar& calendar, Date d, int n, Date from) {
    const auto session = calendar.session(d);
    if (!session) return tl::unexpected(session.error());
    if (*session == nullptr || d < from) return false;
    const auto before = count_sessions(calendar, from, d - days{1}, INT_MAX);
    if (!before) return tl::unexpected(before.error());
    return *before % n == 0;
}

Result<bool> ask_calendar(const Question& question, const Calendar& calendar, Date d, const Asked& asked) {
    switch (question.kind) {
        case QuestionKind::session:
        case QuestionKind::early_close:
        case QuestionKind::late_open: return ask_session(calendar, d, question.kind);
        case QuestionKind::holiday:
        case QuestionKind::unscheduled: return ask_facts(calendar, d, question.kind);
        case QuestionKind::market_open:
            if (!asked.fire)
                return fail(Error::Kind::calendar, "market_open is asked of an instant, and there is none");
            return calendar.is_open(*asked.fire);
        case QuestionKind::first_session: return is_nth(calendar, d, 1, question.period);
        case QuestionKind::last_session: return is_nth(calendar, d, -1, question.period);
        case QuestionKind::nth_session: return is_nth(calendar, d, question.nth, question.period);
        case QuestionKind::before_holiday: return beside_holiday(calendar, d, 1);
        case QuestionKind::after_holiday: return beside_holiday(calendar, d, -1);
        case QuestionKind::monthly_expiry: return is_expiry(calendar, d, false);
        case QuestionKind::quarterly_expiry: return is_expiry(calendar, d, true);
        case QuestionKind::weekday:
        case QuestionKind::day:
        case QuestionKind::month:
        case QuestionKind::nth_weekday:
        case QuestionKind::date:
        case QuestionKind::year:
        case QuestionKind::always_true: break;
        case QuestionKind::every: return is_every_session(calendar, d, question.nth, question.dates.front().from);
    }
    check(false, "questions of the date alone are not asked of a calendar");
    return false;
}

// A month is one of the calendar; a week is seven days from the date on.
bool is_every(const Question& question, Date d) {
    const Date from = question.dates.front().from;
    if (d < from) return false;
    const auto passed = (d - from).count();
    if (question.period == Period::day) return passed % question.nth == 0;
    if (question.period == Period::week) return passed / 7 % question.nth == 0;
    const auto first = civil(from), here = civil(d);
    return ((here.year() / here.month()) - (first.year() / first.month())).count() % question.nth == 0;
}

bool ask_date(const Question& question, Date d) {
    if (question.kind == QuestionKind::always_true) return true;
    if (question.kind == QuestionKind::every) return is_every(question, d);
    if (question.kind == QuestionKind::year) return in_ranges(static_cast<int>(civil(d).year()), question.numbers);
    if (question.kind == QuestionKind::weekday) return in_ranges(static_cast<int>(weekday_of(d)), question.numbers);
    if (question.kind == QuestionKind::day) return is_day(d, question.numbers);
    if (question.kind == QuestionKind::month)
        return in_ranges(static_cast<int>(static_cast<unsigned>(civil(d).month())), question.numbers);
    if (question.kind == QuestionKind::nth_weekday)
        return is_nth_weekday(d, question.nth, question.numbers.front().from);
    return std::any_of(question.dates.begin(), question.dates.end(),
                       [d](const DateRange& range) { return range.from <= d && d <= range.to; });
}

}  // namespace

std::string_view question_name(QuestionKind kind) { return names[static_cast<std::size_t>(kind)]; }

std::vector<std::string> question_names() { return {names.begin(), names.end()}; }

bool asks_calendar(const Question& question) {
    return question.kind < QuestionKind::weekday ||
           (question.kind == QuestionKind::every && question.period == Period::session);
}

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

Result<bool> answer(const Question& question, const Asked& asked, const CalendarSet& calendars, std::string_view own) {
    const auto d = question.of_run ? asked.logical_date : asked.date;
    if (!asks_calendar(question)) return ask_date(question, d);
    const auto name = question.calendar.empty() ? own : std::string_view{question.calendar};
    if (name.empty())
        return fail(Error::Kind::config, fmt::format("'{}' asks a calendar, and the job has none", question.text),
                    fmt::format("add calendar = \"XNYS\" to the job, or write XNYS.{}", question.text));
    const auto calendar = calendars.find(name);
    if (!calendar) return tl::unexpected(calendar.error());
    return ask_calendar(question, **calendar, d, asked);
}

}  // namespace mc
