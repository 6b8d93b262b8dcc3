#include "crontab/anacrontab.h"

#include <fmt/format.h>

#include <charconv>

#include "base/time.h"
#include "crontab/table_lines.h"

namespace mc {

namespace {

constexpr int usual_start = 7 * 60 + 30;  // minutes of the day
constexpr int delay_max = 24 * 60;

std::optional<int> number_of(std::string_view text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::optional<int> days_of(std::string_view period) {
    if (period == "@daily") return 1;
    if (period == "@weekly") return 7;
    if (period == "@monthly") return 31;
    if (period == "@yearly" || period == "@annually") return 366;
    const auto days = number_of(period);
    return days && *days > 0 ? days : std::nullopt;
}

// The hours in which anacron starts jobs, from `first` to before `last`; nullopt if the range is missing or invalid.
struct Hours {
    int first = 0, last = 0;
};
std::optional<Hours> hours_of(const CrontabEntry& entry) {
    const std::string range = entry.setting("START_HOURS_RANGE").value_or("");
    const std::size_t minus = range.find('-');
    if (minus == std::string::npos) return {};
    const auto first = number_of(std::string_view(range).substr(0, minus));
    const auto last = number_of(std::string_view(range).substr(minus + 1));
    if (!first || !last || *first < 0 || *first >= *last || *last > 24 || *first > 23) return {};
    return Hours{*first, *last};
}

// The first minute of the day at which anacron would check.
int start_of(const CrontabEntry& entry, const std::optional<Hours>& hours) {
    const auto preferred = number_of(entry.setting("PREFERRED_HOUR").value_or(""));
    if (preferred && *preferred >= 0 && *preferred < 24) return *preferred * 60;
    return hours ? hours->first * 60 : usual_start;
}

// A weekly run is due on Sunday, a monthly one on the first, a yearly one on the first of January.
std::string schedule_of(int days, int minute_of_day) {
    const std::string time = fmt::format("{} {}", minute_of_day % 60, minute_of_day / 60 % 24);
    if (days == 1) return time + " * * *";
    if (days < 7) return time + " * * *";  // and `when` counts the days
    if (days < 28) return time + " * * 0";
    return time + (days < 365 ? " 1 * *" : " 1 1 *");
}

// Keeps START_HOURS_RANGE, for a machine that is switched on later.
void keep_hours(CrontabEntry& entry, int days, int minute, const std::optional<Hours>& hours) {
    const auto written = entry.setting("START_HOURS_RANGE");
    if (!written) return;
    if (!hours) {
        entry.remark += fmt::format("; START_HOURS_RANGE={} is not a range of hours such as 3-22", *written);
        return;
    }
    if (hours->last == 24) return;
    if (minute >= hours->last * 60)
        entry.remark += fmt::format("; its delay ends after START_HOURS_RANGE={}: here it runs anyway", *written);
    else if (days == 1) entry.not_after = fmt::format("{:02}:00", hours->last);
    else entry.remark += fmt::format("; START_HOURS_RANGE={}: here a missed run is caught up at any hour", *written);
}

LineRead read_entry(CrontabEntry& entry, std::string_view rest) {
    const std::string_view period = take_word(rest);
    const auto days = days_of(period);
    if (!days)
        return wrong_line(fmt::format("`{}` is not a period; write a number of days, such as 7, or @monthly", period));
    const std::string_view delay_word = take_word(rest);
    const auto delay = number_of(delay_word);
    if (!delay || *delay < 0 || *delay > delay_max)
        return wrong_line(fmt::format("`{}` is not a delay in minutes", delay_word));
    entry.identifier = take_word(rest);
    if (rest.empty()) return wrong_line("the identifier or the command is missing");
    entry.command = rest;
    entry.catch_up_days = *days + 1;
    entry.remark = fmt::format(
        "anacron counts {} from the last run; here the job has a fixed day, and a missed run is caught up once",
        duration_text(Seconds{86400LL * *days}));
    const auto hours = hours_of(entry);
    const int minute = start_of(entry, hours) + *delay;
    entry.schedule = schedule_of(*days, minute);
    if (*days > 1 && *days < 7) entry.when = fmt::format("every({}, day, 2026-01-01)", *days);
    keep_hours(entry, *days, minute, hours);
    take_random_delay(entry);
    entry.env.erase("START_HOURS_RANGE");
    entry.env.erase("PREFERRED_HOUR");
    return {};
}

// A backslash at the end of a line joins the next one; later lines keep their numbers.
std::string joined(std::string_view text) {
    std::string out;
    std::size_t owed = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool joins = text.substr(at, 2) == "\\\n";
        if (joins) {
            ++owed;
            ++at;
            out += ' ';
            continue;
        }
        out += text[at];
        if (text[at] == '\n') out.append(std::exchange(owed, 0), '\n');
    }
    return out;
}

}  // namespace

Crontab parse_anacrontab(std::string_view text) { return read_table_lines(joined(text), read_entry); }

}  // namespace mc
