// hypothetical_ledger.h — the ledger as it would be if some runs had another state. The daemon's own code reads it to
// work out the consequences that an operator sees before a mark or a rerun.
#pragma once

#include <map>

#include "engine/ledger.h"

namespace mc {

class HypotheticalLedger final : public Ledger {
   public:
    explicit HypotheticalLedger(const Ledger& ledger) : ledger_(ledger) {}
    // From now on the run has that state and is part of no clear. Its key, fire and date stay.
    void put(Run run, State state);

    Result<std::optional<Run>> by_key(const JobName& job, const FireKey& key) const override;
    Result<std::optional<Run>> by_id(RunId id) const override;
    Result<std::optional<Run>> spanning(const JobName& job, Instant fire) const override;
    Result<std::optional<JobRecord>> record_of(const JobName& job) const override { return ledger_.record_of(job); }
    Result<std::vector<Run>> by_date(const JobName& job, Date logical_date) const override;
    Result<std::optional<Run>> newest_before(const JobName& job, Date date, Instant fire_before) const override;
    Result<std::vector<Run>> upstream_failed_after(const JobName& job, Date date) const override;

   private:
    Result<std::optional<Run>> as_if(Result<std::optional<Run>> run) const;
    const Ledger& ledger_;
    std::map<RunId, Run> changed_;
};

}  // namespace mc
