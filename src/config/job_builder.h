// job_builder.h — builds a Job from a draft with all its layers, and checks that its parts fit together.
#pragma once

#include <optional>

#include "config/job_keys.h"

namespace mc {

// The part that decides the fires. Reports errors; the schedule is complete if none was reported.
JobSchedule finish_schedule(const JobDraft& draft, Scope& scope);

// The whole job: schedule, action, and the calendars that its texts need.
Job finish_job(const JobDraft& draft, Scope& scope);

}  // namespace mc
