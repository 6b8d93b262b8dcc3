// bot.h — a notice as a request to Slack's web API, for a bot: one message for each alert, updated in place; later
// notices are replies in its thread. Pure.
//
// Source: https://docs.slack.dev/reference/methods/chat.postMessage and chat.update.
#pragma once

#include <string>

#include "notify/answer.h"
#include "store/message_threads.h"

namespace mc::notify {

// The web API's answer: what it means, and which message was posted.
struct BotAnswer {
    Answer answer;
    std::string error;        // Slack's error code: "channel_not_found"
    std::string channel, ts;  // of the message; "" when there is none
};
BotAnswer bot_answer(const std::string& target, const PostAnswer& answer, Instant now);

// True when the notice is the last one of its alert.
bool ends_alert(const Notice& notice);

// True when the message to be updated or replied to no longer exists or cannot be reached: its channel was archived, or
// the bot is no longer in it. That channel may differ from the one in the current configuration.
bool is_gone(const BotAnswer& answer);

// The body of chat.postMessage. `body` is that of a webhook's post (slack.h).
std::string bot_post(const std::string& body, const std::string& channel);
// A reply in the thread; a failure, a missed run or a late run also appears in the channel.
std::string bot_reply(const std::string& body, const SlackThread& thread, const Notice& notice);
// The body of chat.update: the current state above the thread's original message. `told_in`: the channel of later
// updates, which the message then names; "" when it is the same.
std::string bot_update(const SlackThread& thread, const Notice& notice, const std::string& told_in = {});

}  // namespace mc::notify
