#include "bench/daemon.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <random>
#include <stdexcept>
#include <thread>

#include "bench/stopwatch.h"
#include "exec/keeper.h"
#include "os/descriptor.h"
#include "support/send_signal.h"

namespace mc::bench {

namespace {

constexpr int start_milliseconds_most = 30'000;
constexpr double end_seconds_most = 10;

// The socket on which the daemon sends READY=1, as to systemd.
os::Descriptor listen_for_ready(const std::string& path) {
    os::Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("cannot listen on " + path);
    return socket;
}

// A zombie also counts as gone.
bool gone(pid_t pid) {
    const std::string status = text_of(fmt::format("/proc/{}/status", pid));
    return status.empty() || status.find("State:\tZ") != std::string::npos;
}

// The directory of the first thousand runs, in a block group without recent deletions: ext4 checks each inode
// deleted in the last minutes before it reuses one, and earlier benchmarks have deleted thousands. It chooses
// the group by the name with which a directory in `runs` is created.
void lay_fresh_ground(const std::string& state) {
    const std::string made = fmt::format("{}/runs/{}", state, std::random_device{}());
    std::filesystem::create_directory(made);
    std::filesystem::permissions(made, std::filesystem::perms::owner_all);
    std::filesystem::rename(made, state + "/runs/0");
}

}  // namespace

Daemon::Daemon(const std::string& program, const std::string& jobs) {
    write(config(), "[daemon]\nstate = \"state\"\nsocket = \"control\"\n" + jobs);
    const std::string ready_path = directory_ / "ready";
    const os::Descriptor ready = listen_for_ready(ready_path);
    const auto begun = std::chrono::steady_clock::now();
    family_.push_back(start({program, "daemon", "-c", config()}, "/dev/null", {"NOTIFY_SOCKET=" + ready_path}));
    pollfd readable{ready.get(), POLLIN, 0};
    const bool said = ::poll(&readable, 1, start_milliseconds_most) == 1;
    ready_milliseconds_ = seconds_since(begun) * 1000;
    if (const auto keeper = os::Keeper::connect(state())) {
        family_.push_back(keeper->pid());
        for (int warden = 0; warden < 2; ++warden)
            family_.push_back(static_cast<pid_t>(proc_number(family_.back(), "status", "PPid")));
    }
    if (!said || family_.size() != 4) {
        end();
        throw std::runtime_error("the daemon did not become ready");
    }
    lay_fresh_ground(state());
}

Daemon::~Daemon() { end(); }

void Daemon::end() {
    (void)test::send_signal(family_.front(), SIGTERM);
    wait_for(family_.front());
    if (family_.size() < 2) return;
    // The keeper ends after its last job, and then the wardens.
    (void)test::send_signal(family_[1], SIGTERM);
    const auto all_gone = [this] {
        for (std::size_t i = 1; i < family_.size(); ++i)
            if (!gone(family_[i])) return false;
        return true;
    };
    if (!holds_within(end_seconds_most, all_gone)) fmt::print(stderr, "warning: a keeper did not end\n");
}

long Daemon::sleeps() const {
    long count = 0;
    for (const pid_t pid : family_) count += proc_number(pid, "status", "voluntary_ctxt_switches");
    return count;
}

double Daemon::pss_megabytes() const {
    long kilobytes = 0;
    for (const pid_t pid : family_) kilobytes += proc_number(pid, "smaps_rollup", "Pss");
    return static_cast<double>(kilobytes) / 1000;
}

bool holds_within(double seconds, const std::function<bool()>& condition) {
    const auto begun = std::chrono::steady_clock::now();
    while (!condition()) {
        if (seconds_since(begun) > seconds) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

}  // namespace mc::bench
