// claims.h — the claims of what runs, against the capacity of the daemon. The amounts are whole numbers here,
// so that nothing that fits is out by a rounding.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/plan.h"
#include "engine/run.h"

namespace mc::sim {

// Each returns "" or what is broken.

// The run starts beside those: together they claim no more than there is. What claims more than there is, by a
// person's wish, starts when nothing else has a claim.
std::string check_capacity(const Plan& plan, const Run& starting, const std::vector<const Run*>& beside);
// Of the unfinished runs, those that wait for a claim: the first of them, whom nobody overtakes, does not fit.
std::string check_waits(const Plan& plan, const std::map<RunId, Run>& unfinished, Instant now);

}  // namespace mc::sim
