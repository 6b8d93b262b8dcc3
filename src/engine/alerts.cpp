#include "engine/alerts.h"

#include <fmt/format.h>

#include <algorithm>

namespace mc {

namespace {

// For a shared row the last fire: a backfilled run of the row has that fire.
Instant last_fire(const Run& run) { return run.last_fire.value_or(run.fire); }

bool contains(const std::vector<Target>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

Alerts::Alerts(std::vector<Alert> recovered, Step& step, const Definitions& jobs, RunBook& book, Past& past,
               Notices& notices)
    : step_(step), jobs_(jobs), book_(book), past_(past), notices_(notices) {
    for (Alert& alert : recovered) open_.emplace(alert.job, std::move(alert));
}

bool Alerts::tell(const Run& run, NoticeKind kind, const std::string& tail) {
    const Job* job = jobs_.of(run);
    if (!job) return false;
    const bool is_bad = kind == NoticeKind::late || kind == NoticeKind::missed || kind == NoticeKind::failure;
    const RunId alert = is_bad ? raise(run, kind) : 0;
    if (is_bad) book_.count_in_alert(run, alert);
    for (const std::string& target : targets(job->rules(), kind)) {
        Notice notice = notices_.of_run(run, *job, kind, target);
        notice.tail = tail;
        notice.alert = alert;
        if (kind == NoticeKind::output && job->cron_mail) notice.cron_mail = *job->cron_mail;
        notices_.write(std::move(notice));
    }
    return !targets(job->rules(), kind).empty();
}

void Alerts::tell_output(const Run& run, const Outcome& outcome) {
    const Job* job = jobs_.of(run);
    if (!job || !outcome.printed) return;
    if (job->cron_mail && job->cron_mail->only_failures && run.state == State::success) return;
    tell(run, NoticeKind::output, outcome.tail);
}

RunId Alerts::raise(const Run& run, NoticeKind kind) {
    const auto [found, is_new] = open_.try_emplace(run.job);
    Alert& alert = found->second;
    if (is_new) {
        alert.run = run.id;
        alert.job = run.job;
        alert.fire = last_fire(run);
        alert.kind = kind;
        alert.opened = step_.now.wall;
    } else if (alert.run != run.id && run.alert != alert.run) {
        ++alert.runs;
    } else if (alert.run == run.id && kind != NoticeKind::late) {
        alert.kind = kind;  // a late run that fails makes the alert a failure
    }
    alert.told = step_.now.wall;
    alert.told_as.insert(kind);
    if (kind != NoticeKind::late)
        for (auto& [target, too] : alert.told_too) too.of = 0;
    changed_.insert(run.job);
    return alert.run;
}

RunId Alerts::of_failure(const Run& run) const {
    const auto found = open_.find(run.job);
    if (found == open_.end()) return 0;
    return found->second.run == run.id || found->second.run == run.alert ? found->second.run : 0;
}

bool Alerts::tell_too(const Run& root, const std::string& target, Listener listener) {
    ToldToo& too = open_.at(root.job).told_too[target];
    if (too.of == root.id && !listener.is_news) return false;
    too = {root.id, too.recovery || listener.wants_recovery};
    changed_.insert(root.job);
    return true;
}

// A skipped run closes only an alert about lateness; a mark also closes an alert about a failure.
void Alerts::close_for(const Run& run, Closes closes, const MarkAsked* mark) {
    const auto found = open_.find(run.job);
    if (found == open_.end() || closes == Closes::nothing) return;
    if (closes == Closes::if_late && found->second.kind != NoticeKind::late) return;
    close(run, mark);
}

// The alert belongs to the run if the run or the fire is the same: a backfill moves the fire, because it removes
// jitter.
void Alerts::close(const Run& run, const MarkAsked* mark) {
    const Alert alert = open_.at(run.job);
    if (alert.run != run.id && alert.fire != last_fire(run)) return;
    if (mark) end(run.job, mark->by, fmt::format("marked as {}: {}", to_text(run.state), mark->reason));
    else end(run.job, {}, run.state == State::skipped ? "it was skipped" : "it has succeeded");
    const std::size_t before = notices_.written().size();
    tell(run, NoticeKind::recovery);
    if (const Job* job = jobs_.of(run))
        for (const auto& [target, too] : alert.told_too)
            if (too.recovery && !contains(job->rules().recovery, target))
                notices_.write(notices_.of_run(run, *job, NoticeKind::recovery, target));
    for (std::size_t i = before; i < notices_.written().size(); ++i) notices_.written()[i].alert = alert.run;
}

void Alerts::end(const JobName& job, const std::string& by, const std::string& reason) {
    auto ended = open_.extract(job);
    changed_.erase(job);
    Alert& alert = ended.mapped();
    alert.closed = step_.now.wall;
    alert.closed_by = by;
    alert.close_reason = reason;
    step_.batch.alerts.push_back(std::move(alert));
}

std::optional<Instant> Alerts::repeat_due(const JobName& name, const Alert& alert) const {
    const Job* job = jobs_.planned(name);
    if (!job || alert.acked || !job->rules().repeat) return std::nullopt;
    return alert.told + *job->rules().repeat;
}

std::optional<Instant> Alerts::next_repeat() const {
    std::optional<Instant> next;
    for (const auto& [name, alert] : open_)
        if (const auto due = repeat_due(name, alert); due && (!next || *due < *next)) next = due;
    return next;
}

void Alerts::write() {
    for (const JobName& job : std::exchange(changed_, {})) step_.batch.alerts.push_back(open_.at(job));
}

}  // namespace mc
