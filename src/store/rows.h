// rows.h — the fields of the stored structs in the order of their columns: one list, for the way in and
// the way out. A field that is added to a struct does not compile before it stands here.
#pragma once

#include <type_traits>

#include "engine/run.h"
#include "store/notice_json.h"
#include "store/start_only.h"

namespace mc::store {

// Columns of table run. with_fields calls use(field...) with all of them.
inline constexpr const char* run_columns =
    "id, job, key, fire, logical_date, session, origin, state, reason, detail, attempt, "
    "attempts_before, started, finished, exit_code, signal, max_rss_bytes, cpu_seconds, fires, "
    "last_fire, not_before, not_after, deadline, timeout_up, kill_up, ending, batch, batch_width, "
    "forced, generation, user, past_gates, assume_upstream, clearing, sensing_since, start_only, alert, since, title";

// A part of a run, as const as the run is.
template <class Part, class AnyRun>
auto& part(AnyRun& run) {
    return static_cast<std::conditional_t<std::is_const_v<AnyRun>, const Part, Part>&>(run);
}

template <class AnyRun, class Use>
void with_run_fields(AnyRun& run, Use use) {
    auto& [id, job, key, fire, logical_date, session, origin, fires, last_fire, title] = part<RunIdentity>(run);
    auto& [state, reason, detail, since, attempt, attempts_before, started, finished, exit_code, signal, max_rss_bytes,
           cpu_seconds, timeout_up, kill_up, ending, generation, user, alert] = part<RunProgress>(run);
    auto& [not_before, not_after, deadline, sensing_since, clearing, batch, batch_width] = part<RunWaits>(run);
    auto& [forced, past_gates, assume_upstream, start_only] = part<RunOverrides>(run);
    std::string only = start_only_text(start_only);
    use(id, job, key, fire, logical_date, session, origin, state, reason, detail, attempt, attempts_before, started,
        finished, exit_code, signal, max_rss_bytes, cpu_seconds, fires, last_fire, not_before, not_after, deadline,
        timeout_up, kill_up, ending, batch, batch_width, forced, generation, user, past_gates, assume_upstream,
        clearing, sensing_since, only, alert, since, title);
    if constexpr (!std::is_const_v<AnyRun>) start_only = read_start_only(only);
}

inline constexpr const char* attempt_columns =
    "run, number, state, reason, started, finished, exit_code, signal, max_rss_bytes, cpu_seconds";

template <class AnyAttempt, class Use>
void with_attempt_fields(AnyAttempt& attempt, Use use) {
    auto& [run, number, state, reason, started, finished, exit_code, signal, max_rss_bytes, cpu_seconds] = attempt;
    use(run, number, state, reason, started, finished, exit_code, signal, max_rss_bytes, cpu_seconds);
}

inline constexpr const char* alert_columns =
    "run, job, fire, kind, opened, told, runs, acked, acked_by, ack_reason, closed, closed_by, close_reason, told_as, "
    "told_too";

template <class AnyAlert, class Use>
void with_alert_fields(AnyAlert& alert, Use use) {
    auto& [run, job, fire, kind, opened, told, runs, acked, acked_by, ack_reason, closed, closed_by, close_reason,
           told_as, told_too] = alert;
    std::string kinds = kinds_text(told_as);
    std::string others = told_too_text(told_too);
    use(run, job, fire, kind, opened, told, runs, acked, acked_by, ack_reason, closed, closed_by, close_reason, kinds,
        others);
    if constexpr (!std::is_const_v<AnyAlert>) {
        told_as = read_kinds(kinds);
        told_too = read_told_too(others);
    }
}

inline constexpr const char* job_columns =
    "job, schedule, since, enabled, held_since, held_until, held_by, iced_since, iced_until, iced_by";

template <class AnyRecord, class Use>
void with_job_fields(AnyRecord& record, Use use) {
    struct Columns {
        std::optional<Instant> since, until;
        std::string by;
    };
    const auto columns = [](const Rare<Hold>& hold) {
        return hold ? Columns{hold->since, hold->until, hold->by} : Columns{};
    };
    auto& [job, schedule, since, enabled, hold, ice] = record;
    Columns held = columns(hold), iced = columns(ice);
    use(job, schedule, since, enabled, held.since, held.until, held.by, iced.since, iced.until, iced.by);
    if constexpr (!std::is_const_v<AnyRecord>) {
        if (held.since) hold = Hold{*held.since, held.until, held.by};
        if (iced.since) ice = Hold{*iced.since, iced.until, iced.by};
    }
}

}  // namespace mc::store
