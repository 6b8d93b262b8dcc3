// planning.h — checker 14: which fires run, and which only get a row (grace, catch_up, catch_up_within, latest_only,
// hold and ice in marketcron.toml(5) and marketcron(1)).
#pragma once

#include <string>

#include "sim/model.h"

namespace mc::sim {

// The fires that became due with this write; `world` is before it. "" or the violation.
std::string check_due_fires(const StepWrites& batch, const World& world);

}  // namespace mc::sim
