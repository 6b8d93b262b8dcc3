// run.h — the nouns of the ledger: states, reasons, a run, an attempt's outcome, a notice.
//
// These are the rows as they are stored and shown; their spellings are one in code, database, JSON
// and man page (names.cpp has the texts).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/boxed_optional.h"
#include "base/time.h"
#include "config/mail.h"
#include "reason/data.h"
#include "schedule/fire_key.h"

namespace mc {

// What a person asked of one run alone: start --memory --timeout --env.
struct StartOptions {
    std::optional<std::uint64_t> memory;  // bytes claimed
    std::optional<Seconds> timeout;
    std::map<std::string, std::string> env;
    bool operator==(const StartOptions&) const = default;
};

// Which fire of which job a run is for. Set when the run is made; only `origin` may change later.
struct RunIdentity {
    RunId id = 0;
    std::string job;
    FireKey key;   // of the fire; (job, key) is unique
    Instant fire;  // when it was due
    Date logical_date;
    std::optional<Date> session;
    Origin origin = Origin::live;
    int fires = 1;  // a shared row covers several fires, from `fire` to `last_fire`
    std::optional<Instant> last_fire;
    std::string title;  // of a crontab's job its FILE:LINE then; else ""
    bool operator==(const RunIdentity&) const = default;
};

// How far the run has come, with its latest attempt. Only RunBook changes it (engine/run_moves.h).
struct RunProgress {
    State state = State::scheduled;
    Reason reason = Reason::none;
    BoxedOptional<ReasonData> reason_data{};  // the reason's facts, where it has any
    std::string detail;                       // the same as a sentence; "" when state and reason say all
    std::optional<Instant> since;             // when it came into its state, with its reason

    int attempt = 0;          // number of the latest attempt; counts on through reruns
    int attempts_before = 0;  // number of the last attempt before the latest rerun; retries count from it
    std::optional<Instant> started, finished;  // of the latest attempt; `finished` also of a run without one
    std::optional<int> exit_code, signal;
    std::optional<std::int64_t> max_rss_bytes;
    std::optional<double> cpu_seconds;

