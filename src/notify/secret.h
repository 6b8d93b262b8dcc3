// secret.h — reads a channel's secret (a URL, a token) and a mail server's login when they are needed; keeps neither.
//
// No error here repeats any of the content. A file must have mode 0600 or stricter, as for ssh's keys
// (marketcron.toml(5)).
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "config/channel.h"
#include "notify/mail_settings.h"

namespace mc::notify {

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// A variable of this process's environment.
std::optional<std::string> from_environment(const std::string& name);

// The secret, without surrounding blanks. Error: config, at `spot`: the file is missing, unreadable, not a regular
// file, accessible to other users or larger than 2048 bytes; the variable is not set; the content is not an http(s) URL
// or, if the kind's secret is not a URL, not a single word.
Result<std::string> read_secret(const Secret& secret, const Spot& spot, const Environment& environment);

// The same for another secret file of a channel, whose content is one line: `name` is "the header file /x", `content`
// what the file must contain.
Result<std::string> read_secret_word(const std::string& path, const std::string& name, const std::string& content,
                                     const Spot& spot);

struct Login {
    std::string user, password;
};

// The login of [mail]: "USER:PASSWORD" in a file with mode 0600 or stricter; nullopt when no file is set. Error:
// config, at [mail].
Result<std::optional<Login>> read_login(const MailSettings& mail);

// The text with the URL or token, and any part of a URL's path or query, replaced by `shown`: texts from libraries,
// proxies and servers may repeat them, plain or encoded.
std::string masked(const std::string& text, const std::string& webhook, const std::string& shown = "[webhook]");

}  // namespace mc::notify
