// env_file.h — reads the variables of a job's `env_file`.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "os/user.h"

namespace mc::app {

// NAME=value lines; blank lines and # comments are passed over, one pair of quotes is taken off.
// `reader`: whose job gets them, and so who may have written the file (desk/trust.h); null: nobody.
// Error: process: it cannot be read, must not be used, or FILE:LINE is no such line.
Result<std::map<std::string, std::string>> read_env_file(const std::string& path, const os::User* reader = nullptr);

}  // namespace mc::app
