// env_file.h — reads the variables of a job's `env_file`.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "os/user.h"

namespace mc::app {

// The NAME=value lines. Blank lines and # comments are ignored; one pair of quotes around a value is removed.
// `reader`: the user whose job gets the variables, which decides who may have written the file (desk/trust.h); null:
// that is not checked. Error: of reading the file; process, if the file must not be used, or FILE:LINE is not such a
// line.
Result<std::map<std::string, std::string>> read_env_file(const std::string& path, const os::User* reader = nullptr);

}  // namespace mc::app
