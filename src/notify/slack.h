// slack.h — a notice as Slack's incoming webhooks want it. Pure: facts in, JSON out.
#pragma once

#include <string>
#include <vector>

#include "engine/run.h"

namespace mc::notify {

// The JSON body of the post: job, logical date, state, attempt n/m, duration, host, last output lines,
// runbook, and the command to type next. Text is escaped (& < >) and cut to Slack's limits.
std::string slack_body(const Notice& notice, const std::string& host);

// One post for many that wait for the same webhook: the newest first three by name, "37 more failed".
std::string slack_folded(const std::vector<Notice>& notices, const std::string& host);

}  // namespace mc::notify
