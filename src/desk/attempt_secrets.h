// attempt_secrets.h — the values to mask in the output of an attempt that another process launched: an earlier daemon
// did, or the daemon did and a command reads the output itself.
//
// The values that the attempt was given are not stored. If no file of the job's secrets has changed since the attempt
// started, the files still contain them. Otherwise those of secret_env can be read from the environment of the
// attempt's process while it is running.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/job.h"
#include "store/run_store.h"

namespace mc::app {

// The values of secret_env in the environment of the attempt's process. nullopt: the job has no secret_env, the process
// has ended or lacks one of them, or its environment cannot be read.
std::optional<std::vector<std::string>> living_values(const Job& job, const std::string& state, AttemptName attempt);

// The values of read_masked_values(), and those that the attempt was given. Error: refused, if the latter are no longer
// known; as read_masked_values(), if a file cannot be read.
Result<std::vector<std::string>> masked_values_of(const Job& job, const std::string& state, AttemptName attempt);

}  // namespace mc::app
