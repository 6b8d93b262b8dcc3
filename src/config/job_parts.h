// job_parts.h — what the parts of a job speak of: its texts, and the calendars that have a say.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/job.h"

namespace mc {

// The calendars that a schedule names; "" stands for the job's own. Empty for schedules of no sessions.
std::vector<std::string> calendars_of(const Schedule& schedule);
bool of_sessions(const Schedule& schedule);

// Every calendar that has a say in the job's fires, as written.
std::set<std::string> calendars_named(const JobSchedule& schedule);
// Those, and the ones that its texts and limits ask.
std::set<std::string> calendars_used(const Job& job);

// Calls `look` with each text of the job that a run fills in, and its key.
void each_template(const Job& job, const std::function<void(const Template&, std::string_view key)>& look);

// True if some text speaks of the run's own session.
bool fills_in_session(const Job& job);
// True if its wait_until is an event of that session.
bool waits_for_event(const Job& job);
// Either.
bool needs_session(const Job& job);

}  // namespace mc
