// cmd_diff.cpp — marketcron diff: the fires that a change of the configuration adds, drops or moves.
#include "cli/fire_report.h"
#include "desk/open.h"
#include "os/clock.h"

namespace mc::app {

int cmd_diff(const Args& args) {
    if (args.words.size() > 1 && !args.config.empty())
        return report(Error{Error::Kind::usage, "-c names a third file", "leave it out, or name NEW alone", {}});
    const auto asked = diff_asked(args, os::instant_now());
    if (!asked) return report(asked.error());
    Args of_old = args;
    if (args.words.size() > 1) of_old.config = args.words.front();
    const auto before = open_plan(of_old);
    if (!before) return report(before.error());
    // By the calendars of the old one, with what a person has changed of them: they do not change with the file.
    const auto after = plan_of(args.words.back(), before->context);
    if (!after) return report(after.error());
    PlanDiffAsked of_one_set = *asked;
    of_one_set.same_calendars = true;
    const auto ledger = asked->from ? nullptr : ledger_of_fires(*before);  // of past dates all fires count
    of_one_set.ledger = ledger.get();
    return report_diff(*before->plan, **after, of_one_set, telling_of(args));
}

}  // namespace mc::app
