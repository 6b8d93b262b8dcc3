#include "exec/process_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <map>
#include <memory>
#include <set>
#include <string_view>

#include "exec/kept_elsewhere.h"
#include "os/descriptor.h"

namespace mc::os {

namespace {

constexpr int rounds_max = 20;  // then a tree that forks faster than it is killed is left

std::optional<std::string> read_proc(pid_t pid, const char* name) {
    const Descriptor file{::open(fmt::format("/proc/{}/{}", pid, name).c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file) return std::nullopt;
    std::string text;
    std::array<char, 16384> buffer;
    ssize_t got = 0;
    while ((got = ::read(file.get(), buffer.data(), buffer.size())) > 0) {
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return text;
}

// Field `wanted` of /proc/PID/stat, counted from 3 as proc(5) does; `rest` begins at field 3.
std::uint64_t stat_field(std::string_view rest, int wanted) {
    for (int field = 3; field < wanted; ++field) {
        const std::size_t space = rest.find(' ');
        if (space == std::string_view::npos) return 0;
        rest.remove_prefix(space + 1);
    }
    std::uint64_t value = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), value);
    return value;
}

std::map<pid_t, Process> all_processes() {
    std::map<pid_t, Process> found;
    const std::unique_ptr<DIR, int (*)(DIR*)> proc{::opendir("/proc"), ::closedir};
    if (!proc) return found;
    while (const dirent* entry = ::readdir(proc.get())) {
        const std::string_view name = entry->d_name;
        pid_t pid = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (error != std::errc{} || *end != '\0') continue;
        if (const auto process = process_of(pid)) found.emplace(pid, *process);
    }
    return found;
}

constexpr std::string_view tree_name = "MARKETCRON_TREE=", owner_name = "MARKETCRON_OWNER=";

// The value of a variable in an environment from /proc. `name` ends with `=`.
std::optional<std::string_view> variable(std::string_view environment, std::string_view name) {
    while (!environment.empty()) {
        const std::size_t end = std::min(environment.find('\0'), environment.size());
        if (environment.starts_with(name)) return environment.substr(name.size(), end - name.size());
        environment.remove_prefix(std::min(end + 1, environment.size()));
    }
    return std::nullopt;
}

std::optional<TreeMark> mark_of(std::string_view environment) {
    const auto text = variable(environment, tree_name);
    if (!text) return std::nullopt;
    std::vector<std::string_view> parts;  // version 0.1 had two
    for (std::size_t at = 0; at <= text->size();) {
        const std::size_t end = std::min(text->find('@', at), text->size());
        parts.push_back(text->substr(at, end - at));
        at = end + 1;
    }
    parts.resize(4);
    TreeMark mark{std::string(parts[0]), std::string(parts[1]), std::string(parts[2])};
    std::from_chars(parts[3].data(), parts[3].data() + parts[3].size(), mark.main);
    return mark;
}

bool is_of(const Process& process, const TreeMark& mark, const Tree& tree) {
    if (mark.identity != tree.mark.identity) return false;
    return mark.place == tree.mark.place || (tree.any_place && !is_kept_elsewhere(process, tree.mark.place));
}

// A scan of all processes, which assigns each to the tree that it belongs to.
class Census {
   public:
    explicit Census(const std::vector<Tree>& trees) : trees_(trees), all_(all_processes()) {
        for (std::size_t i = 0; i < trees.size(); ++i) {
            if (trees[i].main > 0) by_main_.emplace(trees[i].main, i);
            by_attempt_.emplace(trees[i].mark.attempt, i);
            for (const Process& process : trees[i].known)
                by_start_.emplace(std::pair(process.pid, process.started_ticks), i);
        }
        const pid_t self = ::getpid();
        for (const auto& [pid, process] : all_) {
            if (pid != self && tree_of(pid)) members_.push_back(pid);
        }
    }
    const std::vector<pid_t>& members() const { return members_; }
    const Process& process(pid_t pid) const { return all_.at(pid); }

    std::optional<std::size_t> tree_of(pid_t pid) {
        const auto known = tree_of_.find(pid);
        if (known != tree_of_.end()) return known->second;
        // Entered first: a chain of parents that changes during the scan must not cause endless recursion.
        tree_of_[pid] = std::nullopt;
        const auto found = all_.find(pid);
        if (found == all_.end() || pid == ::getpid()) return std::nullopt;
        std::optional<std::size_t> tree = own_tree(found->second);
        if (!tree) tree = tree_of(found->second.parent);
        return tree_of_[pid] = tree;
    }

