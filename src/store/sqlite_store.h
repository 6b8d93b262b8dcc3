// sqlite_store.h — the store in an SQLite file: WAL, synchronous=FULL, one transaction for each batch.
//
// Only for this room; other code calls open_store(). The function that opens it is in sqlite_kind.cpp, those that write
// in sqlite_write.cpp, those that read in sqlite_store.cpp, the outbox in sqlite_outbox.cpp, and the threads in
// sqlite_threads.cpp.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "store/sqlite.h"
#include "store/store.h"

namespace mc::store {

class SqliteStore final : public Store {
   public:
    explicit SqliteStore(Database database) : database_(std::move(database)) {}

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
    Result<void> write(const StepWrites& batch);
    Result<void> insert(const Run& run);
    Result<void> update(const Run& run);
    Result<void> write_jobs(const StepWrites& batch);
    Result<void> write_alerts(const StepWrites& batch);
    Result<void> write_notices(const StepWrites& batch);
    Result<void> write_meta(const StepWrites& batch);
    Result<void> end_notices(const std::vector<std::int64_t>& ids, std::string_view status, Instant at,
                             std::string_view error);
    template <class... Values>
    Result<std::vector<Run>> select_runs(std::string_view tail, const Values&... values) const;
    template <class... Values>
    Result<std::optional<Run>> select_run(std::string_view tail, const Values&... values) const;

    mutable Database database_;
};

}  // namespace mc::store
