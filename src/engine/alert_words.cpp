// alert_words.cpp — reminders of open alerts; acknowledging and closing them; alerts of removed jobs.
#include <fmt/format.h>

#include <algorithm>

#include "engine/alerts.h"

namespace mc {

namespace {

// The targets that were notified of the alert, each once.
std::vector<std::string> audience(const NotifyRules& rules, const Alert& alert) {
    std::vector<std::string> all;
    const auto add = [&](const std::string& target) {
        if (std::find(all.begin(), all.end(), target) == all.end()) all.push_back(target);
    };
    for (const NoticeKind kind : alert.told_as)
        for (const std::string& target : targets(rules, kind)) add(target);
    for (const auto& [target, unused] : alert.told_too) add(target);
    return all;
}

}  // namespace

// An alert stays open while a run of the job is unfinished, because its end may send a recovery. The targets are
// notified only if the job's rules are known: not if the job was removed while no daemon ran.
void Alerts::drop_removed(const Plan* old) {
    constexpr const char* why = "the job is no longer in the configuration";
    const auto is_unfinished = [&](RunId id) { return !finished(book_.at(id).state); };
    std::vector<JobName> gone;
    for (const auto& [job, alert] : open_) {
        if (jobs_.planned(job)) continue;
        const std::set<RunId>& runs = book_.of_job(job);
        if (std::none_of(runs.begin(), runs.end(), is_unfinished)) gone.push_back(job);
    }
    for (const JobName& name : gone) {
        if (old && old->jobs.contains(name)) send_word(open_.at(name), old->jobs.at(name), NoticeKind::closed, why);
        else if (const Job* retired = jobs_.retired(name)) send_word(open_.at(name), *retired, NoticeKind::closed, why);
        end(name, {}, why);
    }
}

void Alerts::repeat() {
    for (auto& [name, alert] : open_) {
        const auto due = repeat_due(name, alert);
        if (!due || step_.now.wall < *due) continue;
        alert.told = step_.now.wall;
        changed_.insert(name);
        const auto run = past_.by_id(alert.run);
        if (!run) continue;
        const Job& job = *jobs_.planned(name);
        for (const std::string& target : audience(job.rules(), alert)) {
            Notice notice = notices_.of_run(*run, job, alert.kind, target);
            notice.alert = alert.run;
            notice.open_since = alert.opened;
            notice.alert_runs = alert.runs;
            notices_.write(std::move(notice));
        }
    }
}

// Notifies all targets that were notified of the alert, so that no second operator starts to work on it.
void Alerts::send_word(const Alert& alert, const Job& job, NoticeKind word, const std::string& what) {
    const auto run = past_.by_id(alert.run);
    if (!run) return;
    for (const std::string& target : audience(job.rules(), alert)) {
        Notice notice = notices_.of_run(*run, job, word, target);
        notice.alert = alert.run;
        notice.detail = what;
        notice.retry_at.reset();
        notices_.write(std::move(notice));
    }
}

void Alerts::asked(const AlertAsked& asked) {
    const auto is_it = [&](const auto& entry) { return entry.second.run == asked.alert; };
    const auto found = std::find_if(open_.begin(), open_.end(), is_it);
    if (found == open_.end())
        return step_.refuse({Error::Kind::usage,
                             fmt::format("there is no open alert {}", asked.alert),
                             "`marketcron alerts` lists them",
                             {}});
    Alert& alert = found->second;
    const std::string shown = jobs_.plan().title(alert.job);
    const std::string done = asked.close ? "closed" : "acknowledged";
    step_.batch.operator_note =
        fmt::format("alert {} of {} {} by {}: {}", asked.alert, shown, done, asked.by, asked.reason);
    if (const Job* job = jobs_.planned(alert.job))
        send_word(alert, *job, asked.close ? NoticeKind::closed : NoticeKind::acked,
                  fmt::format("by {}: {}", asked.by, asked.reason));
    if (asked.close) {
        end(JobName(found->first), asked.by, asked.reason);
        return step_.done(fmt::format("alert {} of {} is closed", asked.alert, shown), {asked.alert});
    }
    std::string text =
        fmt::format("alert {} of {} is acknowledged: no more reminders are sent, and it closes when the run succeeds",
                    asked.alert, shown);
    if (alert.acked) text += fmt::format("; it was already acknowledged by {}: {}", alert.acked_by, alert.ack_reason);
    alert.acked = step_.now.wall;
    alert.acked_by = asked.by;
    alert.ack_reason = asked.reason;
    changed_.insert(alert.job);
    step_.done(std::move(text), {asked.alert});
}

}  // namespace mc
