// control_body.h — what may stand in a request to the control API: each path's fields and query, and their types.
//
// The table of docs/control-api.md, as code. What is unknown, of another type, given twice or missing is an error, so
// that a misspelled `dry_run` never acts. `null` is the same as absent.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "desk/json.h"

namespace mc::app {

// The body of a POST as an object of known fields without nulls; "" is an object without fields. Error: usage.
Result<Json> read_control_body(std::string_view path, std::string_view body);

// Error: usage, for a name that the path does not know.
Result<void> check_control_query(std::string_view path, const std::map<std::string, std::string>& query);

}  // namespace mc::app
