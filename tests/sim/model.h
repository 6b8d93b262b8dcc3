// model.h — a second version of marketcron.toml(5): what keeps a run from starting, and what happens when its upstream
// jobs have ended. It uses the plan's fires and the ledger's rows, and nothing that the engine decided.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config/order.h"
#include "engine/engine.h"
#include "store/run_store.h"

namespace mc::sim {

// The fires of a plan's jobs by logical date; kept, because they are asked for again and again.
class FiresOfDates {
   public:
    const std::vector<Fire>& of(const Plan& plan, const Job& job, Date date);

   private:
    std::map<std::pair<JobName, Date>, std::vector<Fire>> known_;
};

// The ledger must answer every question.
struct World {
    const Plan& plan;
    const RunStore& ledger;
    Now now;
    Instant planned_through;  // every fire up to here has its row
    FiresOfDates& fires;
};

// Between two attempts, or in one.
bool is_active(const Run& run);
bool is_held(const Run& run, const World& world);

enum class Fate { start, wait, skip, upstream_failed };
// The fates of the run by `after` and `depends_on_past`; more than one where the manual leaves it open.
std::set<Fate> fates_by_order(const Job& job, const Run& run, const World& world);

// Whether the first run, of the same job, must end before the second one starts.
bool goes_first(const Run& first, const Run& run);

// The delay before the attempt after `failed` failed ones.
Seconds delay_after(const Job& job, int failed);

}  // namespace mc::sim
