#include "engine/notices.h"

#include <fmt/format.h>

namespace mc {

const std::vector<Target>& targets(const NotifyRules& rules, NoticeKind kind) {
    switch (kind) {
        case NoticeKind::failure: return rules.failure;
        case NoticeKind::retry: return rules.retry;
        case NoticeKind::success: return rules.success;
        case NoticeKind::late: return rules.late;
        case NoticeKind::missed: return rules.missed;
        case NoticeKind::recovery: return rules.recovery;
        case NoticeKind::output: return rules.output;
        case NoticeKind::acked:
        case NoticeKind::closed: break;
    }
    return rules.failure;
}

Notices::Notices(std::int64_t last, Step& step, const Definitions& jobs) : step_(step), jobs_(jobs), last_(last) {}

Notice Notices::of_run(const Run& run, const Job& job, NoticeKind kind, const std::string& target) {
    Notice notice;
    notice.id = ++last_;
    notice.target = target;
    notice.job = run.job;
    if (job.title) notice.title = *job.title;
    notice.run = run.id;
    notice.kind = kind;
    notice.created = step_.now.wall;
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

Notice Notices::of_text(const std::string& job, const std::string& target, std::string text) {
    Notice notice;
    notice.id = ++last_;
    notice.target = target;
    notice.job = job;
    notice.created = step_.now.wall;
    notice.is_action = true;
    notice.text = std::move(text);
    return notice;
}

Result<void> Notices::post(const SlackPost& action, const Job& job, const Run& run) {
    auto text = action.text.fill(facts_of(job, run), jobs_.calendars());
    if (!text) return tl::unexpected(std::move(text).error());
    Notice notice = of_text(run.job, Target("slack", action.to), *std::move(text));
    notice.run = run.id;
    notice.kind = NoticeKind::success;
    notice.logical_date = to_string(run.logical_date);
    notice.attempt = run.attempt;
    write(std::move(notice));
    return {};
}

// The message may have been written in this step.
void Notices::call_back(RunId run) {
    std::erase_if(written(), [run](const Notice& notice) { return notice.is_action && notice.run == run; });
    step_.batch.cancelled_actions.push_back(run);
}

void Notices::message_asked(const MessageAsked& asked) {
    step_.batch.operator_note = fmt::format("notify test {} by {}", asked.target, asked.by);
    write(of_text("notify test", asked.target, asked.text));
    step_.done(fmt::format("a test message for {} is queued; if it does not arrive, `marketcron status` shows why",
                           asked.target));
}

void Notices::trouble_told(const TroubleTold& told) {
    for (const TroubleMessage& message : told.messages) {
        Notice notice = of_text("marketcron", message.target, message.text);
        notice.title = message.title;
        write(std::move(notice));
    }
}

}  // namespace mc
