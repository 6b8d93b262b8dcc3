#include "calendar/session_diff.h"

#include <algorithm>
#include <tuple>

namespace mc {
namespace {

bool same_hours(const Session* a, const Session* b) {
    if (!a || !b) return a == b;
    const auto hours = [](const Session& s) { return std::tie(s.open, s.close, s.breaks, s.pre, s.post); };
    return hours(*a) == hours(*b);
}

bool has(const std::vector<CalendarName>& names, const CalendarName& name) {
    const auto lower = [](char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    const auto same = [&](char a, char b) { return lower(a) == lower(b); };
    return std::any_of(names.begin(), names.end(), [&](const CalendarName& one) {
        return std::equal(one.text().begin(), one.text().end(), name.text().begin(), name.text().end(), same);
    });
}

// Null if no calendar has that name; aliases do not count.
Result<CalendarPtr> find_in(const CalendarSet& set, const CalendarName& name) {
    if (!has(set.names(), name)) return CalendarPtr{};
    return set.find(name);
}

}  // namespace

bool CalendarDiff::same_coverage() const {
    const auto range = [](const Calendar& calendar) {
        const Coverage coverage = calendar.coverage();
        return std::tuple(coverage.from, coverage.to, coverage.trusted_to);
    };
    return before && after && range(*before) == range(*after);
}

bool CalendarDiff::alike() const { return same_coverage() && sessions.empty(); }

CalendarDiff diff_calendars(const CalendarName& name, CalendarPtr before, CalendarPtr after, Date from, Date to) {
    CalendarDiff diff{name, std::move(before), std::move(after), from, to, {}};
    for (const CalendarPtr& calendar : {diff.before, diff.after})
        if (calendar) {
            diff.from = std::max(diff.from, calendar->coverage().from);
            diff.to = std::min(diff.to, calendar->coverage().to);
        }
    if (!diff.before || !diff.after || diff.before == diff.after) return diff;
    for (Date date = diff.from; date <= diff.to; date += date::days{1}) {
        const auto old_session = diff.before->session(date), new_session = diff.after->session(date);
        if (!old_session || !new_session || same_hours(*old_session, *new_session)) continue;
        diff.sessions.push_back({diff.before->facts(date).value(), diff.after->facts(date).value()});
    }
    return diff;
}

Result<std::vector<CalendarDiff>> diff_calendar_sets(const CalendarSet& before, const CalendarSet& after, Date from,
                                                     Date to) {
    std::vector<CalendarName> names = before.names();
    for (const CalendarName& name : after.names())
        if (!has(names, name)) names.push_back(name);
    std::sort(names.begin(), names.end());
    std::vector<CalendarDiff> diffs;
    for (const CalendarName& name : names) {
        auto old_calendar = find_in(before, name);
        if (!old_calendar) return tl::unexpected(std::move(old_calendar.error()));
        auto new_calendar = find_in(after, name);
        if (!new_calendar) return tl::unexpected(std::move(new_calendar.error()));
        CalendarDiff diff = diff_calendars(name, std::move(*old_calendar), std::move(*new_calendar), from, to);
        if (!diff.alike()) diffs.push_back(std::move(diff));
    }
    return diffs;
}

}  // namespace mc
