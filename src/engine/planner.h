// planner.h — creates runs for fires: when they are due, after down time, and when the plan or a calendar changes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/admission.h"
#include "engine/coverage_watch.h"

namespace mc {

class Planner {
   public:
    struct Boot {
        std::string id;
        bool first_daemon = false;  // the ledger was not written in this boot so far: @reboot jobs are due
    };
    Planner(Step& step, Definitions& jobs, RunBook& book, JobRecords& records, Agenda& agenda, Past& past, Gates& gates,
            Endings& endings, Admission& admission, Alerts& alerts, SensorWatch& sensors, CoverageWatch& coverage,
            const ReadContext& context, Boot boot);

    // Gives every fire up to now its run or its row. A fire is planned only once, also when the clock was set back.
    void plan_due_fires();
    // Plans the time up to now with the old schedules, and puts the new plan in force.
    void load(const PlanLoaded& loaded);
    void calendar_changed(const CalendarChanged& changed);
    void other_cron_seen(const std::string& who) { other_cron_ = who; }  // "": none

   private:
    // planner.cpp
    void settle_down_time(Instant since, const std::map<JobName, std::string>& texts);
    void record_schedules(const std::map<JobName, std::string>& texts);
    void drop_removed_records();
    void retire_removed_jobs(const Plan& old);
    void end_runs_of_removed_jobs();
    void fire_reboots();
    // found.cpp: runs that the ledger lacks but whose attempts have files
    void take_found(const std::vector<FoundRun>& found);
    // catch_up.cpp
    struct Fires {  // of one job, by a schedule that may be older than the plan's
        const JobName& job;
        const JobSchedule& schedule;
        const CalendarSet& calendars;
        std::vector<Fire> fires;
    };
    void apply_catch_up(Fires due);
    void catch_up(const Job& job, const Fires& due);
    void start_kept(const Job& job, const Fires& due, std::size_t from, std::size_t first_on_time);
    void record(const Job& rules, const Fires& due, std::size_t from, std::size_t to, State state, const Because& why);
    void skip_as_iced(const Job& job, const std::vector<Fire>& fires, const CalendarSet& calendars);
    // dependent_runs.cpp
    void create_dependent_runs(const Run& first);
    const Run& create_run(const Job& job, const Fire& fire, Origin origin);
    std::optional<Date> newest_due_after(const Job& job, const Fire& fire) const;
    // calendar_change.cpp
    void end_runs_without_fire(const Plan& old);
    std::vector<RunId> run_overdue(const std::map<JobName, std::vector<Fire>>& overdue);

    Step& step_;
    Definitions& jobs_;
    RunBook& book_;
    JobRecords& records_;
    Agenda& agenda_;
    Past& past_;
    Gates& gates_;
    Endings& endings_;
    Admission& admission_;
    Alerts& alerts_;
    SensorWatch& sensors_;
    CoverageWatch& coverage_;
    const ReadContext& context_;  // to parse the schedules in the ledger, for settle_down_time()
    Boot boot_;
    std::string other_cron_;  // the other cron daemon that runs the machine's crontabs; "": none
};

}  // namespace mc
