// names.h — the closed lists of the ledger: states, reasons and origins of runs, kinds of notifications.
//
// Each name has one spelling, used in code, database, JSON and man page.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace mc {

using RunId = std::int64_t;

// clang-format off
enum class State {
    scheduled, waiting, queued, running, retrying,  // unfinished
    success, failed, timed_out, killed, skipped, upstream_failed, missed, lost
};
enum class Reason {
    none,
    when_false, latest_only, superseded, overlap, exit_code, iced, upstream_skipped, upstream_failed, too_late,
    down, held, dependency, sensor, pool, claim, no_session, calendar_ended, sensor_timeout, timeout, oom, signal,
    stopped, marked, no_fire, disabled, removed, spawn_failed, other_cron, resources
};
// clang-format on
enum class Origin { live, catch_up, backfill, start };
// acked and closed: an operator acknowledged or closed an alert; sent to all targets that were notified of the alert.
enum class NoticeKind { failure, retry, success, late, missed, recovery, output, acked, closed };
// What a clear does with a run once the runs that it stops have ended. nothing: an operator stopped the run meanwhile.
enum class ClearPart { reset, nothing };

bool finished(State s);
std::string_view to_text(State s);
std::string_view to_text(Reason r);  // none is ""
std::string_view to_text(Origin o);
std::string_view to_text(NoticeKind k);
std::string_view to_text(ClearPart p);
std::optional<State> parse_state(std::string_view text);
std::optional<Reason> parse_reason(std::string_view text);
std::optional<Origin> parse_origin(std::string_view text);
std::optional<NoticeKind> parse_notice_kind(std::string_view text);
std::optional<ClearPart> parse_clear_part(std::string_view text);

}  // namespace mc
