#include "daemon/http_child.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "desk/say.h"
#include "net/web_sender.h"
#include "os/process_name.h"

namespace mc::app {

namespace {

std::string read_all(int fd) {
    std::string text;
    std::array<char, 65536> buffer;
    while (true) {
        const ssize_t got = ::read(fd, buffer.data(), buffer.size());
        if (got <= 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

// On SIGTERM, at the job's timeout or by `stop`: says in the output that no answer arrived.
void tell_end(int number) {
    constexpr std::string_view sentence = "\nmarketcron: ended before the answer arrived\n";
    (void)!::write(STDOUT_FILENO, sentence.data(), sentence.size());
    (void)std::signal(number, SIG_DFL);
    (void)std::raise(number);
}

}  // namespace

int http_child() {
    os::name_this_process("marketcron-http");  // so that it is not taken for a second daemon
    (void)std::signal(SIGPIPE, SIG_IGN);
    (void)std::signal(SIGTERM, tell_end);
    auto request = os::read_request(read_all(STDIN_FILENO));
    if (request) return static_cast<int>(os::send_request(*std::move(request)));
    say(stderr, "marketcron: not sent: {}\n", request.error().sentence());
    return static_cast<int>(os::Sent::no_answer);
}

}  // namespace mc::app
