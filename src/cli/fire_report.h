// fire_report.h — the changes of `diff` and `calendar diff`, told: folded for people, one by one for programs.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "desk/command.h"
#include "explain/plan_diff.h"

namespace mc::app {

enum class Telling {
    folded,  // a headline for each job and kind of change, with a few of its fires
    each,    // a line for each fire
    json,
};

// Which of them the options ask for: --json, --all.
Telling telling_of(const Args& args);

// The range of the options, or the default one. Error: usage.
Result<PlanDiffAsked> diff_asked(const Args& args, Instant now);

class FireReport {
   public:
    explicit FireReport(Telling telling) : telling_(telling) {}

    // In the order in which diff_plans() tells them; prints what is complete.
    void take(const FireChange& change);
    // What is left, and for people the sum, or that nothing differs. `last`: how far was looked.
    void finish(Date last);

   private:
    // The changes of one kind of one job, of which a few are shown.
    struct Fold {
        std::size_t count = 0;
        std::vector<FireChange> first;
        FireChange last;
        Seconds least{0}, most{0};  // by which they move
    };
    void fold(const FireChange& change);
    void print_folds();

    Telling telling_;
    std::string job_;
    std::map<Change, Fold> folds_;
    std::map<Change, std::size_t> counts_;
};

// The whole comparison: horizons on stderr, changes on stdout. Returns the exit code.
int report_diff(const Plan& before, const Plan& after, const PlanDiffAsked& asked, Telling telling);

}  // namespace mc::app
