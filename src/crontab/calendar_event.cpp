// calendar_event.cpp — converts systemd's OnCalendar= to a cron expression, and a predicate if cron is not enough.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "base/letters.h"
#include "crontab/timer_unit.h"
#include "schedule/cron.h"
#include "schedule/cron_fields.h"
#include "schedule/predicate.h"

namespace mc {

namespace {

using Text = tl::expected<std::string, std::string>;

tl::unexpected<std::string> no_expression(std::string what) { return tl::unexpected<std::string>(std::move(what)); }

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t end = text.find(at);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

bool is_number(std::string_view text) {
    return !text.empty() && text.size() <= 4 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Without leading zeros: "09" is 9.
std::string plain(std::string_view number) {
    const std::size_t digit = std::min(number.find_first_not_of('0'), number.size() - 1);
    return std::string(number.substr(digit));
}

int value_of(std::string_view number) {
    int value = 0;
    for (const char c : number) value = value * 10 + (c - '0');
    return value;
}

// "9", "9..17", "0/15", "*/5": one element of a field whose largest value is `most`.
Text element(std::string_view text, int most) {
    const std::vector<std::string_view> parts = split(text, '/');
    if (parts.size() > 2 || (parts.size() == 2 && !is_number(parts[1])))
        return no_expression(fmt::format("`{}` is not a time", text));
    const std::string step = parts.size() == 2 ? "/" + plain(parts[1]) : "";
    if (parts[0] == "*") return "*" + step;
    const std::size_t dots = parts[0].find("..");
    const std::string_view first = parts[0].substr(0, dots);
    if (!is_number(first)) return no_expression(fmt::format("cron cannot express the time `{}`", text));
    if (dots == std::string_view::npos)
        return step.empty() ? plain(first) : fmt::format("{}-{}{}", plain(first), most, step);
    const std::string_view last = parts[0].substr(dots + 2);
    if (!is_number(last)) return no_expression(fmt::format("cron cannot express the time `{}`", text));
    return fmt::format("{}-{}{}", plain(first), plain(last), step);
}

Text field(std::string_view text, int most) {
    std::string out;
    for (const std::string_view part : split(text, ',')) {
        Text one = element(part, most);
        if (!one) return one;
        out += (out.empty() ? "" : ",") + *one;
    }
    return out;
}

// "Mon..Fri,Sun" as "mon-fri,sun"; "Mon-Fri" is the older way to write a range.
Text weekdays(std::string_view text) {
    std::string out;
    for (const std::string_view part : split(text, ',')) {
        if (part.empty() && !out.empty()) continue;  // "Sun,"
        const std::size_t sign = part.find_first_of(".-");
        const bool range = sign != std::string_view::npos;
        const std::size_t behind = range && part.substr(sign).starts_with("..") ? sign + 2 : sign + 1;
        const std::string_view first = short_name(part.substr(0, sign), cron_weekdays);
        const std::string_view last = range ? short_name(part.substr(behind), cron_weekdays) : first;
        if (first.empty() || last.empty()) return no_expression(fmt::format("`{}` is not a day of the week", part));
        out += (out.empty() ? "" : ",") + (range ? fmt::format("{}-{}", first, last) : std::string(first));
    }
    return out;
}

struct Fields {
    std::string second = "0", minute = "0", hour = "0", day = "*", month = "*", weekday = "*";
    std::vector<std::string> when;  // predicates for what the fields cannot express
    std::string_view from_end;      // days from the end of a month, as written after `~`
};

// "2026", "2026..2028,2030" as a predicate.
tl::expected<void, std::string> read_years(std::string_view text, Fields& fields) {
    if (text == "*") return {};
    std::string years;
    for (const std::string_view part : split(text, ',')) {
        const std::size_t dots = part.find("..");
        const std::string_view first = part.substr(0, dots);
        const std::string_view last = dots == std::string_view::npos ? first : part.substr(dots + 2);
        if (!is_number(first) || !is_number(last) || first.size() != 4)
            return no_expression(fmt::format("`when` cannot express the year `{}`", part));
        years += (years.empty() ? "" : ", ") + std::string(part);
    }
    fields.when.push_back(fmt::format("year({})", years));
    return {};
}

// "1" as day(-1), "07/1" as the last seven days.
tl::expected<void, std::string> read_days_from_end(std::string_view text, Fields& fields) {
    std::string days;
    for (const std::string_view part : split(text, ',')) {
        const std::vector<std::string_view> parts = split(part, '/');
        const bool stepped = parts.size() == 2;
        if (parts.size() > 2 || !is_number(parts[0]) || (stepped && !is_number(parts[1])))
            return no_expression(fmt::format("`when` cannot express the day `~{}` from the end of a month", text));
        const int first = value_of(parts[0]), step = stepped ? value_of(parts[1]) : first;
        if (first < 1 || first > 31 || step < 1)
            return no_expression(fmt::format("`~{}` is not a day of a month", text));
        const bool all = stepped && step == 1 && first > 1;
        if (all) days += fmt::format("{}-{}..-1", days.empty() ? "" : ", ", first);
        else
            for (int day = first; day >= 1; day -= step) days += fmt::format("{}-{}", days.empty() ? "" : ", ", day);
    }
    fields.when.push_back(fmt::format("day({})", days));
    return {};
}

tl::expected<void, std::string> read_date(std::string_view word, Fields& fields) {
    const std::size_t tilde = word.find('~');
    std::vector<std::string_view> parts = split(word.substr(0, tilde), '-');
    if (tilde != std::string_view::npos) {
        fields.from_end = word.substr(tilde + 1);
        parts.push_back("*");
    }
    if (parts.size() == 2) parts.insert(parts.begin(), "*");
    if (parts.size() != 3) return no_expression(fmt::format("`{}` is not a date", word));
    if (auto years = read_years(parts[0], fields); !years) return years;
    const Text month = field(parts[1], 12), day = field(parts[2], 31);
    if (!month || !day) return no_expression(month ? day.error() : month.error());
    fields.month = *month;
    fields.day = *day;
    return {};
}

tl::expected<void, std::string> read_time(std::string_view word, Fields& fields) {
    const std::vector<std::string_view> parts = split(word, ':');
    if (parts.size() > 3) return no_expression(fmt::format("`{}` is not a time", word));
    const Text hour = field(parts[0], 23), minute = field(parts[1], 59);
    const Text second = parts.size() == 3 ? field(parts[2], 59) : Text("0");
    for (const Text* one : {&hour, &minute, &second})
        if (!*one) return no_expression(one->error());
    fields.hour = *hour;
    fields.minute = *minute;
    fields.second = *second;
    return {};
}

// One weekday in one seventh of the month: "Sun *-*-1..7" is the first Sunday. 0 for other combinations.
int nth_of(const Fields& fields) {
    if (fields.weekday.size() != 3) return 0;
    if (fields.from_end == "07/1" || fields.from_end == "7/1") return -1;
    for (int nth = 1; nth <= 4; ++nth)
        if (fields.day == fmt::format("{}-{}", 7 * nth - 6, 7 * nth)) return nth;
    return 0;
}

// A day of the week together with a day of the month: cron would fire on either.
tl::expected<void, std::string> join_days(Fields& fields) {
    const bool both = fields.weekday != "*" && (fields.day != "*" || !fields.from_end.empty());
    if (const int nth = both ? nth_of(fields) : 0; nth != 0) {
        fields.when.push_back(fmt::format("nth_weekday({}, {})", nth, fields.weekday));
        fields.day = "*";
    } else {
        if (both) {
            std::string days = fields.weekday;
            for (std::size_t at = 0; (at = days.find_first_of("-,", at)) != std::string::npos; at += 2)
                days.replace(at, 1, days[at] == '-' ? ".." : ", ");
            fields.when.push_back(fmt::format("weekday({})", days));
        }
        if (!fields.from_end.empty())
            if (auto read = read_days_from_end(fields.from_end, fields); !read) return read;
    }
    if (both) fields.weekday = "*";
    return {};
}

}  // namespace

tl::expected<CalendarEvent, std::string> read_calendar_event(std::string_view event) {
    static const std::map<std::string, std::string, std::less<>> shorthands{
        {"minutely", "* * * * *"},      {"hourly", "0 * * * *"},          {"daily", "0 0 * * *"},
        {"weekly", "0 0 * * mon"},      {"monthly", "0 0 1 * *"},         {"quarterly", "0 0 1 1,4,7,10 *"},
        {"yearly", "0 0 1 1 *"},        {"semiannually", "0 0 1 1,7 *"},  {"annually", "0 0 1 1 *"},
        {"bi-annually", "0 0 1 1,7 *"}, {"semi-annually", "0 0 1 1,7 *"}, {"biannually", "0 0 1 1,7 *"},
        {"anually", "0 0 1 1 *"}};
    if (const auto known = shorthands.find(lower_case(event)); known != shorthands.end())
        return CalendarEvent{known->second, ""};
    Fields fields;
    for (const std::string_view word : split(event, ' ')) {
        if (word.empty()) continue;
        tl::expected<void, std::string> done;
        if (word.find(':') != std::string_view::npos) done = read_time(word, fields);
        else if ((word.front() >= 'A' && word.front() <= 'Z') || (word.front() >= 'a' && word.front() <= 'z')) {
            const Text days = weekdays(word);
            if (days) fields.weekday = *days;
            else done = no_expression(days.error());
        } else done = read_date(word, fields);
        if (!done) return no_expression(done.error());
    }
    if (auto joined = join_days(fields); !joined) return no_expression(joined.error());
    CalendarEvent read;
    read.schedule = fmt::format("{} {} {} {} {}", fields.minute, fields.hour, fields.day, fields.month, fields.weekday);
    if (fields.second != "0") read.schedule = fields.second + " " + read.schedule;
    read.when = fmt::format("{}", fmt::join(fields.when, " and "));
    // Finds hours and days that do not exist, and reversed ranges.
    if (const auto cron = parse_cron(read.schedule, ""); !cron)
        return no_expression(fmt::format("`{}`: {}", event, cron.error().what));
    if (!read.when.empty())
        if (const auto when = Predicate::parse(read.when); !when)
            return no_expression(fmt::format("`{}`: {}", event, when.error().what));
    return read;
}

}  // namespace mc
