// slack_channel.h — [slack.NAME]: an incoming webhook, or a bot with a channel.
#pragma once

#include "notify/channel.h"

namespace mc::notify {

// The secret is a webhook (webhook_file, webhook_env or webhook) or a bot's token (token_file or token_env) with a
// channel.
struct SlackChannel : Channel {
    std::string channel;  // for a bot: "C0123456789", "#ops"
    std::string api = "https://slack.com/api";
    bool of_bot() const;
};

// The secrets of a webhook and of a bot.
extern const SecretKind slack_webhook, slack_token;

}  // namespace mc::notify
