// access.h — who may ask the daemon what, by the credentials that the kernel gives of a peer. Pure.
//
// Root and the daemon's own user: everything. The group `marketcron`: reads and operates every job; only ending
// the daemon (drain) is not theirs. Another user: his own jobs, those that run as him, and they are all he sees.
#pragma once

#include <string>
#include <string_view>

#include "config/job.h"

namespace mc::app {

struct Access {
    enum class Role { all, operate, own } role = Role::own;
    std::string user;  // the caller's name; "" for a uid without a name

    // Whether the job runs as the caller. A job's "" is the daemon's own user, which a caller's "" is not.
    bool is_user_of(const Job& job) const { return !user.empty() && job.user == user; }
    bool sees(const Job& job) const { return role != Role::own || is_user_of(job); }
    bool may(std::string_view path) const;
};

// What is known of who asks. `user`: "" for a uid without a name.
struct Caller {
    bool root_or_self = false;
    bool in_group = false;  // marketcron
    std::string user;
};
Access access_of(const Caller& caller);

}  // namespace mc::app
