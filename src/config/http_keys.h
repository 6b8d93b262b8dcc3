// http_keys.h — the keys of a job's `http`.
//
// As with all tables of a job, it overrides the table of its group and of [defaults]: tables merge by key, headers by
// name, lists replace. Conflicts between keys are checked after merging.
#pragma once

#include "config/http_call.h"
#include "config/value.h"

namespace mc {

// Merges the table into `call`. Reports errors.
void read_http(const Value& value, HttpCall& call);

// Merges the headers of the table into those of `call`, by name.
void read_http_headers(const Value& value, HttpCall& call);

// Where Amazon's keys are: in files only, or the job's environment may contain them.
enum class AwsKeys { in_files, maybe_in_environment };
// Reports conflicts in the merged whole. `spot` is that of the nearest `http`.
void check_http(const HttpCall& call, const Spot& spot, AwsKeys keys, Scope& scope);

// One final HTTP status, or a list of them. Also for sensors.
std::optional<std::vector<int>> read_statuses(const Value& value);

}  // namespace mc
