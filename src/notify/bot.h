// bot.h — a notice as Slack's web API wants it of a bot: one message an alert, updated in place; what comes later
// stands in its thread. Pure.
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
    std::string error;        // Slack's word for what is wrong: "channel_not_found"
    std::string channel, ts;  // of the message; "" when there is none
};
BotAnswer bot_answer(const std::string& target, const PostAnswer& answer, Instant now);

// After it nothing more is told of the alert.
bool ends_alert(const Notice& notice);

// True when the message to be updated, or answered, is no longer there, or cannot be reached: its channel, which is
// not always the one that the file names now, is archived or without the bot.
bool is_gone(const BotAnswer& answer);

// `body` is that of a webhook's post (slack.h).
std::string bot_post(const std::string& body, const std::string& channel);
// In the thread; what is bad news is shown in the channel too.
std::string bot_reply(const std::string& body, const SlackThread& thread, const Notice& notice);
// The thread's first message as it was, under how things stand now; and, unless it is empty, in which channel it is
// told from now on.
std::string bot_update(const SlackThread& thread, const Notice& notice, const std::string& told_in = {});

}  // namespace mc::notify
