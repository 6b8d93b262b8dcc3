// cron.cpp — the next wall time of a cron expression, and its instant.
//
// Wall times are found in bit sets, from month to day to second. Changes of the UTC offset then only affect the order:
// outside an overlap a later wall time is never an earlier instant, so the first wall time whose instant is after
// `after` is the result. Inside an overlap its two passes are searched separately.
#include "schedule/cron.h"

#include <algorithm>
#include <bit>

namespace mc {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// February 29 on a given weekday comes after at most 40 years, even across 2100.
constexpr int years_to_search = 41;

// The first set bit at or above `from`; 64 if there is none.
int next_bit(std::uint64_t bits, int from) {
    if (from > 63) return 64;
    const auto rest = bits >> from << from;
    return rest == 0 ? 64 : std::countr_zero(rest);
}

// The matching days of a month, as bits 1..31.
std::uint64_t days_of_month(const CronExpr& expr, date::year_month month) {
    const auto first = date::local_days{month / 1};
    const unsigned start = weekday_of(first);
    const std::uint64_t week = ((expr.weekdays >> start) | (expr.weekdays << (7U - start))) & 0x7fU;
    const std::uint64_t by_week = (week | week << 7 | week << 14 | week << 21 | week << 28) << 1;
    const std::uint64_t by_day = expr.days;
    const auto last = static_cast<unsigned>((month / date::last).day());
    const std::uint64_t in_month = (std::uint64_t{2} << last) - 2;
    return (expr.days_and ? by_week & by_day : by_week | by_day) & in_month;
}

// The first matching date on or after `from`.
std::optional<Date> next_date(const CronExpr& expr, Date from) {
    const auto start = civil(from);
    int year = static_cast<int>(start.year());
    int month = static_cast<int>(static_cast<unsigned>(start.month()));
    int day = static_cast<int>(static_cast<unsigned>(start.day()));
    const int last_year = year + years_to_search;
    while (true) {
        const int next = next_bit(expr.months, month);
        if (next != month) day = 1;
        month = next;
        if (month > 12) {
            if (++year > last_year) return std::nullopt;
            month = 1;
            day = 1;
            continue;
        }
        const auto here = date::year{year} / month;
        const int found = next_bit(days_of_month(expr, here), day);
        if (found <= 31) return Date{here / found};
        ++month;
        day = 1;
    }
}

// The first matching time of day at or after `from`.
std::optional<Seconds> next_time(const CronExpr& expr, Seconds from) {
    const auto of_day = static_cast<int>(from.count());
    int hour = of_day / 3600, minute = of_day / 60 % 60, second = of_day % 60;
    second = next_bit(expr.seconds, second);
    if (second > 59 || next_bit(expr.minutes, minute) != minute) {
        if (second > 59) ++minute;
        second = std::countr_zero(expr.seconds);
    }
    minute = next_bit(expr.minutes, minute);
    if (minute > 59 || next_bit(expr.hours, hour) != hour) {
        if (minute > 59) ++hour;
        minute = std::countr_zero(expr.minutes);
        second = std::countr_zero(expr.seconds);
    }
    hour = next_bit(expr.hours, hour);
    if (hour > 23) return std::nullopt;
    return hours{hour} + minutes{minute} + Seconds{second};
}

Seconds first_time(const CronExpr& expr) {
    return hours{std::countr_zero(expr.hours)} + minutes{std::countr_zero(expr.minutes)} +
           Seconds{std::countr_zero(expr.seconds)};
}

// The first matching wall time strictly after `after`.
std::optional<WallTime> next_wall(const CronExpr& expr, WallTime after) {
    const auto from = after + Seconds{1};
    const auto today = date_of(from);
    if (expr.matches(today))
        if (const auto time = next_time(expr, from - today)) return today + *time;
    const auto day = next_date(expr, today + date::days{1});
    if (!day) return std::nullopt;
    return *day + first_time(expr);
}

// What happens at changes of the UTC offset. Absent choices mean cron's own rule.
//
// A change of three hours or more is not daylight saving time: the zone itself has moved, as Samoa did over the date
// line in 2011. cronie then catches up nothing and suppresses nothing, and marketcron does the same. Its exact bounds
// are differences of 6..180 and -180..0 minutes (cron.c, cases medium and negative), because its clock advances
// meanwhile.
struct ClockRules {
    bool fixed;
    std::optional<GapRule> gap;
    std::optional<OverlapRule> overlap;

