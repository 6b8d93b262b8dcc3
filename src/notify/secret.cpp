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
constexpr std::size_t masked_part_min = 6;  // shorter parts of a path ("api", "hooks") are not secret

// A file that holds a secret, and how errors name it.
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

// O_NONBLOCK: a FIFO in place of the file is refused, instead of blocking the process.
Result<std::string> read_file(const SecretFile& secret) {
    const Closing file{open(secret.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (file.fd < 0)
        return unusable(secret.spot, fmt::format("{} cannot be read: {}", secret.name, cause(errno)),
                        fmt::format("write {} to this file, readable only by the daemon", secret.content));
    struct stat facts {};
    if (fstat(file.fd, &facts) != 0 || !S_ISREG(facts.st_mode))
        return unusable(secret.spot, fmt::format("{} is not a regular file", secret.name),
                        fmt::format("write {} to a regular file", secret.content));
    if ((facts.st_mode & 077U) != 0)
        return unusable(secret.spot,
                        fmt::format("other users can read {} (mode {:04o})", secret.name, facts.st_mode & 07777U),
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
                        fmt::format("write only {} to it", secret.content));
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

bool is_word(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

// "the webhook file /x"
std::string place_of(const Secret& secret) {
    if (!secret.file.empty()) return fmt::format("the {} file {}", secret.kind->noun, secret.file);
    if (!secret.env.empty()) return "the environment variable " + secret.env;
    return fmt::format("`{}`", secret.kind->key);
}

Result<std::string> raw(const Secret& secret, const Spot& spot, const Environment& environment) {
    if (!secret.value.empty()) return secret.value;
    if (!secret.file.empty())
        return read_file({secret.file, place_of(secret), std::string(secret.kind->content), spot});
    if (std::optional<std::string> value = environment(secret.env)) return *std::move(value);
    return unusable(
        spot, fmt::format("the environment variable {} is not set", secret.env),
        fmt::format("set it for the daemon (a systemd unit: EnvironmentFile=), or use {}_file", secret.kind->key));
}

}  // namespace

std::optional<std::string> from_environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
}

Result<std::string> read_secret(const Secret& secret, const Spot& spot, const Environment& environment) {
    const Result<std::string> found = raw(secret, spot, environment);
    if (!found) return found;
    std::string text = trimmed(*found);
    if (secret.kind->is_url ? is_url(text) : is_word(text)) return text;
    const std::string lacks = text.empty() ? " is empty" : fmt::format(" contains no {}", secret.kind->lacks);
    return unusable(spot, place_of(secret) + lacks, std::string(secret.kind->hint));
}

Result<std::string> read_secret_word(const std::string& path, const std::string& name, const std::string& content,
                                     const Spot& spot) {
    Result<std::string> found = read_file({path, name, content, spot});
    if (!found) return found;
    std::string text = trimmed(*found);
    if (text.find_first_of("\r\n") == std::string::npos && !text.empty()) return text;
    return unusable(spot, name + (text.empty() ? " is empty" : " has more than one line"),
                    fmt::format("write only {} to it", content));
}

Result<std::optional<Login>> read_login(const MailSettings& mail) {
    if (mail.login_file.empty()) return std::optional<Login>{};
    const std::string name = "the login file " + mail.login_file;
    const Result<std::string> text = read_file({mail.login_file, name, "USER:PASSWORD", mail.spot});
    if (!text) return tl::unexpected(text.error());
    const std::string line = trimmed(*text);
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || colon == 0 || line.find_first_of("\r\n") != std::string::npos)
        return unusable(mail.spot, name + " contains no login", "write USER:PASSWORD as its only line");
    return std::optional(Login{line.substr(0, colon), line.substr(colon + 1)});
}

std::string masked(const std::string& text, const std::string& webhook, const std::string& shown) {
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
    return Mask(values, shown).hide(text);
}

}  // namespace mc::notify
