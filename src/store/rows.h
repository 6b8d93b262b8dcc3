// rows.h — the columns of each stored struct. A field that is added to a struct must be added here too, or this file
// does not compile.
#pragma once

#include <type_traits>

#include "engine/run.h"
#include "reason/json.h"
#include "store/columns.h"
#include "store/notice_json.h"
#include "store/start_options.h"
#include "store/store.h"

namespace mc::store {

// A part of a run, as const as the run is.
template <class Part, class AnyRun>
auto& part(AnyRun& run) {
    return static_cast<std::conditional_t<std::is_const_v<AnyRun>, const Part, Part>&>(run);
}

template <>
struct TableOf<Run> {
    template <class AnyRun, class Use>
    static void with_columns(AnyRun& run, Use use) {
        auto& [id, job, key, fire, logical_date, session, origin, fires, last_fire, title] = part<RunIdentity>(run);
        auto& [state, reason, reason_data, detail, since, attempt, attempts_before, started, finished, exit_code,
               signal, max_rss_bytes, cpu_seconds, timeout_up, kill_up, ending, generation, user, alert] =
            part<RunProgress>(run);
        auto& [not_before, not_after, deadline, sensing_since, clearing, clear_part, batch, batch_width] =
            part<RunWaits>(run);
        auto& [forced, bypasses_gates, assume_upstream, start_options] = part<RunOverrides>(run);
        std::string only = start_options_text(start_options), facts = reason_data_text(reason_data);
        State asked_end = ending.value_or(State::running);
        use(Column{"id", id}, Column{"job", job}, Column{"key", key}, Column{"fire", fire},
            Column{"logical_date", logical_date}, Column{"session", session}, Column{"origin", origin},
            Column{"state", state}, Column{"reason", reason}, Column{"reason_data", facts}, Column{"detail", detail},
            Column{"attempt", attempt}, Column{"attempts_before", attempts_before}, Column{"started", started},
            Column{"finished", finished}, Column{"exit_code", exit_code}, Column{"signal", signal},
            Column{"max_rss_bytes", max_rss_bytes}, Column{"cpu_seconds", cpu_seconds}, Column{"fires", fires},
            Column{"last_fire", last_fire}, Column{"not_before", not_before}, Column{"not_after", not_after},
            Column{"deadline", deadline}, Column{"timeout_up", timeout_up}, Column{"kill_up", kill_up},
            Column{"ending", asked_end}, Column{"batch", batch}, Column{"batch_width", batch_width},
            Column{"forced", forced}, Column{"generation", generation}, Column{"user", user},
            Column{"bypasses_gates", bypasses_gates}, Column{"assume_upstream", assume_upstream},
            Column{"clearing", clearing}, Column{"clear_part", clear_part}, Column{"sensing_since", sensing_since},
            Column{"start_options", only}, Column{"alert", alert}, Column{"since", since}, Column{"title", title});
        if constexpr (!std::is_const_v<AnyRun>) {
            start_options = read_start_options(only);
            reason_data = read_reason_data(facts);
            ending = asked_end == State::running ? std::nullopt : std::optional(asked_end);
        }
    }
};

template <>
struct TableOf<Attempt> {
    template <class AnyAttempt, class Use>
    static void with_columns(AnyAttempt& attempt, Use use) {
        auto& [run, number, state, reason, started, finished, exit_code, signal, max_rss_bytes, cpu_seconds] = attempt;
        use(Column{"run", run}, Column{"number", number}, Column{"state", state}, Column{"reason", reason},
            Column{"started", started}, Column{"finished", finished}, Column{"exit_code", exit_code},
            Column{"signal", signal}, Column{"max_rss_bytes", max_rss_bytes}, Column{"cpu_seconds", cpu_seconds});
    }
};

template <>
struct TableOf<Alert> {
    template <class AnyAlert, class Use>
    static void with_columns(AnyAlert& alert, Use use) {
        auto& [run, job, fire, kind, opened, told, runs, acked, acked_by, ack_reason, closed, closed_by, close_reason,
               told_as, told_too] = alert;
        std::string kinds = kinds_text(told_as), others = told_too_text(told_too);
        use(Column{"run", run}, Column{"job", job}, Column{"fire", fire}, Column{"kind", kind},
            Column{"opened", opened}, Column{"told", told}, Column{"runs", runs}, Column{"acked", acked},
            Column{"acked_by", acked_by}, Column{"ack_reason", ack_reason}, Column{"closed", closed},
            Column{"closed_by", closed_by}, Column{"close_reason", close_reason}, Column{"told_as", kinds},
            Column{"told_too", others});
        if constexpr (!std::is_const_v<AnyAlert>) {
            told_as = read_kinds(kinds);
            told_too = read_told_too(others);
        }
    }
};

template <>
struct TableOf<JobRecord> {
    template <class AnyRecord, class Use>
    static void with_columns(AnyRecord& record, Use use) {
        struct Part {
            std::optional<Instant> since, until;
            std::string by;
        };
        const auto columns = [](const BoxedOptional<Hold>& hold) {
            return hold ? Part{hold->since, hold->until, hold->by} : Part{};
        };
        auto& [job, schedule, since, enabled, hold, ice] = record;
        Part held = columns(hold), iced = columns(ice);
        use(Column{"job", job}, Column{"schedule", schedule}, Column{"since", since}, Column{"enabled", enabled},
            Column{"held_since", held.since}, Column{"held_until", held.until}, Column{"held_by", held.by},
            Column{"iced_since", iced.since}, Column{"iced_until", iced.until}, Column{"iced_by", iced.by});
        if constexpr (!std::is_const_v<AnyRecord>) {
            if (held.since) hold = Hold{*held.since, held.until, held.by};
            if (iced.since) ice = Hold{*iced.since, iced.until, iced.by};
        }
    }
};

// A message as it is stored: some fields of the Notice have columns, and `body` has the others (notice_json.h).
struct StoredMessage {
    OutboxRow row;
    std::string body;
};

template <>
struct TableOf<StoredMessage> {
    template <class AnyMessage, class Use>
    static void with_columns(AnyMessage& message, Use use) {
        auto& [row, body] = message;
        auto& [notice, tries, next_try, last_error] = row;
        use(Column{"id", notice.id}, Column{"target", notice.target}, Column{"job", notice.job},
            Column{"run", notice.run}, Column{"kind", notice.kind}, Column{"created", notice.created},
            Column{"is_action", notice.is_action}, Column{"tries", tries}, Column{"next_try", next_try},
            Column{"last_error", last_error}, Column{"body", body});
    }
};

template <>
struct TableOf<SlackThread> {
    template <class AnyThread, class Use>
    static void with_columns(AnyThread& thread, Use use) {
        auto& [target, alert, channel, ts, body, configured] = thread;
        use(Column{"target", target}, Column{"alert", alert}, Column{"channel", channel}, Column{"ts", ts},
            Column{"body", body}, Column{"configured", configured});
    }
};

}  // namespace mc::store
