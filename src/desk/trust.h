// trust.h — whether the files that decide what the daemon runs can be written only by users who may decide that.
#pragma once

#include "config/plan.h"
#include "os/files.h"
#include "os/user.h"

namespace mc::app {

// Whether the configuration was given by -c, or is at its usual path.
enum class ConfigPath { usual, given };
// One error for each file of the plan, env_file, or calendar file of the machine that another user can write: every user,
// a group that is not its owner's own, or an owner other than root and us. After -c the owner of a file of the plan or of
// an env_file may be any user. The error's place is the file, its hint the command to type.
Errors untrusted_files(const Plan& plan, ConfigPath path);

// For an env_file that root's daemon has just read for a job of that user, because it may have been created or replaced
// since the plan was loaded: "", or why it must not be used and the command to type. If other users can write in its
// directory, it must belong to the user, or to root and be readable for the user: a link there could name any file.
// Always "" if the daemon does not run as root.
std::string objection_to_env_file(const std::string& path, const os::FileOwner& file, const os::User& user);

}  // namespace mc::app
