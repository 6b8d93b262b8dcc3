// step_ledger.h — the ledger as it will be when this step is written: the runs in memory hide the stored rows.
#pragma once

#include "engine/job_records.h"
#include "engine/ledger.h"
#include "engine/run_book.h"

namespace mc {

class StepLedger final : public Ledger {
   public:
    // All must outlive it.
    StepLedger(const RunBook& book, const JobRecords& records, const Ledger& stored)
        : book_(book), records_(records), stored_(stored) {}
    const Ledger& stored() const { return stored_; }
    Result<std::optional<Run>> by_key(const JobName& job, const FireKey& key) const override;
    Result<std::optional<Run>> by_id(RunId id) const override;
    Result<std::optional<Run>> spanning(const JobName& job, Instant fire) const override;
    Result<std::optional<JobRecord>> record_of(const JobName& job) const override;
    Result<std::vector<Run>> by_date(const JobName& job, Date logical_date) const override;
    Result<std::optional<Run>> newest_before(const JobName& job, Date date, Instant fire_before) const override;
    Result<std::vector<Run>> upstream_failed_after(const JobName& job, Date date) const override;

   private:
    const RunBook& book_;
    const JobRecords& records_;
    const Ledger& stored_;
};

}  // namespace mc
