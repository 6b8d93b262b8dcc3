// no_ledger.h — an empty ledger: no fire has a row, and no job has a record.
#pragma once

#include "engine/ledger.h"

namespace mc {

class NoLedger final : public Ledger {
   public:
    Result<std::optional<Run>> by_key(const JobName&, const FireKey&) const override { return {}; }
    Result<std::optional<Run>> by_id(RunId) const override { return {}; }
    Result<std::optional<Run>> spanning(const JobName&, Instant) const override { return {}; }
    Result<std::optional<JobRecord>> record_of(const JobName&) const override { return {}; }
    Result<std::vector<Run>> by_date(const JobName&, Date) const override { return {}; }
    Result<std::optional<Run>> newest_before(const JobName&, Date, Instant) const override { return {}; }
    Result<std::vector<Run>> upstream_failed_after(const JobName&, Date) const override { return {}; }
};

}  // namespace mc
