// full_rows.h — one row of each kind with every field different from its default, so that a store that forgets a
// field is noticed.
//
// members() counts the members of each struct by a structured binding: a new member does not compile before it
// is added here, and full_rows_test.cpp fails until full_...() sets it.
#pragma once

#include <tuple>

#include "worlds.h"

namespace mc {

Run full_run();
Attempt full_attempt();
Notice full_notice();
Alert full_alert();
JobRecord full_record();
SlackThread full_thread();

inline auto members(const RunIdentity& all) {
    const auto& [id, job, key, fire, logical_date, session, origin, fires, last_fire, title] = all;
    return std::tie(id, job, key, fire, logical_date, session, origin, fires, last_fire, title);
}
inline auto members(const RunProgress& all) {
    const auto& [state, reason, reason_data, detail, since, attempt, attempts_before, started, finished, exit_code,
                 signal, max_rss_bytes, cpu_seconds, timeout_up, kill_up, ending, generation, user, alert] = all;
    return std::tie(state, reason, reason_data, detail, since, attempt, attempts_before, started, finished, exit_code,
                    signal, max_rss_bytes, cpu_seconds, timeout_up, kill_up, ending, generation, user, alert);
}
inline auto members(const RunWaits& all) {
    const auto& [not_before, not_after, deadline, sensing_since, clearing, clear_part, batch, batch_width] = all;
    return std::tie(not_before, not_after, deadline, sensing_since, clearing, clear_part, batch, batch_width);
}
inline auto members(const StartOptions& all) {
    const auto& [memory, timeout, env] = all;
    return std::tie(memory, timeout, env);
}
inline auto members(const RunOverrides& all) {
    const auto& [forced, bypasses_gates, assume_upstream, start_options] = all;
    return std::tie(forced, bypasses_gates, assume_upstream, start_options);
}
inline auto members(const Attempt& all) {
    const auto& [run, number, state, reason, started, finished, exit_code, signal, max_rss_bytes, cpu_seconds] = all;
    return std::tie(run, number, state, reason, started, finished, exit_code, signal, max_rss_bytes, cpu_seconds);
}
inline auto members(const CronMail& all) {
    const auto& [user, command, from, content_type, transfer_encoding, only_failures] = all;
    return std::tie(user, command, from, content_type, transfer_encoding, only_failures);
}
inline auto members(const Notice& all) {
    const auto& [id, target, job, title, run, kind, created, is_action, text, logical_date, state, reason, detail,
                 attempt, attempts, attempt_number, duration, fires, tail, runbook, retry_at, cron_mail, alert,
                 open_since, alert_runs, behind] = all;
    return std::tie(id, target, job, title, run, kind, created, is_action, text, logical_date, state, reason, detail,
                    attempt, attempts, attempt_number, duration, fires, tail, runbook, retry_at, cron_mail, alert,
                    open_since, alert_runs, behind);
}
inline auto members(const ToldToo& all) {
    const auto& [of, recovery] = all;
    return std::tie(of, recovery);
}
inline auto members(const Alert& all) {
    const auto& [run, job, fire, kind, opened, told, runs, acked, acked_by, ack_reason, closed, closed_by, close_reason,
                 told_as, told_too] = all;
    return std::tie(run, job, fire, kind, opened, told, runs, acked, acked_by, ack_reason, closed, closed_by,
                    close_reason, told_as, told_too);
}
inline auto members(const Hold& all) {
    const auto& [since, until, by] = all;
    return std::tie(since, until, by);
}
inline auto members(const JobRecord& all) {
    const auto& [job, schedule, since, enabled, hold, ice] = all;
    return std::tie(job, schedule, since, enabled, hold, ice);
}
inline auto members(const SlackThread& all) {
    const auto& [target, alert, channel, ts, body, configured] = all;
    return std::tie(target, alert, channel, ts, body, configured);
}

}  // namespace mc
