#include "config/crontab_jobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/hash.h"
#include "crontab/import.h"
#include "crontab/mail_setting.h"

namespace mc {

namespace {

constexpr std::string_view prefix = "cron-";

Result<Template> literal(const std::string& text) { return Template::parse(plain_template(text)); }

class TableJobs {
   public:
    TableJobs(Plan& plan, const CrontabFile& file, ZonePtr host_zone)
        : plan_(plan), file_(file), host_zone_(std::move(host_zone)) {}

    void add() {
        const Crontab table = parse_crontab(file_.text, file_.owner, file_.path);
        for (const CrontabProblem& problem : table.problems) warn(problem.line, problem.what);
        for (const CrontabEntry& entry : table.entries) {
            if (file_.unknown_users.contains(entry.user)) {
                warn(entry.line, fmt::format("left out: {}", unknown_user_text(entry.user)));
                continue;
            }
            if (!entry.remark.empty()) warn(entry.line, entry.remark);
            auto job = job_of(entry);
            if (!job) {
                warn(entry.line, job.error().sentence());
                continue;
            }
            const JobName name = job->name;
            plan_.jobs.insert_or_assign(name, *std::move(job));
        }
    }

   private:
    void warn(int line, const std::string& what) {
        plan_.warnings.push_back({what, {file_.path, static_cast<std::uint32_t>(line), 1}});
    }

    // "cron-HASH-N": N numbers the equal lines.
    JobName name_of(const CrontabEntry& entry) {
        const std::uint64_t hash = stable_hash(fmt::format("{}\n{}\n{}", file_.path, entry.user, entry.text));
        return JobName(fmt::format("{}{:016x}-{}", prefix, hash, ++equal_[hash]));
    }

    Result<ZonePtr> zone_of(const CrontabEntry& entry) const {
        const std::string name = entry.setting("CRON_TZ").value_or("");
        return name.empty() ? Result<ZonePtr>(host_zone_) : plan_.calendars->zones()(name);
    }

    Result<Job> job_of(const CrontabEntry& entry) {
        Job job;
        job.name = name_of(entry);
        job.title = fmt::format("{}:{}", file_.path, entry.line);
        job.spot = {file_.path, static_cast<std::uint32_t>(entry.line), 1};
        job.user = entry.user;
        job.overlap = Overlap::allow;
        job.quiet = entry.no_log;
        job.shell = entry.setting("SHELL").value_or("/bin/sh");
        if (plan_.crontab.notify != NotifyRules{}) job.notify = plan_.crontab.notify;
        add_mail(job, entry);
        if (auto done = add_schedule(job, entry); !done) return tl::unexpected(done.error());
        if (auto done = add_texts(job, entry); !done) return tl::unexpected(done.error());
        return job;
    }

    // The output goes to MAILTO, or else to the job's user.
    void add_mail(Job& job, const CrontabEntry& entry) {
        const std::string to = mail_setting(entry, "MAILTO").value_or(entry.user);
        if (to.empty()) return;
        if (!is_mail_address(to)) {
            if (told_.insert(to).second)
                warn(entry.line,
                     fmt::format("MAILTO={} is not a mail address: the output of its jobs is not mailed", to));
            return;
        }
        const std::string from = mail_setting(entry, "MAILFROM").value_or("");
        const bool is_sender = is_mail_address(from) && from.find(',') == from.npos;
        if (!from.empty() && !is_sender && told_.insert("MAILFROM=" + from).second)
            warn(entry.line, fmt::format("MAILFROM={} is not a mail address: mails use the default sender", from));
        job.cron_mail = CronMail{entry.user,
                                 entry.command,
                                 is_sender ? from : "",
                                 entry.setting("CONTENT_TYPE").value_or(""),
                                 entry.setting("CONTENT_TRANSFER_ENCODING").value_or(""),
                                 entry.mail_only_on_error};
        // One mail for each address: if a server refuses one address, the others still get theirs.
        for (std::size_t begin = 0; begin <= to.size();) {
            const std::size_t comma = std::min(to.find(',', begin), to.size());
            job.notify.make().output.emplace_back("mail", to.substr(begin, comma - begin));
            begin = comma + 1;
        }
    }

    Result<void> add_schedule(Job& job, const CrontabEntry& entry) const {
        auto zone = zone_of(entry);
        if (!zone) return tl::unexpected(zone.error());
        auto schedule = parse_schedule(entry.schedule, job.name);
        if (!schedule) return tl::unexpected(schedule.error());
        job.schedule.job = job.name;
        job.schedule.schedules = {*std::move(schedule)};
        job.schedule.texts = {entry.schedule};
        job.schedule.zone = *std::move(zone);
        job.schedule.jitter = entry.random_delay;
        return {};
    }

    static Result<void> add_texts(Job& job, const CrontabEntry& entry) {
        auto command = literal(entry.command);
        if (!command) return tl::unexpected(command.error());
        job.action = ShellCommand{*std::move(command)};
        if (entry.stdin_text) {
            auto text = literal(*entry.stdin_text);
            if (!text) return tl::unexpected(text.error());
            job.stdin_text = *std::move(text);
        }
        // LOGNAME and USER are always the user's; HOME is the user's unless the crontab sets it.
        std::map<std::string, std::string> env = cron_environment(entry, "");
        env.erase("LOGNAME");
        env.erase("USER");
        for (const auto& [name, value] : env) {
            auto text = literal(value);
            if (!text) return tl::unexpected(text.error());
            if (name == "HOME") job.cwd = *text;
            job.env.insert_or_assign(name, *std::move(text));
        }
        return {};
    }

    Plan& plan_;
    const CrontabFile& file_;
    ZonePtr host_zone_;
    std::set<std::string> told_;          // invalid addresses, reported once for each crontab
    std::map<std::uint64_t, int> equal_;  // number of lines with that hash so far
};

}  // namespace

std::string generation_with(const Plan& file_plan, const std::vector<CrontabFile>& files) {
    std::uint64_t hash = stable_hash(file_plan.generation);
    for (const CrontabFile& file : files) {
        for (const std::string* part : {&file.path, &file.ignored, &file.text}) hash = stable_hash(*part, hash);
        for (const std::string& user : file.unknown_users) hash = stable_hash(user, hash);
    }
    return fmt::format("{:016x}", hash);
}

std::string unknown_user_text(const std::string& user) {
    return fmt::format("user {} not found; its jobs run once the user exists", user);
}

bool is_machines_table(std::string_view path) { return path.starts_with("/etc/") || path.starts_with("/var/spool/"); }

bool is_machines_line(const Job& job) { return is_crontab_job(job.name) && job.title && is_machines_table(*job.title); }

bool is_crontab_job(const JobName& job) {
    const std::string& name = job.text();
    constexpr std::size_t digits = 16;
    const auto hexadecimal = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    const std::size_t dash = prefix.size() + digits;
    return name.starts_with(prefix) && name.size() > dash + 1 && name[dash] == '-' &&
           std::all_of(name.begin() + static_cast<std::ptrdiff_t>(prefix.size()),
                       name.begin() + static_cast<std::ptrdiff_t>(dash), hexadecimal);
}

void add_crontab_jobs(Plan& plan, const std::vector<CrontabFile>& files, const ZonePtr& host_zone) {
    std::string generation = generation_with(plan, files);
    for (const CrontabFile& file : files) {
        if (file.ignored.empty()) TableJobs(plan, file, host_zone).add();
        else plan.warnings.push_back({fmt::format("ignored: {}", file.ignored), {file.path, 0, 0}});
    }
    plan.generation = std::move(generation);
}

}  // namespace mc
