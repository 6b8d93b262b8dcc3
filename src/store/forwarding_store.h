// forwarding_store.h — a store that forwards all calls to another store. Classes of the tests and of `simulate`
// override single functions.
#pragma once

#include <memory>

#include "store/store.h"

namespace mc {

class ForwardingStore : public Store {
   public:
    explicit ForwardingStore(std::shared_ptr<Store> behind) : behind_(std::move(behind)) {}

    Result<void> commit(const StepWrites& batch) override { return behind_->commit(batch); }
    Result<Recovered> recover() const override { return behind_->recover(); }
    Result<std::vector<Run>> runs(const RunFilter& filter) const override { return behind_->runs(filter); }
    Result<std::vector<Attempt>> attempts(RunId run) const override { return behind_->attempts(run); }
    Result<std::map<RunId, int>> begun(RunId from, RunId to) const override { return behind_->begun(from, to); }
    Result<std::optional<OutputSeal>> output_seal(AttemptName attempt) const override {
        return behind_->output_seal(attempt);
    }
    Result<std::vector<AttemptName>> unsealed(std::size_t limit) const override { return behind_->unsealed(limit); }
    Result<void> keep_seal(AttemptName attempt, const OutputSeal& seal) override {
        return behind_->keep_seal(attempt, seal);
    }
    Result<std::vector<Alert>> alerts(AlertsAsked asked) const override { return behind_->alerts(asked); }
    Result<std::vector<OutboxRow>> pending(std::size_t limit) const override { return behind_->pending(limit); }
    Result<void> delivered(const std::vector<std::int64_t>& ids, Instant at) override {
        return behind_->delivered(ids, at);
    }
    Result<void> try_later(const std::vector<std::int64_t>& ids, Instant when, std::string_view error) override {
        return behind_->try_later(ids, when, error);
    }
    Result<void> given_up(const std::vector<std::int64_t>& ids, Instant at, std::string_view error) override {
        return behind_->given_up(ids, at, error);
    }
    Result<std::optional<SlackThread>> thread(std::string_view target, RunId alert) const override {
        return behind_->thread(target, alert);
    }
    Result<std::vector<std::pair<SlackThread, Alert>>> closed_threads() const override {
        return behind_->closed_threads();
    }
    Result<void> keep_thread(const SlackThread& thread) override { return behind_->keep_thread(thread); }
    Result<void> drop_thread(std::string_view target, RunId alert) override {
        return behind_->drop_thread(target, alert);
    }
    Result<void> remember_boot(std::string_view boot_id) override { return behind_->remember_boot(boot_id); }
    Result<std::vector<RunId>> prune(Instant older_than, std::size_t limit) override {
        return behind_->prune(older_than, limit);
    }
    Result<std::optional<Run>> by_key(const JobName& job, const FireKey& key) const override {
        return behind_->by_key(job, key);
    }
    Result<std::optional<Run>> by_id(RunId id) const override { return behind_->by_id(id); }
    Result<std::optional<Run>> spanning(const JobName& job, Instant fire) const override {
        return behind_->spanning(job, fire);
    }
    Result<std::optional<JobRecord>> record_of(const JobName& job) const override { return behind_->record_of(job); }
    Result<std::vector<Run>> by_date(const JobName& job, Date date) const override {
        return behind_->by_date(job, date);
    }
    Result<std::optional<Run>> newest_before(const JobName& job, Date date, Instant fire) const override {
        return behind_->newest_before(job, date, fire);
    }
    Result<std::vector<Run>> upstream_failed_after(const JobName& job, Date date) const override {
        return behind_->upstream_failed_after(job, date);
    }

    // Replaces the store behind, as a restore of the ledger does.
    void put_behind(std::shared_ptr<Store> behind) { behind_ = std::move(behind); }

   protected:
    Store& behind() { return *behind_; }
    const Store& behind() const { return *behind_; }

   private:
    std::shared_ptr<Store> behind_;
};

}  // namespace mc
