#include "config/date_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/characters.h"

namespace mc {

namespace {

constexpr std::string_view date_letters = "YymdejBbAauwGgVFD%";
constexpr std::string_view time_letters = "HIMSpTRszZ";

constexpr std::string_view month_names[] = {"January", "February", "March",     "April",   "May",      "June",
                                            "July",    "August",   "September", "October", "November", "December"};
constexpr std::string_view weekday_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                              "Thursday", "Friday", "Saturday"};

// ISO 8601: a week belongs to the year of its Thursday.
struct IsoWeek {
    int year = 0;
    int week = 0;
};
IsoWeek iso_week(Date date) {
    const date::days after_monday{(weekday_of(date) + 6) % 7};
    const Date thursday = date - after_monday + date::days{3};
    const int year = int{civil(thursday).year()};
    return {year, static_cast<int>((thursday - make_date(year, 1, 1)).count() / 7 + 1)};
}

std::string date_part(Date date, char letter) {
    const date::year_month_day ymd = civil(date);
    const int year = int{ymd.year()};
    const unsigned month = unsigned{ymd.month()};
    const unsigned day = unsigned{ymd.day()};
    const unsigned weekday = weekday_of(date);
    switch (letter) {
        case 'Y': return fmt::format("{:04}", year);
        case 'y': return fmt::format("{:02}", year % 100);
        case 'm': return fmt::format("{:02}", month);
        case 'd': return fmt::format("{:02}", day);
        case 'e': return fmt::format("{:2}", day);
        case 'j': return fmt::format("{:03}", (date - make_date(year, 1, 1)).count() + 1);
        case 'B': return std::string{month_names[month - 1]};
        case 'b': return std::string{month_names[month - 1].substr(0, 3)};
        case 'A': return std::string{weekday_names[weekday]};
        case 'a': return std::string{weekday_names[weekday].substr(0, 3)};
        case 'u': return fmt::format("{}", weekday == 0 ? 7 : weekday);
        case 'w': return fmt::format("{}", weekday);
        case 'G': return fmt::format("{:04}", iso_week(date).year);
        case 'g': return fmt::format("{:02}", iso_week(date).year % 100);
        case 'V': return fmt::format("{:02}", iso_week(date).week);
        case 'F': return to_string(date);
        case 'D': return fmt::format("{:02}/{:02}/{:02}", month, day, year % 100);
        default: return std::string(1, letter);  // %%
    }
}

std::string offset_text(Seconds offset) {
    const long long minutes = std::llabs(offset.count()) / 60;
    return fmt::format("{}{:02}{:02}", offset.count() < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::string time_part(Instant instant, WallTime wall, const Zone& zone, char letter) {
    const long long of_day = (wall - WallTime{date_of(wall)}).count();
    const long long hour = of_day / 3600, minute = of_day / 60 % 60, second = of_day % 60;
    switch (letter) {
        case 'H': return fmt::format("{:02}", hour);
        case 'I': return fmt::format("{:02}", hour % 12 == 0 ? 12 : hour % 12);
        case 'M': return fmt::format("{:02}", minute);
        case 'S': return fmt::format("{:02}", second);
        case 'p': return hour < 12 ? "AM" : "PM";
        case 'T': return fmt::format("{:02}:{:02}:{:02}", hour, minute, second);
        case 'R': return fmt::format("{:02}:{:02}", hour, minute);
        case 's': return fmt::format("{}", instant.time_since_epoch().count());
        case 'z': return offset_text(zone.offset_at(instant).utc_offset);
        case 'Z': return std::string{zone.offset_at(instant).abbreviation};
        default: return date_part(date_of(wall), letter);
    }
}

// Copies the format, with each %-letter replaced by the result of `part`.
template <class Part>
std::string replace_letters(std::string_view format, Part part) {
    std::string text;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] == '%') text += part(format[++i]);
        else text += format[i];
    }
    return text;
}

}  // namespace

Result<void> check_date_format(std::string_view format, FormatOf of) {
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') continue;
        const Spot spot{"", 1, static_cast<std::uint32_t>(i) + 1};
        if (++i == format.size()) return fail(Error::Kind::config, "a format ends in %", "write %% for a %", spot);
        const char letter = format[i];
        if (date_letters.find(letter) != std::string_view::npos) continue;
        if (time_letters.find(letter) == std::string_view::npos)
            return fail(Error::Kind::config,
                        fmt::format("unknown format %{}",
                                    format.substr(i, std::max<std::size_t>(utf8_length(format.substr(i)), 1))),
                        "write letters of strftime, such as %Y%m%d", spot);
        if (of == FormatOf::date)
            return fail(Error::Kind::config, fmt::format("%{} needs a time, and this value is a date", letter),
                        "use it with fire, open or close", spot);
    }
    return {};
}

std::string format_date(Date date, std::string_view format) {
    return replace_letters(format, [&](char letter) { return date_part(date, letter); });
}

std::string format_instant(Instant instant, const Zone& zone, std::string_view format) {
    const WallTime wall = zone.to_wall(instant);
    return replace_letters(format, [&](char letter) { return time_part(instant, wall, zone, letter); });
}

}  // namespace mc
