// first_fires.h — the next n fires of several jobs together, as `next` lists them. Pure.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/plan.h"
#include "engine/ledger.h"

namespace mc::app {

struct FirstFires {
    std::vector<std::pair<Fire, const Job*>> fires;  // earliest first; those of one instant in the order of the jobs
    std::vector<std::string> horizons;  // one for each job whose calendar ends: "XNYS covers dates up to 2050-12-31"
};

// The next fire of a job with a schedule, if the caller knows it already; nullopt: it has none. Error: of the ledger.
using KnownFire = std::function<Result<std::optional<Fire>>(const Job&)>;

// Strictly after `from`. With `known`, the fires of a job with a schedule are only searched for if its next fire is among
// the first n. Error: of the ledger or a calendar.
Result<FirstFires> first_fires(const std::vector<const Job*>& jobs, const Plan& plan, const Ledger& ledger,
                               Instant from, std::size_t n, const KnownFire& known = {});

}  // namespace mc::app
