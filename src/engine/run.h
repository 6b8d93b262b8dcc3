// run.h — the rows of the ledger: runs, attempts, notifications, alerts and job records; and an attempt's outcome.
//
// Their members have the same names in code, database, JSON and man page.
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
#include "schedule/job_name.h"

namespace mc {

// Options of `start` for one run: --memory, --timeout, --env.
struct StartOptions {
    std::optional<std::uint64_t> memory;  // bytes claimed
    std::optional<Seconds> timeout;
    std::map<std::string, std::string> env;
    bool operator==(const StartOptions&) const = default;
};

// Which fire of which job a run is for. Set when the run is made; only `origin` may change later.
struct RunIdentity {
    RunId id = 0;
    JobName job;
    FireKey key;   // of the fire; (job, key) is unique
    Instant fire;  // when it was due
    Date logical_date;
    std::optional<Date> session;
    Origin origin = Origin::live;
    int fires = 1;  // a shared row covers several fires, from `fire` to `last_fire`
    std::optional<Instant> last_fire;
    std::string title;  // of a crontab's job: its FILE:LINE at that time; else ""
    bool operator==(const RunIdentity&) const = default;
};

// How far the run has come, with its latest attempt. Only RunBook changes it (engine/run_moves.h).
struct RunProgress {
    State state = State::scheduled;
    Reason reason = Reason::none;
    BoxedOptional<ReasonData> reason_data{};  // the reason's facts, if it has any
    std::string detail;                       // the same facts as a sentence; "" if state and reason are enough
    std::optional<Instant> since;             // when it got its present state and reason

    int attempt = 0;          // number of the latest attempt; a rerun does not reset it
    int attempts_before = 0;  // number of the last attempt before the latest rerun; retries are counted from it
    std::optional<Instant> started, finished;  // of the latest attempt; `finished` also of a run without one
    std::optional<int> exit_code, signal;
    std::optional<std::int64_t> max_rss_bytes;
    std::optional<double> cpu_seconds;

