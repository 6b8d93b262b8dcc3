#include "sim/claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace mc::sim {

namespace {

using Amount = std::uint64_t;

struct Claims {
    Amount bytes = 0, millicpus = 0;
};

Amount thousandths(double cpus) { return static_cast<Amount>(std::llround(cpus * 1000)); }

Claims claims_of(const Plan& plan, const Run& run) {
    const Job& job = plan.jobs.at(run.job);
    const auto memory = run.start_options && run.start_options->memory ? run.start_options->memory : job.memory;
    return {memory.value_or(0), thousandths(job.cpus.value_or(0))};
}

// Limits the sum to what can be counted: an operator may claim that much for one run.
void add(Claims& sum, const Claims& more) {
    sum.bytes += std::min(more.bytes, UINT64_MAX - sum.bytes);
    sum.millicpus += more.millicpus;
}

bool fits(Amount claim, Amount used, Amount capacity) {
    return claim == 0 || used == 0 || (used <= capacity && claim <= capacity - used);
}

bool fits(const Plan& plan, const Claims& claim, const Claims& used) {
    const DaemonSettings& daemon = plan.daemon;
    return (!daemon.capacity_memory || fits(claim.bytes, used.bytes, *daemon.capacity_memory)) &&
           (!daemon.capacity_cpus || fits(claim.millicpus, used.millicpus, thousandths(*daemon.capacity_cpus)));
}

}  // namespace

std::string check_capacity(const Plan& plan, const Run& starting, const std::vector<const Run*>& beside) {
    Claims used;
    for (const Run* run : beside) add(used, claims_of(plan, *run));
    if (fits(plan, claims_of(plan, starting), used)) return {};
    return fmt::format("capacity: run {} of {} starts while {} others run, and claims more than is left", starting.id,
                       starting.job, beside.size());
}

std::string check_waits(const Plan& plan, const std::map<RunId, Run>& unfinished, Instant now) {
    Claims used;
    for (const auto& [id, run] : unfinished)
        if (run.state == State::running) add(used, claims_of(plan, run));
    const Run* waits = nullptr;
    for (const auto& [id, run] : unfinished) {
        // A run whose time is in the future, after the clock was set back, is not considered until then.
        if (run.reason != Reason::claim || (run.not_before && *run.not_before > now)) continue;
        if (!fits(plan, claims_of(plan, run), used)) return {};
        waits = &run;
    }
    if (!waits) return {};
    return fmt::format("claim: run {} of {} waits although its claim fits", waits->id, waits->job);
}

}  // namespace mc::sim
