// present.h — the ledger as it will be when the step under way is written: the runs at hand over the stored.
#pragma once

#include "engine/body.h"

namespace mc {

class Engine::Body::Present : public Ledger {
   public:
    explicit Present(const Body& body) : body_(body) {}

    std::optional<Run> by_key(std::string_view job, std::string_view key) const override;
    std::optional<Run> by_id(RunId id) const override;
    std::optional<Run> spanning(std::string_view job, Instant fire) const override;
    std::optional<JobRecord> record_of(std::string_view job) const override;
    std::vector<Run> by_date(std::string_view job, Date logical_date) const override;
    std::optional<Run> newest_before(std::string_view job, Date date, Instant fire_before) const override;
    std::vector<Run> upstream_failed_after(std::string_view job, Date date) const override;

   private:
    const Run* at_hand(RunId id) const;
    const Body& body_;
};

}  // namespace mc
