#include "notify/secret.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "base/mask.h"

namespace mc::notify {
namespace {

constexpr std::size_t secret_max = 2048;    // bytes; Slack's URLs have about 80
constexpr std::size_t masked_part_min = 6;  // shorter parts of a path ("api", "hooks") are no secret

// A file that holds a secret, and in what words to speak of it.
struct SecretFile {
    std::string path;
    std::string name;     // "the webhook file /x"
    std::string content;  // "the webhook's URL"
    Spot spot;
};

tl::unexpected<Error> unusable(const Spot& spot, std::string what, std::string hint) {
    return fail(Error::Kind::config, std::move(what), std::move(hint), spot);
}

std::string cause(int error) { return std::generic_category().message(error); }

struct Closing {
    int fd;
    ~Closing() {
        if (fd >= 0) close(fd);
    }
};

// O_NONBLOCK, so that a FIFO in the file's place is refused and not waited for.
Result<std::string> read_file(const SecretFile& secret) {
    const Closing file{open(secret.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (file.fd < 0)
        return unusable(secret.spot, fmt::format("{} cannot be read: {}", secret.name, cause(errno)),
                        fmt::format("put {} there, readable by the daemon alone", secret.content));
    struct stat facts {};
    if (fstat(file.fd, &facts) != 0 || !S_ISREG(facts.st_mode))
        return unusable(secret.spot, fmt::format("{} is not a regular file", secret.name),
                        fmt::format("put {} into a file of its own", secret.content));
    if ((facts.st_mode & 077U) != 0)
        return unusable(secret.spot,
                        fmt::format("others can read {} (mode {:04o})", secret.name, facts.st_mode & 07777U),
                        "chmod 600 " + secret.path);
    std::array<char, secret_max + 1> buffer{};
    std::size_t size = 0;
    while (size < buffer.size()) {
        const ssize_t got = read(file.fd, buffer.data() + size, buffer.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return unusable(secret.spot, fmt::format("{} cannot be read: {}", secret.name, cause(errno)), "");
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    if (size > secret_max)
        return unusable(secret.spot, fmt::format("{} is larger than {} bytes", secret.name, secret_max),
                        fmt::format("let it hold {} and nothing else", secret.content));
    return std::string(buffer.data(), size);
}

std::string trimmed(const std::string& text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

bool is_url(const std::string& text) {
    const std::size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
    if (scheme == 0 || text.size() <= scheme || text.size() > secret_max) return false;
    for (const char c : text)
        if (c <= ' ' || c >= '\x7f') return false;
    return true;
}

// Where a secret of a Slack target is to be found, and how to speak of it.
struct SlackSecret {
    std::string file, env;
    std::string place;    // "the webhook file /x"
    std::string content;  // "the webhook's URL"
    std::string file_key;
    Spot spot;
};

SlackSecret secret_of(const SlackTarget& target) {
    const bool bot = target.of_bot();
    SlackSecret secret{
        bot ? target.token_file : target.webhook_file, bot ? target.token_env : target.webhook_env, "`webhook`",
        bot ? "the bot's token" : "the webhook's URL", bot ? "token_file" : "webhook_file",         target.spot};
    if (!secret.file.empty()) secret.place = fmt::format("the {} file {}", bot ? "token" : "webhook", secret.file);
    else if (!secret.env.empty()) secret.place = "the environment variable " + secret.env;
    return secret;
}

Result<std::string> raw(const SlackSecret& secret, const Environment& environment) {
    if (!secret.file.empty()) return read_file({secret.file, secret.place, secret.content, secret.spot});
    if (std::optional<std::string> value = environment(secret.env)) return *std::move(value);
    return unusable(
        secret.spot, fmt::format("the environment variable {} is not set", secret.env),
        fmt::format("set it for the daemon (a systemd unit: EnvironmentFile=), or use {}", secret.file_key));
}

bool is_token(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

std::optional<std::string> from_environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
}

Result<std::string> read_webhook(const SlackTarget& target, const Environment& environment) {
    const SlackSecret secret = secret_of(target);
    Result<std::string> found = target.webhook.empty() ? raw(secret, environment) : target.webhook;
    if (!found) return found;
    std::string url = trimmed(*found);
    if (is_url(url)) return url;
    return unusable(target.spot, secret.place + (url.empty() ? " is empty" : " holds no http(s) URL"),
                    "copy the webhook's URL from Slack: https://hooks.slack.com/services/...");
}

Result<SlackPlace> read_place(const SlackTarget& target, const Environment& environment) {
    if (!target.of_bot())
        return read_webhook(target, environment).map([](std::string url) {
            return SlackPlace{std::move(url), "", ""};
        });
    const SlackSecret secret = secret_of(target);
    const Result<std::string> found = raw(secret, environment);
    if (!found) return tl::unexpected(found.error());
    std::string token = trimmed(*found);
    if (is_token(token)) return SlackPlace{target.api, std::move(token), target.channel};
    return unusable(target.spot, secret.place + (token.empty() ? " is empty" : " holds no token"),
                    "copy the bot's token from Slack: it begins with xoxb-");
}

Result<std::optional<Login>> read_login(const MailSettings& mail) {
    if (mail.login_file.empty()) return std::optional<Login>{};
    const std::string name = "the login file " + mail.login_file;
    const Result<std::string> text = read_file({mail.login_file, name, "USER:PASSWORD", mail.spot});
    if (!text) return tl::unexpected(text.error());
    const std::string line = trimmed(*text);
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || colon == 0 || line.find_first_of("\r\n") != std::string::npos)
        return unusable(mail.spot, name + " holds no login", "write USER:PASSWORD on its only line");
    return std::optional(Login{line.substr(0, colon), line.substr(colon + 1)});
}

std::string masked(const std::string& text, const std::string& webhook) {
    if (webhook.empty()) return text;
    std::vector<std::string> values{webhook};
    const std::size_t scheme = webhook.find("://");
    std::size_t at = webhook.find('/', scheme == std::string::npos ? 0 : scheme + 3);
    while (at != std::string::npos && at + 1 < webhook.size()) {
        const std::size_t next = webhook.find_first_of("/?&=#", at + 1);
        const std::string part = webhook.substr(at + 1, next == std::string::npos ? next : next - at - 1);
        if (part.size() >= masked_part_min && part != "services") values.push_back(part);
        at = next;
    }
    return Mask(values, "[webhook]").hide(text);
}

}  // namespace mc::notify
