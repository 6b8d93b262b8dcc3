// http_keys.h — every key that a job's `http` may hold.
//
// Like all tables of a job it is laid on that of its group and of [defaults]: tables merge by key, headers by name,
// lists replace. What does not fit together is found when the whole is there.
#pragma once

#include "config/http_call.h"
#include "config/value.h"

namespace mc {

// Lays the table on `call`. Reports what is wrong in it.
void read_http(const Value& value, HttpCall& call);

// Lays the headers of the table on those of `call`, by name.
void read_http_headers(const Value& value, HttpCall& call);

// What does not fit together in the merged whole; `spot` is that of the nearest `http`, `keys` where Amazon's
// keys are.
enum class AwsKeys { in_files, maybe_in_environment };
void check_http(const HttpCall& call, const Spot& spot, AwsKeys keys, Scope& scope);

// One status or a list of some, each the end of an answer. For sensors too.
std::optional<std::vector<int>> read_statuses(const Value& value);

}  // namespace mc
