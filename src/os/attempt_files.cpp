#include "os/attempt_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <charconv>
#include <ctime>
#include <thread>

#include "os/clock.h"
#include "os/descriptor.h"
#include "os/output_file.h"
#include "os/process_tree.h"

namespace mc::os {

namespace {

std::int64_t seconds(Instant t) { return t.time_since_epoch().count(); }

// Writes a line of numbers and words without the C library, which a child in borrowed memory may not use.
class RawLine {
   public:
    void number(std::uint64_t value) {
        std::array<char, 20> digits{};
        std::size_t count = 0;
        do {
            digits[count++] = static_cast<char>('0' + value % 10);
            value /= 10;
        } while (value > 0);
        while (count > 0) character(digits[--count]);
    }
    void word(const char* text) {
        while (*text != '\0') character(*text++);
    }
    void character(char c) {
        if (size_ < text_.size()) text_[size_++] = c;
    }
    bool write_to(int fd) const {
        return ::write(fd, text_.data(), size_) == static_cast<ssize_t>(size_);
    }

   private:
    std::array<char, 128> text_{};
    std::size_t size_ = 0;
};

std::uint64_t ticks_since_boot() {
    constexpr std::uint64_t nanoseconds_per_tick = 10'000'000;  // USER_HZ is 100 on every Linux
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return (static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec)) /
           nanoseconds_per_tick;
}

std::optional<std::string> read_small(int state_dir, const char* path) {
    const Descriptor file{::openat(state_dir, path, O_RDONLY | O_CLOEXEC)};
    if (!file) return std::nullopt;
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
    return got < 0 ? std::nullopt : std::optional(std::string(buffer.data(), static_cast<std::size_t>(got)));
}

template <class T>
bool read_number(std::string_view text, T& value) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && stop == end;
}

std::string_view next_word(std::string_view& rest, char separator) {
    const std::size_t end = rest.find(separator);
    const std::string_view word = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    return word;
}

void read_field(std::string_view name, std::string_view value, Ended& ended) {
    std::int64_t number = 0;
    const bool numeric = read_number(value, number);
    if (name == "spawn_error") ended.spawn_error = value;
    if (!numeric) return;
    if (name == "exit_code") ended.exit_code = static_cast<int>(number);
    if (name == "signal") ended.signal = static_cast<int>(number);
    if (name == "started") ended.started = Instant{Seconds{number}};
    if (name == "finished") ended.finished = Instant{Seconds{number}};
    if (name == "max_rss_bytes") ended.max_rss_bytes = number;
    if (name == "cpu_microseconds") ended.cpu_seconds = static_cast<double>(number) / 1e6;
}

