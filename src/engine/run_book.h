// run_book.h — the runs in memory, and the only code that changes a run.
//
// The book holds all unfinished runs, and the ended runs that this step changes. All other code reads them as const.
// The table of moves (run_moves.h) says what a change resets and which runs it affects.
//
// References to runs stay valid until the end of the step.
// Bounds   one entry for each unfinished run; write() removes the others.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/run_moves.h"
#include "engine/step.h"

namespace mc {

class RunBook {
   public:
    using Day = std::pair<JobName, Date>;  // of a job

    // Takes Recovered::unfinished and Recovered::owed.
    RunBook(Recovered& recovered, Step& step);

    // ---- reading
    const std::map<RunId, Run>& runs() const { return runs_; }
    const Run* find(RunId id) const;  // null: not in the book
    const Run& at(RunId id) const { return runs_.at(id); }
    const std::set<RunId>& of_job(const JobName& job) const;
    const std::map<Day, std::set<RunId>>& by_date() const { return by_date_; }
    const Run* by_key(const JobName& job, const FireKey& key) const;
    // All runs of the book except parked ones, in order of id. Parking a run invalidates an iterator that points to it.
    const std::map<RunId, const Run*>& active() const { return active_; }
    // Failed runs without a notification so far, which count as late at their deadline.
    const std::map<RunId, Run>& late_untold() const { return late_untold_; }
    // The runs that changed in this step, in order of id; true: new.
    const std::map<RunId, bool>& changed() const { return changed_; }
    // New rows of this step that cover several fires.
    const std::vector<RunId>& shared_rows() const { return shared_rows_; }

    // ---- adding rows
    const Run& insert(Run made);         // a new row; it gets its id
    const Run& insert_found(Run found);  // a new row that already has its id
    const Run& bring(const Run& row);    // a row of the ledger that will change; no effect if it is in the book
    RunId next_id() const { return last_run_ + 1; }
    std::int64_t new_batch() { return ++last_batch_; }
    void know_batch(std::int64_t number);  // the number is in use: new_batch() will not return it

    // ---- moves. A move that the table does not allow ends the program.
    void wait(const Run& run, Because why);
    void queue(const Run& run, Because why = {});
    void set_aside(const Run& run, Because why);
    struct Begin {
        std::optional<Instant> started;
        std::optional<Seconds> timeout_up;
        std::string generation, user;
    };
    void begin(const Run& run, Begin how);               // its next attempt
    const Run& adopt(const Run& row, const Run& found);  // the attempt that `found` describes is running
    void put_back(const Run& run, Because why);
    // The attempt has ended: writes its row. Call retry() or end() next.
    void attempt_ended(const Run& run, const Outcome& outcome, const Ending& ending);
    void retry(const Run& run, const Ending& ending, Instant at);
    const MoveRow& end(const Run& run, State state, Because why);
    const MoveRow& mark(const Run& run, State state, Because why);
    // Resets the run to its beginning, with the limits of `fresh`, a new run of that origin; null: without limits.
    const Run& reset(const Run& row, Origin origin, const Run* fresh);

    // ---- other facts
    void limit(const Run& run, std::optional<Instant> not_before, std::optional<Instant> not_after,
               std::optional<Instant> deadline);
    void override_with(const Run& run, RunOverrides overrides);
    void bypass_gates(const Run& run);
    void respect_gates(const Run& run);
    void count_as_caught_up(const Run& run);
    void move_fire(const Run& run, Instant due);
    void join_batch(const Run& run, std::int64_t batch, int width);
    void leave_batch(const Run& run);
    void join_clear(const Run& run, std::int64_t clear);
    void only_end_for_clear(const Run& run);  // the clear waits for the end of the run, but does not reset it
    void leave_clear(const Run& run);
    void sense_since(const Run& run, std::optional<Instant> since);
    // Records that the running attempt is being ended as that state. A second call has no effect.
    void ask_end(const Run& run, State ending, Because why, Seconds kill_up);
    // A run that is being ended will end in that state instead. Nothing else changes: the signals were sent.
    void end_as(const Run& run, State ending, Because why);
    // A running run is no longer being ended, and times out at `timeout_up`.
    void time_again(const Run& run, std::optional<Seconds> timeout_up);
    void kill_again_at(const Run& run, Seconds up);
    void deadline_told(const Run& run);
    void count_in_alert(const Run& run, RunId alert);  // also for a run of late_untold()
    void late_told(RunId id);                          // removes it from late_untold()
    // Runs that depend on the run's date are judged again.
    void note_change(const Run& run);

    // ---- parked runs
    void park(const Run& run, std::optional<Instant> until);  // no step examines it until then, or until it changes
    void activate(RunId id);
    void activate_due();  // those whose instant has come
    std::optional<Instant> next_alarm() const;

    // ---- changes, each given out once
    void follow(const std::set<JobName>* jobs) { followed_ = jobs; }  // the jobs of interest; must outlive the book
    // A run that now counts as success or skipped: runs that ended as upstream_failed because of it are judged again.
    struct Healed {
        Day day;
        Instant fire;
        std::optional<Instant> last_fire;  // of a row that covers several fires
    };
    bool has_changed_days() const { return !changed_days_.empty(); }
    std::set<Day> take_changed_days() { return std::exchange(changed_days_, {}); }
    std::vector<Healed> take_healed() { return std::exchange(healed_, {}); }
    bool has_healed() const { return !healed_.empty(); }
    void heal(const Run& run);  // as if it had just succeeded
    std::set<JobName> take_succeeded_jobs() { return std::exchange(succeeded_jobs_, {}); }

    // Adds the changed rows to the step's batch, and removes ended runs from the book.
    void write();

   private:
    Run& own(const Run& run) { return runs_.at(run.id); }
    Run& changing(const Run& run);
    void index(const Run& run);
    void unindex(const Run& run);
    static bool is_already(const Run& run, Move move, const Because& why);
    const MoveRow& move(const Run& run, Move move, Because why);
    void reset_fields(Run& run, Resets resets) const;

    Step& step_;
    std::map<RunId, Run> runs_;
    std::map<RunId, std::pair<State, Reason>> written_;  // as last written
    std::map<JobName, std::set<RunId>> by_job_;
    std::map<Day, std::set<RunId>> by_date_;
    std::map<JobName, std::map<FireKey, RunId>> by_key_;  // by job first
    std::map<RunId, Run> late_untold_;
    std::map<RunId, const Run*> active_;
    std::map<RunId, Instant> alarm_of_;           // of parked ones
    std::set<std::pair<Instant, RunId>> alarms_;  // the same, earliest first
    std::map<RunId, bool> changed_;
    std::vector<RunId> shared_rows_;
    const std::set<JobName>* followed_ = nullptr;
    std::set<Day> changed_days_;
    std::vector<Healed> healed_;
    std::set<JobName> succeeded_jobs_;
    RunId last_run_ = 0;
    std::int64_t last_batch_ = 0;
};

// Whether the run has had an attempt and is not finished: running or retrying.
bool started(const Run& run);

}  // namespace mc
