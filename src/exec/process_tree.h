// process_tree.h — what belongs to a job: found in /proc, signalled as one.
//
// A process belongs to an attempt when it is the attempt's main process, is in its session, carries the
// attempt's mark in its environment, or descends from one that does. So leaving the session, being
// orphaned, or clearing the environment is not enough to escape; doing all three at once is.
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
    bool is_main = false;             // its mark says so; known of members_of() alone
};

// What /proc says of it now; nothing when there is no such process.
std::optional<Process> process_of(pid_t pid);

// Stands in the environment of every process of an attempt: "MARKETCRON_TREE=RUN.ATTEMPT@PLACE@IDENTITY@MAIN".
struct TreeMark {
    std::string attempt;   // "17.1"
    std::string place;     // which state directory its keeper had: file_identity()
    std::string identity;  // Launch::identity
    pid_t main = 0;        // the main process; what an ended job left behind is another
    std::string text() const;
    static constexpr std::size_t main_digits = 10;  // at the text's end, for the child to fill in (child.h)
};

struct Tree {
    pid_t main = 0;  // 0: it is gone, and its number may be another's
    TreeMark mark;
    bool any_place = false;      // also what a keeper began that no daemon uses any more
    int number = 0;              // the signal to send
    std::vector<Process> known;  // members found earlier, however they are found now
};

// Sends each tree its signal. SIGKILL goes round again until nobody new is found. Returns who was reached, at the tree's
// place.
std::vector<std::vector<Process>> signal_trees(const std::vector<Tree>& trees);

// Who of each tree lives: at the tree's place, without zombies.
std::vector<std::vector<Process>> members_of(const std::vector<Tree>& trees);

// A process of an attempt that lives, of whatever keeper, with what it was given to know itself by.
struct Marked {
    Process process;
    TreeMark mark;
    std::string owner;       // Launch::owner
    std::uint32_t user = 0;  // the real uid: whoever started it, also a program that became root (setuid)
};
// Those whose environment we may read; a process that was started by one of them is among them.
std::vector<Marked> marked_processes();

}  // namespace mc::os
