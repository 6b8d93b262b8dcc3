// job_parts.h — what the parts of a job use: its texts, and calendars.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/job.h"

namespace mc {

// The calendars named in a schedule; "" is the job's own. Empty for schedules without session events.
std::vector<CalendarName> calendars_of(const Schedule& schedule);
bool of_sessions(const Schedule& schedule);

// Every calendar that affects the job's fires, as written.
std::set<CalendarName> calendars_named(const JobSchedule& schedule);
// Those, and the calendars used by its texts and limits.
std::set<CalendarName> calendars_used(const Job& job);

// Calls `look` with each text of the job that a run fills in, and with its key.
void each_template(const Job& job, const std::function<void(const Template&, std::string_view key)>& look);

// Whether some text uses the run's own session.
bool fills_in_session(const Job& job);
// Whether its wait_until is an event of that session.
bool waits_for_event(const Job& job);
// Whether either is true.
bool needs_session(const Job& job);

}  // namespace mc
