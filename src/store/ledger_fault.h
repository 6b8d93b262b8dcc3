// ledger_fault.h — whether a ledger that was refused is one that only a person can put right.
#pragma once

#include <string>

#include "base/result.h"

namespace mc {

// The ledger is gone though there was one, damaged, of a newer version, or another program's. No new try mends that, and
// one in the midst of a restore does harm. False for what may pass: a lock, a full disk, a disk that fails, no right.
// `refusal` is what this room said of the ledger.
bool is_ledger_unusable(const std::string& ledger, const Error& refusal);

}  // namespace mc
