#include "schedule/words.h"

#include <fmt/format.h>

#include <array>

#include "base/suggest.h"

namespace mc {
namespace {

struct NamedEvent {
    std::string_view name;
    SessionEvent event;
};
constexpr std::array<NamedEvent, 6> events{{
    {"open", SessionEvent::open},
    {"close", SessionEvent::close},
    {"break_start", SessionEvent::break_start},
    {"break_end", SessionEvent::break_end},
    {"pre", SessionEvent::pre},
    {"post", SessionEvent::post},
}};

// Reads up to two digits; -1 if there are none.
int take_number(std::string_view& text) {
    int value = -1;
    for (int n = 0; n < 2 && !text.empty() && text[0] >= '0' && text[0] <= '9'; ++n) {
        value = std::max(value, 0) * 10 + (text[0] - '0');
        text.remove_prefix(1);
    }
    return value;
}

// "+1d", "-2d" or nothing.
std::optional<int> read_days(std::string_view text) {
    if (text.empty()) return 0;
    const int sign = text[0] == '-' ? -1 : 1;
    if ((text[0] != '+' && text[0] != '-') || text.back() != 'd') return std::nullopt;
    text.remove_prefix(1);
    const int days = take_number(text);
    if (days < 0 || text != "d") return std::nullopt;
    return sign * days;
}

}  // namespace

std::string_view event_name(SessionEvent event) {
    for (const auto& known : events)
        if (known.event == event) return known.name;
    check(false, "every session event has a name");
    return {};
}

Dotted split_calendar(std::string_view text) {
    const auto dot = text.rfind('.');
    if (dot == std::string_view::npos) return {{}, text};
    return {text.substr(0, dot), text.substr(dot + 1)};
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

Result<EventSchedule> parse_event(std::string_view text) {
    constexpr auto example = "write for example @close+15m, @open-1h30m or @XLON.close";
    if (!text.starts_with('@'))
        return fail(Error::Kind::config, fmt::format("invalid session event '{}'", text), example);
    if (text.find_first_of(" \t") != std::string_view::npos)
        return fail(Error::Kind::config, fmt::format("'{}' contains a blank", text),
                    "write @close+15m, without blanks");
    // The calendar comes first, and its name may contain a minus: the offset begins after its dot.
    const auto [calendar, rest] = split_calendar(text.substr(1));
    if (text.starts_with("@."))
        return fail(Error::Kind::config, fmt::format("'{}' has no calendar before the dot", text), example);
    const auto sign = rest.find_first_of("+-");
    const auto name = rest.substr(0, sign);
    std::vector<std::string> known;
    for (const auto& candidate : events) {
        known.emplace_back(candidate.name);
        if (candidate.name != name) continue;
        EventSchedule event{candidate.event, Seconds{0}, CalendarName(std::string(calendar))};
        if (sign == std::string_view::npos) return event;
        const auto length = parse_duration(rest.substr(sign + 1));
        if (!length)
            return fail(Error::Kind::config, fmt::format("'{}': invalid offset '{}'", text, rest.substr(sign)),
                        example);
        event.offset = rest[sign] == '-' ? -*length : *length;
        return event;
    }
    return fail(Error::Kind::config, fmt::format("'{}': unknown session event '{}'", text, name),
                did_you_mean(name, known));
}

Result<TimeOnDay> parse_time_on_day(std::string_view text) {
    auto rest = text;
    const int hour = take_number(rest);
    const bool colon = rest.starts_with(':');
    if (colon) rest.remove_prefix(1);
    const auto before_minute = rest.size();
    const int minute = take_number(rest);
    const auto days = read_days(rest);
    if (hour < 0 || hour > 23 || !colon || before_minute - rest.size() != 2 || minute > 59 || !days)
        return fail(Error::Kind::config, fmt::format("invalid time of day '{}'", text),
                    "write for example 09:30 or 06:00+1d");
    return TimeOnDay{std::chrono::hours{hour} + std::chrono::minutes{minute}, *days};
}

}  // namespace mc
