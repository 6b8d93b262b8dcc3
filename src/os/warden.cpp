#include "os/warden.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "os/process_name.h"
#include "os/reap.h"

namespace mc::os {

namespace {

constexpr int wardens = 2;
// A keeper that dies at once, for a fault of ours, is not started again in a tight circle.
constexpr auto pause_before_restart = std::chrono::milliseconds(20);

[[noreturn]] void guard(KeeperHouse& house, int below);

// Returns in the parent, with the child's pid; -1 when there cannot be one now.
pid_t start_below(KeeperHouse& house, int below) {
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child != 0) return child;
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    if (below > 1) guard(house, below - 1);
    name_this_process("mc-keeper");
    ::prctl(PR_SET_PDEATHSIG, warden_died_signal, 0, 0, 0);
    if (::getppid() != parent) ::raise(warden_died_signal);
    run_keeper(house);
    ::_exit(0);
}

void take_in(KeeperHouse& house, const Zombie& zombie) {
    if (AttemptEntry* entry = house.table.find(zombie.pid)) {
        record_end(house.state_dir.get(), *entry, zombie);
        house.table.release(*entry);
    }
    bury(zombie);
}

// `below`: how many processes of the chain stand below this one.
void guard(KeeperHouse& house, int below) {
    name_this_process("mc-warden");
    bool wanted = true;
    pid_t next = start_below(house, below);
    while (wanted || !house.table.empty()) {
        if (wanted && next < 0) {
            std::this_thread::sleep_for(pause_before_restart);
            next = start_below(house, below);
        }
        const auto zombie = find_zombie(Wait::block);
        if (zombie) take_in(house, *zombie);
        if (!zombie && !wanted) break;
        if (!zombie || zombie->pid != next) continue;
        next = -1;
        // One that ended in good order had nothing left to do; nobody needs us either.
        wanted = zombie->exit_code != 0;
    }
    ::_exit(0);
}

}  // namespace

void run_wardens(KeeperHouse& house) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    guard(house, wardens);
}

}  // namespace mc::os
