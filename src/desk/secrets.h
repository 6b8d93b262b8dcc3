// secrets.h — values that a job may know and nobody else: read from their files when a run starts, masked
// in what the run printed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/job.h"

namespace mc::app {

// The job's secret_env, name to value (the file's text without its last newline). Error: process, naming
// the file and never its content.
Result<std::map<std::string, std::string>> read_secrets(const Job& job);

// What a file holds, without blanks and line ends at its ends. Error: process, naming the file: it cannot be read, or
// holds nothing.
Result<std::string> read_secret(const std::string& file);

// What the files of the job's `http` hold, path to content, without blanks and line ends at their ends. Empty for other
// jobs. Error: process, naming the file: it cannot be read, or holds nothing.
using HttpSecrets = std::map<std::string, std::string>;
Result<HttpSecrets> read_http_secrets(const Job& job);

// All that must be masked in what the job prints: both of these, those parts of an http's secrets that an answer may
// repeat alone, and the keys of its env_file that sign requests. Error: process, naming the file.
Result<std::vector<std::string>> read_masked_values(const Job& job);
// The files that they are read from.
std::vector<std::string> masked_files(const Job& job);

}  // namespace mc::app
