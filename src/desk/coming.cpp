#include "desk/coming.h"

#include <fmt/format.h>

#include "schedule/words.h"

namespace mc::app {

Result<Instant> parse_future_time(const std::string& text, const Zone& zone, Instant now) {
    if (const auto length = parse_duration(text)) return now + *length;
    if (const auto date = parse_date(text)) return zone.wall(WallTime{*date}).first;
    if (const auto time = parse_time_on_day(text); time && time->days == 0) {
        const Date today = date_of(zone.to_wall(now));
        for (const Date date : {today, today + date::days{1}}) {
            const Zone::Wall wall = zone.wall(WallTime{date} + time->time_of_day);
            for (const Instant at : {wall.first, wall.second})
                if (at > now) return at;
        }
    }
    if (auto instant = parse_instant(text)) return instant;
    return fail(Error::Kind::usage, fmt::format("until: invalid time `{}`", text),
                "write 90m, 17:30, 2026-11-23 or 2026-11-23T14:00:00Z");
}

}  // namespace mc::app