    std::optional<Seconds> timeout_up;  // when the attempt times out, on the monotonic clock
    std::optional<Seconds> kill_up;     // when SIGKILL follows SIGTERM, on the monotonic clock
    std::optional<State> ending;        // timed_out or killed, once a signal was sent to end it
    std::string generation;             // the hash of the configuration at its latest start
    std::string user;                   // of its latest start; "": the daemon's user, or it never started
    RunId alert = 0;                    // the alert that counts it; 0: none
    bool operator==(const RunProgress&) const = default;
};

// What an unfinished run waits for, and until when.
struct RunWaits {
    std::optional<Instant> not_before;  // wait_until, or the next attempt of a retrying run
    std::optional<Instant> not_after;
    std::optional<Instant> deadline;       // empty once the late notification was sent, or when none is due
    std::optional<Instant> sensing_since;  // when it began to wait for its sensors; their timeouts start then
    std::int64_t clearing = 0;             // number of the clear that it is part of; 0: none
    ClearPart clear_part = ClearPart::reset;
    std::int64_t batch = 0;  // number of its backfill; 0: none
    int batch_width = 1;     // the largest number of active runs of the batch
    bool operator==(const RunWaits&) const = default;
};

// What an operator decided for this run alone.
struct RunOverrides {
    bool forced = false;                          // may start after its not_after
    bool bypasses_gates = false;                  // it does not wait for holds, upstream jobs or sensors
    bool assume_upstream = false;                 // an upstream job without a row counts as success
    BoxedOptional<StartOptions> start_options{};  // replaces the job's values
    bool operator==(const RunOverrides&) const = default;
};

// One job for one fire. (job, key) is unique.
struct Run : RunIdentity, RunProgress, RunWaits, RunOverrides {
    bool operator==(const Run&) const = default;
};

// Why an attempt cannot start now, but may later: the disk is full, or no process can be created.
struct Hindrance {
    enum class Of {
        every_run,  // the cause is the machine or the state directory
        this_run,   // the cause is the run's user, directory, program or files
    } of = Of::every_run;
    std::string text;  // "cannot make a process: Resource temporarily unavailable"
};

// How an attempt ended, as the executor reports it.
struct Outcome {
    RunId run = 0;
    int attempt = 0;
    Instant started, finished;
    std::optional<int> exit_code, signal;  // one of them, unless spawn_error, hindered or lost
    std::string spawn_error;               // "cannot execute /opt/x: No such file or directory"
    std::optional<Hindrance> hindered;     // it did not start, and may be started again
    bool lost = false;                     // it is not known whether or how it ended
    std::int64_t max_rss_bytes = 0;
    double cpu_seconds = 0;
    std::string tail;      // last lines of output, for the notification; masked
    bool printed = false;  // whether there was output; only set if the job has `notify`
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

// A notification: one outbox row for each target. It contains all facts of the message, and no secrets.
struct Notice {
    std::int64_t id = 0;  // given by the engine, increasing; identifies a message that is sent twice
    std::string target;   // "slack:ops", "mail:ops@example.com"
    std::string job;      // its name; of a message of the daemon itself "marketcron", "calendars" or "notify test"
    std::string title;    // shown instead of the job's name; "": the name is shown
    std::optional<RunId> run;
    NoticeKind kind = NoticeKind::failure;
    Instant created;
    bool is_action = false;  // the action of a job (`slack`): `text` is all of it, and its delivery ends the attempt
    std::string text;        // for actions
    // facts of the run when the notification was made
    std::string logical_date;
    State state = State::failed;
    Reason reason = Reason::none;
    std::string detail;
    int attempt = 0, attempts = 1;
    int attempt_number = 0;  // as Run::attempt: the attempt whose output it shows
    std::optional<Seconds> duration;
    int fires = 1;
    std::string tail, runbook;
    std::optional<Instant> retry_at;
    std::optional<CronMail> cron_mail;
    RunId alert = 0;                    // the alert that it opens, repeats or closes; 0: none
    std::optional<Instant> open_since;  // set for a reminder: when the alert was opened
    int alert_runs = 1;                 // the runs that failed, were late or were missed since
    std::string behind;                 // the jobs that the failure blocks: "b, c and 8 more"; "": none
    bool operator==(const Notice&) const = default;
};

// A target that an alert has notified because the failure blocks another job.
struct ToldToo {
    RunId of = 0;           // the failed run of the notification; 0: not notified of the latest failure
    bool recovery = false;  // it also gets the recovery
    bool operator==(const ToldToo&) const = default;
};

// A job's alert: open from its first failed, late or missed run until that run succeeds or an operator closes it.
struct Alert {
    RunId run = 0;  // the run that opened it; also the number of the alert
    JobName job;
    Instant fire;                           // the run's (last) fire
    NoticeKind kind = NoticeKind::failure;  // failure, late or missed
    Instant opened, told;                   // told: when its latest notification was written
    int runs = 1;                           // the job's failed, late or missed runs since, including `run`
    std::optional<Instant> acked;           // when it was acknowledged; no reminders are sent from then on
    std::string acked_by, ack_reason;
    std::optional<Instant> closed;
    std::string closed_by, close_reason;      // closed_by "": it closed without an operator
    std::set<NoticeKind> told_as;             // the kinds of its notifications (failure, late, missed)
    std::map<std::string, ToldToo> told_too;  // by target: notified for jobs that the failure blocks
    bool operator==(const Alert&) const = default;
};

using OpenAlerts = std::map<JobName, Alert, std::less<>>;  // by job

// A hold or an ice, until `until` or a release.
struct Hold {
    Instant since;
    std::optional<Instant> until;
    std::string by;  // "root", or "the configuration"
    bool operator==(const Hold&) const = default;
};

// The ledger's record of a job.
struct JobRecord {
    JobName job;
    std::string schedule;  // schedule_text() of config/plan.h: everything that decides its fires
    Instant since;         // when that schedule was loaded: no fire is earlier
    bool enabled = true;
    BoxedOptional<Hold> hold{};  // its runs start only by hand
    BoxedOptional<Hold> ice{};   // its due runs are skipped, and downstream jobs run as if it had succeeded
    bool held() const { return static_cast<bool>(hold); }
    bool iced() const { return static_cast<bool>(ice); }
    bool operator==(const JobRecord&) const = default;
};

}  // namespace mc
