// machine_warnings.h — what a plan names and this machine does not have.
//
// These are warnings, not errors: a configuration may be checked on a machine other than the one it is for, and what is
// missing may be installed later.
#pragma once

#include <vector>

#include "config/plan.h"

namespace mc::app {

// For each enabled job: a user that does not exist; an env_file, a file of secret_env, a cwd, a shell or a program with
// a path that cannot be used; of its `http` and `wait` the files of secrets and the ca_file. For each channel: what it
// needs but cannot use here, such as a webhook_file. For each file: that the daemon refuses it, because other users can
// write it. The warnings contain nothing of a secret.
std::vector<Warning> machine_warnings(const Plan& plan);

// The files of secrets that other users can read: of secret_env, http, wait and [mail] `login_file`. For the file of a
// webhook or a token this is an error (plan_files.h).
std::vector<Warning> open_secrets(const Plan& plan);

}  // namespace mc::app
