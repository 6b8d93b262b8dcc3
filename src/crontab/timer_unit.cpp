#include "crontab/timer_unit.h"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <set>

#include "base/letters.h"
#include "base/time.h"
#include "schedule/cron_fields.h"

namespace mc {

namespace {

constexpr int persistent_days = 366;  // a persistent timer catches up after any down time
constexpr Seconds longest_span = date::days{36525};

struct Line {
    int number = 0;
    std::string file;  // the drop-in; "" = the unit's own file
    std::string section, key, value;
};

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

void add_line(std::string_view line, int number, const std::string& file, std::string& section,
              std::vector<Line>& lines) {
    if (line.front() == '[') {
        section = line.substr(1, line.find(']') - 1);
        return;
    }
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) return;
    lines.push_back({number, file, section, std::string(trimmed(line.substr(0, equals))),
                     std::string(trimmed(line.substr(equals + 1)))});
}

// A backslash at the end of a line joins the next one; comments between them are skipped.
void add_lines(const UnitFile& file, std::vector<Line>& lines) {
    std::string section, begun;
    std::string_view text = file.text;
    int first = 0;
    for (int number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!line.empty() && (line.front() == '#' || line.front() == ';')) continue;
        if (begun.empty()) first = number;
        const bool goes_on = line.ends_with('\\');
        if (goes_on) line.remove_suffix(1);
        begun += line;
        if (goes_on && !text.empty()) {
            begun += ' ';
            continue;
        }
        if (!trimmed(begun).empty()) add_line(trimmed(begun), first, file.name, section, lines);
        begun.clear();
    }
}

// "1h 30min", "90", "2 days" as whole seconds; nullopt if it is not a time span.
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
        if (sum > longest_span) return {};
        text = trimmed(text.substr(end));
    }
    return sum;
}

class TimerReader {
   public:
    explicit TimerReader(const std::string& name) : timer_(name), unit_(name.substr(0, name.rfind('.')) + ".service") {}

    Crontab read(const std::vector<UnitFile>& files) {
        std::vector<Line> lines;
        for (const UnitFile& file : files) add_lines(file, lines);
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
        if (line.key == "Persistent") persistent_ = is_true(line.value);
        if (line.key == "WakeSystem") wakes_ = is_true(line.value);
        if (line.key == "FixedRandomDelay") is_fixed_delay_ = is_true(line.value);
        if (line.key == "RandomizedOffsetSec") offset_ = line.value;
        if (line.key == "OnClockChange" || line.key == "OnTimezoneChange") take_change(line);
        if (line.key != "RandomizedDelaySec") return;
        const auto delay = time_span(line.value.empty() ? "0" : line.value);
        delay_ = delay.value_or(Seconds{0});
        bad_delay_ = delay ? "" : line.value;
    }

    void take_change(const Line& line) {
        std::erase(changes_, line.key);
        if (is_true(line.value)) changes_.push_back(line.key);
    }

    void take_time(const Line& line) {
        static const std::set<std::string> times{"OnCalendar",      "OnBootSec",         "OnStartupSec",
                                                 "OnUnitActiveSec", "OnUnitInactiveSec", "OnActiveSec"};
        if (!times.contains(line.key)) return;
        if (line.value.empty()) {
            table_.entries.clear();
            table_.problems.clear();
            return;
        }
        if (line.key == "OnCalendar") return take_calendar(line);
        if (line.key == "OnBootSec" || line.key == "OnStartupSec")
            return add(line, {"@reboot", ""}, fmt::format("the timer waits {} first", line.value));
        if (line.key != "OnUnitActiveSec") return problem(line, fmt::format("{} has no equivalent here", line.key));
        const auto span = time_span(line.value);
        if (!span || *span < Seconds{1}) return problem(line, fmt::format("`{}` is not a time span", line.value));
        add(line, {"@every " + duration_text(*span), ""},
            "the timer counts from the last run, this job from midnight UTC");
    }

