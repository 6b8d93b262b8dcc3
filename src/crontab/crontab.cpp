#include "crontab/crontab.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "crontab/percent.h"
#include "crontab/setting.h"
#include "schedule/cron.h"

namespace mc {

namespace {

constexpr int delay_minutes_max = 1440;
// Each entry has its own copy of what is set above it. A small table could else fill the memory.
constexpr std::size_t setting_copies_max = 1'000'000;

// Cron's blanks: a carriage return is none.
bool is_blank(char c) { return c == ' ' || c == '\t'; }

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

std::string_view comment_of(std::string_view line) {
    line.remove_prefix(1);
    return line.starts_with(' ') ? line.substr(1) : line;
}

tl::unexpected<std::string> wrong(std::string what) { return tl::unexpected<std::string>(std::move(what)); }

using Step = tl::expected<void, std::string>;

class EntryReader {
   public:
    EntryReader(CrontabEntry& entry, const CrontabOwner& owner, std::string_view seed)
        : entry_(entry), owner_(owner), seed_(seed) {}

    Step read(std::string_view rest) {
        if (auto done = take_dash(rest); !done) return done;
        if (auto done = take_schedule(rest); !done) return done;
        if (auto done = take_user(rest); !done) return done;
        if (auto done = take_options(rest); !done) return done;
        CommandText parts = split_at_percent(rest);
        entry_.command = std::move(parts.command);
        entry_.stdin_text = std::move(parts.stdin_text);
        take_delay();
        return {};
    }

   private:
    Step take_dash(std::string_view& rest) {
        if (!rest.starts_with('-')) return {};
        if (!owner_.system && owner_.user != "root")
            return wrong("only root's tables may have a `-` before the schedule; take it out");
        entry_.no_log = true;
        rest.remove_prefix(1);
        if (!rest.empty() && is_blank(rest.front())) return wrong("no blank may follow the `-` before the schedule");
        return {};
    }

    Step take_schedule(std::string_view& rest) {
        const bool nickname = rest.starts_with('@');
        for (int field = 0; field < (nickname ? 1 : 5) && !rest.empty(); ++field) {
            if (field > 0) entry_.schedule += ' ';
            entry_.schedule += take_word(rest);
        }
        if (entry_.schedule == "@reboot") return {};
        // Drawn anew for each line, and the same whenever it is read.
        const auto expression = parse_cron(entry_.schedule, fmt::format("{} {}", seed_, entry_.text));
        if (!expression) return wrong(expression.error().sentence());
        return {};
    }

    Step take_user(std::string_view& rest) {
        entry_.user = owner_.user;
        if (rest.empty())
            return wrong(owner_.system ? "the user and the command are missing" : "the command is missing");
        if (rest.starts_with('*'))
            return wrong("a sixth field `*`: a schedule has five fields, then comes the command");
        if (!owner_.system) return {};
        entry_.user = take_word(rest);
        if (rest.empty()) return wrong(fmt::format("the command after the user {} is missing", entry_.user));
        return {};
    }

    Step take_options(std::string_view& rest) {
        if (!rest.starts_with('-')) return {};
        const std::string_view option = take_word(rest);
        if (option != "-n") return wrong(fmt::format("unknown option {} before the command; there is only -n", option));
        if (rest.empty()) return wrong("the command after -n is missing");
        entry_.mail_only_on_error = true;
        return {};
    }

    void take_delay() {
        const auto text = entry_.setting("RANDOM_DELAY");
        if (!text) return;
        const char* end = text->data() + text->size();
        const auto [stop, error] = std::from_chars(text->data(), end, entry_.random_delay_minutes);
        const bool good = error == std::errc{} && stop == end && entry_.random_delay_minutes >= 0 &&
                          entry_.random_delay_minutes <= delay_minutes_max;
        if (good) return;
        entry_.random_delay_minutes = 0;
        entry_.remark = fmt::format("RANDOM_DELAY={} is no number of minutes from 0 to {}: without a delay", *text,
                                    delay_minutes_max);
    }

    CrontabEntry& entry_;
    const CrontabOwner& owner_;
    std::string_view seed_;
};

}  // namespace

std::optional<std::string> CrontabEntry::setting(const std::string& name) const {
    const auto found = env.find(name);
    return found == env.end() ? std::nullopt : std::optional(found->second);
}

std::map<std::string, std::string> cron_environment(const CrontabEntry& entry, const std::string& home) {
    std::map<std::string, std::string> env = entry.env;
    env.emplace("SHELL", "/bin/sh");
    if (!home.empty()) env.emplace("HOME", home);
    env.emplace("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
    env["LOGNAME"] = env["USER"] = entry.user;
    return env;
}

Crontab parse_crontab(std::string_view text, const CrontabOwner& owner, std::string_view seed) {
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
            table.problems.push_back({number, "there is a NUL in the line"});
            continue;
        }
        if (rest.empty() && !comments.empty() && !comments.back().empty()) comments.emplace_back();
        if (!rest.empty() && rest.front() == '#') comments.emplace_back(comment_of(rest));
        if (rest.empty() || rest.front() == '#') continue;
        if (end == std::string_view::npos) {
            table.problems.push_back({number, "the last line does not end with a newline; cron passes over it"});
            break;
        }
        if (auto setting = parse_setting(rest)) {
            settings[setting->first] = std::move(setting->second);
            continue;
        }
        copies += settings.size();
        if (copies > setting_copies_max) {
            table.problems.push_back({number, "too many settings stand above too many lines; spread them over tables"});
            continue;
        }
        CrontabEntry entry;
        entry.line = number;
        entry.text = line;
        entry.env = settings;
        if (auto read = EntryReader(entry, owner, seed).read(rest); !read) {
            table.problems.push_back({number, std::move(read.error())});
            continue;
        }
        entry.comments = std::exchange(comments, {});
        table.entries.push_back(std::move(entry));
    }
    table.last_comments = std::move(comments);
    return table;
}

}  // namespace mc
