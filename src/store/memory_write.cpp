// memory_write.cpp — writes batches to the store in memory, and removes old runs from it.
#include <fmt/format.h>

#include <algorithm>

#include "store/memory_store.h"

namespace mc {

Result<void> MemoryStore::refuse_if_twice(const StepWrites& batch) const {
    std::set<RunId> ids;
    std::set<Key> keys;
    for (const Run& run : batch.inserted) {
        const Key key{run.job, run.key};
        const bool is_new = !runs_.contains(run.id) && !index_of(run.job).keys.contains(run.key);
        if (!is_new || !ids.insert(run.id).second || !keys.insert(key).second)
            return fail(Error::Kind::store,
                        fmt::format("the ledger already has run {} of job {} for {}", run.id, run.job, run.key.text()));
    }
    std::set<std::int64_t> notices;
    for (const Notice& notice : batch.notices)
        if (notice.id <= last_notice_ || !notices.insert(notice.id).second)
            return fail(Error::Kind::store, fmt::format("the ledger already has notice {}", notice.id));
    return {};
}

Result<void> MemoryStore::refuse_if_wrong(const StepWrites& batch) const {
    if (auto done = refuse_if_twice(batch); !done) return done;
    std::map<RunId, const Run*> fresh;
    for (const Run& run : batch.inserted) fresh.emplace(run.id, &run);
    const auto find = [&](RunId id) -> const Run* {
        if (const auto old = runs_.find(id); old != runs_.end()) return &old->second;
        const auto at = fresh.find(id);
        return at == fresh.end() ? nullptr : at->second;
    };
    for (const Run& run : batch.updated) {
        const Run* known = find(run.id);
        if (known == nullptr || known->job != run.job || known->key != run.key)
            return fail(Error::Kind::store,
                        fmt::format("the ledger has no run {} of job {} for {}", run.id, run.job, run.key.text()));
    }
    for (const Attempt& attempt : batch.attempts)
        if (find(attempt.run) == nullptr)
            return fail(Error::Kind::store, fmt::format("the ledger has no run {}", attempt.run));
    return {};
}

void MemoryStore::put(const Run& run) {
    const auto [at, is_new] = runs_.try_emplace(run.id, run);
    Index& index = index_[run.job];
    if (is_new) {
        index.keys.insert_or_assign(run.key, run.id);
        index.days[run.logical_date].insert(run.id);
    } else {
        unmark(at->second);
        if (at->second.logical_date != run.logical_date) {
            undate(at->second);
            index.days[run.logical_date].insert(run.id);
        }
        at->second = run;  // its job and key never change
    }
    if (!finished(run.state)) unfinished_.insert(run.id);
    else if (run.deadline) owed_.insert(run.id);
    if (run.last_fire) index.shared.emplace(run.fire, run.id);
}

// Removes the run from the lists that depend on its state or its fire.
void MemoryStore::unmark(const Run& run) {
    unfinished_.erase(run.id);
    owed_.erase(run.id);
    if (run.last_fire) index_[run.job].shared.erase({run.fire, run.id});
}

void MemoryStore::undate(const Run& run) {
    auto& days = index_[run.job].days;
    const auto day = days.find(run.logical_date);
    day->second.erase(run.id);
    if (day->second.empty()) days.erase(day);
}

void MemoryStore::forget(RunId id) {
    const auto found = runs_.find(id);
    if (found == runs_.end()) return;
    const Run& run = found->second;
    unmark(run);
    undate(run);
    index_[run.job].keys.erase(run.key);
    runs_.erase(found);
}

Result<void> MemoryStore::commit(const StepWrites& batch) {
    if (auto done = refuse_if_wrong(batch); !done) return done;
    for (const Run& run : batch.inserted) {
        put(run);
        last_run_ = std::max(last_run_, run.id);
        last_batch_ = std::max(last_batch_, run.batch);
    }
    for (const Run& run : batch.updated) {
        put(run);
        last_batch_ = std::max({last_batch_, run.batch, run.clearing});
    }
    for (const Attempt& attempt : batch.attempts) {
        attempts_.insert_or_assign({attempt.run, attempt.number}, attempt);
        seals_.erase({attempt.run, attempt.number});
    }
    for (const JobRecord& record : batch.jobs) jobs_.insert_or_assign(record.job, record);
    for (const JobName& job : batch.removed_jobs) jobs_.erase(job);
    for (const Alert& alert : batch.alerts) alerts_.insert_or_assign(alert.run, alert);
    for (const RunId run : batch.cancelled_actions)
        std::erase_if(pending_,
                      [run](const auto& row) { return row.second.notice.is_action && row.second.notice.run == run; });
    for (const Notice& notice : batch.notices) {
        pending_.insert_or_assign(notice.id, OutboxRow{notice, 0, std::nullopt, ""});
        last_notice_ = std::max(last_notice_, notice.id);
    }
    if (batch.planned_through) planned_through_ = batch.planned_through;
    if (batch.coverage_told) coverage_told_ = batch.coverage_told;
    return {};
}

Result<void> MemoryStore::remember_boot(std::string_view boot_id) {
    boot_id_ = boot_id;
    return {};
}

Result<std::vector<RunId>> MemoryStore::prune(Instant older_than, std::size_t limit) {
    std::vector<std::pair<Instant, RunId>> old;
    for (const auto& [id, run] : runs_) {
        const auto alert = alerts_.find(id);
        const bool is_open = alert != alerts_.end() && !alert->second.closed;
        if (finished(run.state) && run.clearing == 0 && !is_open &&
            std::max(run.fire, run.finished.value_or(run.fire)) < older_than)
            old.emplace_back(run.fire, id);
    }
    std::sort(old.begin(), old.end());
    old.resize(std::min(old.size(), limit));
    std::vector<RunId> gone;
    for (const auto& [fire, id] : old) {
        forget(id);
        attempts_.erase(attempts_.lower_bound({id, 0}), attempts_.lower_bound({id + 1, 0}));
        seals_.erase(seals_.lower_bound({id, 0}), seals_.lower_bound({id + 1, 0}));
        alerts_.erase(id);
        threads_.erase(threads_.lower_bound({id, ""}), threads_.lower_bound({id + 1, ""}));
        gone.push_back(id);
    }
    return gone;
}

}  // namespace mc
