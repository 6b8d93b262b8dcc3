// memory_store.h — the store in memory, for the simulator and for tests. commit() checks the whole batch before it
// changes anything, so that it is a transaction as in run_store.h.
//
// Only for this room; other code calls make_memory_store(). The functions that write are in memory_write.cpp, those
// that read in memory_store.cpp, and those for messages and threads in memory_outbox.cpp.
#pragma once

#include <map>
#include <set>
#include <utility>

#include "store/store.h"

namespace mc {

class MemoryStore final : public Store {
   public:
    Result<void> commit(const StepWrites& batch) override;
    Result<Recovered> recover() const override;
    Result<std::vector<Run>> runs(const RunFilter& filter) const override;
    Result<std::vector<Attempt>> attempts(RunId run) const override;
    Result<std::map<RunId, int>> begun(RunId from, RunId to) const override;
    Result<std::optional<OutputSeal>> output_seal(AttemptName attempt) const override;
    Result<std::vector<AttemptName>> unsealed(std::size_t limit) const override;
    Result<void> keep_seal(AttemptName attempt, const OutputSeal& seal) override;
    Result<std::vector<Alert>> alerts(AlertsAsked asked) const override;
    Result<void> remember_boot(std::string_view boot_id) override;
    Result<std::vector<RunId>> prune(Instant older_than, std::size_t limit) override;

    Result<std::optional<Run>> by_key(const JobName& job, const FireKey& key) const override;
    Result<std::optional<Run>> by_id(RunId id) const override;
    Result<std::optional<Run>> spanning(const JobName& job, Instant fire) const override;
    Result<std::optional<JobRecord>> record_of(const JobName& job) const override;
    Result<std::vector<Run>> by_date(const JobName& job, Date logical_date) const override;
    Result<std::optional<Run>> newest_before(const JobName& job, Date date, Instant fire_before) const override;
    Result<std::vector<Run>> upstream_failed_after(const JobName& job, Date date) const override;

    // Outbox
    Result<std::vector<OutboxRow>> pending(std::size_t limit) const override;
    Result<void> delivered(const std::vector<std::int64_t>& ids, Instant at) override;
    Result<void> try_later(const std::vector<std::int64_t>& ids, Instant when, std::string_view error) override;
    Result<void> given_up(const std::vector<std::int64_t>& ids, Instant at, std::string_view error) override;

    // MessageThreads
    Result<std::optional<SlackThread>> thread(std::string_view target, RunId alert) const override;
    Result<std::vector<std::pair<SlackThread, Alert>>> closed_threads() const override;
    Result<void> keep_thread(const SlackThread& thread) override;
    Result<void> drop_thread(std::string_view target, RunId alert) override;

   private:
    using Key = std::pair<JobName, FireKey>;
    // The runs of one job.
    struct Index {
        std::map<FireKey, RunId> keys;
        std::map<Date, std::set<RunId>> days;
        std::set<std::pair<Instant, RunId>> shared;  // rows for several fires
    };
    const Index& index_of(const JobName& job) const;

    Result<void> refuse_if_wrong(const StepWrites& batch) const;
    Result<void> refuse_if_twice(const StepWrites& batch) const;
    void put(const Run& run);
    void unmark(const Run& run);
    void undate(const Run& run);
    void forget(RunId id);

    std::map<RunId, Run> runs_;
    std::map<JobName, Index> index_;  // by job
    std::set<RunId> unfinished_, owed_;
    std::map<std::pair<RunId, int>, Attempt> attempts_;
    std::map<AttemptName, OutputSeal> seals_;
    std::map<JobName, JobRecord> jobs_;
    std::map<RunId, Alert> alerts_;
    std::map<std::int64_t, OutboxRow> pending_;
    std::map<std::pair<RunId, std::string>, SlackThread> threads_;  // by alert and target
    std::optional<Instant> planned_through_, coverage_told_;
    RunId last_run_ = 0;
    std::int64_t last_notice_ = 0, last_batch_ = 0;
    std::string boot_id_;
};

}  // namespace mc
