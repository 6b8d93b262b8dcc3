// parse_schedule.cpp — parses the text of one schedule.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "base/characters.h"
#include "base/suggest.h"
#include "schedule/other_crons.h"
#include "schedule/words.h"

namespace mc {
namespace {

Result<Seconds> parse_period(std::string_view text) {
    const auto period = parse_duration(text);
    if (!period)
        return fail(Error::Kind::config, fmt::format("@every: invalid duration '{}'", text),
                    "write for example @every 90s or @every 5m");
    if (*period <= Seconds{0})
        return fail(Error::Kind::config, "@every: the period must be at least 1 second",
                    "write for example @every 90s");
    return *period;
}

// "@every 90s", "@every 5m from @open+5m to @close-5m"
Result<Schedule> parse_every(std::string_view text) {
    std::vector<std::string_view> words;
    for (auto rest = trimmed(text); !rest.empty(); rest = trimmed(rest)) {
        const auto end = std::min(rest.find_first_of(" \t"), rest.size());
        words.push_back(rest.substr(0, end));
        rest.remove_prefix(end);
    }
    const bool in_session = words.size() == 6 && words[2] == "from" && words[4] == "to";
    if (words.size() != 2 && !in_session)
        return fail(Error::Kind::config, fmt::format("invalid schedule '{}'", text),
                    "write for example \"@every 90s\" or \"@every 5m from @open+5m to @close-5m\"");
    const auto period = parse_period(words[1]);
    if (!period) return tl::unexpected(period.error());
    if (!in_session) return Every{*period};
    const auto from = parse_event(words[3]);
    if (!from) return tl::unexpected(from.error());
    const auto to = parse_event(words[5]);
    if (!to) return tl::unexpected(to.error());
    return EveryInSession{*period, *from, *to};
}

// "@XLON.session 06:00+1d": its calendar, its word, and the text after the word.
struct AtText {
    std::string_view calendar, word, tail;
};

AtText split_at(std::string_view text) {
    const auto first = text.substr(1, text.find_first_of(" \t") - 1);
    const auto [calendar, rest] = split_calendar(first);
    const auto word = rest.substr(0, rest.find_first_of("+-"));
    const auto end = static_cast<std::size_t>(word.data() + word.size() - text.data());
    return {calendar, word, text.substr(end)};
}

Result<Schedule> parse_session_time(std::string_view text, const AtText& parts) {
    const auto time = parse_time_on_day(trimmed(parts.tail));
    if (!time)
        return fail(Error::Kind::config, fmt::format("'{}': invalid time of day '{}'", text, trimmed(parts.tail)),
                    "write for example \"@session 09:30\" or \"@session 06:00+1d\"");
    return SessionTime{time->time_of_day, time->days, CalendarName(std::string(parts.calendar))};
}

// Converts a Result of one kind of schedule to a Result of any kind.
template <class T>
Result<Schedule> as_schedule(Result<T> read) {
    if (!read) return tl::unexpected(std::move(read.error()));
    return Schedule{std::move(*read)};
}

constexpr std::array event_words{"open", "close", "break_start", "break_end", "pre", "post"};
constexpr std::array nicknames{"yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly"};

tl::unexpected<Error> unknown_word(std::string_view text, std::string_view word) {
    std::vector<std::string> known{"@session", "@every", "@reboot"};
    for (const auto* name : event_words) known.push_back(fmt::format("@{}", name));
    for (const auto* name : nicknames) known.push_back(fmt::format("@{}", name));
    return fail(Error::Kind::config, fmt::format("invalid schedule '{}'", text),
                did_you_mean(fmt::format("@{}", word), known));
}

bool among(std::string_view word, std::span<const char* const> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

Result<Schedule> read_schedule_text(std::string_view text, std::string_view job) {
    if (text.empty())
        return fail(Error::Kind::config, "the schedule is empty",
                    "write for example \"30 16 * * mon-fri\" or \"@close+15m\"");
    if (!text.starts_with('@')) return as_schedule(parse_cron(text, job));
    const auto parts = split_at(text);
    if (among(parts.word, event_words)) return as_schedule(parse_event(text));
    if (parts.word == "session") return parse_session_time(text, parts);
    if (!parts.calendar.empty()) return unknown_word(text, parts.word);
    if (parts.word == "every") return parse_every(text);
    if (!parts.tail.empty()) return unknown_word(text, parts.word);
    if (parts.word == "reboot") return Reboot{};
    if (among(parts.word, nicknames)) return as_schedule(parse_cron(text, job));
    return unknown_word(text, parts.word);
}

}  // namespace

Result<Schedule> parse_schedule(std::string_view text, std::string_view job) {
    text = trimmed(text);
    if (const auto odd = odd_character(text)) {
        const auto ascii = in_ascii(text);
        const bool good = ascii && parse_schedule(*ascii, job);
        return fail(Error::Kind::config, fmt::format("'{}' contains {}", text, odd->text()),
                    good ? fmt::format("write \"{}\"", *ascii) : "use only ASCII digits, letters and signs");
    }
    auto read = read_schedule_text(text, job);
    if (read) return read;
    if (const auto said = said_here(text, job))
        return fail(Error::Kind::config, fmt::format("'{}': '{}' is {}", text, said->word, said->meaning),
                    fmt::format("write {}", said->text()));
    return read;
}

}  // namespace mc
