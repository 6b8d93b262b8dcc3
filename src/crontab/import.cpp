#include "crontab/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <climits>
#include <map>
#include <set>

#include "base/characters.h"
#include "base/mail_address.h"
#include "base/spelling.h"
#include "crontab/job_name.h"
#include "crontab/lift.h"
#include "crontab/mail_setting.h"
#include "schedule/schedule.h"

namespace mc {

namespace {

// Variables that cron itself uses: they become other keys than `env`, or are left out.
bool is_crons_own(const std::string& name) {
    static const std::set<std::string> own{"SHELL",  "CRON_TZ",      "RANDOM_DELAY",
                                           "MAILTO", "MAILFROM",     "LOGNAME",
                                           "USER",   "CONTENT_TYPE", "CONTENT_TRANSFER_ENCODING"};
    return own.contains(name);
}

std::string text_of_template(std::string_view text) { return toml_text(plain_template(text)); }

std::string inline_table(const std::map<std::string, std::string>& values) {
    std::string text;
    for (const auto& [name, value] : values)
        text += fmt::format("{}{} = {}", text.empty() ? "{ " : ", ", name, text_of_template(value));
    return text + " }";
}

// Valid in a TOML comment: control characters and bytes that are not UTF-8 become `?`.
std::string comment_text(std::string_view text) {
    std::string clean;
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const bool good = length > 0 && (control_length(text) == 0 || text.front() == '\t');
        clean += good ? text.substr(0, length) : "?";
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return clean;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

// Whether the whole path is in the command, not only as part of a longer path.
bool speaks_of(std::string_view command, std::string_view path) {
    const auto goes_on = [&](std::size_t at) {
        constexpr std::string_view others = "_.-/";
        return at < command.size() && (std::isalnum(static_cast<unsigned char>(command[at])) != 0 ||
                                       others.find(command[at]) != std::string_view::npos);
    };
    for (auto at = command.find(path); at != std::string_view::npos; at = command.find(path, at + 1))
        if (!(at > 0 && goes_on(at - 1)) && !goes_on(at + path.size())) return true;
    return false;
}

class Import {
   public:
    Import(const std::vector<NamedCrontab>& tables, const ZoneLookup& zones) : tables_(tables), zones_(zones) {
        for (const NamedCrontab& table : tables)
            for (const CrontabEntry& entry : table.table.entries) {
                if (const std::string lock = lift_wrappers(entry.command).lock; !lock.empty())
                    locks_[lock] = uses_of(lock);
                const auto env = environment(entry);
                if (shared_) std::erase_if(*shared_, [&](const auto& one) { return !holds(env, one); });
                else shared_ = env;
            }
    }

    std::string text() {
        for (const NamedCrontab& table : tables_) {
            open_block();
            remark("---- " + table.path);
            auto problem = table.table.problems.begin();
            const auto problems_before = [&](int line) {
                for (; problem != table.table.problems.end() && problem->line < line; ++problem) {
                    open_block();
                    leave_out(table, *problem);
                }
            };
            for (const CrontabEntry& entry : table.table.entries) {
                problems_before(entry.line);
                job(table, entry);
            }
            problems_before(INT_MAX);
            if (table.table.last_comments.empty()) continue;
            open_block();
            comments(table.table.last_comments);
        }
        return written();
    }

    const std::vector<LeftOutLine>& left_out() const { return left_out_; }

   private:
    using Environment = std::map<std::string, std::string>;

    // The number of lines that use the lock in any way.
    int uses_of(const std::string& lock) const {
        int count = 0;
        for (const NamedCrontab& table : tables_)
            for (const CrontabEntry& entry : table.table.entries) count += speaks_of(entry.command, lock) ? 1 : 0;
        return count;
    }

    static bool can_stand(const std::string& name, const std::string& value) {
        return is_environment_name(name) && !name.starts_with("MARKETCRON_") && is_utf8(value);
    }

    static Environment environment(const CrontabEntry& entry) {
        Environment env;
        for (const auto& [name, value] : entry.env)
            if (!is_crons_own(name) && can_stand(name, value)) env.emplace(name, value);
        return env;
    }

    static bool holds(const Environment& env, const Environment::value_type& one) {
        const auto found = env.find(one.first);
        return found != env.end() && found->second == one.second;
    }

    using Keys = std::vector<std::pair<std::string, std::string>>;
    // A job, or only comments: the comments above it, and its keys.
    struct Block {
        std::string comments;
        std::string name;  // "" = only comments
        Keys keys;
    };

    void open_block() { blocks_.emplace_back(); }

    // The keys that all jobs have with the same value, in the order of the first job, and those that most jobs have;
    // empty for a single job.
    Keys common() {
        std::vector<Keys*> jobs;
        for (Block& block : blocks_)
            if (!block.name.empty()) jobs.push_back(&block.keys);
        Keys keys;
        if (jobs.size() < 2) return keys;
        for (const auto& key : *jobs.front()) {
            const bool own = key.first == "schedule" || key.first == "command" || key.first == "stdin";
            const auto has = [&](const Keys* job) { return std::find(job->begin(), job->end(), key) != job->end(); };
            if (!own && std::all_of(jobs.begin(), jobs.end(), has)) keys.push_back(key);
        }
        for (const char* name : {"user", "notify", "shell", "cwd", "timezone"})
            if (auto key = of_most(jobs, name); key && std::find(keys.begin(), keys.end(), *key) == keys.end())
                keys.push_back(*std::move(key));
        return keys;
    }

    static Keys::value_type* find(Keys& keys, std::string_view name) {
        const auto found = std::find_if(keys.begin(), keys.end(), [&](const auto& key) { return key.first == name; });
        return found == keys.end() ? nullptr : &*found;
    }

    // The value that more than half of the jobs, and at least three, have for that key, if the other jobs can override
    // it: with their own value or, for `notify`, with an empty list.
    static std::optional<Keys::value_type> of_most(const std::vector<Keys*>& jobs, const std::string& name) {
        std::map<std::string, std::size_t> counts;
        std::size_t without = 0;
        for (Keys* job : jobs) {
            if (const auto* key = find(*job, name)) ++counts[key->second];
            else ++without;
        }
        const auto fewer = [](const auto& a, const auto& b) { return a.second < b.second; };
        const auto most = std::max_element(counts.begin(), counts.end(), fewer);
        if (most == counts.end() || most->second < 3 || 2 * most->second <= jobs.size()) return {};
        if (name != "notify") return without == 0 ? std::optional(Keys::value_type{name, most->first}) : std::nullopt;
        // "{ output = [...] }": tables merge by key, so a job without the rule resets it.
        const std::string rule = most->first.substr(2, most->first.find(" =") - 2);
        for (Keys* job : jobs) {
            auto* key = find(*job, name);
            if (!key) job->emplace_back(name, fmt::format("{{ {} = [] }}", rule));
            else if (!key->second.starts_with(fmt::format("{{ {} =", rule)))
                key->second.insert(key->second.size() - 2, fmt::format(", {} = []", rule));
        }
        return Keys::value_type{name, most->first};
    }

    std::string written() {
        const Keys shared = common();
        const bool sets_overlap =
            std::any_of(shared.begin(), shared.end(), [](const auto& key) { return key.first == "overlap"; });
        std::string out = head();
        if (!sets_overlap) out += "overlap = \"allow\"\n";
        for (const auto& [key, value] : shared) out += fmt::format("{} = {}\n", key, value);
        if (shared_ && !shared_->empty()) out += fmt::format("env = {}\n", inline_table(*shared_));
        for (const Block& block : blocks_) {
            out += '\n' + block.comments;
            if (block.name.empty()) continue;
            out += fmt::format("[job.{}]\n", block.name);
            for (const auto& key : block.keys)
                if (std::find(shared.begin(), shared.end(), key) == shared.end())
                    out += fmt::format("{} = {}\n", key.first, key.second);
        }
        return out;
    }

    static std::string head() {
        return "# Written by marketcron import. As in cron, runs of a job may overlap; \"skip\" is usually better.\n"
               "# A job without its own PATH has /usr/local/bin:/usr/bin:/bin and their sbin; cron's default has no "
               "/usr/local.\n"
               "# The output of a job is kept (marketcron logs RUN), even if the crontab discarded it. It is mailed to "
               "MAILTO\n"
               "# if that is set. Without MAILTO, cron mails it to the job's user; here it is not mailed.\n"
               "[defaults]\n";
    }

    // Named after the program, else after the file.
    std::string name_of(const NamedCrontab& table, const CrontabEntry& entry, const LiftedCommand& lifted) {
        constexpr std::size_t longest = 80;
        std::string wanted = letters_of_a_name(entry.identifier);
        if (wanted.empty()) wanted = job_name_of(lifted.command);
        if (wanted.empty()) wanted = letters_of_a_name(table.path.substr(table.path.rfind('/') + 1));
        if (wanted.empty()) wanted = "job";
        wanted.resize(std::min(wanted.size(), longest));
        std::string name = wanted;
        for (int number = 2; !names_.insert(name).second; ++number) name = fmt::format("{}-{}", wanted, number);
        return name;
    }

    void remark(const std::string& text) { blocks_.back().comments += fmt::format("# {}\n", comment_text(text)); }

    void leave_out(const NamedCrontab& table, const CrontabProblem& problem) {
        remark(problem.line == 0 ? "left out: " + problem.what
                                 : fmt::format("line {} is left out: {}", problem.line, problem.what));
        left_out_.push_back({table.path, problem});
    }

    void comments(const std::vector<std::string>& lines) {
        for (const std::string& line : lines) {
            if (line.empty()) blocks_.back().comments += '\n';
            else remark(line);
        }
    }

    void remarks(const CrontabEntry& entry, const LiftedCommand& lifted) {
        if (!entry.remark.empty()) remark(entry.remark);
        for (const std::string& text : lifted.remarks) remark(text);
        for (const char* name : {"MAILFROM", "CONTENT_TYPE", "CONTENT_TRANSFER_ENCODING"})
            if (const auto set = entry.setting(name); set && !mail_of(entry, lifted).empty())
                remark(fmt::format("{}={} is left out: mails are plain text, sent by `from` of [mail]", name, *set));
        if (const auto to = mail_setting(entry, "MAILTO"); to && !to->empty() && !is_mail_address(*to))
            remark(fmt::format("MAILTO={} is not a mail address: nothing is mailed", *to));
        if (entry.mail_only_on_error && !mail_of(entry, lifted).empty())
            remark("cron mailed a failure that printed something; here each failure is mailed");
        if (!lifted.lock.empty() && locks_.at(lifted.lock) > 1)
            remark(fmt::format("other lines wait for {} too: a [pool] with one slot has the same effect", lifted.lock));
        if (const auto shell = entry.setting("SHELL"); shell && shell->empty())
            remark("SHELL is empty: /bin/sh is used");
        if (const auto home = entry.setting("HOME"); home && !good_path(*home))
            remark(fmt::format("HOME={} is not an absolute path: the job runs in its user's home", *home));
        if (const auto shell = entry.setting("SHELL"); shell && !is_utf8(*shell))
            remark(fmt::format("SHELL={} is not UTF-8: /bin/sh is used", *shell));
        if (!lifted.lock.empty() && locks_.at(lifted.lock) == 1)
            remark(fmt::format("{} is no longer locked: overlap has the same effect, unless other programs lock it too",
                               lifted.lock));
        if (entry.no_log) remark("cron does not log this job; here each run is recorded");
        for (const auto& [name, value] : entry.env)
            if (!is_crons_own(name) && !can_stand(name, value))
                remark(fmt::format("the setting {}={} cannot be in a configuration file: left out", name, value));
    }

    static bool good_path(const std::string& path) { return path.starts_with('/') && is_utf8(path); }

    // The addresses that the output is mailed to, separated by commas; "" = none.
    static std::string mail_of(const CrontabEntry& entry, const LiftedCommand& lifted) {
        const std::string to = mail_setting(entry, "MAILTO").value_or("");
        return lifted.silent || !is_mail_address(to) ? "" : to;
    }

    // "a@x,b@y" as a list of targets.
    static std::string mail_targets(std::string_view addresses) {
        std::string list;
        while (true) {
            const std::size_t comma = addresses.find(',');
            list += fmt::format("{}\"mail:{}\"", list.empty() ? "" : ", ", addresses.substr(0, comma));
            if (comma == std::string_view::npos) return "[" + list + "]";
            addresses.remove_prefix(comma + 1);
        }
    }

    void key(const char* name, const std::string& value) { blocks_.back().keys.emplace_back(name, value); }

    // Why the entry cannot be a job of a configuration file; "" if it can.
    std::string refusal(const CrontabEntry& entry) const {
        if (!is_utf8(entry.text) || !is_utf8(entry.command))
            return "it has bytes that are not UTF-8, and a configuration file must be UTF-8";
        if (const auto read = parse_schedule(entry.schedule, ""); !read) return read.error().sentence();
        const std::string zone = entry.setting("CRON_TZ").value_or("");
        if (zone.empty()) return "";
        const Result<ZonePtr> known = zones_(zone);
        return known ? "" : known.error().sentence();
    }

    void job(const NamedCrontab& table, const CrontabEntry& entry) {
        open_block();
        comments(entry.comments);
        if (std::string why = refusal(entry); !why.empty())
            return leave_out(table, CrontabProblem{entry.line, std::move(why)});
        LiftedCommand lifted = lift_wrappers(entry.command);
        blocks_.back().name = name_of(table, entry, lifted);
        // `overlap` cannot replace a lock that several lines share.
        const bool shares_lock = !lifted.lock.empty() && locks_.at(lifted.lock) > 1;
        if (shares_lock) {
            lifted.command = entry.command;
            lifted.cwd.clear();
            lifted.timeout.clear();
            lifted.kill_after.clear();
            lifted.nice = 0;
        }
        remarks(entry, lifted);
        when_keys(entry);
        command_keys(entry, lifted);
        if (const std::string to = mail_of(entry, lifted); !to.empty())
            key("notify",
                fmt::format("{{ {} = {} }}", entry.mail_only_on_error ? "failure" : "output", mail_targets(to)));
        if (entry.catch_up_days > 0) {
            key("catch_up", "\"latest\"");
            key("catch_up_within", fmt::format("\"{}d\"", entry.catch_up_days));
        }
        // Runs of a job do not overlap with anacron or systemd.
        if (!entry.identifier.empty() || (!lifted.lock.empty() && !shares_lock)) key("overlap", "\"skip\"");
        if (!lifted.timeout.empty()) key("timeout", fmt::format("\"{}\"", lifted.timeout));
        if (!lifted.kill_after.empty()) key("kill_after", fmt::format("\"{}\"", lifted.kill_after));
        if (lifted.nice != 0) key("nice", std::to_string(lifted.nice));
    }

    void when_keys(const CrontabEntry& entry) {
        key("schedule", toml_text(entry.schedule));
        if (!entry.when.empty()) key("when", toml_text(entry.when));
        if (const auto zone = entry.setting("CRON_TZ"); zone && !zone->empty()) key("timezone", toml_text(*zone));
        if (entry.random_delay > Seconds{0} && entry.schedule != "@reboot")
            key("jitter", toml_text(duration_text(entry.random_delay)));
        if (!entry.not_after.empty()) key("not_after", toml_text(entry.not_after));
    }

    void command_keys(const CrontabEntry& entry, const LiftedCommand& lifted) {
        key("command", lifted.command.empty() ? "\":\"" : text_of_template(lifted.command));
        if (entry.stdin_text) key("stdin", text_of_template(*entry.stdin_text));
        if (!entry.user.empty()) key("user", toml_text(entry.user));
        if (const auto shell = entry.setting("SHELL");
            shell && !shell->empty() && *shell != "/bin/sh" && is_utf8(*shell))
            key("shell", toml_text(*shell));
        if (!lifted.cwd.empty()) key("cwd", text_of_template(lifted.cwd));
        else if (const auto home = entry.setting("HOME"); home && good_path(*home)) key("cwd", text_of_template(*home));
        Environment env = environment(entry);
        if (shared_) std::erase_if(env, [&](const auto& one) { return holds(*shared_, one); });
        if (!env.empty()) key("env", inline_table(env));
    }

    const std::vector<NamedCrontab>& tables_;
    const ZoneLookup& zones_;
    std::vector<Block> blocks_;
    std::set<std::string> names_;
    std::map<std::string, int> locks_;   // the number of lines that use each lock
    std::optional<Environment> shared_;  // the environment that every line has
    std::vector<LeftOutLine> left_out_;
};

}  // namespace

std::string plain_template(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const bool name = text.substr(at).starts_with("{{");
        out += name ? "{{{{" : text.substr(at, 1);
        at += name ? 2 : 1;
    }
    return out;
}

std::string toml_text(std::string_view text) {
    bool special = text.find('\'') != std::string_view::npos;
    for (std::size_t at = 0; at < text.size() && !special; ++at) special = control_length(text.substr(at)) > 0;
    const bool escapes = text.find_first_of("\"\\") != std::string_view::npos;
    return escapes && !special ? fmt::format("'{}'", text) : toml_quoted(text);
}

std::string import_crontabs(const std::vector<NamedCrontab>& tables, const ZoneLookup& zones,
                            std::vector<LeftOutLine>* left_out) {
    Import import(tables, zones);
    std::string text = import.text();
    if (left_out) *left_out = import.left_out();
    return text;
}

}  // namespace mc
