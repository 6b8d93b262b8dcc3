#include "base/time.h"

#include <fmt/format.h>

#include <array>

namespace mc {

namespace {

// The number of exactly `digits` digits at `at`, or nothing.
std::optional<int> number_at(std::string_view text, std::size_t at, std::size_t digits) {
    if (at + digits > text.size()) return std::nullopt;
    int value = 0;
    for (const char c : text.substr(at, digits)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

bool is_at(std::string_view text, std::size_t at, char c) { return at < text.size() && text[at] == c; }

std::optional<Date> date_at_front(std::string_view text) {
    const auto year = number_at(text, 0, 4);
    const auto month = number_at(text, 5, 2);
    const auto day = number_at(text, 8, 2);
    if (!year || !month || !day || !is_at(text, 4, '-') || !is_at(text, 7, '-')) return std::nullopt;
    const date::year_month_day civil_date = date::year{*year} / *month / *day;
    if (!civil_date.ok()) return std::nullopt;
    return Date{civil_date};
}

// "16:00:00" or, if seconds are optional, "16:00"; nothing else.
std::optional<Seconds> clock(std::string_view text, bool seconds_needed) {
    const auto hour = number_at(text, 0, 2);
    const auto minute = number_at(text, 3, 2);
    if (!hour || !minute || *hour > 23 || *minute > 59 || !is_at(text, 2, ':')) return std::nullopt;
    const Seconds to_the_minute = std::chrono::hours{*hour} + std::chrono::minutes{*minute};
    if (text.size() == 5 && !seconds_needed) return to_the_minute;
    const auto second = number_at(text, 6, 2);
    if (!second || *second > 59 || !is_at(text, 5, ':') || text.size() != 8) return std::nullopt;
    return to_the_minute + Seconds{*second};
}

// "Z", "-05:00", or "-04:56:02" as local_text() writes old offsets.
std::optional<Seconds> offset_of(std::string_view text) {
    if (text == "Z") return Seconds{0};
    if (!is_at(text, 0, '+') && !is_at(text, 0, '-')) return std::nullopt;
    const auto distance = clock(text.substr(1), false);
    if (!distance) return std::nullopt;
    return text.front() == '-' ? -*distance : *distance;
}

struct Unit {
    char letter;
    Seconds length;
};
constexpr std::array<Unit, 4> units{
    {{'d', Seconds{86400}}, {'h', Seconds{3600}}, {'m', Seconds{60}}, {'s', Seconds{1}}}};

tl::unexpected<Error> no_duration(std::string_view text, std::string_view why) {
    return fail(Error::Kind::usage, fmt::format("invalid duration \"{}\" ({})", text, why), "write 1h30m, 90s or 2d");
}

}  // namespace

std::string to_string(Date d) {
    const auto ymd = civil(d);
    return fmt::format("{:04}-{:02}-{:02}", int{ymd.year()}, unsigned{ymd.month()}, unsigned{ymd.day()});
}

std::string to_string(Instant t) {
    const auto day = date::floor<date::days>(t);
    const date::hh_mm_ss<Seconds> time{t - day};
    return fmt::format("{}T{:02}:{:02}:{:02}Z", to_string(Date{day.time_since_epoch()}), time.hours().count(),
                       time.minutes().count(), time.seconds().count());
}

Result<Instant> parse_instant(std::string_view text) {
    const auto day = date_at_front(text);
    if (day && text.size() > 19 && is_at(text, 10, 'T')) {
        const auto time = clock(text.substr(11, 8), true);
        const auto offset = offset_of(text.substr(19));
        if (time && offset) return Instant{day->time_since_epoch() + *time - *offset};
    }
    return fail(Error::Kind::usage, fmt::format("invalid time \"{}\"", text),
                "write it like 2026-11-20T21:00:00Z or 2026-11-20T16:00:00-05:00");
}

Result<Date> parse_date(std::string_view text) {
    const auto day = date_at_front(text);
    if (day && text.size() == 10) return *day;
    return fail(Error::Kind::usage, fmt::format("invalid date \"{}\"", text), "write it like 2026-11-20");
}

Result<Seconds> parse_duration(std::string_view text) {
    constexpr Seconds longest = date::days{36525};  // 100 years: a longer one is probably a typing error
    if (text.empty()) return no_duration(text, "empty");
    Seconds sum{0};
    std::size_t next_unit = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::int64_t count = 0;
        const std::size_t digits_at = at;
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
            count = count * 10 + (text[at] - '0');
            if (count > longest.count()) return no_duration(text, "longer than 100 years");
        }
        if (at == digits_at) return no_duration(text, "a number is missing");
        if (at == text.size()) return no_duration(text, "the last number has no unit");
        while (next_unit < units.size() && units[next_unit].letter != text[at]) ++next_unit;
        if (next_unit == units.size()) return no_duration(text, "units are d, h, m, s, each once and in this order");
        sum += count * units[next_unit].length;
        ++next_unit;
        if (sum > longest) return no_duration(text, "longer than 100 years");
    }
    return sum;
}

std::string duration_text(Seconds length) {
    if (length == Seconds{0}) return "0s";
    std::string text = length < Seconds{0} ? "-" : "";
    for (const Unit& unit : units) {
        const auto count = length / unit.length;
        if (count != 0) text += fmt::format("{}{}", count < 0 ? -count : count, unit.letter);
        length %= unit.length;
    }
    return text;
}

}  // namespace mc
