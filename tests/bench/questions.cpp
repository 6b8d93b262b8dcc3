// questions.cpp — queries of the pure core: the next fire, the session, the next open.
#include <fmt/format.h>

#include <stdexcept>

#include "bench/bench.h"
#include "bench/stopwatch.h"
#include "os/zone_files.h"
#include "schedule/cron.h"
#include "support/context.h"

namespace mc::bench {

namespace {

constexpr std::size_t many = 500'000, few = 20'000;

template <class T>
T good(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().text());
    return *std::move(result);
}

// The whole microseconds of one search over random instants.
double search_microseconds(std::string_view text, const Zone& zone, std::size_t searches) {
    const CronExpr expression = good(parse_cron(text, "bench"));
    return nanoseconds_each(
               random_instants(searches),
               [&](Instant after) {
                   return next_cron(expression, zone, after).value_or(Instant{}).time_since_epoch().count();
               }) /
           1000;
}

}  // namespace

Rows cron_rows() {
    const ZonePtr zone = good(os::zone_files()("America/New_York"));
    const double there_and_back = nanoseconds_each(random_instants(many), [&](Instant t) {
        return zone->wall(zone->to_wall(t)).first.time_since_epoch().count();
    });
    const std::string limit = fmt::format("{:.0f} ns: to the zone's wall time and back", there_and_back);
    const auto row = [&](const std::string& text, std::size_t searches, double most) {
        return Row{fmt::format("next fire of `{}` in America/New_York", text),
                   search_microseconds(text, *zone, searches), most, "us", limit};
    };
    // The last one is the rarest date possible: a 29 February on one weekday, once in 28 years.
    return {row("30 16 * * 1-5", many, 1), row("*/5 9-16 * * 1-5", many, 1), row("0 9 1 1 *", many, 1),
            row("0 9 29 2 */7", few, 20)};
}

Rows calendar_rows() {
    const CalendarPtr calendar = good(test::read_context().calendars->find("XNYS"));
    const std::vector<Instant> instants = random_instants(many);
    std::vector<Date> dates;
    for (const Instant t : instants) dates.emplace_back(date::floor<date::days>(t).time_since_epoch());

    // The minimum cost of an answer: one lookup at a random place in a table of all those days.
    const Date first = make_date(1996, 1, 1);
    std::vector<std::int64_t> table(366 * 30, 1);
    const double look =
        nanoseconds_each(dates, [&](Date date) { return table[static_cast<std::size_t>((date - first).count())]; });
    const std::string limit = fmt::format("{:.1f} ns: one look at a table", look);

    const auto is_session = [&](Date date) { return *calendar->session(date) != nullptr; };
    const auto is_open = [&](Instant t) { return *calendar->is_open(t); };
    const auto next_open = [&](Instant t) { return (*calendar->next_open(t))->open.time_since_epoch().count(); };
    (void)nanoseconds_each(dates, is_session);  // the years are computed once
    return {{"is a date a session, XNYS, 30 years", nanoseconds_each(dates, is_session), 50, "ns", limit},
            {"is it open", nanoseconds_each(instants, is_open), 50, "ns", limit},
            {"next open", nanoseconds_each(instants, next_open), 50, "ns", limit}};
}

}  // namespace mc::bench