Descriptor open_state(const std::string& state) {
    return Descriptor{::open(state.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
}

}  // namespace

AttemptPath attempt_path(std::int64_t run, int attempt, const char* name) {
    AttemptPath path{};
    const auto end = fmt::format_to_n(path.data(), path.size() - 1, "runs/{}/{}/{}", run, attempt, name);
    *end.out = '\0';
    return path;
}

bool make_attempt_directory(int state_dir, std::int64_t run, int attempt) {
    AttemptPath path = attempt_path(run, attempt, "");
    const auto make = [&] { return ::mkdirat(state_dir, path.data(), 0700) == 0 || errno == EEXIST; };
    if (make()) return true;
    if (errno != ENOENT) return false;
    ::mkdirat(state_dir, "runs", 0700);
    ::mkdirat(state_dir, fmt::format("runs/{}", run).c_str(), 0700);
    return make();
}

ClaimResult claim_attempt(int state_dir, const char* path, pid_t pid, const char* boot, std::int64_t& started) {
    const int file = ::openat(state_dir, path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0) return errno == EEXIST ? ClaimResult::taken : ClaimResult::failed;
    started = seconds(instant_now());
    RawLine line;
    line.number(static_cast<std::uint64_t>(pid));
    line.character(' ');
    line.number(ticks_since_boot());
    line.character(' ');
    line.number(static_cast<std::uint64_t>(started));
    line.character(' ');
    line.word(boot);
    line.character('\n');
    const bool written = line.write_to(file);
    const int reason = errno;
    ::close(file);
    errno = written ? 0 : reason;
    return written ? ClaimResult::won : ClaimResult::failed;
}

bool write_ended(int state_dir, const Ended& ended) {
    fmt::memory_buffer text;
    const auto out = fmt::appender(text);
    if (ended.exit_code) fmt::format_to(out, "exit_code {}\n", *ended.exit_code);
    if (ended.signal) fmt::format_to(out, "signal {}\n", *ended.signal);
    if (!ended.spawn_error.empty()) fmt::format_to(out, "spawn_error {}\n", ended.spawn_error);
    fmt::format_to(out, "started {}\nfinished {}\nmax_rss_bytes {}\ncpu_microseconds {}\n", seconds(ended.started),
                   seconds(ended.finished), ended.max_rss_bytes, static_cast<std::int64_t>(ended.cpu_seconds * 1e6));
    const AttemptPath temporary = attempt_path(ended.run, ended.attempt, "exit.new");
    const AttemptPath path = attempt_path(ended.run, ended.attempt, "exit");
    Descriptor file{::openat(state_dir, temporary.data(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600)};
    if (!file) return false;
    const bool written = ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
    return written && ::renameat(state_dir, temporary.data(), state_dir, path.data()) == 0;
}

std::optional<Ended> read_ended_file(int state_dir, std::int64_t run, int attempt) {
    const auto text = read_small(state_dir, attempt_path(run, attempt, "exit").data());
    if (!text) return std::nullopt;
    Ended ended;
    ended.run = run;
    ended.attempt = attempt;
    std::string_view rest = *text;
    while (!rest.empty()) {
        std::string_view line = next_word(rest, '\n');
        const std::string_view name = next_word(line, ' ');
        read_field(name, line, ended);
    }
    return ended;
}

std::optional<Claim> read_claim(int state_dir, std::int64_t run, int attempt) {
    const auto text = read_small(state_dir, attempt_path(run, attempt, "pid").data());
    if (!text) return std::nullopt;
    Claim claim;
    std::int64_t started = 0;
    std::string_view line = std::string_view(*text).substr(0, text->find('\n'));
    const bool whole = text->find('\n') != std::string::npos && read_number(next_word(line, ' '), claim.pid) &&
                       read_number(next_word(line, ' '), claim.ticks) && read_number(next_word(line, ' '), started);
    if (!whole) return Claim{};
    claim.started = Instant{Seconds{started}};
    claim.boot = line;
    return claim;
}

bool lives(const Claim& claim) {
    if (claim.pid <= 0 || claim.boot != boot_id()) return false;
    const auto process = process_of(claim.pid);
    return process && process->started_ticks <= claim.ticks;
}

std::string attempt_dir(const std::string& state, std::int64_t run, int attempt) {
    return fmt::format("{}/runs/{}/{}", state, run, attempt);
}

std::string output_tail(const std::string& state, std::int64_t run, int attempt, std::size_t lines,
                        std::size_t bytes) {
    return last_lines(attempt_dir(state, run, attempt) + "/output", lines, bytes);
}

AttemptState attempt_state(const std::string& state, std::int64_t run, int attempt) {
    using Kind = AttemptState::Kind;
    const Descriptor dir = open_state(state);
    if (auto ended = read_ended_file(dir.get(), run, attempt)) return {Kind::ended, *std::move(ended)};
    auto claim = read_claim(dir.get(), run, attempt);
    if (!claim) return {Kind::absent, {}};
    // Between making its pid file and writing it a child needs microseconds; only one that was killed
    // just there leaves it empty.
    for (int patience = 0; claim->pid == 0 && patience < 10; ++patience) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        claim = read_claim(dir.get(), run, attempt).value_or(Claim{});
    }
    Ended known;
    known.run = run;
    known.attempt = attempt;
    known.started = claim->started;
    if (lives(*claim)) return {Kind::running, std::move(known)};
    // The exit file is written before the process is reaped: gone, and no file now, is final.
    if (auto ended = read_ended_file(dir.get(), run, attempt)) return {Kind::ended, *std::move(ended)};
    return {Kind::unknown, std::move(known)};
}

}  // namespace mc::os
