#include "sim/planted.h"

namespace mc::sim {

std::shared_ptr<const Plan> planted_plan(std::shared_ptr<const Plan> plan, Planted planted) {
    auto changed = std::make_shared<Plan>(*plan);
    for (auto& [name, slots] : changed->pools) slots += planted == Planted::wide_pools;
    for (auto& [name, job] : changed->jobs) {
        if (planted == Planted::forget_order && job.has_schedule()) job.after = {};
        if (planted == Planted::forget_past) job.depends_on_past = false;
    }
    return changed;
}

}  // namespace mc::sim
