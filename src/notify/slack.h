// slack.h — a notice as the JSON body for Slack's incoming webhooks. Pure.
//
// Every body fits Slack's limits (3000 characters a section, 50 blocks, 40,000 characters of text), whatever
// a job printed. Foreign text is cleaned and escaped (text.h), so that no output can mention a channel,
// make a link or end its code block. An action's text is its author's own Slack markup and is sent unescaped.
// Source: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and the pages it links to.
#pragma once

#include <string>
#include <vector>

#include "notify/courier.h"

namespace mc::notify {

// The JSON body of the post: job, logical date, state, attempt n/m, duration, host, last output lines,
// runbook, and the command to type next. Text is escaped (& < >) and cut to Slack's limits.
std::string slack_body(const Notice& notice, const std::string& host);

// The same without blocks, for a receiver that refused blocks.
std::string slack_plain_body(const Notice& notice, const std::string& host);

// One post for many notices (oldest first) that wait for the same webhook: the newest three by name, "37 more
// failed", and the number of notices of each job. `with_blocks` false: for a receiver that refused blocks.
std::string slack_folded(const std::vector<Notice>& notices, const std::string& host, bool with_blocks = true);

// The body for the post, by one of the functions above.
std::string slack_body(const Post& post, const std::string& host);

}  // namespace mc::notify