   private:
    std::optional<std::size_t> own_tree(Process& process) const {
        const auto known = by_start_.find({process.pid, process.started_ticks});
        if (known != by_start_.end()) return known->second;
        for (const pid_t leader : {process.pid, process.session}) {
            const auto found = by_main_.find(leader);
            if (found != by_main_.end()) return found->second;
        }
        if (process.state == 'Z') return std::nullopt;
        const auto mark = mark_of(read_proc(process.pid, "environ").value_or(""));
        if (!mark) return std::nullopt;
        process.is_main = mark->main == process.pid;
        const auto [first, last] = by_attempt_.equal_range(mark->attempt);
        for (auto at = first; at != last; ++at)
            if (is_of(process, *mark, trees_[at->second])) return at->second;
        return std::nullopt;
    }

    const std::vector<Tree>& trees_;
    std::map<pid_t, Process> all_;
    std::map<pid_t, std::size_t> by_main_;
    std::multimap<std::string_view, std::size_t> by_attempt_;
    std::map<std::pair<pid_t, std::uint64_t>, std::size_t> by_start_;
    std::map<pid_t, std::optional<std::size_t>> tree_of_;
    std::vector<pid_t> members_;
};

// Signals by pidfd and checks the process again, because its number may have passed to another one.
void send(const Process& process, int number) {
    const Descriptor handle{static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0))};
    if (!handle) return;
    const auto now = process_of(process.pid);
    if (!now || now->started_ticks != process.started_ticks) return;
    ::syscall(SYS_pidfd_send_signal, handle.get(), number, nullptr, 0);
}

// From "Uid:\t1000\t0\t0\t0" the first.
std::optional<std::uint32_t> real_user(pid_t pid) {
    const std::string status = read_proc(pid, "status").value_or("");
    const std::size_t line = status.find("\nUid:\t");
    if (line == std::string::npos) return std::nullopt;
    std::uint32_t uid = 0;
    const char* begin = status.data() + line + std::string_view("\nUid:\t").size();
    const auto [end, error] = std::from_chars(begin, status.data() + status.size(), uid);
    return error == std::errc{} ? std::optional(uid) : std::nullopt;
}

}  // namespace

std::string TreeMark::text() const {
    return fmt::format("{}{}@{}@{}@{:0{}}", tree_name, attempt, place, identity, main, main_digits);
}

std::vector<Marked> marked_processes() {
    std::vector<Marked> found;
    for (const auto& [pid, process] : all_processes()) {
        if (process.state == 'Z' || process.state == 'X') continue;
        const auto environment = read_proc(pid, "environ");
        auto mark = environment ? mark_of(*environment) : std::nullopt;
        const auto user = real_user(pid);
        if (!mark || !user) continue;
        found.push_back(
            {process, *std::move(mark), std::string(variable(*environment, owner_name).value_or("")), *user});
    }
    return found;
}

std::optional<Process> process_of(pid_t pid) {
    const auto text = read_proc(pid, "stat");
    if (!text) return std::nullopt;
    // The command's name is in parentheses and may contain any character, including parentheses.
    const std::size_t name_end = text->rfind(") ");
    if (name_end == std::string::npos) return std::nullopt;
    const std::string_view rest = std::string_view(*text).substr(name_end + 2);
    Process process;
    process.pid = pid;
    process.state = rest.empty() ? '?' : rest.front();
    process.parent = static_cast<pid_t>(stat_field(rest, 4));
    process.session = static_cast<pid_t>(stat_field(rest, 6));
    process.started_ticks = stat_field(rest, 22);
    return process;
}

std::vector<std::vector<Process>> signal_trees(const std::vector<Tree>& trees) {
    std::set<std::pair<pid_t, std::uint64_t>> reached;
    std::vector<std::vector<Process>> members(trees.size());
    for (int round = 0; round < rounds_max; ++round) {
        Census census(trees);
        bool killed_somebody_new = false;
        for (const pid_t pid : census.members()) {
            const Process& process = census.process(pid);
            const int number = trees[*census.tree_of(pid)].number;
            if (process.state == 'Z' || process.state == 'X') continue;
            if (!reached.emplace(pid, process.started_ticks).second) continue;
            send(process, number);
            members[*census.tree_of(pid)].push_back(process);
            killed_somebody_new = killed_somebody_new || number == SIGKILL;
        }
        if (!killed_somebody_new) break;
    }
    return members;
}

std::vector<std::vector<Process>> members_of(const std::vector<Tree>& trees) {
    std::vector<std::vector<Process>> found(trees.size());
    Census census(trees);
    for (const pid_t pid : census.members()) {
        const Process& process = census.process(pid);
        if (process.state != 'Z' && process.state != 'X') found[*census.tree_of(pid)].push_back(process);
    }
    return found;
}

}  // namespace mc::os
