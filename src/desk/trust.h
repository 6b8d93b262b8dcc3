// trust.h — whether what the daemon would run is written by those who may tell it what to run.
#pragma once

#include "config/plan.h"
#include "os/files.h"
#include "os/user.h"

namespace mc::app {

// Each file of the plan, and each env_file, that somebody else may write: everybody, a group that is more than its
// owner's own, or an owner who is neither root nor we; but not the owner where the file was given by -c. So, too, the
// machine's calendar files, which nobody chooses. Its place is the file, its hint what to type.
// Whether the configuration was given by -c, or is where it usually is.
enum class ConfigPath { usual, given };
Errors untrusted_files(const Plan& plan, ConfigPath path);

// Of an env_file that root's daemon has just read for a job of that user: "" or why it must not be used, and what to type.
// It may have come, or been replaced, since the plan was loaded. Where others can write in its directory, it has to be the
// user's own, or root's and readable for the user: a link there could name any file.
std::string objection_to_env_file(const std::string& path, const os::FileOwner& file, const os::User& user);

}  // namespace mc::app
