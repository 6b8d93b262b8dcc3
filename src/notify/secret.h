// secret.h — a webhook's URL, which is the secret itself, and a mail server's login: read when they are
// needed, kept nowhere.
//
// No error here repeats any of the content. Source of the rules: SPEC 2 (`webhook_file`, `webhook_env`,
// `webhook`); a file must be of mode 0600 or stricter, as ssh asks of its keys.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "config/plan.h"

namespace mc::notify {

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The process's own.
std::optional<std::string> from_environment(const std::string& name);

// The target's webhook. Error: config, at the target's place: the file is missing, unreadable, no regular
// file, open to others or larger than a URL; the variable is not set; the content is no http(s) URL.
Result<std::string> read_webhook(const SlackTarget& target, const Environment& environment);

// Where a Slack target's messages go.
struct SlackPlace {
    std::string url;             // the webhook's, or of the web API without a method
    std::string token, channel;  // a bot's; "" of a webhook
};

// By read_webhook(), or with the bot's token, read likewise: printable, without blanks. Error: config, as there.
Result<SlackPlace> read_place(const SlackTarget& target, const Environment& environment);

struct Login {
    std::string user, password;
};

// The login of [mail]: "USER:PASSWORD" in a file of mode 0600 or stricter; none when no file is set. Error:
// config, at [mail].
Result<std::optional<Login>> read_login(const MailSettings& mail);

// The text with the URL or token, and any part of a URL's path or query, as "[webhook]": what libraries, proxies and
// servers say may repeat it, whole or encoded.
std::string masked(const std::string& text, const std::string& webhook);

}  // namespace mc::notify
