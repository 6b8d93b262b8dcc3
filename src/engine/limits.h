// limits.h — the limits that runs share: pools, claims of memory and cpus, the width of a backfill.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "config/plan.h"
#include "engine/run.h"
#include "reason/words.h"

namespace mc {

// What active runs use now of each limit.
class InUse {
   public:
    void add(const Job& job, const Run& run);

    // The limit that keeps the run from starting; reason none: no limit does.
    Because in_the_way(const Job& job, const Run& run, const Plan& plan) const;

   private:
    std::optional<ReasonData> batch_in_the_way(const Run& run) const;
    std::optional<ReasonData> pool_in_the_way(const Job& job, const Run& run, const Plan& plan) const;
    std::optional<ReasonData> claim_in_the_way(const Job& job, const Run& run, const Plan& plan) const;

    std::map<std::string, int> pools_;
    std::map<std::int64_t, int> batches_;
    std::uint64_t memory_ = 0;
    std::uint64_t cpu_millionths_ = 0;
};

// The timeout of the run's attempts; absent: none.
std::optional<Seconds> timeout_of(const Run& run, const Job& job);

// The run claims memory or cpus.
bool has_claim(const Job& job, const Run& run);

}  // namespace mc
