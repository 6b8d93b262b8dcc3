#include "sim/planted.h"

namespace mc::sim {

std::shared_ptr<const Plan> planted_plan(const std::shared_ptr<const Plan>& plan, Planted planted) {
    auto changed = std::make_shared<Plan>(*plan);
    DaemonSettings& daemon = changed->daemon;
    const double factor = planted == Planted::roomy_host ? 2 : planted == Planted::cramped_host ? 0.5 : 1;
    if (daemon.capacity_memory)
        daemon.capacity_memory = static_cast<std::uint64_t>(static_cast<double>(*daemon.capacity_memory) * factor);
    if (daemon.capacity_cpus) *daemon.capacity_cpus *= factor;
    for (auto& [name, slots] : changed->pools) slots += planted == Planted::wide_pools;
    for (auto& [name, job] : changed->jobs) {
        if (planted == Planted::forget_order && job.has_schedule()) job.after = {};
        if (planted == Planted::bent_rules && job.after && job.after->trigger == Trigger::all_success) {
            After bent = *job.after;
            bent.trigger = Trigger::all_done;
            job.after = bent;
        }
        if (planted == Planted::forget_catch_up) job.catch_up = CatchUp::none;
        if (planted == Planted::rare_checks && job.wait) {
            std::vector<Sensor> sensors = *job.wait;
            for (Sensor& sensor : sensors) sensor.poll = Seconds{3600};
            job.wait = std::move(sensors);
        }
        if (planted == Planted::few_retries) job.retries = 0;
        if (planted == Planted::hasty_retries) job.retry_delay = Seconds{0};
        if (planted == Planted::forget_past) job.depends_on_past = false;
        if (planted == Planted::forget_when && !job.has_schedule()) job.schedule.when.reset();
    }
    return changed;
}

}  // namespace mc::sim
