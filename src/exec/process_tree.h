// process_tree.h — finds the processes of a job in /proc, and signals them together.
//
// A process belongs to an attempt if it is the attempt's main process, is in its session, has the attempt's mark in
// its environment, or descends from such a process. So leaving the session, being orphaned, or clearing the
// environment is not enough to escape; doing all three is.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mc::os {

struct Process {
    pid_t pid = 0, parent = 0, session = 0;
    char state = 0;                   // as in /proc/PID/stat: R, S, Z ...
    std::uint64_t started_ticks = 0;  // since boot
    bool is_main = false;             // according to its mark; set only by members_of()
};

// The process according to /proc; nullopt if it does not exist.
std::optional<Process> process_of(pid_t pid);

// A variable in the environment of every process of an attempt: "MARKETCRON_TREE=RUN.ATTEMPT@PLACE@IDENTITY@MAIN".
struct TreeMark {
    std::string attempt;   // "17.1"
    std::string place;     // file_identity() of its keeper's state directory
    std::string identity;  // Launch::identity
    pid_t main = 0;        // the main process; processes left behind by an ended job have another pid
    std::string text() const;
    static constexpr std::size_t main_digits = 10;  // at the text's end; filled in by the child (child.h)
};

struct Tree {
    pid_t main = 0;  // 0: it is gone, and its number may belong to another process
    TreeMark mark;
    bool any_place = false;      // also processes of a keeper that no daemon uses any more
    int number = 0;              // the signal to send
    std::vector<Process> known;  // members found earlier, which are always included
};

// Sends each tree its signal. SIGKILL is repeated until no new process is found, at most 20 times. Returns the
// signalled processes of each tree, in the order of `trees`.
std::vector<std::vector<Process>> signal_trees(const std::vector<Tree>& trees);

// The processes of each tree, in the order of `trees`, without zombies.
std::vector<std::vector<Process>> members_of(const std::vector<Tree>& trees);

// A running process of an attempt, of any keeper, with the marks in its environment.
struct Marked {
    Process process;
    TreeMark mark;
    std::string owner;       // Launch::owner
    std::uint32_t user = 0;  // the real uid: the user that started it, also for a setuid program
};
// The marked processes whose environment we may read, including their descendants that kept the environment.
std::vector<Marked> marked_processes();

}  // namespace mc::os
