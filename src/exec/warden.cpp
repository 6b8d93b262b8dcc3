#include "exec/warden.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <vector>

#include "exec/reap.h"
#include "os/process_name.h"

namespace mc::os {

namespace {

constexpr int wardens = 2;
// A keeper that dies at once, because of a bug, is not restarted in a tight loop.
constexpr auto pause_before_restart = std::chrono::nanoseconds(20'000'000);

[[noreturn]] void guard(KeeperHouse& house, int below, pid_t above);

// The signal is also raised if the parent was already gone.
void hear_of_death(pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, warden_died_signal, 0, 0, 0);
    if (::getppid() != parent) ::raise(warden_died_signal);
}

// Returns in the parent, with the child's pid or -1.
pid_t start_below(KeeperHouse& house, int below) {
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child != 0) return child;
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    if (below == 1) name_this_process("mc-keeper");
    hear_of_death(parent);
    if (below > 1) guard(house, below - 1, parent);
    run_keeper(house);
    ::_exit(0);
}

class Warden {
   public:
    Warden(KeeperHouse& house, int below, pid_t above)
        : house_(house), below_(below), above_(above), next_(start_below(house, below)) {
        ::sigemptyset(&awaited_);
        for (const int number : {SIGCHLD, warden_died_signal}) ::sigaddset(&awaited_, number);
    }
    void run();

   private:
    void take_in(const Zombie& zombie);
    bool wait();
    void become_outermost();

    KeeperHouse& house_;
    int below_;    // processes of the chain below this one
    pid_t above_;  // the warden above; 0: this one is the outermost
    pid_t next_;
    bool wanted_ = true;
    std::vector<Ended> not_on_disk_;
    sigset_t awaited_{};
};

void Warden::run() {
    while (wanted_ || !house_.table.empty() || !not_on_disk_.empty()) {
        if (wanted_ && next_ < 0) next_ = start_below(house_, below_);
        while (const auto zombie = find_zombie(Wait::look)) take_in(*zombie);
        std::erase_if(not_on_disk_, [&](const Ended& one) { return put_on_disk(house_.state_dir.get(), one); });
        if (!wait()) return;
    }
}

void Warden::take_in(const Zombie& zombie) {
    if (AttemptEntry* entry = house_.table.find(zombie.pid)) {
        auto known = conclude(house_.state_dir.get(), *entry, zombie);
        if (known && !known->on_disk) not_on_disk_.push_back(std::move(known->ended));
        house_.table.release(*entry);
    }
    bury(zombie);
    if (zombie.pid != next_) return;
    next_ = -1;
    // A keeper that ended normally had nothing left to do, so this warden is not needed either.
    wanted_ = zombie.exit_code != 0;
}

// Waits for the end of a child, the death of the warden above, or the time of a retry. False: none of them can happen.
bool Warden::wait() {
    siginfo_t ended{};
    const bool childless = ::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD;
    if (childless && !wanted_ && not_on_disk_.empty()) return false;
    const bool is_urgent = wanted_ && next_ < 0;
    const timespec pause{is_urgent ? 0 : 1, is_urgent ? pause_before_restart.count() : 0};
    const bool tries_again = is_urgent || !not_on_disk_.empty();
    const int number = tries_again ? ::sigtimedwait(&awaited_, nullptr, &pause) : ::sigwaitinfo(&awaited_, nullptr);
    if (number == warden_died_signal) become_outermost();
    return true;
}

// A warden cannot be added above this one, so another chain is started below, whose keeper takes the new jobs. The old
// keeper finishes its own jobs and ends, as if its warden had died.
void Warden::become_outermost() {
    // Any process may have sent the signal, and the kernel sends it for the death of each thread of the parent.
    if (above_ == 0 || ::getppid() == above_) return;
    above_ = 0;
    below_ = wardens;
    if (next_ > 0) ::kill(next_, warden_died_signal);
    next_ = wanted_ ? start_below(house_, below_) : -1;
}

void guard(KeeperHouse& house, int below, pid_t above) {
    name_this_process("mc-warden");
    Warden(house, below, above).run();
    ::_exit(0);
}

}  // namespace

void run_wardens(KeeperHouse& house) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    guard(house, wardens, 0);
}

}  // namespace mc::os
