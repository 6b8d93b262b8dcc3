// engine.h — decides what to do: takes an event and the time, returns a list of actions.
//
// The engine holds the plan, the unfinished runs and the next fire of every job, and nothing else. It has no clock, no
// file, no process. The shell commits the Write of a step before it carries out the other actions, in order. If it dies
// between two actions, a new engine made from the store continues: every action may be repeated (a Spawn is exclusive
// by (run, attempt); a Signal to an ended attempt does nothing).
//
// A step plans every job's fires up to `now` before it handles its event, so that no event overtakes a fire.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "config/plan.h"
#include "engine/ledger.h"
#include "reason/words.h"

namespace mc {

// The two clocks: the wall clock for schedules, the monotonic clock for durations.
struct Now {
    Instant wall;
    Seconds up{0};
};

// ---- events
struct Woke {};  // an instant of next_wake() has come
// A run whose latest attempt has files but is not in the ledger: the ledger was restored, or is new.
struct FoundRun {
    Run run;                        // running, as when that attempt was started
    std::vector<Attempt> attempts;  // earlier attempts that the ledger lacks too
};
struct PlanLoaded {
    std::shared_ptr<const Plan> plan;
    // Only in an engine's first event: attempts that ended while there was no engine. Handled before any decision.
    std::vector<Outcome> ended = {};
    // Only in an engine's first event: the other cron daemon that runs now (see OtherCron); "": none.
    std::string other_cron = {};
    // Only in an engine's first event, handled before `ended`: runs to add to the ledger.
    std::vector<FoundRun> found = {};
};
struct AttemptsEnded {  // all that ended since the last step: one transaction
    std::vector<Outcome> outcomes;
};
// The executor does not have these runs' attempts, and gets them again: their timeouts start now.
struct AttemptsNotBegun {
    std::vector<RunId> runs;
};
struct StartAsked {  // start JOB [--session D] [--gates] [--force] [--memory M] [--timeout T] [--env N=V]...
    JobName job;
    std::optional<Date> date;
    bool force = false;
    std::string by;
    bool gates = false;  // it waits for holds, other jobs, sensors and wait_until, as a scheduled run does
    StartOptions only{};
};
struct StopAsked {
    RunId run = 0;
    std::string by;
};
// The longest range of one backfill or clear: the daemon examines each day, and does nothing else meanwhile.
inline constexpr date::days asked_days_max{20'000};
struct BackfillAsked {
    std::vector<JobName> jobs;
    Date from, to;
    enum class Rerun { none, failed, all } rerun = Rerun::none;
    int parallel = 1;
    std::string by;
    // If an upstream job has a fire for one of the dates but no row: `told` refuses the backfill and names the job;
    // `run` runs that job too; `assumed` treats it as successful.
    enum class Upstreams { told, run, assumed } upstreams = Upstreams::told;
    std::size_t fires_max = 50'000;  // more are refused
};
struct HoldAsked {  // hold JOB [--until T]
    JobName job;
    std::optional<Instant> until;
    std::string by;
};
struct ReleaseAsked {  // of a hold, an ice or both
    JobName job;
    std::string by;
};
struct IceAsked {  // ice JOB [--until T]
    JobName job;
    std::optional<Instant> until;
    std::string by;
};
struct RerunAsked {  // rerun RUN [--force]
    RunId run = 0;
    bool force = false;
    std::string by;
};
struct MarkAsked {  // mark RUN success|failed|skipped --reason R
    RunId run = 0;
    State state = State::success;
    std::string reason, by;
};
struct ClearAsked {  // clear JOB... --from --to [--downstream]
    std::vector<JobName> jobs;
    Date from, to;
    bool downstream = false;
    std::string by;
    std::size_t runs_max = 50'000;  // more are refused
};
struct AlertAsked {  // alerts ack|close ID --reason R
    RunId alert = 0;
    bool close = false;
    std::string reason, by;
};
struct CalendarChanged {  // calendar override: the plan with the changed calendar
    std::shared_ptr<const Plan> plan;
    std::string text;            // "XNYS 2026-11-27 closes at 13:00"
    std::string note;            // for the ledger: the same, with the operator and the reason
    std::optional<Date> date{};  // the changed day: the reply also counts the moved fires around it
};
struct MessageAsked {    // notify test
    std::string target;  // "slack:ops"
    std::string text, by;
};
// A message about the daemon itself, for one target.
struct TroubleMessage {
    std::string target;  // "slack:ops"
    std::string title;   // "TROUBLE", "resolved"
    std::string text;    // in the format of the target's channel
    bool operator==(const TroubleMessage&) const = default;
};
struct TroubleTold {  // messages for the outbox
    std::vector<TroubleMessage> messages;
};
// Another cron daemon runs this machine's crontabs: "cron (pid 517)"; "": it has ended. While it runs, due lines of the
// crontabs that it reads end as `skipped`, `other_cron`, including lines that are due at the instant of this event.
// After its end only later lines run again.
struct OtherCron {
    std::string who;
};
struct DrainAsked {};
// The state of an existing file.
struct FileFacts {
    std::int64_t size = 0;
    std::int64_t changed_ns = 0;  // modification time, in ns since 1970
    bool operator==(const FileFacts&) const = default;
};
// The result of a Probe. Each Probe is answered once, even if the check hangs.
struct SensorAnswer {
    RunId run = 0;
    std::size_t sensor = 0;
    std::int64_t look = 0;          // the Probe's
    bool passed = false;            // of a file: it exists
    std::string text;               // why not, if an operator has to act: "Permission denied"
    std::optional<FileFacts> file;  // of an existing file
    bool refused = false;           // the machine lacked the resources, and nothing was checked
};
struct SensorsAnswered {
    std::vector<SensorAnswer> answers;
};
using Event = std::variant<Woke, PlanLoaded, AttemptsEnded, AttemptsNotBegun, StartAsked, StopAsked, BackfillAsked,
                           HoldAsked, ReleaseAsked, IceAsked, RerunAsked, MarkAsked, ClearAsked, CalendarChanged,
                           MessageAsked, DrainAsked, SensorsAnswered, AlertAsked, TroubleTold, OtherCron>;

// ---- actions
struct Write {
    StepWrites batch;
};
// Start attempt `run.attempt` of the run. The shell fills in templates, and answers with AttemptsEnded.
struct Spawn {
    Run run;
};
struct Signal {
    RunId run = 0;
    int attempt = 0;
    int number = 15;  // SIGTERM or SIGKILL, to the whole process tree
};
// Check the sensor with that index in the job's `wait`, and answer with SensorsAnswered. A repeated check is harmless.
struct Probe {
    RunId run = 0;
    std::size_t sensor = 0;
    std::int64_t look = 0;  // the number of the probe
    std::string what;       // the path or the URL, filled in
};
// The answer to an operator's request: what was done, or why not.
struct Reply {
    bool ok = true;
    std::string text;
    std::vector<RunId> runs;
    Error::Kind kind = Error::Kind::refused;  // of a refusal
};
using Action = std::variant<Write, Spawn, Signal, Probe, Reply>;

// When the engine needs its next step; absent: only after an event.
struct Wake {
    std::optional<Instant> wall;
    std::optional<Seconds> up;
    bool operator==(const Wake&) const = default;
};

// The facts for the run's templates and environment. `attempt` is the number of the latest attempt, or of the next one
// if none has started (also after a rerun or a clear): (run, attempt) is never used twice.
RunFacts facts_of(const Job& job, const Run& run);

// The result of a run whose last attempt has ended.
struct Ending {
    State state = State::failed;
    Because why{};
};
Ending ending_of(const Run& run, const Outcome& outcome, const Job* job);

class Engine {
   public:
    // `ledger` and `context` must outlive the engine. `context` is used to parse the schedules in the ledger: they
    // give the fires of the time without a daemon.
    Engine(Recovered recovered, const Ledger& ledger, const ReadContext& context, std::string boot_id);
    ~Engine();

    // The first event must be PlanLoaded; its step decides about the fires of the down time. Returns at most one Write,
    // as the first action. Error: store, if a question to the ledger failed. Then nothing is decided, and the engine
    // cannot be used any more: each later step returns that error. The shell makes a new engine.
    Result<std::vector<Action>> step(const Event& event, Now now);
    Wake next_wake() const;

    const std::map<RunId, Run>& unfinished() const;
    // The definition that applies to the run: the plan's, or the last one of a job that has left the plan. May be null.
    const Job* job_of(const Run& run) const;
    // A job's first fire after the last step for which there is no run; nullopt: none in the next 400 days. Error:
    // store.
    Result<std::optional<Fire>> next_fire(const JobName& job) const;
    // When the next line is due of a crontab that other cron daemons read too.
    std::optional<Instant> next_machine_line() const;
    // The open alerts, by job.
    const OpenAlerts& alerts() const;
    // The held or iced jobs, in order of their names; also jobs that have left the configuration.
    std::vector<JobRecord> held() const;
    // Why the machine refuses starts at present, by job; "": starts of all jobs.
    std::map<std::string, std::string> start_troubles() const;
    bool draining() const;
    bool idle() const;  // nothing is running: a drain is complete

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mc
