// job_builder.h — from a draft with all its layers to a Job whose parts fit together.
#pragma once

#include <optional>

#include "config/job_keys.h"

namespace mc {

// The half that decides its fires. Reports what does not fit; the schedule is whole when nothing was.
JobSchedule finish_schedule(const JobDraft& draft, Scope& scope);

// The whole job: schedule, action, and what its texts need.
Job finish_job(const JobDraft& draft, Scope& scope);

}  // namespace mc
