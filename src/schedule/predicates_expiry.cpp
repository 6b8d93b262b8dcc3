// predicates_expiry.cpp — monthly_expiry, quarterly_expiry: whether options and futures expire on that date.
//
// They expire on the third Friday of the month, or on the last session before it if it is not a session.
#include <fmt/format.h>

#include "schedule/count_sessions.h"
#include "schedule/predicate_table.h"

namespace mc {
namespace {

Date third_friday(Date date) {
    const auto ymd = civil(date);
    return Date{ymd.year() / ymd.month() / date::Friday[3]};
}

Result<bool> is_monthly_expiry(const Question&, const Calendar& calendar, Date date) {
    const Date friday = third_friday(date);
    if (date > friday) return false;
    const auto session = calendar.session(date);
    if (!session) return tl::unexpected(session.error());
    if (*session == nullptr || date == friday) return *session != nullptr;
    const auto between = count_sessions(calendar, date + date::days{1}, friday, 1);
    if (!between) return tl::unexpected(between.error());
    return *between == 0;
}

Result<bool> is_quarterly_expiry(const Question& question, const Calendar& calendar, Date date) {
    if (static_cast<unsigned>(civil(date).month()) % 3 != 0) return false;
    return is_monthly_expiry(question, calendar, date);
}

std::string expiry_text(bool holds, const Calendar& calendar, Date date, std::string_view which) {
    return fmt::format("{} is {}the {} expiry of {}; the third Friday is {}", to_string(date), holds ? "" : "not ",
                       which, calendar.name(), to_string(third_friday(date)));
}

std::string monthly_expiry_text(const Question&, bool holds, const Calendar& calendar, const DayFacts& facts) {
    return expiry_text(holds, calendar, facts.date, "monthly");
}

std::string quarterly_expiry_text(const Question&, bool holds, const Calendar& calendar, const DayFacts& facts) {
    return expiry_text(holds, calendar, facts.date, "quarterly");
}

constexpr PredicateRow rows[] = {
    {"monthly_expiry", no_arguments, AsksCalendar{is_monthly_expiry, monthly_expiry_text}},
    {"quarterly_expiry", no_arguments, AsksCalendar{is_quarterly_expiry, quarterly_expiry_text}},
};

}  // namespace

PredicateRows expiry_predicates() { return rows; }

}  // namespace mc
