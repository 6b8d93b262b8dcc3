// notices.cpp — whom to tell of what, and the one alert that a job keeps open (SPEC 5).
#include "engine/body.h"

namespace mc {

namespace {

// Of a shared row the last: a run that fills it in has that one.
Instant last_fire(const Run& run) { return run.last_fire.value_or(run.fire); }

const std::vector<std::string>& targets(const NotifyRules& rules, NoticeKind kind) {
    switch (kind) {
        case NoticeKind::failure: return rules.failure;
        case NoticeKind::retry: return rules.retry;
        case NoticeKind::success: return rules.success;
        case NoticeKind::late: return rules.late;
        case NoticeKind::missed: return rules.missed;
        case NoticeKind::recovery: return rules.recovery;
        case NoticeKind::output: return rules.output;
    }
    return rules.failure;
}

}  // namespace

bool Engine::Body::tell(const Run& run, NoticeKind kind, const std::string& tail) {
    const Job* job = job_of(run);
    if (!job) return false;
    for (const std::string& target : targets(job->notify, kind)) {
        Notice notice;
        notice.id = ++last_notice;
        notice.target = target;
        notice.job = run.job;
        if (job->title) notice.title = *job->title;
        notice.run = run.id;
        notice.kind = kind;
        notice.created = now.wall;
        notice.logical_date = to_string(run.logical_date);
        notice.state = run.state;
        notice.reason = run.reason;
        notice.detail = run.detail;
        notice.attempt = run.attempt - run.attempts_before;
        notice.attempts = 1 + job->retries;
        notice.attempt_number = run.attempt;
        if (run.started && run.finished) notice.duration = *run.finished - *run.started;
        notice.fires = run.fires;
        notice.tail = tail;
        notice.runbook = job->runbook;
        if (run.state == State::retrying) notice.retry_at = run.not_before;
        if (kind == NoticeKind::output && job->cron_mail) notice.cron_mail = *job->cron_mail;
        batch.notices.push_back(std::move(notice));
    }
    if (kind == NoticeKind::late || kind == NoticeKind::missed || kind == NoticeKind::failure) {
        const auto record = records.find(run.job);
        if (record != records.end() && !record->second.alert_fire) {
            record->second.alert_fire = last_fire(run);
            batch.jobs.push_back(record->second);
        }
    }
    return !targets(job->notify, kind).empty();
}

// What an attempt printed, when somebody wants it: under cron's `-n` only of one that did not succeed.
void Engine::Body::tell_output(const Run& run, const Outcome& outcome) {
    const Job* job = job_of(run);
    if (!job || !outcome.printed) return;
    if (job->cron_mail && job->cron_mail->only_failures && run.state == State::success) return;
    tell(run, NoticeKind::output, outcome.tail);
}

// A run whose action is a message: it stands in the outbox from the same transaction on, and its delivery
// ends the attempt, whichever daemon sees it.
void Engine::Body::post(const SlackPost& action, const Job& job, Run& run) {
    const auto text = action.text.fill(facts_of(job, run), *plan->calendars);
    if (!text) return finish(run, State::failed, Reason::spawn_failed, text.error().what);
    Notice notice;
    notice.id = ++last_notice;
    notice.target = "slack:" + action.to;
    notice.job = run.job;
    notice.run = run.id;
    notice.kind = NoticeKind::success;
    notice.created = now.wall;
    notice.is_action = true;
    notice.text = *text;
    notice.logical_date = to_string(run.logical_date);
    notice.attempt = run.attempt;
    batch.notices.push_back(std::move(notice));
}

// The alert that a run opened closes, with a message, when that run succeeds after all: late, or tried again.
void Engine::Body::close_alert(const Run& run) {
    const auto record = records.find(run.job);
    if (record == records.end() || record->second.alert_fire != last_fire(run)) return;
    record->second.alert_fire.reset();
    batch.jobs.push_back(record->second);
    tell(run, NoticeKind::recovery);
}

}  // namespace mc
