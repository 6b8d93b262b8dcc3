// living_attempts.h — attempts whose process lives, and whose record is not there: it was removed, or the state directory was
// emptied, or restored from a backup that is older than they are.
//
// What a process was given in its environment says whose it is (exec/keeper.h). With the record written again a start finds
// the attempt as it finds any other: a run that the ledger lacks becomes its row, and nothing of it begins a second time.
// Only a main process counts: what a job left behind is no attempt.
#pragma once

#include <string>

#include "shell/found_attempts.h"

namespace mc::app {

// Of attempts that a keeper of this directory began, or of one that was removed and had its path; and, where it is a copy or is new to the ledger, of the ledger's own
// that one of another directory began. What cannot be written is left.
//
// An environment can say anything. A process is believed when our own user started it, or the user as whom `plan` runs the
// job that it names.
void record_living(const std::string& state, const std::string& ledger, Home home, const Plan& plan);

}  // namespace mc::app
