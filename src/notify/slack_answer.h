// slack_answer.h — what a Slack webhook's answer means. Pure.
//
// Source: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors
#pragma once

#include "notify/answer.h"

namespace mc::notify {

// Of the body only Slack's own error words are repeated, never what a proxy may have written there.
Answer slack_answer(const std::string& target, const PostAnswer& answer, Instant now);

}  // namespace mc::notify
