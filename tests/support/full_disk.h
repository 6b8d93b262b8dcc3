// full_disk.h — a ledger in memory whose disk can be full: then what came of messages cannot be recorded.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/run_store.h"

namespace mc::test {

class FullDisk final : public RunStore {
   public:
    bool full = false;

    Result<void> commit(const Batch& batch) override { return inner_->commit(batch); }
    Result<Recovered> recover() const override { return inner_->recover(); }
    Result<std::vector<Run>> runs(const RunFilter& filter) const override { return inner_->runs(filter); }
    Result<std::vector<Attempt>> attempts(RunId run) const override { return inner_->attempts(run); }
    Result<std::map<RunId, int>> begun(RunId from, RunId to) const override { return inner_->begun(from, to); }
    Result<std::optional<OutputSeal>> output_seal(AttemptName attempt) const override {
        return inner_->output_seal(attempt);
    }
    Result<std::vector<AttemptName>> unsealed(std::size_t limit) const override { return inner_->unsealed(limit); }
    Result<void> keep_seal(AttemptName attempt, const OutputSeal& seal) override {
        return full ? refusal() : inner_->keep_seal(attempt, seal);
    }
    Result<std::vector<Alert>> alerts(bool closed_too) const override { return inner_->alerts(closed_too); }
    Result<std::vector<OutboxRow>> pending(std::size_t limit) const override { return inner_->pending(limit); }
    Result<void> delivered(const std::vector<std::int64_t>& ids, Instant at) override {
        return full ? refusal() : inner_->delivered(ids, at);
    }
    Result<void> try_later(const std::vector<std::int64_t>& ids, Instant when, std::string_view error) override {
        return full ? refusal() : inner_->try_later(ids, when, error);
    }
    Result<void> given_up(const std::vector<std::int64_t>& ids, Instant at, std::string_view error) override {
        return full ? refusal() : inner_->given_up(ids, at, error);
    }
    Result<std::optional<SlackThread>> thread(std::string_view target, RunId alert) const override {
        return inner_->thread(target, alert);
    }
    Result<std::vector<std::pair<SlackThread, Alert>>> closed_threads() const override {
        return inner_->closed_threads();
    }
    Result<void> keep_thread(const SlackThread& thread) override { return inner_->keep_thread(thread); }
    Result<void> drop_thread(std::string_view target, RunId alert) override {
        return inner_->drop_thread(target, alert);
    }
    Result<void> remember_boot(std::string_view boot_id) override { return inner_->remember_boot(boot_id); }
    Result<std::vector<RunId>> prune(Instant older_than, std::size_t limit) override {
        return inner_->prune(older_than, limit);
    }
    std::optional<Run> by_key(std::string_view job, std::string_view key) const override {
        return inner_->by_key(job, key);
    }
    std::optional<Run> by_id(RunId id) const override { return inner_->by_id(id); }
    std::optional<Run> spanning(std::string_view job, Instant fire) const override {
        return inner_->spanning(job, fire);
    }
    std::optional<JobRecord> record_of(std::string_view job) const override { return inner_->record_of(job); }
    std::vector<Run> by_date(std::string_view job, Date date) const override { return inner_->by_date(job, date); }
    std::optional<Run> newest_before(std::string_view job, Date date, Instant fire) const override {
        return inner_->newest_before(job, date, fire);
    }
    std::vector<Run> upstream_failed_after(std::string_view job, Date date) const override {
        return inner_->upstream_failed_after(job, date);
    }

   private:
    static Result<void> refusal() { return fail(Error::Kind::store, "the disk is full", "make room"); }
    std::unique_ptr<RunStore> inner_ = make_memory_store();
};

}  // namespace mc::test
