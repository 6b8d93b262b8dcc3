// incident.h — a notice as a step of an incident, for services that manage incidents: one key for each alert. Pure.
#pragma once

#include <string>
#include <string_view>

#include "engine/run.h"

namespace mc::notify {

enum class IncidentStep {
    trigger,      // failure, late, missed; also TROUBLE of the daemon, a job's own message, and `notify test`
    acknowledge,  // the alert was acknowledged
    resolve,      // recovery, closed; TROUBLE of the daemon that is over
    none,         // retry, success, output: they neither open nor close an incident
};
IncidentStep incident_step(const Notice& notice);

// "desk-1/load/17": the same for all notices of the alert that run 17 opened, whichever daemon sends them. Without an
// alert the last part is the notice's run, for a test its id, and the daemon's TROUBLE has no such part. At most 255
// bytes.
std::string incident_key(const Notice& notice, const std::string& host);

// "error" for a failure, "critical" for the daemon's TROUBLE, "warning" for late, missed, a retry and a job's own
// message, otherwise "info".
std::string_view severity(const Notice& notice);

// Whether it is the message of `notify test`; whether it is about TROUBLE of the daemon, or its end.
bool is_test(const Notice& notice);
bool is_trouble(const Notice& notice);

}  // namespace mc::notify
