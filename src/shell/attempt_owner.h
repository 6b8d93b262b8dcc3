// attempt_owner.h — the owner text of a record: to which ledger, run and attempt the record belongs.
//
// Run numbers are given by a ledger. A ledger that was restored from a backup, rolled back, or created again gives
// numbers that already have files on disk. So each record names its ledger, the fire of its run, and when the attempt
// was started. A record describes an attempt only if all three are equal.
#pragma once

#include <optional>
#include <string>

#include "engine/run.h"
#include "exec/keeper.h"

namespace mc::app {

struct AttemptOwner {
    std::string ledger;
    // The row when the attempt was started (state running). A ledger that lacks the row can add it again from this.
    Run run;
};

// One line. Contains nothing of `start --env`.
std::string owner_text(const std::string& ledger, const Run& run);
// Identifies the run's latest attempt for the keeper: attempts of other ledgers may have the same number.
std::string attempt_identity(const std::string& ledger, const Run& run);
// nullopt if the text is not of that form. The numbers of the run and the attempt come from the name of the file.
std::optional<AttemptOwner> read_owner(const std::string& text, os::AttemptId file);

// The boots of the machine in which a record without an owner may belong to this ledger: the boot in which the ledger
// was last written, and the present one. Empty if no such record can belong to it.
struct Boots {
    std::string ledger, now;
};
// Whether those files, which must exist, belong to the run's latest attempt. A record of version 0.1 names no owner: it
// counts as the run's if it was made in one of these boots, and not before the run was started.
bool is_own(const os::AttemptState& files, const Run& run, const std::string& ledger, const Boots& boots);

}  // namespace mc::app
