#include "os/job_runner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "os/attempt_files.h"
#include "os/descriptor.h"
#include "os/output_file.h"
#include "os/process_tree.h"
#include "os/reap.h"

namespace mc::os {

namespace {

constexpr auto check_every = std::chrono::seconds(1);

// The same for every keeper of a state directory, so that any of them finds the jobs of all.
std::string mark_tail(int state_dir) {
    struct stat status{};
    ::fstat(state_dir, &status);
    return fmt::format("{:x}.{:x}", status.st_dev, status.st_ino);
}

}  // namespace

JobRunner::JobRunner(int state_dir, AttemptTable& table)
    : place_{state_dir, boot_id(), mark_tail(state_dir)}, table_(table) {}

bool JobRunner::launch(const Launch& wanted, std::vector<Event>& events) {
    AttemptEntry* entry = table_.reserve();
    if (entry == nullptr) return false;
    const pid_t pid = spawn(place_, wanted, *entry);
    if (pid == 0) {
        conclude(*entry, Zombie{}, events);
        return true;
    }
    if (running_.empty()) next_check_ = monotonic_now() + check_every;
    running_.emplace(pid, entry);
    return true;
}

void JobRunner::signal(const std::vector<wire::Signal>& wanted) {
    std::vector<Tree> trees;
    for (const wire::Signal& one : wanted) {
        const auto claim = read_claim(place_.state_dir, one.run, one.attempt);
        // What a job leaves behind when it ends by itself is meant to stay, as under cron.
        const bool ended = read_ended_file(place_.state_dir, one.run, one.attempt).has_value();
        if (!claim || ended || !lives(*claim)) continue;
        trees.push_back({claim->pid, tree_mark(place_, one.run, one.attempt), one.number});
    }
    if (!trees.empty()) signal_trees(trees);
}

void JobRunner::reap(std::vector<Event>& events) {
    while (const auto zombie = find_zombie(Wait::look)) {
        const auto found = running_.find(zombie->pid);
        if (found != running_.end()) {
            conclude(*found->second, *zombie, events);
            running_.erase(found);
        }
        bury(*zombie);
    }
}

void JobRunner::conclude(AttemptEntry& entry, const Zombie& zombie, std::vector<Event>& events) {
    if (auto ended = record_end(place_.state_dir, entry, zombie)) {
        events.emplace_back(*std::move(ended));
    } else if (auto earlier = read_ended_file(place_.state_dir, entry.run, entry.attempt)) {
        events.emplace_back(*std::move(earlier));
    } else {
        events.emplace_back(wire::Claimed{entry.run, entry.attempt});
    }
    table_.release(entry);
}

void JobRunner::bound_outputs() {
    for (const auto& [pid, entry] : running_) {
        const AttemptPath path = attempt_path(entry->run, entry->attempt, "output");
        struct stat status{};
        if (::fstatat(place_.state_dir, path.data(), &status, 0) != 0) continue;
        if (static_cast<std::uint64_t>(status.st_size) <= entry->max_output) continue;
        const Descriptor file{::openat(place_.state_dir, path.data(), O_WRONLY | O_CLOEXEC)};
        if (file) free_middle(file.get(), entry->max_output);
    }
    next_check_ = monotonic_now() + check_every;
}

}  // namespace mc::os
