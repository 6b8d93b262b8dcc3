// http_action.h — makes the HTTP request of a run whose job has `http`. A separate process sends it.
//
// That process is this program itself, started by the keeper like any command (docs/adr/0010). The daemon reads the
// secrets, as it reads those of secret_env, whichever user the job runs as.
#pragma once

#include "config/plan.h"
#include "engine/run.h"
#include "net/web_request.h"

namespace mc::app {

// Error: process, config or calendar; it contains nothing of a secret.
Result<os::WebRequest> make_request(const Job& job, const HttpCall& call, const RunFacts& facts, const Plan& plan);

// The program that sends it: the path from which this program was started, where a newer version may be installed by
// now. If not every user can execute that path, or it does not exist any more: /proc/self/exe, the keeper's own image.
std::string request_program();

}  // namespace mc::app
