// engine.h — what to do now: an event and a time in, a list of actions out.
//
// The engine holds the plan, the unfinished runs and the next fire of every job, and nothing else. It has
// no clock, no file, no process. The shell commits the Write of a step before it carries out the rest, in
// order. If it dies between two actions, a new engine made from the store goes on: every action may be
// repeated (a Spawn is exclusive by (run, attempt); a Signal to something ended does nothing).
//
// One step plans every job's fires up to `now` before it looks at its event, so that no event can
// overtake a fire.
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

// The two clocks: the wall, for schedules; the monotonic, for how long something lasts.
struct Now {
    Instant wall;
    Seconds up{0};
};

// ---- events
struct Woke {};
// A run of whose latest attempt the ledger knows nothing, but its files do: the ledger was restored, or begun anew.
struct FoundRun {
    Run run;                        // running; as it was when that attempt was started
    std::vector<Attempt> attempts;  // before it, that the ledger lacks too
};
struct PlanLoaded {
    std::shared_ptr<const Plan> plan;
    // In an engine's first event: what ended while none was there. It is known before anything is decided.
    std::vector<Outcome> ended = {};
    // In an engine's first event: the other cron daemon that runs now (see OtherCron); "" = none.
    std::string other_cron = {};
    // Also in the first event, and before `ended`: rows as they would have been written.
    std::vector<FoundRun> found = {};
};
struct AttemptsEnded {  // all that ended since the last step: one transaction
    std::vector<Outcome> outcomes;
};
struct StartAsked {  // start JOB [--session D] [--gates] [--force] [--memory M] [--timeout T] [--env N=V]...
    std::string job;
    std::optional<Date> date;
    bool force = false;
    std::string by;
    bool gates = false;  // holds and other jobs keep it waiting as if it had come by itself
    StartOptions only{};
};
struct StopAsked {
    RunId run = 0;
    std::string by;
};
// Of one backfill or clear: the daemon looks at each of them, and does nothing else meanwhile.
inline constexpr date::days asked_days_max{20'000};
struct BackfillAsked {
    std::vector<std::string> jobs;
    Date from, to;
    enum class Rerun { none, failed, all } rerun = Rerun::none;
    int parallel = 1;
    std::string by;
    // What of an upstream that has a fire for one of the dates, and no row: told, run too, or taken for done.
    enum class Upstreams { told, run, assumed } upstreams = Upstreams::told;
    std::size_t fires_max = 50'000;  // more are refused
};
struct HoldAsked {  // hold JOB [--until T]
    std::string job;
    std::optional<Instant> until;
    std::string by;
};
struct ReleaseAsked {  // of a hold, an ice or both
    std::string job;
    std::string by;
};
struct IceAsked {  // ice JOB [--until T]
    std::string job;
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
    std::vector<std::string> jobs;
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
    std::string note;            // for the ledger: the same, by whom and why
    std::optional<Date> date{};  // the day that is changed: fires around it are counted too, however far away it is
};
struct MessageAsked {    // notify test
    std::string target;  // "slack:ops"
    std::string text, by;
};
// What the daemon has to say of itself, for one target.
struct TroubleMessage {
    std::string target;  // "slack:ops"
    std::string title;   // "TROUBLE", "resolved"
    std::string text;    // as the target's carrier wants it
    bool operator==(const TroubleMessage&) const = default;
};
struct TroubleTold {  // to the outbox with them
    std::vector<TroubleMessage> messages;
};
// Another cron daemon runs this machine's crontabs: "cron (pid 517)"; or, "", none does any longer. While one does, due
// lines of the tables that it reads end `skipped`, `other_cron`, also those that are due at the instant of this event;
// at its end only later ones run again.
struct OtherCron {
    std::string who;
};
struct DrainAsked {};
// What a look at a file found.
struct FileFacts {
    std::int64_t size = 0;
    std::int64_t changed_ns = 0;  // its time of change
    bool operator==(const FileFacts&) const = default;
};
// What came of a Probe. Each is answered once, a look that hangs too.
struct SensorAnswer {
    RunId run = 0;
    std::size_t sensor = 0;
    std::int64_t look = 0;
    bool passed = false;            // of a file: it is there
    std::string text;               // why not, where a person must know: "Permission denied"
    std::optional<FileFacts> file;  // that is there
    bool refused = false;           // the machine had no room for the look: nobody has looked
};
struct SensorsAnswered {
    std::vector<SensorAnswer> answers;
};
using Event = std::variant<Woke, PlanLoaded, AttemptsEnded, StartAsked, StopAsked, BackfillAsked, HoldAsked,
                           ReleaseAsked, IceAsked, RerunAsked, MarkAsked, ClearAsked, CalendarChanged, MessageAsked,
                           DrainAsked, SensorsAnswered, AlertAsked, TroubleTold, OtherCron>;

// ---- actions
struct Write {
    StepWrites batch;
};
// Start attempt `run.attempt` of the run. The shell fills templates and answers AttemptsEnded.
struct Spawn {
    Run run;
};
struct Signal {
    RunId run = 0;
    int attempt = 0;
    int number = 15;  // SIGTERM or SIGKILL, to the whole process tree
};
// Look at the run's sensor of that number in its job's `wait`, and answer SensorsAnswered. Looking again harms nothing.
struct Probe {
    RunId run = 0;
    std::size_t sensor = 0;
    std::int64_t look = 0;
    std::string what;  // the path or the URL, filled in
};
// The answer to a person's question: what was done, or why not.
struct Reply {
    bool ok = true;
    std::string text;
    std::vector<RunId> runs;
    Error::Kind kind = Error::Kind::refused;  // of a refusal
};
using Action = std::variant<Write, Spawn, Signal, Probe, Reply>;

// When the engine wants to be woken; absent: only by an event.
struct Wake {
    std::optional<Instant> wall;
    std::optional<Seconds> up;
    bool operator==(const Wake&) const = default;
};

// What the run's templates and environment are filled in from. `attempt` is the latest attempt's number, or, before
// the first one (also after a rerun or a clear), the next one's: (run, attempt) is unique for ever.
RunFacts facts_of(const Job& job, const Run& run);

// What an attempt's end makes of its run when there is no other attempt.
struct Ending {
    State state = State::failed;
    Because why{};
};
Ending ending_of(const Run& run, const Outcome& outcome, const Job* job);

class Engine {
   public:
    // `ledger` must outlive the engine. `context` reads the stored schedules by which down time is judged.
    Engine(Recovered recovered, const Ledger& ledger, const ReadContext& context, std::string boot_id);
    ~Engine();

    // The first event must be PlanLoaded: it settles the down time. At most one Write, and it comes first.
    // Error: store, when a question of the ledger failed. Then nothing is decided, and the engine is spent: each later
    // step gives that error. The shell makes a new one.
    Result<std::vector<Action>> step(const Event& event, Now now);
    Wake next_wake() const;

    const std::map<RunId, Run>& unfinished() const;
    // The definition that the run goes by: the plan's, or one that went away while it was running. May be null.
    const Job* job_of(const Run& run) const;
    // A job's next fire after the last step that has had no run; nullopt: none before its horizon. Error: store.
    Result<std::optional<Fire>> next_fire(const std::string& job) const;
    // When the next line of a table that other cron daemons read is due.
    std::optional<Instant> next_machine_line() const;
    // The open alerts, by job.
    const std::map<std::string, Alert>& alerts() const;
    // What is held or iced, by name; also jobs that have left the file since.
    std::vector<JobRecord> held() const;
    // What keeps runs from starting now though the machine may let them later, by the job that it concerns; "": all.
    std::map<std::string, std::string> start_troubles() const;
    bool draining() const;
    bool idle() const;  // nothing is running: a drain is complete

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mc
