// job_name.h — the name of a job: its identity in the configuration, the ledger and the control API.
//
// A job of the configuration is named by its section, [job.NAME], and a crontab's job by a hash of its line. Users see
// a crontab's job by its title, FILE:LINE, which is a plain text: Plan::find_job() finds the job of a name or title.
#pragma once

#include "base/name.h"

namespace mc {

struct JobSpelling {
    // Letters, digits, `_`, `-` and `.`: is_plain_name() with dots.
    static bool accepts(std::string_view text) { return is_plain_name(text, "."); }
};
using JobName = NameOf<JobSpelling>;

}  // namespace mc
