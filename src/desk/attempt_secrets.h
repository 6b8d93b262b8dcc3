// attempt_secrets.h — what must be masked in the output of an attempt that another process launched: an earlier daemon,
// or the daemon, for a command that reads the file itself.
//
// The values that it was given are nowhere on disk. They are what its job's files hold, if none was changed since it began;
// else those of secret_env are in the environment of its process, while that lives.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/job.h"
#include "store/run_store.h"

namespace mc::app {

// The values of secret_env that its living process was given. Nothing: it has ended, or is closed to us.
std::optional<std::vector<std::string>> living_values(const Job& job, const std::string& state, AttemptName attempt);

// As read_masked_values(), and those that the attempt was given. Error: refused, when they are not to be had any more;
// process, naming a file that cannot be read.
Result<std::vector<std::string>> masked_values_of(const Job& job, const std::string& state, AttemptName attempt);

}  // namespace mc::app
