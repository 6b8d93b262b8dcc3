// access.h — what a caller of the control API may do, and which jobs the caller sees. Pure.
//
// A caller has a role, and a role has rights; each endpoint needs one right (endpoint.h). The peer credentials of the
// socket give the role:
//   root and the daemon's own user: every right, for every job.
//   the group `marketcron`: every right except `end`, for every job.
//   another user: `view` and `operate` for the jobs that run as that user. The caller sees no other job.
#pragma once

#include <string>
#include <string_view>

#include "config/job.h"

namespace mc::app {

// The right that an endpoint needs.
enum class Right {
    anyone,   // every user has it, even without a job
    view,     // read about jobs and runs
    operate,  // change runs and jobs
    manage,   // change what concerns every job: the configuration, calendars, channels
    end,      // end the daemon
};
std::string_view to_text(Right right);

struct Access {
    enum class Role { all, operate, own } role = Role::own;
    std::string user;  // the caller's name; "" for a uid without a name

    // Whether the job runs as the caller. A job's user "" means the daemon's own user; a caller's "" means a uid
    // without a name, which no job runs as.
    bool is_user_of(const Job& job) const { return !user.empty() && job.user == user; }
    bool sees(const Job& job) const { return role != Role::own || is_user_of(job); }
    bool may(Right right) const;
};

// What is known about a caller. `user`: "" for a uid without a name.
struct Caller {
    bool root_or_self = false;
    bool in_group = false;  // the group marketcron
    std::string user;
};
Access access_of(const Caller& caller);

}  // namespace mc::app
