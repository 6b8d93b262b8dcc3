// requests.h — checker 16: an operator's request does what marketcron(1) says, or is refused for a reason that exists.
#pragma once

#include <map>
#include <string>

#include "sim/model.h"

namespace mc::sim {

// The rows and records before a request.
struct Before {
    std::map<RunId, Run> runs;
    std::map<JobName, JobRecord> records;
    OpenAlerts alerts;
};
Before look_before(const World& world);

// `world` is after the request. "" or the violation.
std::string check_request(const Event& event, const Reply& reply, const Before& before, const World& world);

}  // namespace mc::sim
