// run_json.h — a run as the JSON object of SPEC 4, for `runs --json` and the control API: exactly its
// keys, in its order, null where unknown or none.
#pragma once

#include <string>

#include "engine/run.h"

namespace mc {

// One line, without its newline. Instants "2026-11-20T21:00:00Z", dates "2026-11-20"; `run` is null for
// a run without an id (one that is only foreseen).
std::string run_json(const Run& run);

}  // namespace mc
