// slack_answer.h — what a Slack webhook's answer means. Pure.
//
// Source: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors
#pragma once

#include "notify/answer.h"

namespace mc::notify {

// The answer's text repeats only Slack's known error words from the body, never what a proxy may have written there.
Answer slack_answer(const std::string& target, const PostAnswer& answer, Instant now);

}  // namespace mc::notify
