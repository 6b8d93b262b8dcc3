// alert.cpp — the one alert that a job keeps open (SPEC 5). Runs that end as upstream_failed open none:
// root_cause.cpp.
#include <fmt/format.h>

#include <algorithm>

#include "base/spelling.h"
#include "engine/body.h"
#include "engine/present.h"

namespace mc {

namespace {

// Of a shared row the last: a run that fills it in has that one.
Instant last_fire(const Run& run) { return run.last_fire.value_or(run.fire); }

bool contains(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

// Whoever was told of the alert, each once.
std::vector<std::string> audience(const NotifyRules& rules, const Alert& alert) {
    std::vector<std::string> all;
    for (const NoticeKind kind : alert.told_as)
        for (const std::string& target : targets(rules, kind))
            if (!contains(all, target)) all.push_back(target);
    for (const auto& [target, unused] : alert.told_too)
        if (!contains(all, target)) all.push_back(target);
    return all;
}

}  // namespace

RunId Engine::Body::raise(Run& run, NoticeKind kind) {
    const auto [found, is_new] = alerts.try_emplace(run.job);
    Alert& alert = found->second;
    if (is_new) {
        alert.run = run.id;
        alert.job = run.job;
        alert.fire = last_fire(run);
        alert.kind = kind;
        alert.opened = now.wall;
    } else if (alert.run != run.id && run.alert != alert.run) {
        ++alert.runs;
    } else if (alert.run == run.id && kind != NoticeKind::late) {
        alert.kind = kind;  // it was late, and now it is worse
    }
    run.alert = alert.run;
    alert.told = now.wall;
    alert.told_as.insert(kind);
    if (kind != NoticeKind::late)
        for (auto& [target, too] : alert.told_too) too.of = 0;
    changed_alerts.insert(run.job);
    return alert.run;
}

// Closes, with a message, when the run that opened it succeeds after all: late, or tried again. A backfill may have
// moved its fire, which has no jitter then.
void Engine::Body::close_alert(Run& run, const MarkAsked* mark) {
    const auto found = alerts.find(run.job);
    if (found == alerts.end()) return;
    const Alert alert = found->second;
    if (alert.run != run.id && alert.fire != last_fire(run)) return;
    if (mark) end_alert(run.job, mark->by, fmt::format("marked as {}: {}", to_text(run.state), mark->reason));
    else end_alert(run.job, {}, run.state == State::skipped ? "it was skipped" : "it has succeeded");
    const std::size_t before = batch.notices.size();
    tell(run, NoticeKind::recovery);
    if (const Job* job = job_of(run))
        for (const auto& [target, too] : alert.told_too)
            if (too.recovery && !contains(job->rules().recovery, target))
                batch.notices.push_back(notice_of(run, *job, NoticeKind::recovery, target));
    for (std::size_t i = before; i < batch.notices.size(); ++i) batch.notices[i].alert = alert.run;
}

// What was late is late no more; what went wrong is settled where a person says so.
void Engine::Body::close_skipped(Run& run, const MarkAsked* mark) {
    const auto found = alerts.find(run.job);
    if (found == alerts.end()) return;
    if (found->second.kind == NoticeKind::late || mark) close_alert(run, mark);
}

void Engine::Body::end_alert(const std::string& job, const std::string& by, const std::string& reason) {
    auto ended = alerts.extract(job);
    changed_alerts.erase(job);
    Alert& alert = ended.mapped();
    alert.closed = now.wall;
    alert.closed_by = by;
    alert.close_reason = reason;
    batch.alerts.push_back(std::move(alert));
}

// Not while a run of the job goes on, whose end may still be told. Who was told hears of it while the job's rules are
// known: not of a job that left while no daemon lived.
void Engine::Body::drop_alerts(const Plan* old) {
    constexpr const char* why = "the job is no longer in the file";
    const auto is_open = [&](RunId id) { return !finished(open.at(id).state); };
    std::vector<std::string> gone;
    for (const auto& [job, alert] : alerts) {
        if (plan->jobs.contains(job)) continue;
        const std::set<RunId>& runs = open_by_job[job];
        if (std::none_of(runs.begin(), runs.end(), is_open)) gone.push_back(job);
    }
    for (const std::string& name : gone) {
        if (old && old->jobs.contains(name)) tell_word(alerts.at(name), old->jobs.at(name), NoticeKind::closed, why);
        else if (const auto known = retired.find(name); known != retired.end())
            tell_word(alerts.at(name), known->second, NoticeKind::closed, why);
        end_alert(name, {}, why);
    }
}

// Those that nobody has acknowledged, at the interval of the job's rules.
void Engine::Body::repeat_alerts() {
    for (auto& [name, alert] : alerts) {
        const auto job = plan->jobs.find(name);
        if (job == plan->jobs.end() || alert.acked) continue;
        const auto& repeat = job->second.rules().repeat;
        if (!repeat || now.wall < alert.told + *repeat) continue;
        alert.told = now.wall;
        changed_alerts.insert(name);
        const auto run = Present(*this).by_id(alert.run);
        if (!run) continue;
        for (const std::string& target : audience(job->second.rules(), alert)) {
            Notice notice = notice_of(*run, job->second, alert.kind, target);
            notice.alert = alert.run;
            notice.open_since = alert.opened;
            notice.alert_runs = alert.runs;
            batch.notices.push_back(std::move(notice));
        }
    }
}

// To all who were told of the alert, so that no second person gets up.
void Engine::Body::tell_word(const Alert& alert, const Job& job, NoticeKind word, const std::string& what) {
    const auto run = Present(*this).by_id(alert.run);
    if (!run) return;
    for (const std::string& target : audience(job.rules(), alert)) {
        Notice notice = notice_of(*run, job, word, target);
        notice.alert = alert.run;
        notice.detail = what;
        notice.retry_at.reset();
        batch.notices.push_back(std::move(notice));
    }
}

void Engine::Body::alert_asked(const AlertAsked& asked) {
    const auto is_it = [&](const auto& entry) { return entry.second.run == asked.alert; };
    const auto found = std::find_if(alerts.begin(), alerts.end(), is_it);
    if (found == alerts.end())
        return refuse({Error::Kind::usage,
                       fmt::format("there is no open alert {}", asked.alert),
                       "`marketcron alerts` lists them",
                       {}});
    Alert& alert = found->second;
    const std::string shown = plan->title(alert.job);
    const std::string done = asked.close ? "closed" : "acknowledged";
    batch.operator_note = fmt::format("alert {} of {} {} by {}: {}", asked.alert, shown, done, asked.by, asked.reason);
    if (const auto job = plan->jobs.find(alert.job); job != plan->jobs.end())
        tell_word(alert, job->second, asked.close ? NoticeKind::closed : NoticeKind::acked,
                  fmt::format("by {}: {}", asked.by, asked.reason));
    if (asked.close) {
        end_alert(std::string(found->first), asked.by, asked.reason);
        return reply(true, fmt::format("alert {} of {} is closed", asked.alert, shown), {asked.alert});
    }
    std::string text = fmt::format(
        "alert {} of {} is acknowledged: it is not repeated, and closes once the run succeeds", asked.alert, shown);
    if (alert.acked) text += fmt::format("; it was acknowledged by {} before: {}", alert.acked_by, alert.ack_reason);
    alert.acked = now.wall;
    alert.acked_by = asked.by;
    alert.ack_reason = asked.reason;
    changed_alerts.insert(alert.job);
    reply(true, std::move(text), {asked.alert});
}

// Also an earlier run's, when this one failed while that was open.
RunId Engine::Body::alert_of(const Run& root) const {
    const auto found = alerts.find(root.job);
    if (found == alerts.end()) return 0;
    return found->second.run == root.id || found->second.run == root.alert ? found->second.run : 0;
}

}  // namespace mc
