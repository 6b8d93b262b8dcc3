// http_action.h — a run of a job's `http` becomes the request that a process of its own sends.
//
// That process is this program itself, started by the keeper as any command (docs/adr/0010). The daemon reads the
// secrets, as it does those of secret_env, whoever's the job is.
#pragma once

#include "config/plan.h"
#include "engine/run.h"
#include "net/web_request.h"

namespace mc::app {

// Error: process, config or calendar; it repeats nothing of a secret.
Result<os::WebRequest> make_request(const Job& job, const HttpCall& call, const RunFacts& facts, const Plan& plan);

// The program to start it with, its own path first: what is installed now, which may be newer than we are. The
// keeper's own image where there is nothing at that path any more, or it is not to be reached by every user.
std::string request_program();

}  // namespace mc::app