    std::optional<Seconds> timeout_up;  // when the attempt is to be ended, on the monotonic clock
    std::optional<Seconds> kill_up;     // when SIGKILL follows SIGTERM
    std::optional<State> ending;        // timed_out or killed, once its end was asked for
    std::string generation;             // of the plan it (last) started with
    std::string user;                   // that it (last) ran as; "" = the daemon's own, or it never started
    RunId alert = 0;                    // the alert that counts it; 0: none
    bool operator==(const RunProgress&) const = default;
};

// What an unfinished run waits for, and until when.
struct RunWaits {
    std::optional<Instant> not_before;  // wait_until, or the next attempt of a retrying run
    std::optional<Instant> not_after;
    std::optional<Instant> deadline;       // cleared once it was told, or need not be told any more
    std::optional<Instant> sensing_since;  // when it began to wait for its sensors: their timeouts count from it
    std::int64_t clearing = 0;             // the clear that waits for its end; 0: none
    ClearPart clear_part = ClearPart::reset;
    std::int64_t batch = 0;  // the runs of one backfill share it
    int batch_width = 1;     // at most so many of the batch at once
    bool operator==(const RunWaits&) const = default;
};

// What an operator decided for this run alone.
struct RunOverrides {
    bool forced = false;                          // may start after its not_after
    bool bypasses_gates = false;                  // no hold and no upstream job keeps it waiting
    bool assume_upstream = false;                 // an upstream without a row counts as success
    BoxedOptional<StartOptions> start_options{};  // in place of the job's
    bool operator==(const RunOverrides&) const = default;
};

// One job for one fire. (job, key) is unique.
struct Run : RunIdentity, RunProgress, RunWaits, RunOverrides {
    bool operator==(const Run&) const = default;
};

// Why an attempt could not begin now, though it may later: a full disk, no process to be had.
struct Hindrance {
    enum class Of {
        every_run,  // of the machine or the state directory
        this_run,   // of its own user, directory, program or files
    } of = Of::every_run;
    std::string text;  // "cannot make a process: Resource temporarily unavailable"
};

// How an attempt ended, as the one who waited for it saw it.
struct Outcome {
    RunId run = 0;
    int attempt = 0;
    Instant started, finished;
    std::optional<int> exit_code, signal;  // one of them, unless spawn_error, hindered or lost
    std::string spawn_error;               // "cannot execute /opt/x: No such file or directory"
    std::optional<Hindrance> hindered;     // it did not begin, and may be started again
    bool lost = false;                     // nobody can know whether or how it ended
    std::int64_t max_rss_bytes = 0;
    double cpu_seconds = 0;
    std::string tail;      // last lines of output, for the notice; masked
    bool printed = false;  // anything at all; told where the job's `notify.output` wants to know
};

// A row of the attempt table: written when an attempt ends.
struct Attempt {
    RunId run = 0;
    int number = 0;
    State state = State::failed;
    Reason reason = Reason::none;
    Instant started, finished;
    std::optional<int> exit_code, signal;
    std::int64_t max_rss_bytes = 0;
    double cpu_seconds = 0;
    bool operator==(const Attempt&) const = default;
};

// A message to be sent: one outbox row for each target. Everything it will say is in it, secrets never.
struct Notice {
    std::int64_t id = 0;  // given by the engine, growing; the key of a repeat
    std::string target;   // "slack:ops", "mail:ops@example.com"
    std::string job;
    std::string title;  // what people see instead of the job's name; "" = the name
    std::optional<RunId> run;
    NoticeKind kind = NoticeKind::failure;
    Instant created;
    bool is_action = false;  // a job's own `slack` action: `text` is all; its delivery ends the run's attempt
    std::string text;        // for actions
    // facts of the run when it was made
    std::string logical_date;
    State state = State::failed;
    Reason reason = Reason::none;
    std::string detail;
    int attempt = 0, attempts = 1;
    int attempt_number = 0;  // for ever growing, as Run::attempt: whose output it is about
    std::optional<Seconds> duration;
    int fires = 1;
    std::string tail, runbook;
    std::optional<Instant> retry_at;
    std::optional<CronMail> cron_mail;
    RunId alert = 0;                    // that it opens, repeats or closes; 0: none
    std::optional<Instant> open_since;  // it repeats that alert, which is open since then
    int alert_runs = 1;                 // that went wrong since
    std::string behind;                 // whom the failure kept from running: "b, c and 8 more"; "" = nobody
    bool operator==(const Notice&) const = default;
};

// Of an alert, a place that hears of a job that could not run because of it.
struct ToldToo {
    RunId of = 0;           // the failed run of which it was told; 0: not of the latest failure
    bool recovery = false;  // it hears of the job's recoveries
    bool operator==(const ToldToo&) const = default;
};

// A job's alert: open from its first bad run until that run succeeds, or a person closes it.
struct Alert {
    RunId run = 0;  // that opened it; people name the alert by it
    std::string job;
    Instant fire;                           // the run's (last) fire
    NoticeKind kind = NoticeKind::failure;  // failure, late or missed
    Instant opened, told;                   // told: when its latest message was written
    int runs = 1;                           // of the job that went wrong since, that one too; each once
    std::optional<Instant> acked;           // a person knows: it is not repeated
    std::string acked_by, ack_reason;
    std::optional<Instant> closed;
    std::string closed_by, close_reason;      // by "": by itself
    std::set<NoticeKind> told_as;             // what its messages were, failure, late or missed: who was told follows
    std::map<std::string, ToldToo> told_too;  // for jobs that it keeps from running
    bool operator==(const Alert&) const = default;
};

// Nothing of a held job starts, but by hand, until it is released or that instant comes.
struct Hold {
    Instant since;
    std::optional<Instant> until;
    std::string by;  // "root"; "the configuration"
    bool operator==(const Hold&) const = default;
};

// What the ledger keeps of a job beside its runs.
struct JobRecord {
    std::string job;
    std::string schedule;  // config/plan.h schedule_text(): what decides its fires
    Instant since;         // that schedule was loaded then: no fire before it
    bool enabled = true;
    BoxedOptional<Hold> hold{};
    BoxedOptional<Hold> ice{};  // its due runs are skipped, and whoever waits for it goes on
    bool held() const { return static_cast<bool>(hold); }
    bool iced() const { return static_cast<bool>(ice); }
    bool operator==(const JobRecord&) const = default;
};

}  // namespace mc
