// backfill.cpp — ten years of a job that does nothing.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "bench/bench.h"
#include "bench/daemon.h"
#include "bench/stopwatch.h"
#include "store/open_store.h"

namespace mc::bench {

namespace {

constexpr int sessions = 2500, at_once = 8;

// The same processes started by as many threads, each of which then writes a line to disk. Runs a second.
double bare_rate(const TemporaryDirectory& directory) {
    std::atomic<int> left = sessions;
    const auto work = [&](int number) {
        const int fd = ::open((directory / std::to_string(number)).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        while (left-- > 0) {
            wait_for(start({"/bin/true"}));
            if (::write(fd, "done\n", 5) != 5 || ::fdatasync(fd) != 0) break;
        }
        ::close(fd);
    };
    const auto begun = std::chrono::steady_clock::now();
    std::vector<std::thread> threads;
    for (int i = 0; i < at_once; ++i) threads.emplace_back(work, i);
    for (std::thread& thread : threads) thread.join();
    if (left > 0) throw std::runtime_error("the bare loop has failed");
    return sessions / seconds_since(begun);
}

}  // namespace

Rows backfill_rows(const std::string& program) {
    const TemporaryDirectory directory;
    const double bare = bare_rate(directory);
    const Daemon daemon(program,
                        "[job.nothing]\ncalendar = \"XNYS\"\nschedule = \"@close\"\ncommand = [\"/bin/true\"]\n");
    const double taken =
        run_milliseconds({program, "backfill", "-c", daemon.config(), "nothing", "--from", "2016-01-04", "--to",
                          "2025-12-10", "--parallel", std::to_string(at_once), "--yes", "--wait", "--json"}) /
        1000;
    // The ledger has the times only to the second, so the whole command is measured.
    const auto store = open_store(daemon.state() + "/ledger.db", OpenMode::read_only);
    RunFilter filter;
    filter.state = State::success;
    const auto runs = store ? (*store)->runs(filter) : Result<std::vector<Run>>{};
    if (!runs || runs->size() != sessions) throw std::runtime_error("not all of the backfill has run");
    const double each = taken * 1000 / sessions;
    return {{fmt::format("backfill of {} sessions, {} at once: each run of /bin/true", sessions, at_once), each,
             1000.0 / 300, "ms",
             fmt::format("{:.2f} ms: in threads, an fdatasync each; {:.0f} and {:.0f} a second", 1000 / bare,
                         1000 / each, bare)}};
}

}  // namespace mc::bench
