// A child that was killed before its exec: its attempt's files decide the result.
#include "exec/reap.h"

#include <fcntl.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <memory>

#include "exec/attempt_files.h"
#include "os/clock.h"
#include "os/descriptor.h"
#include "unit/os/temporary.h"

namespace mc::os::test {

namespace {

constexpr pid_t killed_child = 4711;

// Run 7, attempt 1, whose child was killed before it reported its record.
struct Killed {
    TemporaryDirectory directory;
    Descriptor state{::open(directory.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    std::unique_ptr<AttemptEntry> entry = std::make_unique<AttemptEntry>();

    Killed() {
        REQUIRE(make_run_directory(state.get(), 7));
        entry->run = 7;
        entry->attempt = 1;
        entry->max_output = 1000;
    }
    std::optional<Concluded> conclude() {
        Zombie zombie;
        zombie.pid = killed_child;
        zombie.signal = SIGKILL;
        return os::conclude(state.get(), *entry, zombie);
    }
    std::string record() const { return attempt_file(directory.path(), 7, 1, "record"); }
    AttemptState files() const { return attempt_state(directory.path(), 7, 1); }
};

}  // namespace

TEST_CASE("killed before it made its record: the attempt has not started, and its record is not waited for") {
    Killed killed;
    const auto known = killed.conclude();
    REQUIRE(known);
    REQUIRE(known->ended.hindrance);
    CHECK(known->ended.hindrance->of == Hindrance::Of::this_attempt);
    CHECK(known->ended.hindrance->text == "its process was ended by signal 9 before it began");
    CHECK_FALSE(known->ended.signal);
    CHECK(known->on_disk);
    CHECK(killed.files().kind == AttemptState::Kind::absent);
}

TEST_CASE("killed while it made its record: the attempt ended by the signal") {
    Killed killed;
    write_text(killed.record(), "");
    const auto known = killed.conclude();
    REQUIRE(known);
    CHECK(known->on_disk);
    CHECK_FALSE(known->ended.hindrance);
    CHECK(known->ended.signal == SIGKILL);
    CHECK(killed.files().ended.signal == SIGKILL);
}

TEST_CASE("killed before it saw that another process has the attempt: that process's record is kept") {
    Killed killed;
    std::uint64_t ticks = 0;
    std::int64_t started = 0;
    const AttemptPath path = attempt_path(7, 1, "record");
    REQUIRE(claim_attempt(killed.state.get(), path.data(), ::getpid(), boot_id().c_str(), "", ticks, started) == 0);
    CHECK_FALSE(killed.conclude());
    CHECK(killed.files().kind == AttemptState::Kind::running);
}

TEST_CASE("killed after it made its record: the attempt ended by the signal") {
    Killed killed;
    const AttemptPath path = attempt_path(7, 1, "record");
    REQUIRE(claim_attempt(killed.state.get(), path.data(), killed_child, boot_id().c_str(), "", killed.entry->ticks,
                          killed.entry->started) == 0);
    const auto known = killed.conclude();
    REQUIRE(known);
    CHECK(known->on_disk);
    CHECK(known->ended.signal == SIGKILL);
    CHECK(killed.files().kind == AttemptState::Kind::ended);
}

}  // namespace mc::os::test
