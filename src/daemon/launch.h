// launch.h — makes what the keeper starts from a run and its job: argv, environment, user, directory.
#pragma once

#include "config/plan.h"
#include "engine/run.h"
#include "exec/keeper.h"
#include "os/user.h"

namespace mc::app {

// The environment is small and declared (marketcron.toml(5)): PATH, HOME, SHELL, USER, LOGNAME, LANG=C.UTF-8, the
// MARKETCRON_ names, then env_file, env, secret_env and `start --env`; a later value replaces an earlier one. Nothing of
// the daemon's own environment.
// Error: process or calendar; its sentence is the detail of the run's `spawn_failed`. Resources: a later try may succeed.
Result<os::Launch> make_launch(const Job& job, const Run& run, const Plan& plan, os::Users& users);

// The same for a sensor's command, which runs like the job's own command but has an empty standard input.
Result<os::Launch> make_look(const Job& job, const CommandSensor& sensor, const Run& run, const Plan& plan,
                             os::Users& users);

// The environment alone.
Result<std::map<std::string, std::string>> make_environment(const Job& job, const Run& run, const Plan& plan,
                                                            os::Users& users);

}  // namespace mc::app
