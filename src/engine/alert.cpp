// alert.cpp — the one alert that a job keeps open, and who is told of runs that could not start (SPEC 5).
//
// Runs that end as upstream_failed open none: the failure that began it is told, once for each who hears of any of
// them, with all that it keeps from running.
#include <fmt/format.h>

#include <algorithm>

#include "base/spelling.h"
#include "engine/body.h"
#include "engine/present.h"

namespace mc {

namespace {

constexpr std::size_t jobs_named = 20;
constexpr int generations_max = 100;

// Of a shared row the last: a run that fills it in has that one.
Instant last_fire(const Run& run) { return run.last_fire.value_or(run.fire); }

// The run that failed first among those that a job waits for; 0 when none has.
RunId failed_run(const std::vector<UpstreamLook>& seen) {
    const auto is_it = [](const UpstreamLook& look) { return look.is == UpstreamLook::Is::failed && look.run != 0; };
    const auto found = std::find_if(seen.begin(), seen.end(), is_it);
    return found == seen.end() ? 0 : found->run;
}

}  // namespace

const Alert& Engine::Body::raise(const Run& run, NoticeKind kind) {
    const auto [found, is_new] = alerts.try_emplace(run.job);
    Alert& alert = found->second;
    if (is_new) {
        alert.run = run.id;
        alert.job = run.job;
        alert.fire = last_fire(run);
        alert.kind = kind;
        alert.opened = now.wall;
    } else if (alert.run != run.id && kind != NoticeKind::late) {
        ++alert.runs;
    } else if (alert.run == run.id && kind != NoticeKind::late) {
        alert.kind = kind;  // it was late, and now it is worse
    }
    alert.told = now.wall;
    changed_alerts.insert(run.job);
    return alert;
}

// Closes, with a message, when the run that opened it succeeds after all: late, or tried again.
void Engine::Body::close_alert(const Run& run) {
    const auto found = alerts.find(run.job);
    if (found == alerts.end() || found->second.fire != last_fire(run)) return;
    const RunId number = found->second.run;
    end_alert(run.job, {}, "it has succeeded");
    const std::size_t before = batch.notices.size();
    tell(run, NoticeKind::recovery);
    for (std::size_t i = before; i < batch.notices.size(); ++i) batch.notices[i].alert = number;
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

void Engine::Body::drop_alerts() {
    std::vector<std::string> gone;
    for (const auto& [job, alert] : alerts)
        if (!plan->jobs.contains(job) && !retired.contains(job)) gone.push_back(job);
    for (const std::string& job : gone) end_alert(job, {}, "the job is no longer in the file");
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
        for (const std::string& target : targets(job->second.rules(), alert.kind)) {
            Notice notice = notice_of(*run, job->second, alert.kind, target);
            notice.alert = alert.run;
            notice.open_since = alert.opened;
            notice.alert_runs = alert.runs;
            batch.notices.push_back(std::move(notice));
        }
    }
}

// To all who were told of the alert, so that no second person gets up.
void Engine::Body::tell_word(const Alert& alert, NoticeKind word, const AlertAsked& asked) {
    const auto job = plan->jobs.find(alert.job);
    const auto run = Present(*this).by_id(alert.run);
    if (job == plan->jobs.end() || !run) return;
    for (const std::string& target : targets(job->second.rules(), alert.kind)) {
        Notice notice = notice_of(*run, job->second, word, target);
        notice.alert = alert.run;
        notice.detail = fmt::format("by {}: {}", asked.by, asked.reason);
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
    const std::string shown = plan->title(found->second.job);
    const std::string done = asked.close ? "closed" : "acknowledged";
    batch.operator_note = fmt::format("alert {} of {} {} by {}: {}", asked.alert, shown, done, asked.by, asked.reason);
    tell_word(found->second, asked.close ? NoticeKind::closed : NoticeKind::acked, asked);
    if (asked.close) {
        end_alert(std::string(found->first), asked.by, asked.reason);
        return reply(true, fmt::format("alert {} of {} is closed", asked.alert, shown), {asked.alert});
    }
    Alert& alert = found->second;
    alert.acked = now.wall;
    alert.acked_by = asked.by;
    alert.ack_reason = asked.reason;
    changed_alerts.insert(alert.job);
    reply(true,
          fmt::format("alert {} of {} is acknowledged: it is not repeated, and closes once the run succeeds",
                      asked.alert, shown),
          {asked.alert});
}

// The root is looked for through those that could not start either.
void Engine::Body::fell(const Run& run, const std::vector<UpstreamLook>& seen) {
    const Present present(*this);
    RunId root = run.id;
    RunId before = failed_run(seen);
    for (int generation = 0; before != 0 && generation < generations_max; ++generation) {
        if (const auto known = root_of.find(before); known != root_of.end()) {
            root = known->second;
            break;
        }
        root = before;
        const auto failed = present.by_id(before);
        const Job* job = failed && failed->state == State::upstream_failed ? job_of(*failed) : nullptr;
        if (!job || !job->after) break;
        std::vector<UpstreamLook> theirs;
        for (const Upstream& upstream : job->after->upstreams) theirs.push_back(look(upstream, *failed, present));
        before = failed_run(theirs);
    }
    root_of.emplace(run.id, root);
    fallen[root].push_back(run.id);
}

void Engine::Body::tell_fallen() {
    const Present present(*this);
    for (const auto& [root_id, runs] : std::exchange(fallen, {})) {
        std::map<std::string, std::vector<std::string>> audience;  // whom to tell: of which jobs
        for (const RunId id : runs) {
            Run& run = open.at(id);
            const Job* job = job_of(run);
            if (!job || job->rules().failure.empty()) continue;
            run.deadline.reset();
            for (const std::string& target : job->rules().failure) audience[target].push_back(job->shown());
        }
        const auto root = present.by_id(root_id);
        const Job* job = root ? job_of(*root) : nullptr;
        if (!job) continue;
        for (auto& [target, jobs] : audience) {
            const auto is_told = [&, to = target](const Notice& notice) {
                return notice.run == root_id && notice.target == to && notice.kind == NoticeKind::failure;
            };
            auto told = std::find_if(batch.notices.begin(), batch.notices.end(), is_told);
            if (told == batch.notices.end())
                told = batch.notices.insert(told, notice_of(*root, *job, NoticeKind::failure, target));
            std::erase(jobs, job->shown());
            std::sort(jobs.begin(), jobs.end());
            jobs.erase(std::unique(jobs.begin(), jobs.end()), jobs.end());
            told->behind = jobs.empty() ? "" : listed(jobs, jobs_named);
        }
    }
    root_of.clear();
}

}  // namespace mc
