#include "engine/hold.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/engine.h"

namespace mc {

bool gathered(const Run& run, Instant held_since) {
    const bool of_schedule = run.origin == Origin::live || run.origin == Origin::catch_up;
    return of_schedule && run.attempt == run.attempts_before && run.fire >= held_since;
}

std::vector<Because> fates_on_release(const std::vector<const Run*>& in_order, const Job& job, Instant now,
                                      const Wording& wording) {
    const auto skipped = [&](Reason reason, const ReasonData& facts) {
        return Because{reason, facts, "the job was held; " + sentence(facts, wording)};
    };
    Date newest{};
    for (const Run* run : in_order) newest = std::max(newest, run->logical_date);
    std::vector<Because> fates;
    for (const Run* run : in_order) {
        // catch_up does not apply to a job without a schedule.
        const bool is_kept = run == in_order.back() || !job.has_schedule() ||
                             (job.catch_up == CatchUp::all && now - run->fire <= job.catch_up_within);
        if (!is_kept) fates.push_back(skipped(Reason::superseded, Superseded{in_order.back()->fire}));
        else if (job.latest_only && run->logical_date < newest)
            fates.push_back(skipped(Reason::latest_only, NewerDate{newest}));
        else fates.emplace_back(Reason::none);
    }
    return fates;
}

std::string until_text(const Hold& hold, const Job& job) {
    return hold.until ? fmt::format("until {}", local_text(*hold.until, *job.schedule.zone))
                      : fmt::format("until `marketcron release {}`", job.shown());
}

}  // namespace mc
