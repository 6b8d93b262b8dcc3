// secrets.h — a job's secret values: read from their files when a run starts, and masked in its output.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/job.h"

namespace mc::app {

// The job's secret_env, name to value (the file's text without its last newline). Error: of reading the file, or process;
// names the file and never its content.
Result<std::map<std::string, std::string>> read_secrets(const Job& job);

// The text of the file without leading and trailing blanks and newlines. Error: of reading the file; process, if nothing
// is left. It names the file.
Result<std::string> read_secret(const std::string& file);

// The files of the job's `http`, path to content as of read_secret(). Empty for other jobs. Error: as read_secret().
using HttpSecrets = std::map<std::string, std::string>;
Result<HttpSecrets> read_http_secrets(const Job& job);

// All values to mask in the job's output: secret_env, the secrets of `http`, the parts of these that an answer may repeat
// alone, and keys in its env_file that sign requests. Error: as read_secret().
Result<std::vector<std::string>> read_masked_values(const Job& job);
// The files that they are read from.
std::vector<std::string> masked_files(const Job& job);

}  // namespace mc::app
