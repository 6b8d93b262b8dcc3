#include "exec/spawn.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "exec/attempt_files.h"
#include "os/descriptor.h"

namespace mc::os {

namespace {

Descriptor text_to_read(const std::string& text) {
    Descriptor memory{::memfd_create("stdin", MFD_CLOEXEC)};
    if (!memory) return memory;
    for (std::size_t at = 0; at < text.size();) {
        const ssize_t written = ::write(memory.get(), text.data() + at, text.size() - at);
        if (written <= 0) return {};
        at += static_cast<std::size_t>(written);
    }
    ::lseek(memory.get(), 0, SEEK_SET);
    return memory;
}

bool changes_identity(const SpawnPlace& place, const Launch& launch) {
    return launch.uid && (place.user == 0 || *launch.uid != place.user);
}

std::vector<char*> pointers(const std::vector<std::string>& texts, const std::vector<std::string>& more = {}) {
    std::vector<char*> all;
    all.reserve(texts.size() + more.size() + 1);
    for (const auto* list : {&texts, &more})
        for (const std::string& text : *list) all.push_back(const_cast<char*>(text.c_str()));
    all.push_back(nullptr);
    return all;
}

// Without a child. The attempt is claimed anyway, so that an attempt that can never begin has exactly one result.
void record_failure(const SpawnPlace& place, const Launch& launch, AttemptEntry& entry, SpawnStep step, int failure) {
    const AttemptPath path = attempt_path(entry.run, entry.attempt, "record");
    const long claimed = claim_attempt(place.state_dir, path.data(), 0, place.boot.c_str(), owner_line(launch.owner),
                                       entry.ticks, entry.started);
    entry.failed_step = claimed == claim_taken ? SpawnStep::taken : step;
    entry.failure = failure;
}

// No child can be created now. An attempt with a record has begun, and another request for it changes nothing.
void note_hindrance(const SpawnPlace& place, AttemptEntry& entry, SpawnStep step, int failure) {
    const AttemptPath path = attempt_path(entry.run, entry.attempt, "record");
    const bool has_begun = ::faccessat(place.state_dir, path.data(), F_OK, 0) == 0;
    entry.failed_step = has_begun ? SpawnStep::taken : step;
    entry.failure = failure;
}

void fill(Child& child, const SpawnPlace& place, const Launch& launch, AttemptEntry& entry) {
    child.launch = launch;
    child.entry = &entry;
    child.state_dir = place.state_dir;
    child.boot = place.boot.c_str();
    child.change_identity = changes_identity(place, launch);
    child.claim = attempt_path(launch.run, launch.attempt, "record");
    child.output = attempt_path(launch.run, launch.attempt, "output");
    child.owner = owner_line(launch.owner);
    child.marks = {tree_mark(place, launch.run, launch.attempt, launch.identity).text()};
    child.pid_place = child.marks.front().size() - TreeMark::main_digits;
    if (!launch.owner.empty()) child.marks.push_back("MARKETCRON_OWNER=" + launch.owner);
    child.identity = launch.uid ? std::to_string(*launch.uid) : std::string{};
    child.programs = programs_of(launch);
    child.argv = pointers(child.launch.argv);
    child.env = pointers(child.launch.env, child.marks);
}

pid_t fork_child(Child& child) {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(run_child(child));
    return pid;
}

}  // namespace

std::vector<std::string> programs_of(const Launch& launch) {
    const std::string& name = launch.argv.front();
    if (name.empty() || name.find('/') != std::string::npos) return {name};
    std::string path = "/usr/bin:/bin";
    for (const std::string& variable : launch.env) {
        if (variable.starts_with("PATH=")) path = variable.substr(5);
    }
    std::vector<std::string> found;
    for (std::size_t at = 0; at <= path.size();) {
        const std::size_t end = std::min(path.find(':', at), path.size());
        const std::string directory = path.substr(at, end - at);
        found.push_back((directory.empty() ? "." : directory) + "/" + name);
        at = end + 1;
    }
    return found;
}

TreeMark tree_mark(const SpawnPlace& place, std::int64_t run, int attempt, const std::string& identity) {
    return {fmt::format("{}.{}", run, attempt), place.directory, identity};
}

pid_t spawn(const SpawnPlace& place, Cradles& cradles, const Launch& launch, AttemptEntry& entry) {
    entry.run = launch.run;
    entry.attempt = launch.attempt;
    entry.max_output = launch.max_output;
    entry.identity[launch.identity.copy(entry.identity.data(), entry.identity.size() - 1)] = '\0';
    if (launch.argv.empty()) {
        record_failure(place, launch, entry, SpawnStep::program, EINVAL);
        return 0;
    }
    const Descriptor text = launch.stdin_text.empty() ? Descriptor{} : text_to_read(launch.stdin_text);
    const int text_failure = errno;
    Child forked;
    Child* cradled = changes_identity(place, launch) ? nullptr : cradles.free();
    Child& child = cradled != nullptr ? *cradled : forked;
    fill(child, place, launch, entry);
    child.input = launch.stdin_text.empty() ? place.null : text ? text.get() : -text_failure;
    const pid_t pid = cradled != nullptr ? cradles.start(child) : fork_child(child);
    if (pid > 0) return pid;
    note_hindrance(place, entry, SpawnStep::fork, errno);
    return 0;
}

std::optional<Hindrance> hindrance_of(const AttemptEntry& entry) {
    const auto with = [&](Hindrance::Of of) {
        return Hindrance{of, spawn_error_text(entry.failed_step, entry.failure, entry.subject.data())};
    };
    switch (entry.failed_step) {
        case SpawnStep::none:
        case SpawnStep::taken:
        case SpawnStep::interpreter: return std::nullopt;
        // Steps of the keeper: an error there is about the machine or the state directory, not about the job.
        case SpawnStep::fork:
        case SpawnStep::claim:
        case SpawnStep::output:
        case SpawnStep::input: return with(Hindrance::Of::every_attempt);
        case SpawnStep::priority:
        case SpawnStep::identity:
        case SpawnStep::directory:
        case SpawnStep::program: break;
    }
    if (obstacle_of(entry.failure) == Obstacle::never) return std::nullopt;
    return with(Hindrance::Of::this_attempt);
}

std::string spawn_error_text(SpawnStep step, int failure, const char* subject) {
    const char* reason = std::strerror(failure);
    switch (step) {
        case SpawnStep::none: return {};
        case SpawnStep::fork: return fmt::format("cannot create a process: {}", reason);
        case SpawnStep::claim: return fmt::format("cannot write the attempt's record: {}", reason);
        case SpawnStep::taken: return "another process has already begun this attempt";
        case SpawnStep::output: return fmt::format("cannot write the output file: {}", reason);
        case SpawnStep::input: return fmt::format("cannot prepare the standard input: {}", reason);
        case SpawnStep::priority: return fmt::format("cannot set the nice value: {}", reason);
        case SpawnStep::identity: return fmt::format("cannot switch to user {}: {}", subject, reason);
        case SpawnStep::directory: return fmt::format("cannot enter the directory {}: {}", subject, reason);
        case SpawnStep::program:
            if (failure == EACCES) return fmt::format("{} is not executable: {}", subject, reason);
            return fmt::format("cannot execute {}: {}", subject, reason);
        case SpawnStep::interpreter:
            return fmt::format("cannot execute {}: the interpreter in its first line does not exist", subject);
    }
    return {};
}

}  // namespace mc::os
