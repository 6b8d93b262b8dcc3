#include "engine/clears.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "engine/fresh_run.h"

namespace mc {

Clears::Clears(const std::vector<Run>& clearing, Step& step, const Definitions& jobs, RunBook& book, Past& past,
               Gates& gates, Endings& endings, SensorWatch& sensors)
    : step_(step), jobs_(jobs), book_(book), past_(past), gates_(gates), endings_(endings), sensors_(sensors) {
    for (const Run& run : clearing) under_way_[run.clearing].insert(run.id);
}

void Clears::asked(const ClearAsked& asked) {
    auto items = plan_clear(jobs_.plan(), past_, asked);
    if (!items) return step_.refuse(items.error());
    for (const ClearItem& item : *items)
        if (item.run.clearing != 0)
            return step_.decline(
                fmt::format("run {} of {} is already being cleared; the clear waits for runs that are still active",
                            item.run.id, jobs_.plan().title(item.run.job)));
    std::erase_if(*items, [](const ClearItem& item) { return !item.is_reset; });
    if (items->empty()) return step_.decline("there is no run to clear");

    const std::int64_t number = book_.new_batch();
    std::vector<RunId> all = set_aside(*items, number);
    under_way_[number] = {all.begin(), all.end()};
    std::vector<RunId> running;
    for (const RunId id : all)
        if (book_.at(id).state == State::running) running.push_back(id);
    for (const RunId id : running) endings_.stop(book_.at(id), State::killed, {Reason::stopped, StoppedBy{asked.by}});
    step_.batch.operator_note =
        fmt::format("clear {} {}..{}{} by {}", fmt::join(asked.jobs, " "), to_string(asked.from), to_string(asked.to),
                    asked.downstream ? " --downstream" : "", asked.by);
    std::string text = reply_text(all.size(), running);
    step_.done(std::move(text), std::move(all));
}

std::vector<RunId> Clears::set_aside(const std::vector<ClearItem>& items, std::int64_t number) {
    std::vector<RunId> all;
    for (const ClearItem& item : items) {
        const Run& run = book_.bring(item.run);
        book_.join_clear(run, number);
        sensors_.stop(run);
        all.push_back(run.id);
        if (run.state == State::running || finished(run.state)) continue;
        book_.set_aside(run, {Reason::stopped, BeingCleared{number}});
    }
    return all;
}

std::string Clears::reply_text(std::size_t count, const std::vector<RunId>& running) const {
    const std::string cleared = count == 1 ? "1 run is cleared" : fmt::format("{} runs are cleared", count);
    if (running.empty())
        return fmt::format("{}: {} again, by the rules of backfill", cleared, count == 1 ? "it runs" : "they run");
    const bool is_one = running.size() == 1;
    return fmt::format(
        "{} being stopped; once {} ended, {}",
        is_one ? fmt::format("run {} is", running.front()) : fmt::format("runs {} are", fmt::join(running, ", ")),
        is_one ? "it has" : "they have", cleared);
}

bool Clears::still_runs(const std::set<RunId>& ids) const {
    return std::any_of(ids.begin(), ids.end(), [&](RunId id) {
        const Run* run = book_.find(id);
        return run && run->state == State::running;
    });
}

void Clears::finish() {
    for (auto it = under_way_.begin(); it != under_way_.end();) {
        if (still_runs(it->second)) {
            ++it;
            continue;
        }
        for (const RunId id : it->second) finish(id);
        it = under_way_.erase(it);
    }
}

void Clears::finish(RunId id) {
    const auto past = past_.by_id(id);
    if (!past) return;
    if (past->clear_part == ClearPart::nothing)
        return book_.leave_clear(book_.bring(*past));  // it was stopped meanwhile
    const Run& run = reopen(book_, jobs_, *past);
    book_.leave_clear(run);
    book_.leave_batch(run);  // they run one after the other, as caught-up runs do
    gates_.forget(id);
    if (!endings_.finish_without_job(run)) endings_.finish_by_when(*jobs_.planned(run.job), run);
}

void Clears::leave(const Run& run) {
    if (run.state == State::running) return book_.only_end_for_clear(run);
    if (run.clearing == 0 || run.clear_part == ClearPart::nothing) return;
    under_way_[run.clearing].erase(run.id);
    book_.leave_clear(run);
}

}  // namespace mc
