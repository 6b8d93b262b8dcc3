// body.h — the engine's inside, shared by its own files and nobody else.
//
// One step gathers what it changes in `batch`, `touched` and `effects`; finish_step() turns them into the
// list of actions. Nothing here outlives a step but what a new engine could rebuild from the store.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/early_end.h"
#include "engine/engine.h"
#include "engine/upstream.h"

namespace mc {

struct Engine::Body {
    Body(Recovered recovered, const Ledger& ledger_, const ReadContext& context_, std::string boot);

    const Ledger& ledger;
    const ReadContext& context;
    std::string boot_id;
    bool first_of_boot;  // the ledger was never written in this boot: @reboot jobs are due

    std::shared_ptr<const Plan> plan;
    std::map<std::string, Job> retired;                  // definitions gone from the plan, kept while runs of them live
    std::map<RunId, Run> open;                           // every unfinished run
    std::map<RunId, std::pair<State, Reason>> standing;  // of them, as they were written last
    std::map<std::string, std::set<RunId>> open_by_job;
    using Day = std::pair<std::string, Date>;  // of a job
    std::map<Day, std::set<RunId>> open_by_date;
    std::map<std::string, std::map<std::string, RunId, std::less<>>, std::less<>> open_by_key;  // by job first
    std::optional<PlannedDays> planned_days;
    std::map<RunId, Run> owed;  // ended badly, and nobody knows: to be told as late at their deadline
    std::map<std::string, JobRecord> records;
    std::map<std::string, Alert> alerts;               // the open ones, by job
    std::set<std::string> held, iced;                  // of the records
    std::map<std::string, std::vector<Fire>> next;     // each job's next fires, all at one instant
    std::set<std::pair<Instant, std::string>> agenda;  // the same, earliest first
    // Gates. `ordered` are the jobs that others wait for, or that wait for themselves.
    std::map<std::string, std::vector<const Job*>> dependents;
    std::set<std::string> ordered;
    enum class Asks { same_date, previous, own_past };
    using Watch = std::tuple<std::string, Asks, Date>;  // of whom, how, and which of its dates says so
    struct Gate {
        std::vector<Watch> days;  // that it goes by
        bool open = false;
        std::optional<Instant> alarm;  // while its run sleeps
    };
    std::map<RunId, Gate> gates;  // of runs that have not started
    // Behind a closed gate a run sleeps, and no step looks at it, until somebody changes it, or its gate, or it
    // would be too late or late.
    std::map<RunId, Run*> awake;                                        // all others of `open`
    std::set<std::pair<Instant, RunId>> alarms;                         // of those that sleep
    std::map<Watch, std::set<RunId>> watchers;                          // the same, the other way round
    std::map<std::tuple<std::string, Asks, Date>, UpstreamLook> looks;  // of whom, how, for a run of which date
    // Runs that look at their sensors, or have seen them all pass and wait for something else.
    struct SensorState {
        std::string what;                // the path, the URL, the command, the job
        bool passed = false;             // and stays so
        std::optional<Instant> seen;     // when the look was asked for that was answered last
        std::int64_t look = 0;           // under way; 0: none
        Instant asked{};                 // when that was asked for
        Seconds asked_up{0};             // the same
        std::optional<Seconds> next_up;  // when to look next
        std::string trouble;             // what the last look said
        bool refused = false;            // it could not be made, for lack of room
        std::optional<FileFacts> file;
        Seconds file_up{0};  // since when the file is known to be so
    };
    struct Sensing {
        std::vector<SensorState> states;  // in the order of the job's `wait`
        bool told = false;                // the run's detail says how they are
    };
    std::map<RunId, Sensing> sensing;
    std::set<std::string> sensed_jobs;  // that some job's sensor looks at
    std::int64_t last_look = 0;
    std::optional<Instant> planned_through;
    std::optional<Instant> agenda_look;  // when jobs without a fire on the agenda are looked at again
    RunId last_run = 0;
    std::int64_t last_notice = 0, last_batch = 0;
    std::optional<Instant> coverage_told, coverage_look;
    std::map<std::int64_t, std::set<RunId>> clears;  // under way: they wait for what still runs
    bool draining = false;
    std::string other_cron;  // that runs the machine's crontabs too; "" = none
    // Starts that the machine refuses for now (start_trouble.cpp).
    struct StartTrouble {
        std::string text;
        Instant since;
        Seconds pause{0}, next_up{0};
        void again(const std::string& why, Now now);
    };
    std::optional<StartTrouble> every_start;
    RunId trial = 0;  // the one start that is tried meanwhile; 0: none
    Seconds trial_until{0};
    std::map<RunId, StartTrouble> hindered;  // by what is their own
    std::set<RunId> past_sensors;            // that were about to start, and wait for room or for what has come since

