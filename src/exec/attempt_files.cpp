#include "exec/attempt_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <map>
#include <system_error>
#include <thread>

#include "exec/process_tree.h"
#include "exec/raw_call.h"
#include "os/clock.h"
#include "os/descriptor.h"
#include "os/files.h"

namespace mc::os {

namespace {

std::int64_t seconds(Instant t) { return t.time_since_epoch().count(); }

std::uint64_t ticks_since_boot() {
    constexpr std::uint64_t nanoseconds_per_tick = 10'000'000;  // USER_HZ is 100 on every Linux
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return (static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec)) /
           nanoseconds_per_tick;
}

constexpr std::size_t small_bytes = 16384;

// nullopt, with errno set, if the file cannot be read.
std::optional<std::string> read_small(int state_dir, const char* path) {
    const Descriptor file{::openat(state_dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};  // it may be a FIFO
    if (!file) return std::nullopt;
    std::array<char, small_bytes> buffer;
    const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
    return got < 0 ? std::nullopt : std::optional(std::string(buffer.data(), static_cast<std::size_t>(got)));
}

std::string reason_of(int error) { return std::generic_category().message(error); }

// "", or why it is not possible now to know whether the attempt has a record, and to read it.
std::string record_trouble(const std::string& state, int state_dir, std::int64_t run, int attempt) {
    // A missing state directory does not mean that the attempt has no record.
    if (state_dir < 0) return fmt::format("cannot open {}: {}", state, reason_of(errno));
    if (read_small(state_dir, attempt_path(run, attempt, "record").data())) return "";
    // ENOTDIR: a file has the name of the record's directory, so there is no record.
    if (errno == ENOENT || errno == ENOTDIR) return "";
    const int error = errno;
    return fmt::format("cannot read {}: {}", attempt_file(state, run, attempt, "record"), reason_of(error));
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

constexpr std::int64_t runs_in_a_directory = 1000;

std::string run_directory(std::int64_t run) { return fmt::format("runs/{}", run / runs_in_a_directory); }

// "17.1.output" begins with 17.
std::optional<std::int64_t> leading_number(const std::filesystem::path& path) {
    const std::string name = path.filename();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    return error == std::errc{} ? std::optional(number) : std::nullopt;
}

Descriptor open_state(const std::string& state) {
    return Descriptor{::open(state.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
}

}  // namespace

AttemptPath attempt_path(std::int64_t run, int attempt, const char* name) {
    AttemptPath path{};
    const auto end =
        fmt::format_to_n(path.data(), path.size() - 1, "{}/{}.{}.{}", run_directory(run), run, attempt, name);
    *end.out = '\0';
    return path;
}

bool make_run_directory(int state_dir, std::int64_t run) {
    const std::string path = run_directory(run);
    const auto make = [&] { return ::mkdirat(state_dir, path.c_str(), 0700) == 0 || errno == EEXIST; };
    if (make()) return true;
    return errno == ENOENT && ::mkdirat(state_dir, "runs", 0700) == 0 && make();
}

std::string owner_line(std::string owner) {
    if (owner.empty()) return {};
    std::replace(owner.begin(), owner.end(), '\n', ' ');
    return "owner " + owner + "\n";
}

namespace {

std::string claim_line(const Claim& claim) {
    return fmt::format("{} {} {} {}\n", claim.pid, claim.ticks, seconds(claim.started), claim.boot);
}

// Replaces the content of the file; a FIFO or another special file is replaced itself. True if the file now has this
// text.
bool overwrite(int state_dir, const char* path, const std::string& text) {
    const auto open_to_write = [&] {
        return Descriptor{::openat(state_dir, path, O_CREAT | O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0600)};
    };
    Descriptor file = open_to_write();
    struct stat status {};
    const bool is_file = file && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode);
    if (!is_file && ::fstatat(state_dir, path, &status, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(status.st_mode)) {
        ::unlinkat(state_dir, path, 0);
        file = open_to_write();
    }
    const auto size = static_cast<ssize_t>(text.size());
    if (!file) return false;
    if (::pwrite(file.get(), text.data(), text.size(), 0) == size) return ::ftruncate(file.get(), size) == 0;
    (void)!::ftruncate(file.get(), 0);  // the next try must not continue in the middle of a line
    return false;
}

}  // namespace

long claim_attempt(int state_dir, const char* path, pid_t pid, const char* boot, const std::string& owner_line,
                   std::uint64_t& ticks, std::int64_t& started) {
    const long file = raw_call(SYS_openat, state_dir, path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0) return file;
    ticks = ticks_since_boot();
    started = seconds(instant_now());
    std::array<char, 128> line{};
    const auto text = fmt::format_to_n(line.data(), line.size(), "{} {} {} {}\n", pid, ticks, started, boot);
    const std::array<iovec, 2> parts{
        {{line.data(), text.size}, {const_cast<char*>(owner_line.data()), owner_line.size()}}};
    const long written = raw_call(SYS_writev, file, parts.data(), parts.size());
    raw_call(SYS_close, file);
    if (written == static_cast<long>(text.size + owner_line.size())) return 0;
    raw_call(SYS_unlinkat, state_dir, path, 0);  // our own, and empty or incomplete
    return written < 0 ? written : -ENOSPC;
}

bool is_anothers(int state_dir, std::int64_t run, int attempt, std::uint64_t claimed_ticks) {
    const auto there = read_claim(state_dir, run, attempt);
    if (!there || claimed_ticks == 0 || there->ticks <= claimed_ticks || there->boot != boot_id()) return false;
    return there->pid > 0 || !read_owner(state_dir, run, attempt).empty();  // otherwise write_ended() made it
}

void keep_claim(int state_dir, std::int64_t run, int attempt, const Claim& claim, const std::string& owner_line) {
    if (is_anothers(state_dir, run, attempt, claim.ticks)) return;
    const AttemptPath path = attempt_path(run, attempt, "record");
    const auto there = read_claim(state_dir, run, attempt);
    const auto text = there ? read_small(state_dir, path.data()) : std::nullopt;
    const bool is_long = text && text->size() == small_bytes;  // an end after that would not be read
    const bool is_it = there && there->pid == claim.pid && there->ticks == claim.ticks && there->boot == claim.boot;
    if (is_it && !is_long) return;
    const bool is_end_alone = there && there->pid == 0 && !there->boot.empty();
    if (is_end_alone && read_ended(state_dir, run, attempt)) return;
    overwrite(state_dir, path.data(), claim_line(claim) + owner_line);
}

bool write_ended(int state_dir, const Ended& ended) {
    if (is_anothers(state_dir, ended.run, ended.attempt, ended.claimed_ticks)) return true;
    fmt::memory_buffer text;
    const auto out = fmt::appender(text);
    if (ended.exit_code) fmt::format_to(out, "exit_code {}\n", *ended.exit_code);
    if (ended.signal) fmt::format_to(out, "signal {}\n", *ended.signal);
    if (!ended.spawn_error.empty()) fmt::format_to(out, "spawn_error {}\n", ended.spawn_error);
    fmt::format_to(out, "max_rss_bytes {}\ncpu_microseconds {}\nstarted {}\nfinished {}\n", ended.max_rss_bytes,
                   static_cast<std::int64_t>(ended.cpu_seconds * 1e6), seconds(ended.started), seconds(ended.finished));
    const AttemptPath path = attempt_path(ended.run, ended.attempt, "record");
    const Descriptor file{::openat(state_dir, path.data(), O_RDWR | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)};
    if (!file && errno == ENOENT)
        return overwrite(state_dir, path.data(),
                         claim_line({0, ticks_since_boot(), ended.started, boot_id()}) + fmt::to_string(text));
    struct stat before {};
    if (!file || ::fstat(file.get(), &before) != 0 || !S_ISREG(before.st_mode)) return false;
    char last = '\n';
    if (before.st_size > 0) (void)!::pread(file.get(), &last, 1, before.st_size - 1);
    const std::string lines = (last == '\n' ? "" : "\n") + fmt::to_string(text);
    const ssize_t written = ::write(file.get(), lines.data(), lines.size());
    if (written == static_cast<ssize_t>(lines.size())) return true;
    // The next try must not continue in the middle of a line.
    if (written > 0) (void)!::ftruncate(file.get(), before.st_size);
    return false;
}

std::optional<Ended> read_ended(int state_dir, std::int64_t run, int attempt) {
    const auto text = read_small(state_dir, attempt_path(run, attempt, "record").data());
    const std::size_t last = text ? text->rfind("\nfinished ") : std::string::npos;
    if (last == std::string::npos || text->back() != '\n') return std::nullopt;
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

Claim claim_of(const Process& main) {
    constexpr std::chrono::milliseconds tick{10};  // USER_HZ is 100 on every Linux
    const auto age = boot_time() - tick * static_cast<std::int64_t>(main.started_ticks);
    const Instant began = instant_of(wall_now() - std::chrono::duration_cast<std::chrono::nanoseconds>(age));
    return {main.pid, main.started_ticks, began, boot_id()};
}

std::optional<Claim> read_claim(int state_dir, std::int64_t run, int attempt) {
    const auto text = read_small(state_dir, attempt_path(run, attempt, "record").data());
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

std::string read_owner(int state_dir, std::int64_t run, int attempt) {
    const auto text = read_small(state_dir, attempt_path(run, attempt, "record").data());
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    std::string_view owner;
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
        if (rest.starts_with("owner ")) owner = rest.substr(6, end - 6);
        rest.remove_prefix(end + 1);
    }
    return std::string(owner);
}

bool withdraw_attempt(int state_dir, std::int64_t run, int attempt) {
    // The record last: once it is gone, another process may claim the attempt and create its output.
    ::unlinkat(state_dir, attempt_path(run, attempt, "output").data(), 0);
    return ::unlinkat(state_dir, attempt_path(run, attempt, "record").data(), 0) == 0 || errno == ENOENT;
}

Life life_of(const Claim& claim) {
    if (claim.pid <= 0) return Life::gone;
    const std::string boot = boot_id();
    if (boot.empty()) return Life::unclear;
    if (claim.boot != boot) return Life::gone;
    if (const auto process = process_of(claim.pid))
        return process->started_ticks <= claim.ticks ? Life::lives : Life::gone;
    return ::kill(claim.pid, 0) != 0 && errno == ESRCH ? Life::gone : Life::unclear;
}

std::string attempt_file(const std::string& state, std::int64_t run, int attempt, const char* name) {
    return fmt::format("{}/{}", state, attempt_path(run, attempt, name).data());
}

void remove_attempts(const std::string& state, std::int64_t run) {
    const Descriptor dir = open_state(state);
    // A number may be missing: files of another run have been moved aside.
    constexpr int missing_most = 3;
    for (int attempt = 1, missing = 0; missing <= missing_most; ++attempt) {
        bool any = false;
        for (const char* name : {"record", "output"}) {
            any = ::unlinkat(dir.get(), attempt_path(run, attempt, name).data(), 0) == 0 || any;
        }
        missing = any ? 0 : missing + 1;
    }
    // Fails while the directory has files of other runs.
    ::unlinkat(dir.get(), run_directory(run).c_str(), AT_REMOVEDIR);
}

void remove_old_attempts(const std::string& state, Instant before, const std::function<bool(std::int64_t run)>& keep) {
    std::map<std::int64_t, std::filesystem::path> thousands;
    for (const auto& entry : entries_of(state + "/runs"))
        if (const auto thousand = leading_number(entry)) thousands[*thousand] = entry;
    for (const auto& [thousand, directory] : thousands) {
        std::map<std::int64_t, std::int64_t> newest;  // of each run's files, in seconds since the epoch
        for (const auto& entry : entries_of(directory)) {
            struct stat status {};
            const auto run = leading_number(entry);
            if (!run || ::stat(entry.c_str(), &status) != 0) continue;
            std::int64_t& time = newest[*run];
            time = std::max<std::int64_t>(time, status.st_mtime);
        }
        bool any = false;
        for (const auto& [run, time] : newest) {
            if (time >= seconds(before) || keep(run)) continue;
            remove_attempts(state, run);
            any = true;
        }
        if (!any) return;
    }
}

bool has_output(const std::string& state, std::int64_t run, int attempt) {
    struct stat status {};
    return ::stat(attempt_file(state, run, attempt, "output").c_str(), &status) == 0 && status.st_size > 0;
}

namespace {

AttemptState state_of_files(const std::string& state, std::int64_t run, int attempt) {
    using Kind = AttemptState::Kind;
    Ended known;
    known.run = run;
    known.attempt = attempt;
    const auto is = [](Kind kind, Ended ended) { return AttemptState{kind, std::move(ended), {}, {}, {}, {}}; };
    // `otherwise` if the record can be read, or is missing; else unclear.
    const auto is_or_unclear = [&](int dir, Kind otherwise) {
        std::string trouble = record_trouble(state, dir, run, attempt);
        const Kind kind = trouble.empty() ? otherwise : Kind::unclear;
        return AttemptState{kind, known, {}, {}, {}, std::move(trouble)};
    };
    const Descriptor dir = open_state(state);
    if (auto unclear = is_or_unclear(dir.get(), Kind::absent); unclear.kind == Kind::unclear) return unclear;
    if (auto ended = read_ended(dir.get(), run, attempt)) return is(Kind::ended, *std::move(ended));
    auto claim = read_claim(dir.get(), run, attempt);
    if (!claim) return is_or_unclear(dir.get(), Kind::absent);
    // A child needs microseconds between creating its record and writing it; the record stays empty only if
    // the child is killed in between.
    for (int patience = 0; claim->pid == 0 && patience < 10; ++patience) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        claim = read_claim(dir.get(), run, attempt).value_or(Claim{});
    }
    known.started = claim->started;
    if (claim->pid == 0) return is_or_unclear(dir.get(), Kind::garbled);
    const Life life = life_of(*claim);
    if (life == Life::lives) return is(Kind::running, std::move(known));
    // The end is recorded before the process is reaped: without a process and an end, there will be no end.
    if (auto ended = read_ended(dir.get(), run, attempt)) return is(Kind::ended, *std::move(ended));
    if (life == Life::gone) return is_or_unclear(dir.get(), Kind::unknown);
    AttemptState unclear = is(Kind::unclear, std::move(known));
    unclear.trouble = fmt::format("cannot read /proc/{} for its process", claim->pid);
    return unclear;
}

}  // namespace

AttemptState attempt_state(const std::string& state, std::int64_t run, int attempt) {
    AttemptState now = state_of_files(state, run, attempt);
    if (now.kind == AttemptState::Kind::absent) return now;
    const Descriptor dir = open_state(state);
    now.owner = read_owner(dir.get(), run, attempt);
    if (const auto claim = read_claim(dir.get(), run, attempt)) {
        now.claimed = claim->started;
        now.boot = claim->boot;
    }
    return now;
}

}  // namespace mc::os