    // The time zone follows the time.
    void take_calendar(const Line& line) {
        std::string event = line.value, zone;
        const std::size_t blank = event.rfind(' ');
        const std::string last = event.substr(blank == std::string::npos ? 0 : blank + 1);
        const bool names_zone = could_be_zone(last);
        if (blank != std::string::npos && names_zone) {
            zone = last;
            event = std::string(trimmed(event.substr(0, blank)));
        }
        const auto read = read_calendar_event(event);
        if (!read) return problem(line, read.error());
        add(line, *read, "");
        if (!zone.empty()) table_.entries.back().env["CRON_TZ"] = zone;
    }

    // Whether the word is not a time, a date or days of the week: "Europe/London", "CET", "EST5EDT", "Japan".
    static bool could_be_zone(const std::string& word) {
        if (word == "UTC") return true;
        if (word.empty() || !is_letter(word.front()) || word.find_first_of("*:,~.") != std::string::npos) return false;
        if (word.find('/') != std::string::npos) return true;
        const std::string first = word.substr(0, word.find('-'));
        return short_name(first, cron_weekdays).empty();
    }
    static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

    static bool is_true(const std::string& value) {
        static const std::set<std::string> words{"1", "yes", "y", "true", "t", "on"};
        return words.contains(lower_case(value));
    }

    static std::string place(const Line& line) {
        return line.file.empty() ? "" : fmt::format("drop-in {}, line {}: ", line.file, line.number);
    }
    void problem(const Line& line, const std::string& what) {
        table_.problems.push_back({line.file.empty() ? line.number : 0, place(line) + what});
    }

    // As a word of the shell: names of units may contain backslashes.
    std::string quoted_unit() const {
        constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@:._-";
        if (unit_.find_first_not_of(plain) == std::string::npos) return unit_;
        std::string word = "'";
        for (const char c : unit_) word += c == '\'' ? "'\\''" : std::string(1, c);
        return word + "'";
    }

    void add(const Line& line, const CalendarEvent& event, const std::string& remark) {
        CrontabEntry entry;
        entry.line = line.file.empty() ? line.number : 0;
        entry.text = line.value;
        entry.schedule = event.schedule;
        entry.when = event.when;
        entry.command = "systemctl start --wait " + quoted_unit();
        entry.identifier = timer_.substr(0, timer_.rfind('.'));
        // As in systemd, only for calendar times.
        entry.catch_up_days = persistent_ && !event.schedule.starts_with('@') ? persistent_days : 0;
        entry.random_delay = delay_;
        if (table_.entries.empty() && !description_.empty()) entry.comments.push_back(description_);
        entry.remark =
            fmt::format("once this job is active, run systemctl disable --now {}; its output stays in the journal{}{}",
                        timer_, remark.empty() ? "" : "; ", remark);
        if (!bad_delay_.empty())
            entry.remark += fmt::format("; RandomizedDelaySec={} is not a time span: no delay is used", bad_delay_);
        if (is_fixed_delay_ && delay_ > Seconds{0})
            entry.remark +=
                "; FixedRandomDelay: the timer's delay is always the same, this job's is drawn for each run";
        if (!offset_.empty() && offset_ != "0")
            entry.remark +=
                fmt::format("; RandomizedOffsetSec={} is left out: this job fires at the time itself", offset_);
        for (const std::string& change : changes_)
            entry.remark += fmt::format("; {} is left out: a change of the clock or zone does not start a job", change);
        if (wakes_) entry.remark += "; the timer wakes the machine, which this job does not";
        table_.entries.push_back(std::move(entry));
    }

    std::string timer_, unit_, description_, bad_delay_;
    std::string offset_;
    std::vector<std::string> changes_;
    bool persistent_ = false, wakes_ = false, is_fixed_delay_ = false;
    Seconds delay_{0};
    Crontab table_;
};

}  // namespace

Crontab parse_timer_unit(const std::vector<UnitFile>& files, const std::string& name) {
    return TimerReader(name).read(files);
}

}  // namespace mc
