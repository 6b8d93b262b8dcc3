// no_ledger.h — an empty ledger: no fire has a row, and no job has a record.
#pragma once

#include "engine/ledger.h"

namespace mc {

class NoLedger final : public Ledger {
   public:
    Result<std::optional<Run>> by_key(std::string_view, const FireKey&) const override { return {}; }
    Result<std::optional<Run>> by_id(RunId) const override { return {}; }
    Result<std::optional<Run>> spanning(std::string_view, Instant) const override { return {}; }
    Result<std::optional<JobRecord>> record_of(std::string_view) const override { return {}; }
    Result<std::vector<Run>> by_date(std::string_view, Date) const override { return {}; }
    Result<std::optional<Run>> newest_before(std::string_view, Date, Instant) const override { return {}; }
    Result<std::vector<Run>> upstream_failed_after(std::string_view, Date) const override { return {}; }
};

}  // namespace mc
