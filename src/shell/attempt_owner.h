// attempt_owner.h — whose attempt a record is: the text that stands in it, and what a ledger makes of it.
//
// Run numbers are given by a ledger. One that was restored from a backup, rolled back, or begun anew gives numbers
// again that have files on disk already. So each record names its ledger, the fire of its run, and when the ledger
// had the attempt started; only with all of these the same does it say how this attempt of this run is.
#pragma once

#include <optional>
#include <string>

#include "engine/run.h"
#include "exec/keeper.h"

namespace mc::app {

struct AttemptOwner {
    std::string ledger;
    // The row as it was when the attempt was started: running, with all that a ledger without it needs to have it again.
    Run run;
};

// One line. Of what a person gave by `start --env` nothing is in it.
std::string owner_text(const std::string& ledger, const Run& run);
// Of the run's latest attempt, for the keeper: which one of that number it is, among those of all ledgers.
std::string attempt_identity(const std::string& ledger, const Run& run);
// Nothing for a text that is not of that form. The number of the run and of the attempt are those of its file's name.
std::optional<AttemptOwner> read_owner(const std::string& text, os::AttemptId file);

// The boots of the machine whose records without an owner may be this ledger's: in which it was last written, and now.
// Empty where none may be.
struct Boots {
    std::string ledger, now;
};
// Whether those files (not absent) are those of the run's latest attempt. A record of version 0.1 names no owner: it
// is believed where it was made in one of these boots, and not before the run was started.
bool is_own(const os::AttemptState& files, const Run& run, const std::string& ledger, const Boots& boots);

}  // namespace mc::app
