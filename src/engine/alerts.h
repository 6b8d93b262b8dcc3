// alerts.h — the open alerts of jobs, and what the notify rules say of a run.
//
// An alert opens with a job's first bad run and ends when that run succeeds, when an operator closes it, or when the
// job leaves the plan. Messages are written with the step; so are the alerts that change.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "engine/notices.h"
#include "engine/past.h"
#include "engine/run_book.h"

namespace mc {

// What a place is to hear of a root cause.
struct Listener {
    bool is_news = false;         // also if it has heard of the failure: a further job cannot run
    bool wants_recovery = false;  // and of its end
};

class Alerts {
   public:
    Alerts(std::vector<Alert> recovered, Step& step, const Definitions& jobs, RunBook& book, Past& past,
           Notices& notices);

    const std::map<std::string, Alert>& open() const { return open_; }  // by job

    // Sends what the rules say for it. Failure, late and missed count in the job's alert, which is opened if the job has
    // none. Returns whether there was a target.
    bool tell(const Run& run, NoticeKind kind, const std::string& tail = {});
    // What an attempt printed, where the rules ask for it: with cron's `-n` only of one that did not succeed.
    void tell_output(const Run& run, const Outcome& outcome);

    // The run has ended well: its alert ends, with a message. `mark`: an operator says so.
    void close_for(const Run& run, Closes closes, const MarkAsked* mark = nullptr);
    // The alert that counts the run as gone wrong; opened if the job has none.
    RunId raise(const Run& run, NoticeKind kind);
    // The open alert that a failed run belongs to, also one that an earlier run opened; 0: none.
    RunId of_failure(const Run& run) const;
    // Notes that the target heard of the root's failure because of another job. False: it had heard of that failure.
    bool tell_too(const Run& root, const std::string& target, Listener listener);

    void asked(const AlertAsked& asked);
    // Ends those of jobs that have left the plan, unless a run of them is unfinished; `old` is the plan before, or null.
    void drop_removed(const Plan* old);
    // Repeats those that are not acknowledged, at the interval of the job's rules.
    void repeat();
    std::optional<Instant> next_repeat() const;
    // The alerts that changed go to the step's batch.
    void write();

   private:
    std::optional<Instant> repeat_due(const std::string& job, const Alert& alert) const;
    void end(const std::string& job, const std::string& by, const std::string& reason);
    void close(const Run& run, const MarkAsked* mark);
    void send_word(const Alert& alert, const Job& job, NoticeKind word, const std::string& what);

    Step& step_;
    const Definitions& jobs_;
    RunBook& book_;
    Past& past_;
    Notices& notices_;
    std::map<std::string, Alert> open_;
    std::set<std::string> changed_;
};

}  // namespace mc
