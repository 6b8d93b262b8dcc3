#include "engine/backfills.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/fresh_run.h"

namespace mc {

Backfills::Backfills(Step& step, const Definitions& jobs, RunBook& book, const JobRecords& records, Past& past,
                     Endings& endings)
    : step_(step), jobs_(jobs), book_(book), records_(records), past_(past), endings_(endings) {}

const Run& Backfills::take(const BackfillItem& item) {
    if (!item.before)
        return book_.insert(make_run(*jobs_.planned(item.job), item.fire, Origin::backfill, jobs_.calendars()));
    const Run& row = book_.bring(*item.before);
    book_.move_fire(row, item.fire.due);
    return reopen(book_, jobs_, row);
}

// The run that will start; null: no run starts, and the row has the reason.
const Run* Backfills::take_part(const BackfillItem& item) {
    const Run& run = take(item);
    const Job& job = *jobs_.planned(item.job);
    if (item.skipped == Reason::none) return endings_.finish_by_when(job, run) ? nullptr : &run;
    endings_.finish(run, State::skipped, {item.skipped, *item.facts});
    return nullptr;
}

void Backfills::asked(const BackfillAsked& asked) {
    auto items = plan_backfill(jobs_.plan(), past_, asked, step_.now.wall);
    if (!items) return step_.refuse(items.error());
    step_.batch.operator_note = fmt::format("backfill {} {}..{} by {}", fmt::join(asked.jobs, " "),
                                            to_string(asked.from), to_string(asked.to), asked.by);
    const std::int64_t number = book_.new_batch();
    const int width = std::max(asked.parallel, 1);
    std::vector<RunId> runs;
    for (const BackfillItem& item : *items) {
        if (!item.chosen && item.skipped == Reason::none) continue;
        const Run* run = take_part(item);
        if (!run) continue;
        RunOverrides overrides = *run;
        overrides.assume_upstream = asked.upstreams == BackfillAsked::Upstreams::assumed;
        book_.override_with(*run, std::move(overrides));
        book_.join_batch(*run, number, width);
        runs.push_back(run->id);
    }
    std::string text = fmt::format("{} of {} fire{} will run, {} at a time", runs.size(), items->size(),
                                   items->size() == 1 ? "" : "s", width);
    for (const JobName& job : asked.jobs)
        if (records_.is_held(job))
            text += fmt::format("; {} is held: its runs wait until it is released", jobs_.planned(job)->shown());
    step_.done(std::move(text), std::move(runs));
}

}  // namespace mc
