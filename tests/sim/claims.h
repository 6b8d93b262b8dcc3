// claims.h — checks the claims of running runs against the daemon's capacity. Amounts are whole numbers here, to
// avoid rounding errors.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/plan.h"
#include "engine/run.h"

namespace mc::sim {

// Each returns "" or the violation.

// The run starts while those run: together they claim at most the capacity. A run that claims more than the capacity,
// because an operator said so, starts when no other run has a claim.
std::string check_capacity(const Plan& plan, const Run& starting, const std::vector<const Run*>& beside);
// Of the unfinished runs that wait for a claim, the first one, which no other may overtake, does not fit.
std::string check_waits(const Plan& plan, const std::map<RunId, Run>& unfinished, Instant now);

}  // namespace mc::sim
