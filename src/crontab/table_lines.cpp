#include "crontab/table_lines.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "crontab/setting.h"

namespace mc {

namespace {

constexpr int delay_minutes_max = 1440;
// Each entry has its own copy of the settings above it. Without a limit, a small file could fill the memory.
constexpr std::size_t setting_copies_max = 1'000'000;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view comment_of(std::string_view line) {
    line.remove_prefix(1);
    return line.starts_with(' ') ? line.substr(1) : line;
}

}  // namespace

void skip_blanks(std::string_view& rest) {
    while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
}

std::string_view take_word(std::string_view& rest) {
    std::size_t end = 0;
    while (end < rest.size() && !is_blank(rest[end])) ++end;
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(end);
    skip_blanks(rest);
    return word;
}

void take_random_delay(CrontabEntry& entry) {
    const auto text = entry.setting("RANDOM_DELAY");
    if (!text) return;
    const char* end = text->data() + text->size();
    int minutes = 0;
    const auto [stop, error] = std::from_chars(text->data(), end, minutes);
    const bool good = error == std::errc{} && stop == end && minutes >= 0 && minutes <= delay_minutes_max;
    if (good) entry.random_delay = std::chrono::minutes(minutes);
    if (good) return;
    entry.remark = fmt::format("RANDOM_DELAY={} is not a number of minutes from 0 to {}: no delay is used", *text,
                               delay_minutes_max);
}

Crontab read_table_lines(std::string_view text,
                         const std::function<LineRead(CrontabEntry& entry, std::string_view line)>& read) {
    Crontab table;
    std::map<std::string, std::string> settings;
    std::size_t copies = 0;
    std::vector<std::string> comments;
    int number = 0;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        ++number;
        std::string_view rest = line;
        skip_blanks(rest);
        if (rest.find('\0') != std::string_view::npos) {
            table.problems.push_back({number, "the line contains a NUL"});
            continue;
        }
        if (rest.empty() && !comments.empty() && !comments.back().empty()) comments.emplace_back();
        if (!rest.empty() && rest.front() == '#') comments.emplace_back(comment_of(rest));
        if (rest.empty() || rest.front() == '#') continue;
        if (end == std::string_view::npos) {
            table.problems.push_back({number, "the last line does not end with a newline; cron ignores it"});
            break;
        }
        if (auto setting = parse_setting(rest)) {
            settings[setting->first] = std::move(setting->second);
            continue;
        }
        copies += settings.size();
        if (copies > setting_copies_max) {
            table.problems.push_back({number, "too many settings above too many lines; split the file"});
            continue;
        }
        CrontabEntry entry;
        entry.line = number;
        entry.text = line;
        entry.env = settings;
        if (auto done = read(entry, rest); !done) {
            table.problems.push_back({number, std::move(done.error())});
            continue;
        }
        entry.comments = std::exchange(comments, {});
        table.entries.push_back(std::move(entry));
    }
    table.last_comments = std::move(comments);
    return table;
}

}  // namespace mc
