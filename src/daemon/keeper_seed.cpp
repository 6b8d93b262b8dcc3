#include "daemon/keeper_seed.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "exec/keeper.h"

namespace mc::app {

namespace {

// Reads until the other end is closed; the texts are short.
std::string read_all(int fd) {
    std::string text;
    char buffer[4096];
    while (true) {
        const ssize_t got = ::read(fd, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return text;
        text.append(buffer, static_cast<std::size_t>(got));
    }
}

[[noreturn]] void grow(int from, int to) {
    const std::string state = read_all(from);
    if (state.empty()) ::_exit(0);
    const auto started = os::start_keeper(state);
    const std::string answer = started ? "ok" : started.error().what;
    (void)!::write(to, answer.data(), answer.size());
    ::_exit(0);
}

}  // namespace

KeeperSeed::KeeperSeed() {
    int asked[2] = {-1, -1}, answered[2] = {-1, -1};
    if (::pipe2(asked, O_CLOEXEC) != 0 || ::pipe2(answered, O_CLOEXEC) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
        ::close(asked[1]);
        ::close(answered[0]);
        grow(asked[0], answered[1]);
    }
    ::close(asked[0]);
    ::close(answered[1]);
    to_.reset(asked[1]);
    from_.reset(answered[0]);
}

KeeperSeed::~KeeperSeed() {
    to_.reset();
    if (pid_ > 0) (void)::waitpid(pid_, nullptr, 0);
}

Result<void> KeeperSeed::start(const std::string& state) {
    if (pid_ <= 0) return os::start_keeper(state);  // the fork failed: start the keeper from this process
    (void)!::write(to_.get(), state.data(), state.size());
    to_.reset();
    const std::string answer = read_all(from_.get());
    (void)::waitpid(pid_, nullptr, 0);
    pid_ = -1;
    if (answer == "ok") return {};
    return fail(Error::Kind::process, answer.empty() ? "cannot start the keeper" : answer);
}

}  // namespace mc::app
