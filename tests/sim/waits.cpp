#include "sim/waits.h"

#include <fmt/format.h>

#include <algorithm>

namespace mc::sim {

namespace {

using Runs = std::map<RunId, Run>;

// The longest pause between two starts that the machine refused, and the time after which a start counts as accepted.
constexpr Seconds longest_pause{30}, accepted_after{2};

class Waits {
   public:
    Waits(const Engine& engine, const World& world, const Sensing& sensing, const Refusals& refusals)
        : runs_(engine.unfinished()), world_(world), sensing_(sensing), refusals_(refusals) {}

    // What is wrong with the reason of a run that is not running; "" if nothing.
    std::string wrong(const Run& run) const {
        const Job& job = world_.plan.jobs.at(run.job);
        const bool has_begun = run.attempt > run.attempts_before;
        const bool too_early = run.not_before && *run.not_before > world_.now.wall;
        if (run.clearing != 0) return of_cleared(run);
        if (run.state == State::retrying && too_early) return "";
        if (is_held(run, world_)) return of_held(run);
        if (run.reason == Reason::held) return "its job is not held";
        if (!has_begun && !run.bypasses_gates) {
            const std::set<Fate> fates = fates_by_order(job, run, world_);
            if (run.reason == Reason::dependency)
                return fates.contains(Fate::wait) ? of_order(job, run) : "it may start";
            if (!fates.contains(Fate::start)) return "its `after` or depends_on_past does not let it start";
        } else if (run.reason == Reason::dependency) {
            return "it does not wait for others";
        }
        if (too_early) return of_time(run);
        if (run.not_after && *run.not_after <= world_.now.wall && !run.forced) return "it is too late to start";
        if (run.reason == Reason::sensor) {
            if (!job.wait || has_begun || run.bypasses_gates) return "it has no sensor to wait for";
            return sensing_.check(job, run, world_.now);
        }
        const bool must_sense = job.wait && !has_begun && !run.bypasses_gates;
        if (must_sense && !sensing_.ever_passed(job, run)) return "its sensors have not passed";
        return of_limits(job, run);
    }

   private:
    std::string of_cleared(const Run& run) const {
        const auto runs = [&](const auto& one) {
            return one.second.clearing == run.clearing && one.second.state == State::running;
        };
        if (std::none_of(runs_.begin(), runs_.end(), runs)) return "no run of its clear is running";
        if (run.clear_part == ClearPart::nothing) return "it was stopped, and is not part of its clear";
        const auto* facts = run.reason_data ? std::get_if<BeingCleared>(&*run.reason_data) : nullptr;
        return run.reason == Reason::stopped && facts && facts->clear == run.clearing ? "" : "it is being cleared";
    }

    std::string of_held(const Run& run) const {
        const auto record = world_.ledger.record_of(run.job).value();
        const auto* facts = run.reason_data ? std::get_if<HeldBy>(&*run.reason_data) : nullptr;
        if (run.reason != Reason::held || !facts) return "its job is held";
        return facts->since == record->hold->since ? "" : "its reason names another hold";
    }

    std::string of_order(const Job& job, const Run& run) const {
        if (run.state != State::waiting) return "it cannot start yet";
        if (run.sensing_since) return "it checks sensors before its upstream jobs have ended";
        const auto* facts = run.reason_data ? std::get_if<UpstreamsPending>(&*run.reason_data) : nullptr;
        if (!facts) return job.depends_on_past ? "" : "its reason names no upstream job";
        const auto most = static_cast<std::int64_t>((job.after ? job.after->upstreams.size() : 0) + 1);
        return facts->pending >= 1 && facts->pending <= most ? "" : "its reason counts too many upstream jobs";
    }

    std::string of_time(const Run& run) const {
        const auto* facts = run.reason_data ? std::get_if<WaitUntil>(&*run.reason_data) : nullptr;
        const bool is_so = run.reason == Reason::sensor && run.state == State::waiting && facts;
        return is_so && facts->until == *run.not_before ? "" : "it waits for its wait_until";
    }

    // The run is allowed to start: another run, a limit or the machine must keep it from starting.
    std::string of_limits(const Job& job, const Run& run) const {
        if (run.reason == Reason::overlap) return of_overlap(job, run);
        if (run.reason == Reason::claim) return "";  // see check_waits()
        if (run.reason == Reason::pool) return of_pool(job, run);
        return run.reason == Reason::resources ? of_machine(run) : "nothing keeps it from starting";
    }

    std::string of_overlap(const Job& job, const Run& run) const {
        if (job.overlap == Overlap::allow) return "its job may overlap";
        const auto* facts = run.reason_data ? std::get_if<EarlierRun>(&*run.reason_data) : nullptr;
        const auto named = facts ? runs_.find(facts->run) : runs_.end();
        if (named == runs_.end() || named->second.job != run.job) return "its reason names no run of its job";
        const bool is_kept = named->second.state == State::retrying && is_held(named->second, world_);
        return !is_kept && goes_first(named->second, run) ? "" : "its reason names a run that is not in its way";
    }

    std::string of_pool(const Job& job, const Run& run) const {
        int of_pool = 0, of_batch = 0;
        for (const auto& [id, other] : runs_) {
            if (other.state != State::running) continue;
            of_pool += !job.pool.empty() && world_.plan.jobs.at(other.job).pool == job.pool;
            of_batch += run.batch != 0 && other.batch == run.batch;
        }
        if (run.batch != 0 && of_batch >= run.batch_width) return "";
        if (job.pool.empty()) return "its job has no pool";
        const int slots = world_.plan.pools.at(job.pool);
        const int free = run.batch != 0 && slots > 1 ? slots - 1 : slots;  // a backfill leaves the last one free
        const auto* full = run.reason_data ? std::get_if<PoolFull>(&*run.reason_data) : nullptr;
        if (full && (full->pool != job.pool || full->slots != slots)) return "its reason names another pool";
        return of_pool >= free ? "" : "its pool has a free slot";
    }

    std::string of_machine(const Run& run) const {
        const auto own = refusals_.of_run.find(run.id);
        const auto recently = [&](Seconds up) { return world_.now.up <= up + longest_pause + accepted_after; };
        if (own != refusals_.of_run.end() && recently(own->second)) return "";
        return refusals_.of_all && recently(*refusals_.of_all) ? "" : "the machine has refused nothing";
    }

    const Runs& runs_;
    const World& world_;
    const Sensing& sensing_;
    const Refusals& refusals_;
};

}  // namespace

std::string check_reasons(const Engine& engine, const World& world, const Sensing& sensing, const Refusals& refusals) {
    constexpr std::size_t looked_at = 40;  // at a time; of many runs each time others
    const Waits waits(engine, world, sensing, refusals);
    const std::size_t every = engine.unfinished().size() / looked_at + 1;
    const auto turn = static_cast<std::size_t>(world.now.up.count());
    for (const auto& [id, run] : engine.unfinished()) {
        if (run.state == State::running || (static_cast<std::size_t>(id) + turn) % every != 0) continue;
        if (const std::string what = waits.wrong(run); !what.empty())
            return fmt::format("checker 13: run {} of {} is {} {} ({}), but {}", id, run.job, to_text(run.state),
                               to_text(run.reason), run.detail, what);
    }
    return "";
}

}  // namespace mc::sim
