// cmd_diff.cpp — marketcron diff: shows the fires that a change of the configuration adds, drops or moves.
#include "cli/fire_report.h"
#include "desk/open.h"
#include "os/clock.h"

namespace mc::app {

int cmd_diff(const Args& args) {
    if (args.words.size() > 1 && !args.config.empty())
        return report(Error{Error::Kind::usage, "-c cannot be combined with OLD", "leave one of them out", {}});
    const auto asked = diff_asked(args, os::instant_now());
    if (!asked) return report(asked.error());
    Args of_old = args;
    if (args.words.size() > 1) of_old.config = args.words.front();
    const auto before = open_plan(of_old);
    if (!before) return report(before.error());
    // Both use the old configuration's calendars, including the changes by `calendar override`.
    const auto after = plan_of(args.words.back(), before->context);
    if (!after) return report(after.error());
    PlanDiffAsked of_one_set = *asked;
    of_one_set.same_calendars = true;
    const auto ledger = asked->from ? nullptr : ledger_of_fires(*before);  // with --from, all fires count
    of_one_set.ledger = ledger.get();
    return report_diff(*before->plan, **after, of_one_set, telling_of(args));
}

}  // namespace mc::app
