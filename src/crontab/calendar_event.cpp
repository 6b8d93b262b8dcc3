// calendar_event.cpp — systemd's OnCalendar= as a cron expression.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "crontab/timer_unit.h"

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

// Without the zeros in front: "09" is 9.
std::string plain(std::string_view number) {
    const std::size_t digit = std::min(number.find_first_not_of('0'), number.size() - 1);
    return std::string(number.substr(digit));
}

// "9", "9..17", "0/15", "*/5": one element of a field whose largest value is `most`.
Text element(std::string_view text, int most) {
    const std::vector<std::string_view> parts = split(text, '/');
    if (parts.size() > 2 || (parts.size() == 2 && !is_number(parts[1])))
        return no_expression(fmt::format("`{}` is no time", text));
    const std::string step = parts.size() == 2 ? "/" + plain(parts[1]) : "";
    if (parts[0] == "*") return "*" + step;
    const std::size_t dots = parts[0].find("..");
    const std::string_view first = parts[0].substr(0, dots);
    if (!is_number(first)) return no_expression(fmt::format("`{}` is no time that cron can say", text));
    if (dots == std::string_view::npos)
        return step.empty() ? plain(first) : fmt::format("{}-{}{}", plain(first), most, step);
    const std::string_view last = parts[0].substr(dots + 2);
    if (!is_number(last)) return no_expression(fmt::format("`{}` is no time that cron can say", text));
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

// "Mon..Fri,Sun" as "mon-fri,sun".
Text weekdays(std::string_view text) {
    constexpr std::array names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    const auto day = [&](std::string_view word) {
        std::string name(word.substr(0, 3));
        for (char& c : name) c = static_cast<char>(c | 0x20);
        return std::find(names.begin(), names.end(), name) == names.end() ? std::string() : name;
    };
    std::string out;
    for (const std::string_view part : split(text, ',')) {
        const std::size_t dots = part.find("..");
        const std::string first = day(part.substr(0, dots));
        const std::string last = dots == std::string_view::npos ? first : day(part.substr(dots + 2));
        if (first.empty() || last.empty()) return no_expression(fmt::format("`{}` is no day of the week", part));
        out += fmt::format("{}{}{}{}", out.empty() ? "" : ",", first, dots == std::string_view::npos ? "" : "-",
                           dots == std::string_view::npos ? "" : last);
    }
    return out;
}

struct Fields {
    std::string second = "0", minute = "0", hour = "0", day = "*", month = "*", weekday = "*";
};

tl::expected<void, std::string> read_date(std::string_view word, Fields& fields) {
    std::vector<std::string_view> parts = split(word, '-');
    if (parts.size() == 2) parts.insert(parts.begin(), "*");
    if (parts.size() != 3 || word.find('~') != std::string_view::npos)
        return no_expression(
            fmt::format("`{}` counts from a month's end; when = \"last_session(month)\" or \"day(-1)\" "
                        "says the like",
                        word));
    if (parts[0] != "*") return no_expression(fmt::format("`{}` names a year", word));
    const Text month = field(parts[1], 12), day = field(parts[2], 31);
    if (!month || !day) return no_expression(month ? day.error() : month.error());
    fields.month = *month;
    fields.day = *day;
    return {};
}

tl::expected<void, std::string> read_time(std::string_view word, Fields& fields) {
    const std::vector<std::string_view> parts = split(word, ':');
    if (parts.size() > 3) return no_expression(fmt::format("`{}` is no time", word));
    const Text hour = field(parts[0], 23), minute = field(parts[1], 59);
    const Text second = parts.size() == 3 ? field(parts[2], 59) : Text("0");
    for (const Text* one : {&hour, &minute, &second})
        if (!*one) return no_expression(one->error());
    fields.hour = *hour;
    fields.minute = *minute;
    fields.second = *second;
    return {};
}

}  // namespace

tl::expected<std::string, std::string> cron_of_calendar_event(std::string_view event) {
    static const std::map<std::string_view, std::string> shorthands{
        {"minutely", "* * * * *"},     {"hourly", "0 * * * *"},         {"daily", "0 0 * * *"},
        {"weekly", "0 0 * * mon"},     {"monthly", "0 0 1 * *"},        {"quarterly", "0 0 1 1,4,7,10 *"},
        {"yearly", "0 0 1 1 *"},       {"semiannually", "0 0 1 1,7 *"}, {"annually", "0 0 1 1 *"},
        {"bi-annually", "0 0 1 1,7 *"}};
    if (const auto known = shorthands.find(event); known != shorthands.end()) return known->second;
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
    // Cron would take either day.
    if (fields.weekday != "*" && fields.day.front() != '*')
        return no_expression(
            fmt::format("`{}` wants a day of the month and of the week; write the first as `schedule` and "
                        "when = \"weekday(...)\"",
                        event));
    const std::string five =
        fmt::format("{} {} {} {} {}", fields.minute, fields.hour, fields.day, fields.month, fields.weekday);
    return fields.second == "0" ? five : fields.second + " " + five;
}

}  // namespace mc
