#include "exec/attempt_scan.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "exec/attempt_files.h"
#include "os/descriptor.h"
#include "os/files.h"

namespace mc::os {

namespace {

namespace fs = std::filesystem;

// More than any ledger gives, and the largest number that every reader of JSON keeps exactly (RFC 8259, 6).
constexpr std::int64_t run_number_max = (std::int64_t{1} << 53) - 1;

constexpr std::array<const char*, 2> names{"record", "output"};

template <class T>
bool take_number(std::string_view& rest, T& number) {
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc{}) return false;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return true;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t number = 0;
    return take_number(text, number) && text.empty() && number >= 0 ? std::optional(number) : std::nullopt;
}

bool has_changed(const fs::path& directory, Instant since) {
    struct stat status {};
    return ::stat(directory.c_str(), &status) == 0 && Instant{Seconds{status.st_mtime}} >= since;
}

void list(const fs::path& directory, AttemptsOnDisk& found) {
    for (const fs::path& entry : entries_of(directory)) {
        const std::string name = entry.filename();
        std::string_view rest = name;
        AttemptId one;
        if (!take_number(rest, one.run) || !rest.starts_with('.')) continue;
        if (one.run < 1 || one.run > run_number_max) continue;  // no ledger has given it
        found.largest_run = std::max(found.largest_run, one.run);
        rest.remove_prefix(1);
        if (take_number(rest, one.attempt) && rest == ".record") found.records.push_back(one);
    }
}

Error failed(const std::string& doing) {
    return {Error::Kind::process, fmt::format("cannot {}: {}", doing, std::strerror(errno)), {}, {}};
}

}  // namespace

AttemptsOnDisk attempts_on_disk(const std::string& state, std::optional<Instant> changed_since) {
    std::vector<std::pair<std::int64_t, fs::path>> thousands;
    for (const fs::path& entry : entries_of(state + "/runs"))
        if (const auto number = whole_number(entry.filename().string())) thousands.emplace_back(*number, entry);
    std::sort(thousands.rbegin(), thousands.rend());
    AttemptsOnDisk found;
    for (const auto& [number, directory] : thousands) {
        // The first that is not empty has the largest number.
        if (found.largest_run == 0 || !changed_since || has_changed(directory, *changed_since)) list(directory, found);
    }
    std::sort(found.records.begin(), found.records.end());
    return found;
}

Result<std::string> set_aside(const std::string& state, AttemptId attempt, Instant now) {
    const std::string aside = state + "/runs/aside";
    if (::mkdir(aside.c_str(), 0700) != 0 && errno != EEXIST) return tl::unexpected(failed("create " + aside));
    std::string record;
    for (const char* name : names) {
        const std::string from = attempt_file(state, attempt.run, attempt.attempt, name);
        // Two attempts of one number may be moved in the same second.
        std::string to;
        for (std::int64_t moved = now.time_since_epoch().count();; ++moved) {
            to = fmt::format("{}/{}-{}.{}.{}", aside, moved, attempt.run, attempt.attempt, name);
            if (::access(to.c_str(), F_OK) != 0) break;
        }
        if (::rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT)
            return tl::unexpected(failed(fmt::format("move {} to {}", from, to)));
        if (record.empty()) record = to;
    }
    return record;
}

Result<void> give_attempt(const std::string& state, AttemptId from, AttemptId to, Give how) {
    const Descriptor dir{::open(state.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!make_run_directory(dir.get(), to.run)) return tl::unexpected(failed("create the directory of a run's files"));
    // The output first: without a record it does not belong to an attempt.
    for (const char* name : {"output", "record"}) {
        const std::string old = attempt_file(state, from.run, from.attempt, name);
        const std::string fresh = attempt_file(state, to.run, to.attempt, name);
        const int done = how == Give::move ? ::rename(old.c_str(), fresh.c_str()) : ::link(old.c_str(), fresh.c_str());
        if (done != 0 && errno != ENOENT && errno != EEXIST)
            return tl::unexpected(failed(fmt::format("move or link {} to {}", old, fresh)));
    }
    return {};
}

Result<void> name_owner(const std::string& state, AttemptId attempt, const std::string& owner) {
    const std::string path = attempt_file(state, attempt.run, attempt.attempt, "record");
    const Descriptor file{::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK)};
    const std::string line = owner_line(owner);
    if (file && ::write(file.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size())) return {};
    return tl::unexpected(failed("write " + path));
}

void record_attempt(const std::string& state, AttemptId attempt, const Process& main, const std::string& owner) {
    const Descriptor dir{::open(state.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    make_run_directory(dir.get(), attempt.run);
    keep_claim(dir.get(), attempt.run, attempt.attempt, claim_of(main), owner_line(owner));
}

bool has_aside(const std::string& state) { return ::access((state + "/runs/aside").c_str(), F_OK) == 0; }

std::size_t count_aside(const std::string& state) {
    std::size_t count = 0;
    for (const fs::path& entry : entries_of(state + "/runs/aside"))
        if (entry.extension() == ".record") ++count;
    return count;
}

void remove_aside(const std::string& state, Instant before) {
    for (const fs::path& entry : entries_of(state + "/runs/aside")) {
        const std::string name = entry.filename();
        std::string_view rest = name;
        std::int64_t moved = 0;
        if (take_number(rest, moved) && Instant{Seconds{moved}} < before) ::unlink(entry.c_str());
    }
    ::rmdir((state + "/runs/aside").c_str());  // fails while it is not empty
}

}  // namespace mc::os
