// living_attempts.h — finds attempts whose process is running and whose record is missing: the record was removed, or the
// state directory was emptied or restored from an older backup.
//
// A mark in the environment of the process names the attempt (exec/keeper.h). When the record is written again, the daemon
// finds the attempt like any other at its start: if the ledger lacks the run, the run is added, and it does not start a
// second time. Only an attempt's main process counts, not processes that a job left behind.
#pragma once

#include <string>

#include "shell/found_attempts.h"

namespace mc::app {

// Writes the missing records of attempts that a keeper of this state directory began, or a keeper of a removed directory
// with the same path. If the directory is a copy or is new to the ledger (`home`), also of attempts of this ledger that a
// keeper of another directory began. A record that cannot be written stays missing.
//
// A job can put anything into an environment. So the mark counts only if the process runs as the daemon's own user, or as
// the user that `plan` runs the named job as.
void record_living(const std::string& state, const std::string& ledger, Home home, const Plan& plan);

}  // namespace mc::app
