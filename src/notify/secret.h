// secret.h — a channel's secret (a URL, a token) and a mail server's login: read when they are needed, kept nowhere.
//
// No error here repeats any of the content. A file must be of mode 0600 or stricter, as ssh asks of its keys
// (marketcron.toml(5)).
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "config/channel.h"
#include "notify/mail_settings.h"

namespace mc::notify {

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The process's own.
std::optional<std::string> from_environment(const std::string& name);

// The secret, without blanks around it. Error: config, at `spot`: the file is missing, unreadable, no regular file, open
// to others or larger than a URL; the variable is not set; the content is no http(s) URL, or no word where the kind asks
// for one.
Result<std::string> read_secret(const Secret& secret, const Spot& spot, const Environment& environment);

// The same of a file that a kind has besides: `name` is "the header file /x", `content` what belongs into it.
Result<std::string> read_secret_word(const std::string& path, const std::string& name, const std::string& content,
                                     const Spot& spot);

struct Login {
    std::string user, password;
};

// The login of [mail]: "USER:PASSWORD" in a file of mode 0600 or stricter; none when no file is set. Error:
// config, at [mail].
Result<std::optional<Login>> read_login(const MailSettings& mail);

// The text with the URL or token, and any part of a URL's path or query, as "[webhook]": what libraries, proxies and
// servers say may repeat it, whole or encoded.
std::string masked(const std::string& text, const std::string& webhook, const std::string& shown = "[webhook]");

}  // namespace mc::notify
