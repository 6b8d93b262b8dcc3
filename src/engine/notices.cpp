// notices.cpp — whom to tell of what (SPEC 5).
#include "engine/body.h"

namespace mc {

const std::vector<std::string>& targets(const NotifyRules& rules, NoticeKind kind) {
    switch (kind) {
        case NoticeKind::failure: return rules.failure;
        case NoticeKind::retry: return rules.retry;
        case NoticeKind::success: return rules.success;
        case NoticeKind::late: return rules.late;
        case NoticeKind::missed: return rules.missed;
        case NoticeKind::recovery: return rules.recovery;
        case NoticeKind::output: return rules.output;
        case NoticeKind::acked:
        case NoticeKind::closed: break;  // they go where their alert went
    }
    return rules.failure;
}

Notice Engine::Body::notice_of(const Run& run, const Job& job, NoticeKind kind, const std::string& target) {
    Notice notice;
    notice.id = ++last_notice;
    notice.target = target;
    notice.job = run.job;
    if (job.title) notice.title = *job.title;
    notice.run = run.id;
    notice.kind = kind;
    notice.created = now.wall;
    notice.logical_date = to_string(run.logical_date);
    notice.state = run.state;
    notice.reason = run.reason;
    notice.detail = run.detail;
    notice.attempt = run.attempt - run.attempts_before;
    notice.attempts = 1 + job.retries;
    notice.attempt_number = run.attempt;
    if (run.started && run.finished) notice.duration = *run.finished - *run.started;
    notice.fires = run.fires;
    notice.runbook = job.runbook;
    if (run.state == State::retrying) notice.retry_at = run.not_before;
    return notice;
}

bool Engine::Body::tell(Run& run, NoticeKind kind, const std::string& tail) {
    const Job* job = job_of(run);
    if (!job) return false;
    const bool is_bad = kind == NoticeKind::late || kind == NoticeKind::missed || kind == NoticeKind::failure;
    const RunId alert = is_bad ? raise(run, kind) : 0;
    for (const std::string& target : targets(job->rules(), kind)) {
        Notice notice = notice_of(run, *job, kind, target);
        notice.tail = tail;
        notice.alert = alert;
        if (kind == NoticeKind::output && job->cron_mail) notice.cron_mail = *job->cron_mail;
        batch.notices.push_back(std::move(notice));
    }
    return !targets(job->rules(), kind).empty();
}

// What an attempt printed, when somebody wants it: under cron's `-n` only of one that did not succeed.
void Engine::Body::tell_output(Run& run, const Outcome& outcome) {
    const Job* job = job_of(run);
    if (!job || !outcome.printed) return;
    if (job->cron_mail && job->cron_mail->only_failures && run.state == State::success) return;
    tell(run, NoticeKind::output, outcome.tail);
}

// A run whose action is a message: it stands in the outbox from the same transaction on, and its delivery
// ends the attempt, whichever daemon sees it.
void Engine::Body::post(const SlackPost& action, const Job& job, Run& run) {
    const auto text = action.text.fill(facts_of(job, run), *plan->calendars);
    if (!text) return finish(run, State::failed, reason_of_text(text.error()), text.error().what);
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

}  // namespace mc
