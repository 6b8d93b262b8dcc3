// secrets.h — values that a job may know and nobody else: read from their files when a run starts, masked
// in what the run printed.
#pragma once

#include <map>
#include <string>

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

// All that must be masked in what the job prints: both of these, and those parts of an http's secrets that an answer
// may repeat alone. The names mean nothing.
Result<std::map<std::string, std::string>> read_masks(const Job& job);

// The text with every value of three letters or more replaced by "***".
std::string mask(std::string text, const std::map<std::string, std::string>& secrets);

// The length of the masked text that more output cannot change: its end may be the beginning of a secret.
std::size_t settled_length(const std::string& masked, const std::map<std::string, std::string>& secrets);

}  // namespace mc::app