    // ---- this step's
    Now now;
    Batch batch;
    std::map<RunId, bool> touched;  // changed runs; true: inserted in this step
    std::set<Day> changed_days;     // whoever waits for it is to be looked at again
    std::set<Day> succeeded;        // after all: what fell because of it is looked at again
    std::set<RunId> to_judge;
    std::set<std::string> changed_alerts;
    std::map<RunId, std::vector<RunId>> fallen;  // who ended as upstream_failed, by the run that began it
    std::map<RunId, RunId> root_of;              // the same, the other way round
    std::vector<RunId> shared;                   // rows for several fires, inserted in this step
    std::vector<Action> effects;                 // Spawn, Signal, Reply: after the Write

    // planning.cpp: fires become runs
    void load(const PlanLoaded& loaded);
    void settle_down_time(Instant since, const std::map<std::string, std::string>& texts);
    void take_found(const std::vector<FoundRun>& found);  // found.cpp
    Run& resume(const Run& found);
    void record_schedules(const std::map<std::string, std::string>& texts);
    void fire_reboots();
    void plan_due_fires();
    void look_beyond_agenda();
    void reschedule(const Job& job);

    // catch_up.cpp: which of a job's due fires are run, and how
    void settle(const std::string& job, const JobSchedule& schedule, const CalendarSet& calendars,
                const std::vector<Fire>& fires);

    void skip_as_iced(const Job& job, const std::vector<Fire>& fires, const CalendarSet& calendars);

    // admission.cpp: what may start, starts
    void admit();
    void live_fire(const Job& job, Run& run, bool more_follow);
    void start(const Job& job, Run& run);
    bool ends_early(Run& run, const std::optional<EarlyEnd>& end);
    const Run* running_against(const Run& run) const;  // or null; see must_end_first() in admission.cpp
    void wait_for_time(const Job& job, Run& run);

    // start_trouble.cpp
    void put_back(Run& run, const Hindrance& why);
    void judge_trial();
    std::optional<std::string> hindrance_of(const Job& job, const Run& run) const;  // why it may not be tried now
    void note_start(const Job& job, const Run& run);
    void add_start_wakes(Wake& wake) const;

    // dependency.cpp
    class Present;
    static bool has_gates(const Job& job);
    void forget_gates();
    void judge_all_again();
    void note_change(const Run& run);
    void watch(RunId id, std::vector<Watch> days, bool open_now);
    void unwatch(RunId id);
    void sleep(const Run& run);
    void rouse(RunId id);
    bool blocked(const Run& run) const;
    std::set<RunId> concerned();
    PlannedDays& days();  // of the plan
    History history_by(const Ledger& present);
    UpstreamLook look(const Upstream& upstream, const Run& run, const Ledger& present);
    UpstreamLook look_back(const Job& job, const Run& run, const Ledger& present);
    void judge_gates();
    void judge_gate(const Job& job, Run& run);
    void heals(const Run& run);  // which has just ended, by itself or by a mark
    void add_hanging(const Job& job, const Upstream& upstream, const std::set<Date>& dates,
                     std::map<std::pair<Instant, RunId>, Run>& hanging);
    void heal();
    void give_dependents(const Run& first);
    Run& give(const Job& job, const Fire& fire, Origin origin);
    // The gate `when`, on every road to a run; true: the run has ended by it. Only jobs without a schedule have it.
    bool ends_by_when(const Job& job, Run& run);
    void tell_when_false(const Job& job, const Run& run);  // the reply of one that has ended so

    // sensor.cpp
    bool sense(const Job& job, Run& run);  // whether none keeps it waiting (any more); the run may have ended
    bool begin_sensing(const Job& job, Run& run, Sensing& begun);
    void look_at_sensors(const Job& job, const Run& run, Sensing& of_run);
    bool sensor_timed_out(const Job& job, Run& run, const std::vector<SensorState>& states);
    void sensors_answered(const SensorsAnswered& answered);
    void stop_sensing(Run& run);          // it waits for something else first, and looks anew then
    void renew_sensors(const Plan* old);  // after a load; none: there was no plan
    bool renew_sensing(const Job& before, const Job& job, const Run& run, Sensing& of_run);
    void look_soon(const std::string& job);  // it has succeeded
    void add_sensor_wakes(Wake& wake) const;

    // hold.cpp
    void hold_asked(const HoldAsked& asked);
    void release_asked(const ReleaseAsked& asked);
    void end_holds();  // those whose time is over
    void record(const JobRecord& record);
    bool holds_back(const Run& run) const;
    bool is_to_come(const std::optional<Instant>& until, const Job& job, std::string_view what);  // false: refused
    void wait_for_release(Run& run);
    // What gathered follows catch_up: (to be started, left out).
    std::pair<std::vector<RunId>, std::size_t> let_go(JobRecord record);

