#include "engine/limits.h"

#include <algorithm>
#include <cmath>

namespace mc {

namespace {

// The claim of a start by hand may differ from the job's.
std::optional<std::uint64_t> claimed_memory(const Job& job, const Run& run) {
    return run.start_options && run.start_options->memory ? run.start_options->memory : job.memory;
}

// In millionths, because sums of fractions are not exact: 2.2 + 0.6 + 0.2 would not fit into 3. At most one million
// cpus.
std::uint64_t millionths(double cpus) { return static_cast<std::uint64_t>(std::llround(std::min(cpus, 1e6) * 1e6)); }

// A run with a claim larger than the whole capacity starts alone.
bool fits(std::uint64_t claim, std::uint64_t used, std::uint64_t capacity) {
    return used == 0 || (used <= capacity && claim <= capacity - used);
}

}  // namespace

std::optional<Seconds> timeout_of(const Run& run, const Job& job) {
    return run.start_options && run.start_options->timeout ? run.start_options->timeout : job.timeout;
}

bool has_claim(const Job& job, const Run& run) { return claimed_memory(job, run) || job.cpus; }

void InUse::add(const Job& job, const Run& run) {
    if (!job.pool.empty()) ++pools_[job.pool];
    if (run.batch != 0) ++batches_[run.batch];
    // `start --memory` may claim any amount: the sum must not overflow.
    memory_ += std::min(claimed_memory(job, run).value_or(0), UINT64_MAX - memory_);
    cpu_millionths_ += millionths(job.cpus.value_or(0));
}

Because InUse::in_the_way(const Job& job, const Run& run, const Plan& plan) const {
    const Wording wording{&plan, job.schedule.zone.get()};
    if (auto full = batch_in_the_way(run)) return {Reason::pool, *std::move(full), wording};
    if (auto full = pool_in_the_way(job, run, plan)) return {Reason::pool, *std::move(full), wording};
    if (auto claimed = claim_in_the_way(job, run, plan)) return {Reason::claim, *std::move(claimed), wording};
    return {};
}

std::optional<ReasonData> InUse::batch_in_the_way(const Run& run) const {
    const auto running = batches_.find(run.batch);
    if (run.batch == 0 || running == batches_.end() || running->second < run.batch_width) return {};
    return BackfillWidth{run.batch, run.batch_width};
}

std::optional<ReasonData> InUse::pool_in_the_way(const Job& job, const Run& run, const Plan& plan) const {
    const auto taken = pools_.find(job.pool);
    if (job.pool.empty() || taken == pools_.end()) return {};
    const int slots = plan.pools.at(job.pool);
    if (run.batch != 0 && slots > 1 && taken->second == slots - 1) return PoolReserved{job.pool, slots};
    if (taken->second < slots) return {};
    return PoolFull{job.pool, slots};
}

std::optional<ReasonData> InUse::claim_in_the_way(const Job& job, const Run& run, const Plan& plan) const {
    const auto& capacity = plan.daemon;
    const auto memory = claimed_memory(job, run);
    if (memory && capacity.capacity_memory && !fits(*memory, memory_, *capacity.capacity_memory))
        return MemoryClaimed{*memory, memory_, *capacity.capacity_memory};
    if (!job.cpus || !capacity.capacity_cpus ||
        fits(millionths(*job.cpus), cpu_millionths_, millionths(*capacity.capacity_cpus)))
        return {};
    return CpusClaimed{*job.cpus, static_cast<double>(cpu_millionths_) / 1e6, *capacity.capacity_cpus};
}

}  // namespace mc
