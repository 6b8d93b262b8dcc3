#include "os/log_stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>

#include "os/clock.h"

namespace mc::os {

namespace {

// A pipe takes a piece of at most this size either whole or not at all.
constexpr std::size_t piece_bytes = PIPE_BUF;

std::uint64_t lines_in(std::string_view text) {
    return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

std::string counted_lines(std::uint64_t count) {
    return fmt::format("{} line{} of the log", count, count == 1 ? "" : "s");
}

}  // namespace

LogStream::LogStream(int fd) : fd_(fd) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) return;
    if (S_ISSOCK(status.st_mode)) way_ = Way::send;
    if (!S_ISFIFO(status.st_mode) && ::isatty(fd) == 0) return;
    const std::string path = fmt::format("/proc/self/fd/{}", fd);
    own_.reset(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (own_) way_ = Way::write;
}

// Returns like write(2).
ssize_t LogStream::put(std::string_view text) const {
    const std::string_view piece = text.substr(0, piece_bytes);
    while (true) {
        if (way_ == Way::ask_first) {
            pollfd asked{fd_, POLLOUT, 0};
            if (::poll(&asked, 1, 0) == 0) {
                errno = EAGAIN;
                return -1;
            }
        }
        const ssize_t sent = way_ == Way::send ? ::send(fd_, piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                                               : ::write(fd(), piece.data(), piece.size());
        if (sent >= 0 || errno != EINTR) return sent;
    }
}

std::string LogStream::note() const {
    return fmt::format("marketcron: {} {} lost: {}\n", counted_lines(lost_), lost_ == 1 ? "was" : "were", why_);
}

std::string LogStream::trouble() const {
    if (lost_ == 0) return "";
    return fmt::format("{} {} lost so far: {}; jobs continue", counted_lines(lost_), lost_ == 1 ? "is" : "are", why_);
}

void LogStream::lose(std::string_view lines, int error) {
    lost_ += lines_in(lines);
    why_ = error == EAGAIN ? "the program that reads it does not keep up" : std::generic_category().message(error);
    if (waiting_) waiting_();
}

// Tries to write again if the last write failed. True: the line was sent, kept or counted as lost.
bool LogStream::begin_again(std::string_view line) {
    if (!refuses_) return false;
    const std::string text = note() + std::string(line);
    const ssize_t sent = put(text);
    if (sent <= 0) {
        lose(line, errno);
        return true;
    }
    refuses_ = false;
    lost_ = 0;
    unsent_ = text.substr(static_cast<std::size_t>(sent));
    flush();
    if (waiting_) waiting_();  // the trouble is over
    return true;
}

void LogStream::write(std::string_view line) {
    if (begin_again(line)) return;
    flush();
    if (begin_again(line)) return;
    if (unsent_.size() + line.size() > unsent_bytes_max) return lose(line, EAGAIN);
    unsent_ += line;
    flush();
    if (has_unsent() && waiting_) waiting_();
}

void LogStream::flush() {
    while (!unsent_.empty()) {
        const ssize_t sent = put(unsent_);
        const int error = errno;
        if (sent < 0 && error == EAGAIN) return;
        if (sent <= 0) {
            refuses_ = true;
            return lose(std::exchange(unsent_, ""), error);
        }
        unsent_.erase(0, static_cast<std::size_t>(sent));
        if (!unsent_.empty() || lost_ == 0) continue;
        unsent_ = note();
        lost_ = 0;
    }
}

void LogStream::finish(int milliseconds) {
    const MonotonicTime until = monotonic_now() + std::chrono::milliseconds(milliseconds);
    for (flush(); has_unsent() && monotonic_now() < until; flush()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - monotonic_now());
        pollfd asked{fd(), POLLOUT, 0};
        (void)::poll(&asked, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    }
}

bool is_same_file(int one, int other) {
    struct stat first {
    }, second{};
    return ::fstat(one, &first) == 0 && ::fstat(other, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

}  // namespace mc::os