    // ice.cpp
    void ice_asked(const IceAsked& asked);
    void melt(JobRecord record);
    void end_ices();
    static std::string iced_detail(const JobRecord& record);

    // verdict.cpp, clear.cpp
    std::optional<Run> run_asked(RunId id);  // nullopt: refused, as unknown
    void rerun_asked(const RerunAsked& asked);
    void mark_asked(const MarkAsked& asked);
    void clear_asked(const ClearAsked& asked);
    void finish_clears();

    // calendar_change.cpp
    void calendar_changed(const CalendarChanged& changed);
    void drop_what_fell_away(const Plan& old);

    // coverage.cpp
    void schedule_coverage_look();
    void tell_coverage();

    // outcome.cpp: how attempts and runs end
    void ended(const std::vector<Outcome>& outcomes);
    void conclude(Run& run, const Outcome& outcome);
    void expire();
    void stop(Run& run, State ending, Reason reason);
    void finish(Run& run, State state, Reason reason, std::string detail = {}, const std::string& tail = {});

    // notices.cpp
    Notice notice_of(const Run& run, const Job& job, NoticeKind kind, const std::string& target);
    // Whether anybody is told. Of what is bad an alert is opened, if the job has none.
    bool tell(Run& run, NoticeKind kind, const std::string& tail = {});
    void tell_output(Run& run, const Outcome& outcome);
    void call_back_message(RunId run);
    void post(const SlackPost& action, const Job& job, Run& run);

    // alert.cpp
    RunId raise(Run& run, NoticeKind kind);                       // the alert that counts it
    void close_alert(Run& run, const MarkAsked* mark = nullptr);  // mark: a person says so
    void close_skipped(Run& run, const MarkAsked* mark = nullptr);
    void end_alert(const std::string& job, const std::string& by, const std::string& reason);
    void drop_alerts(const Plan* old);  // of jobs that have left the file; `old` may know what they were
    void repeat_alerts();
    void tell_word(const Alert& alert, const Job& job, NoticeKind word, const std::string& what);
    RunId alert_of(const Run& root) const;  // the open one that a failure belongs to; 0: none
    void alert_asked(const AlertAsked& asked);
    void fell(const Run& run, const std::vector<UpstreamLook>& seen);
    void tell_fallen();
    void tell_root(const Run& root, const Job& job, const std::string& target, bool is_news, bool recovery);
    std::vector<const Job*> kept_from_running(const Run& root) const;

    // operator.cpp
    void start_asked(const StartAsked& asked);
    void start_without_date(const Job& job, const StartAsked& asked);
    // The run of what a backfill or a start by hand has chosen: its row, put back, or a new one; without jitter.
    Run& take(const struct BackfillItem& item);
    void start_new(const Job& job, const StartAsked& asked);
    void stop_asked(const StopAsked& asked);
    void backfill_asked(const BackfillAsked& asked);
    void message_asked(const MessageAsked& asked);
    void trouble_told(const TroubleTold& told);

    // body.cpp
    const Job* job_of(const Run& run) const;        // the newest definition; null when there is none
    const Job* job_asked(const std::string& name);  // null: refused, as unknown
    Run& insert(Run run);                           // gives it an id
    void index(const Run& run);                     // which is one of `open` now
    void touch(const Run& run);
    // It waits again, as if its fire had just come with that origin; a wait_until still to come is waited for.
    Run& reopen(const Run& ended, Origin origin = Origin::backfill);
    void reply(bool ok, std::string text, std::vector<RunId> runs = {});
    void refuse(const Error& error);
    std::vector<Action> finish_step();
    Wake wake() const;
};

// The fire that a run was for.
Fire fire_of(const Run& run);
// "until 2026-11-23T17:30:00-05:00", "until `marketcron release a`"
std::string until_text(const Hold& hold, const Job& job);
// The run that a fire asks for, without an id: scheduled, with its limits resolved.
Run make_run(const Job& job, const Fire& fire, Origin origin, const CalendarSet& calendars);
// Whom the rules name for it.
const std::vector<std::string>& targets(const NotifyRules& rules, NoticeKind kind);
// When so much time has surely passed: `up` is rounded down, and nothing is ended before its time.
inline Seconds after(const Now& now, Seconds duration) { return now.up + Seconds{1} + duration; }
// Why a run ends one of whose texts cannot be filled in: calendar_ended, no_session; spawn_failed where it is wrong.
Reason reason_of_text(const Error& error);
// The run's attempt has begun; what its row has of the one before is gone.
void set_running(Run& run, std::optional<Instant> started);
// True for what stands in the way of a live fire: it has started, and was not caught up or backfilled.
bool started(const Run& run);

}  // namespace mc
