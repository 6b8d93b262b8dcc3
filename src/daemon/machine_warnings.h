// machine_warnings.h — what a plan names and this machine lacks.
//
// Warnings and no errors: a file may be checked on another machine than the one it is for, and what is
// missing may still come.
#pragma once

#include <vector>

#include "config/plan.h"

namespace mc::app {

// For each enabled job: a user that does not exist; an env_file, a file of secret_env, a cwd, a shell or a
// program named by its path that cannot be used; of an `http` the files of its secrets and its ca_file. For each [slack]: a webhook_file that cannot be used.
// Nothing of any secret is in them.
std::vector<Warning> machine_warnings(const Plan& plan);

// The files of secrets that others can read: of secret_env, http, wait and [mail] `login_file`. A webhook or a token
// there is an error (plan_files.h).
std::vector<Warning> open_secrets(const Plan& plan);

}  // namespace mc::app
