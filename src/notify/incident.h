// incident.h — what a service that keeps incidents asks of a notice: one key for an alert, and which step this is. Pure.
#pragma once

#include <string>
#include <string_view>

#include "engine/run.h"

namespace mc::notify {

enum class IncidentStep {
    trigger,      // failure, late, missed; also trouble of the daemon itself, and `notify test`
    acknowledge,  // the alert was acknowledged
    resolve,      // recovered, or closed; trouble that is over
    none,         // retry, success, output: no incident begins or ends with it
};
IncidentStep incident_step(const Notice& notice);

// "desk-1/load/17": the same for all notices of the alert that run 17 opened, whichever daemon sends them; of what has no
// alert it is of its run, or of what sends it. At most 255 bytes.
std::string incident_key(const Notice& notice, const std::string& host);

// "error" of a failure, "critical" of the daemon's own trouble, "warning" of late and missed, else "info".
std::string_view severity(const Notice& notice);

// Whether it is the message of `notify test`, or tells of trouble of the daemon itself.
bool is_test(const Notice& notice);
bool is_trouble(const Notice& notice);

}  // namespace mc::notify
