// One daemon for one state directory.
#include "store/state_lock.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "child.h"
#include "support/send_signal.h"
#include "worlds.h"

using namespace mc;
using Catch::Contains;

namespace {

// A daemon's process that holds the lock until it is killed.
auto daemon_on(const std::string& state) {
    return [state](auto say) {
        const StateLock lock = must(lock_state(state));
        say("locked");
        pause();
    };
}

void check_refused(const std::string& state, pid_t first) {
    const auto second = lock_state(state);
    REQUIRE_FALSE(second);
    CHECK_THAT(second.error().text(), Contains("another daemon already uses the state directory " + state) &&
                                          Contains("process " + std::to_string(first)));
}

}  // namespace

TEST_CASE("a second daemon on the same state is refused, with the pid of the first") {
    const TempDir directory;
    const std::string state = directory.path();
    Child first(daemon_on(state));
    REQUIRE(first.hear() == "locked");
    check_refused(state, first.pid());
    std::string id;
    std::ifstream(state + "/daemon.lock") >> id;
    CHECK(id == std::to_string(first.pid()));

    first.kill_now();
    CHECK(lock_state(state));
}

TEST_CASE("a child that outlives the daemon does not block the next one") {
    const TempDir directory;
    const std::string state = directory.path();
    Child daemon([&](auto say) {
        const StateLock lock = must(lock_state(state));
        const pid_t keeper = fork();
        if (keeper == 0) pause();
        say(std::to_string(keeper));
        pause();
    });
    const pid_t keeper = std::stoi(daemon.hear());
    daemon.kill_now();
    CHECK(lock_state(state));
    CHECK(mc::test::send_signal(keeper, SIGKILL));
}

TEST_CASE("a second daemon is refused even if the lock file was removed") {
    const TempDir directory;
    const std::string state = directory.path();
    Child first(daemon_on(state));
    REQUIRE(first.hear() == "locked");
    REQUIRE(::unlink((state + "/daemon.lock").c_str()) == 0);
    check_refused(state, first.pid());
    first.kill_now();
    CHECK(lock_state(state));
}

TEST_CASE("a state directory that cannot be written is an error") {
    const TempDir directory;
    const auto lock = lock_state(directory / "nowhere");
    REQUIRE_FALSE(lock);
    CHECK_THAT(lock.error().text(),
               Contains("nowhere/daemon.lock cannot be locked: No such file") && Contains("[daemon] state"));
}
