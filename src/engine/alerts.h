// alerts.h — the open alerts of jobs, and the notifications that the notify rules send about a run.
//
// An alert opens with a job's first failed, late or missed run. It closes when that run succeeds, when an operator
// closes it, or when the job leaves the plan. Notifications and changed alerts are written with the step.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "engine/notices.h"
#include "engine/past.h"
#include "engine/run_book.h"

namespace mc {

// How a target of blocked jobs is notified of the failure that blocks them.
struct Listener {
    bool is_news = false;         // notify it again: the failure blocks a job that no earlier message named
    bool wants_recovery = false;  // notify it of the recovery too
};

class Alerts {
   public:
    Alerts(std::vector<Alert> recovered, Step& step, const Definitions& jobs, RunBook& book, Past& past,
           Notices& notices);

    const OpenAlerts& open() const { return open_; }

    // Notifies the targets of the job's rules. Failure, late and missed count in the job's alert, which is opened if
    // the job has none. Returns whether there was a target.
    bool tell(const Run& run, NoticeKind kind, const std::string& tail = {});
    // Sends the output of an attempt, if the rules ask for it; with cron's `-n` only if the attempt did not succeed.
    void tell_output(const Run& run, const Outcome& outcome);

    // The run has succeeded or was skipped: closes its alert, with a notification. `mark`: an operator marked the run.
    void close_for(const Run& run, Closes closes, const MarkAsked* mark = nullptr);
    // Counts the run in the job's alert, which is opened if the job has none. Returns the alert.
    RunId raise(const Run& run, NoticeKind kind);
    // The open alert that a failed run belongs to, even if an earlier run opened it; 0: none.
    RunId of_failure(const Run& run) const;
    // Records that the target was notified of the root's failure because of another job. False: it already had been.
    bool tell_too(const Run& root, const std::string& target, Listener listener);

    void asked(const AlertAsked& asked);
    // Closes the alerts of jobs that have left the plan and have no unfinished run; `old` is the previous plan, or
    // null.
    void drop_removed(const Plan* old);
    // Sends reminders for alerts that are not acknowledged, at the interval of the job's rules.
    void repeat();
    std::optional<Instant> next_repeat() const;
    // Adds the alerts that changed to the step's batch.
    void write();

   private:
    std::optional<Instant> repeat_due(const JobName& job, const Alert& alert) const;
    void end(const JobName& job, const std::string& by, const std::string& reason);
    void close(const Run& run, const MarkAsked* mark);
    void send_word(const Alert& alert, const Job& job, NoticeKind word, const std::string& what);

    Step& step_;
    const Definitions& jobs_;
    RunBook& book_;
    Past& past_;
    Notices& notices_;
    OpenAlerts open_;
    std::set<JobName> changed_;
};

}  // namespace mc
