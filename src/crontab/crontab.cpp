#include "crontab/crontab.h"

#include <fmt/format.h>

#include "crontab/percent.h"
#include "crontab/table_lines.h"
#include "schedule/cron.h"
#include "schedule/other_crons.h"

namespace mc {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

class EntryReader {
   public:
    EntryReader(CrontabEntry& entry, const CrontabOwner& owner, std::string_view seed)
        : entry_(entry), owner_(owner), seed_(seed) {}

    LineRead read(std::string_view rest) {
        if (auto done = take_dash(rest); !done) return done;
        if (auto done = take_schedule(rest); !done) return done;
        if (auto done = take_user(rest); !done) return done;
        if (auto done = take_options(rest); !done) return done;
        CommandText parts = split_at_percent(rest);
        entry_.command = std::move(parts.command);
        entry_.stdin_text = std::move(parts.stdin_text);
        take_random_delay(entry_);
        return {};
    }

   private:
    LineRead take_dash(std::string_view& rest) {
        if (!rest.starts_with('-')) return {};
        if (!owner_.system && owner_.user != "root")
            return wrong_line("only root's crontab and system crontabs may have a `-` before the schedule; remove it");
        entry_.no_log = true;
        rest.remove_prefix(1);
        if (!rest.empty() && is_blank(rest.front()))
            return wrong_line("a blank is not allowed after the `-` before the schedule");
        return {};
    }

    LineRead take_schedule(std::string_view& rest) {
        const bool nickname = rest.starts_with('@');
        for (int field = 0; field < (nickname ? 1 : 5) && !rest.empty(); ++field) {
            if (field > 0) entry_.schedule += ' ';
            entry_.schedule += take_word(rest);
        }
        if (entry_.schedule == "@reboot") return {};
        // Different for each line, and the same each time it is read.
        const std::string seed = fmt::format("{} {}", seed_, entry_.text);
        const auto expression = parse_cron(entry_.schedule, seed);
        if (!expression) return wrong_line(wrong_schedule(entry_.schedule, expression.error(), seed));
        return {};
    }

    // Reports another cron's syntax with its equivalent: in a crontab, or in marketcron.toml if the fields are not
    // enough.
    static std::string wrong_schedule(const std::string& schedule, const Error& error, const std::string& seed) {
        const auto said = said_here(schedule, seed);
        if (!said) return error.sentence();
        const bool of_fields_alone = said->when.empty() && said->timezone.empty();
        return fmt::format("'{}': '{}' is {}; {}", schedule, said->word, said->meaning,
                           of_fields_alone ? fmt::format("write {}{}", said->schedule, said->besides)
                                           : fmt::format("in marketcron.toml write {}", said->text()));
    }

    LineRead take_user(std::string_view& rest) {
        entry_.user = owner_.user;
        if (rest.empty())
            return wrong_line(owner_.system ? "the user and the command are missing" : "the command is missing");
        if (rest.starts_with('*'))
            return wrong_line("a sixth field `*`: a schedule has five fields, followed by the command");
        if (!owner_.system) return {};
        entry_.user = take_word(rest);
        if (rest.empty()) return wrong_line(fmt::format("the command after the user {} is missing", entry_.user));
        return {};
    }

    LineRead take_options(std::string_view& rest) {
        if (!rest.starts_with('-')) return {};
        const std::string_view option = take_word(rest);
        if (option != "-n")
            return wrong_line(fmt::format("unknown option {} before the command; the only option is -n", option));
        if (rest.empty()) return wrong_line("the command after -n is missing");
        entry_.mail_only_on_error = true;
        return {};
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
    return read_table_lines(
        text, [&](CrontabEntry& entry, std::string_view line) { return EntryReader(entry, owner, seed).read(line); });
}

}  // namespace mc
