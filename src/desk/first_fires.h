// first_fires.h — the next fires of several jobs, as `next` lists them: the first n of them all. Pure.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/plan.h"
#include "engine/ledger.h"

namespace mc::app {

struct FirstFires {
    std::vector<std::pair<Fire, const Job*>> fires;  // earliest first; those of one instant in the order of the jobs
    std::vector<std::string> horizons;               // of each job that ran out of them: "XNYS is known to 2050-12-31"
};

// What is known already: the next fire of a job that has a schedule, or that it has none. Error: of the ledger.
using KnownFire = std::function<Result<std::optional<Fire>>(const Job&)>;

// Strictly after `from`. Jobs that `known` can be asked about are not asked for more than are listed.
Result<FirstFires> first_fires(const std::vector<const Job*>& jobs, const Plan& plan, const Ledger& ledger,
                               Instant from, std::size_t n, const KnownFire& known = {});

}  // namespace mc::app
