#include "crontab/timer_unit.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "base/time.h"

namespace mc {

namespace {

constexpr int persistent_days = 366;  // a persistent timer makes up for any down time

struct Line {
    int number = 0;
    std::string section, key, value;
};

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::vector<Line> lines_of(std::string_view text) {
    std::vector<Line> lines;
    std::string section;
    for (int number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        const std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.empty() || line.front() == '#' || line.front() == ';') continue;
        if (line.front() == '[') {
            section = line.substr(1, line.find(']') - 1);
            continue;
        }
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        lines.push_back({number, section, std::string(trimmed(line.substr(0, equals))),
                         std::string(trimmed(line.substr(equals + 1)))});
    }
    return lines;
}

// "1h 30min", "90", "2 days": whole seconds; nullopt for what is none.
std::optional<Seconds> time_span(std::string_view text) {
    static const std::map<std::string_view, int> units{
        {"", 1},         {"s", 1},       {"sec", 1},       {"second", 1},    {"seconds", 1},
        {"m", 60},       {"min", 60},    {"minute", 60},   {"minutes", 60},  {"h", 3600},
        {"hr", 3600},    {"hour", 3600}, {"hours", 3600},  {"d", 86400},     {"day", 86400},
        {"days", 86400}, {"w", 604800},  {"week", 604800}, {"weeks", 604800}};
    Seconds sum{0};
    text = trimmed(text);
    if (text.empty()) return {};
    while (!text.empty()) {
        std::int64_t number = 0;
        const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc{} || number < 0 || number > 1'000'000'000) return {};
        text = trimmed(text.substr(static_cast<std::size_t>(rest - text.data())));
        const std::size_t end = std::min(text.find_first_of(" 0123456789"), text.size());
        const auto unit = units.find(text.substr(0, end));
        if (unit == units.end()) return {};
        sum += Seconds{number * unit->second};
        text = trimmed(text.substr(end));
    }
    return sum;
}

class TimerReader {
   public:
    explicit TimerReader(const std::string& name) : timer_(name), unit_(name.substr(0, name.rfind('.')) + ".service") {}

    Crontab read(std::string_view text) {
        const std::vector<Line> lines = lines_of(text);
        for (const Line& line : lines) take_setting(line);
        for (const Line& line : lines)
            if (line.section == "Timer") take_time(line);
        return std::move(table_);
    }

   private:
    void take_setting(const Line& line) {
        if (line.section == "Unit" && line.key == "Description") description_ = line.value;
        if (line.section != "Timer") return;
        if (line.key == "Unit") unit_ = line.value;
        if (line.key == "Persistent") persistent_ = line.value == "true" || line.value == "yes" || line.value == "1";
        if (line.key == "RandomizedDelaySec") delay_ = time_span(line.value).value_or(Seconds{0});
    }

    void take_time(const Line& line) {
        if (line.value.empty()) return;
        if (line.key == "OnCalendar") return take_calendar(line);
        if (line.key == "OnBootSec" || line.key == "OnStartupSec")
            return add(line, "@reboot", fmt::format("the timer waits {} first", line.value));
        if (line.key == "OnActiveSec" || line.key == "OnUnitInactiveSec")
            return problem(line, fmt::format("{} has no like here", line.key));
        if (line.key != "OnUnitActiveSec") return;
        const auto span = time_span(line.value);
        if (!span || *span < Seconds{1}) return problem(line, fmt::format("`{}` is no time span", line.value));
        add(line, "@every " + duration_text(*span), "the timer counts from the last run, this from midnight UTC");
    }

    // A zone stands behind the time.
    void take_calendar(const Line& line) {
        std::string event = line.value, zone;
        const std::size_t blank = event.rfind(' ');
        const std::string last = event.substr(blank == std::string::npos ? 0 : blank + 1);
        const bool names_zone =
            last == "UTC" || (last.find('/') != std::string::npos && last.find_first_of("*:0123456789") != 0);
        if (blank != std::string::npos && names_zone) {
            zone = last;
            event = std::string(trimmed(event.substr(0, blank)));
        }
        const auto cron = cron_of_calendar_event(event);
        if (!cron) return problem(line, cron.error());
        add(line, *cron, "");
        if (!zone.empty()) table_.entries.back().env["CRON_TZ"] = zone;
    }

    void problem(const Line& line, std::string what) { table_.problems.push_back({line.number, std::move(what)}); }

    void add(const Line& line, std::string schedule, const std::string& remark) {
        CrontabEntry entry;
        entry.line = line.number;
        entry.text = line.value;
        entry.schedule = std::move(schedule);
        entry.command = "systemctl start --wait " + unit_;
        entry.identifier = timer_.substr(0, timer_.rfind('.'));
        entry.catch_up_days = persistent_ ? persistent_days : 0;
        entry.random_delay_minutes = static_cast<int>(std::chrono::ceil<std::chrono::minutes>(delay_).count());
        if (table_.entries.empty() && !description_.empty()) entry.comments.push_back(description_);
        entry.remark =
            fmt::format("once this runs: systemctl disable --now {}; what it prints stays in the journal{}{}", timer_,
                        remark.empty() ? "" : "; ", remark);
        table_.entries.push_back(std::move(entry));
    }

    std::string timer_, unit_, description_;
    bool persistent_ = false;
    Seconds delay_{0};
    Crontab table_;
};

}  // namespace

Crontab parse_timer_unit(std::string_view text, const std::string& name) { return TimerReader(name).read(text); }

}  // namespace mc