    GapRule in_gap(Seconds length) const {
        if (gap) return *gap;
        return fixed && length < hours{3} ? GapRule::shift : GapRule::skip;
    }
    OverlapRule in_overlap(Seconds length) const {
        if (overlap) return *overlap;
        return fixed && length <= hours{3} + minutes{1} ? OverlapRule::first : OverlapRule::both;
    }
};

struct Found {
    Instant at;
    WallTime nominal;
};

enum class Pass { first, second };

// The first fire after `after` among the wall times after `from`. A wall time that exists twice means its first or
// second instant, depending on the pass.
std::optional<Found> scan(const CronExpr& expr, const Zone& zone, const ClockRules& rules, WallTime from, Instant after,
                          Pass pass) {
    for (auto wall = next_wall(expr, from); wall; wall = next_wall(expr, from)) {
        const auto meaning = zone.wall(*wall);
        from = *wall;
        if (meaning.kind == Zone::Wall::Kind::gap) {
            const auto end = zone.to_wall(meaning.first);
            const auto length = end - (zone.to_wall(meaning.first - Seconds{1}) + Seconds{1});
            if (rules.in_gap(length) == GapRule::skip) {
                from = std::max(from, end - Seconds{1});
                continue;
            }
        }
        const bool twice = meaning.kind == Zone::Wall::Kind::overlap;
        const bool later =
            pass == Pass::second || (twice && rules.in_overlap(meaning.second - meaning.first) == OverlapRule::second);
        const auto at = later ? meaning.second : meaning.first;
        if (at > after) return Found{at, *wall};
    }
    return std::nullopt;
}

// The instant in (low, high] from which the offset differs from that at `low`.
Instant change_between(const Zone& zone, Instant low, Instant high) {
    const auto offset = zone.offset_at(low).utc_offset;
    while (high - low > Seconds{1}) {
        const auto middle = low + (high - low) / 2;
        (zone.offset_at(middle).utc_offset == offset ? low : high) = middle;
    }
    return high;
}

// As scan(), starting inside an overlap.
std::optional<Found> scan_overlap(const CronExpr& expr, const Zone& zone, const ClockRules& rules,
                                  const Zone::Wall& here, Instant after) {
    const auto length = here.second - here.first;
    const auto rule = rules.in_overlap(length);
    const bool in_first = after == here.first;
    const auto change =
        in_first ? change_between(zone, after, after + length) : change_between(zone, after - length, after);
    const auto now = zone.to_wall(after);
    const auto before_overlap = zone.to_wall(change) - Seconds{1};
    const auto end_of_overlap = zone.to_wall(change - Seconds{1});
    std::optional<Found> best;
    if (rule != OverlapRule::second)
        best = scan(expr, zone, rules, in_first ? now : end_of_overlap, after, Pass::first);
    if (rule != OverlapRule::first) {
        const auto second = scan(expr, zone, rules, in_first ? before_overlap : now, after, Pass::second);
        if (second && (!best || second->at < best->at)) best = second;
    }
    return best;
}

}  // namespace

bool CronExpr::matches(Date d) const {
    const auto ymd = civil(d);
    if ((months >> static_cast<unsigned>(ymd.month()) & 1) == 0) return false;
    const bool by_day = (days >> static_cast<unsigned>(ymd.day()) & 1) != 0;
    const bool by_week = (weekdays >> weekday_of(d) & 1) != 0;
    return days_and ? by_day && by_week : by_day || by_week;
}

std::optional<Instant> next_cron(const CronExpr& expr, const Zone& zone, Instant after, std::optional<GapRule> gap,
                                 std::optional<OverlapRule> overlap, WallTime* nominal) {
    const ClockRules rules{expr.fixed, gap, overlap};
    const auto now = zone.to_wall(after);
    const auto here = zone.wall(now);
    const auto found = here.kind == Zone::Wall::Kind::overlap ? scan_overlap(expr, zone, rules, here, after)
                                                              : scan(expr, zone, rules, now, after, Pass::first);
    if (!found) return std::nullopt;
    if (nominal != nullptr) *nominal = found->nominal;
    return found->at;
}

}  // namespace mc
