// launch.h — a run and its job become what the keeper starts: argv, environment, user, directory.
#pragma once

#include "config/plan.h"
#include "engine/run.h"
#include "exec/keeper.h"
#include "os/user.h"

namespace mc::app {

// The environment is small and declared (marketcron.toml(5)): PATH, HOME, SHELL, USER, LOGNAME, LANG=C.UTF-8, the
// MARKETCRON_ names, then env_file, env and secret_env, the later winning. Never the daemon's own.
// Error: process or calendar; the sentence becomes the run's `spawn_failed`. Resources: it may be made later.
Result<os::Launch> make_launch(const Job& job, const Run& run, const Plan& plan, os::Users& users);

// The same for a sensor's command: run as the job's own would be, but reading nothing.
Result<os::Launch> make_look(const Job& job, const CommandSensor& sensor, const Run& run, const Plan& plan,
                             os::Users& users);

// The environment alone.
Result<std::map<std::string, std::string>> make_environment(const Job& job, const Run& run, const Plan& plan,
                                                            os::Users& users);

}  // namespace mc::app
