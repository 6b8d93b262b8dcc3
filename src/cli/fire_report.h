// fire_report.h — prints the fires that `diff` and `calendar diff` found to be different, as text or as JSON lines.
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

// As the options --json and --all say.
Telling telling_of(const Args& args);

// The range of --from and --to, or the default one. Error: usage.
Result<PlanDiffAsked> diff_asked(const Args& args, Instant now);

class FireReport {
   public:
    explicit FireReport(Telling telling) : telling_(telling) {}

    // Takes a change, in the order of diff_plans(), and prints what is complete.
    void take(const FireChange& change);
    // Prints the rest and, as text, the total. `last`: the last date that was compared.
    void finish(Date last);

   private:
    // The changes of one kind of one job; a few of them are shown.
    struct Fold {
        std::size_t count = 0;
        std::vector<FireChange> first;
        FireChange last;
        Seconds least{0}, most{0};  // the smallest and the largest move; negative: earlier
    };
    void fold(const FireChange& change);
    void print_folds();

    Telling telling_;
    std::string job_;
    std::map<Change, Fold> folds_;
    std::map<Change, std::size_t> counts_;
};

// Prints the whole comparison: the changes on stdout, calendars that end too early on stderr. The exit status.
int report_diff(const Plan& before, const Plan& after, const PlanDiffAsked& asked, Telling telling);

}  // namespace mc::app
