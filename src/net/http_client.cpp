#include "net/http_client.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

#include "os/descriptor.h"
#include "os/unix_socket.h"

namespace mc::os {

namespace {

constexpr timeval patience{60, 0};
constexpr std::size_t answer_bytes_max = 256u << 20;

tl::unexpected<Error> cannot_connect(const std::string& socket, int reason) {
    switch (reason) {
        case ENOENT:
        case ENOTDIR:
        case ECONNREFUSED:
            return fail(Error::Kind::no_daemon, fmt::format("no daemon answers on {}", socket),
                        "start it with `marketcron daemon`, or give its configuration file with -c");
        case EACCES:
        case EPERM:
            return fail(Error::Kind::refused, fmt::format("no permission to connect to the daemon on {}", socket),
                        "run the command as root, as the daemon's user, or as a member of the group marketcron");
        default: break;
    }
    return fail(Error::Kind::network, fmt::format("cannot reach the daemon on {}: {}", socket, std::strerror(reason)));
}

bool send_all(int socket, std::string_view text) {
    while (!text.empty()) {
        const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

// Reads until the daemon closes the connection; nullopt after an error or too many bytes.
std::optional<std::string> receive_all(int socket) {
    std::string text;
    std::array<char, 65536> buffer;
    while (text.size() <= answer_bytes_max) {
        const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::nullopt;
        if (got == 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return std::nullopt;
}

// The Content-Length, to detect an incomplete answer of a daemon that was killed meanwhile.
std::optional<std::size_t> content_length(std::string_view headers) {
    constexpr std::string_view name = "\r\nContent-Length: ";
    const std::size_t at = headers.find(name);
    if (at == std::string_view::npos) return std::nullopt;
    std::size_t length = 0;
    const char* begin = headers.data() + at + name.size();
    const auto [end, bad] = std::from_chars(begin, headers.data() + headers.size(), length);
    return bad == std::errc{} ? std::optional(length) : std::nullopt;
}

std::optional<HttpAnswer> parse(const std::string& text) {
    const std::size_t status_at = text.find(' ');
    const std::size_t body_at = text.find("\r\n\r\n");
    if (!text.starts_with("HTTP/1.") || status_at == std::string::npos || body_at == std::string::npos) return {};
    HttpAnswer answer;
    const char* begin = text.data() + status_at + 1;
    if (std::from_chars(begin, text.data() + text.size(), answer.status).ec != std::errc{}) return {};
    answer.body = text.substr(body_at + 4);
    const auto promised = content_length(std::string_view(text).substr(0, body_at + 2));
    if (promised && *promised != answer.body.size()) return {};
    return answer;
}

}  // namespace

Result<HttpAnswer> ask_socket(const std::string& socket, const std::string& method, const std::string& path,
                              const std::string& body) {
    const Descriptor connection = connect_unix(socket);
    if (!connection) return cannot_connect(socket, errno);
    ::setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(connection.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const std::string question = fmt::format(
        "{} {} HTTP/1.0\r\nHost: marketcron\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}", method,
        path, body.size(), body);
    const bool asked = send_all(connection.get(), question);
    const auto text = receive_all(connection.get());
    const auto answer = text ? parse(*text) : std::nullopt;
    if (answer) return *answer;
    return fail(
        Error::Kind::network,
        fmt::format("the daemon on {} {}", socket, asked ? "sent an incomplete answer" : "closed the connection"),
        "the request may have been carried out: check its log");
}

}  // namespace mc::os
