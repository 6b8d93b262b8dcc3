// What the shell does when a launch, the ledger or the machine fails, and what it finds when it starts.
#include "shell/shell.h"

#include "shell/attempt_owner.h"
#include "shell/found_attempts.h"
#include "unit/shell/shell_desk.h"

namespace mc::app::test {

using Catch::Contains;

namespace {

constexpr Seconds minute{60}, hour{3600}, day{86400};

const std::string tells_failure = "notify = { failure = [\"slack:ops\"] }\n";

}  // namespace

TEST_CASE("a launch that cannot be made fails its run, with the reason") {
    Desk desk;
    REQUIRE(desk.start());
    desk.launcher.refusal = Error{Error::Kind::process, "user ann not found", "", {}};
    desk.clock.advance(minute);
    desk.shell->step(Woke{});
    CHECK(desk.run().state == State::running);
    CHECK(desk.shell->wake().up == desk.shell->now().up);  // the engine gets it at once
    desk.settle();
    CHECK(desk.run().state == State::failed);
    CHECK(desk.run().reason == Reason::spawn_failed);
    CHECK_THAT(desk.run().detail, Contains("user ann not found"));
    CHECK(desk.executor->starts().empty());
}

TEST_CASE("a launch for which the machine lacks something now is tried again") {
    Desk desk;
    REQUIRE(desk.start());
    desk.launcher.refusal = Error{Error::Kind::resources, "no memory", "", {}};
    desk.pass(minute);
    CHECK(desk.run().state == State::waiting);
    CHECK(desk.run().reason == Reason::resources);
    CHECK_THAT(desk.run().detail, Contains("no memory"));
    desk.launcher.refusal.reset();
    desk.pass(minute);
    CHECK(desk.executor->starts().size() == 1);
    desk.pass(minute);
    CHECK(desk.run().state == State::success);
}

TEST_CASE("after an exception the engine is made again at once, a second time within a minute only after a pause") {
    Desk desk;
    REQUIRE(desk.start());
    desk.shell->start_over("boom");
    REQUIRE(desk.shell->engine_or_null() != nullptr);
    CHECK(desk.shell->refusal().empty());
    desk.clock.advance(Seconds{59});
    desk.shell->start_over("bang");
    CHECK(desk.shell->engine_or_null() == nullptr);
    CHECK(desk.shell->refusal() == "an internal error (bang): the daemon continues from its ledger in a few seconds");
    CHECK(desk.shell->wake().up == desk.shell->now().up + Shell::mend_after);
    desk.pass(Shell::mend_after);
    CHECK(desk.shell->engine_or_null() != nullptr);
    CHECK(desk.shell->refusal().empty());
    desk.pass(minute);
    desk.shell->start_over("boom");
    CHECK(desk.shell->engine_or_null() != nullptr);
}

TEST_CASE("a ledger that cannot be written or read is reported as such, and used when it works again") {
    Desk desk;
    REQUIRE(desk.start());
    desk.store.cannot_write = true;
    desk.clock.advance(minute);
    const Reply reply = desk.shell->step(Woke{});
    CHECK_FALSE(reply.ok);
    CHECK(reply.text == "the ledger cannot be written: the disk is full");
    CHECK(desk.shell->trouble() == "the disk is full");
    CHECK(desk.shell->engine_or_null() == nullptr);
    CHECK(desk.shell->wake().up == desk.shell->now().up + Shell::mend_after);
    CHECK(desk.executor->starts().empty());
    desk.store.cannot_read = true;
    CHECK(desk.shell->step(Woke{}).text == "the ledger cannot be read: the disk fails");
    desk.store.cannot_read = desk.store.cannot_write = false;
    desk.pass(Shell::mend_after);
    CHECK(desk.shell->trouble().empty());
    CHECK(desk.shell->ledger_trouble().empty());
    CHECK(desk.executor->starts().size() == 1);
}

TEST_CASE("the launcher is told of the attempts that still run when a daemon starts, and of no other") {
    Desk desk("[job.b]\ntimezone = \"UTC\"\nschedule = \"1 12 * * *\"\ncommand = \"true\"\n");
    REQUIRE(desk.start());
    desk.behaviour.takes = hour;
    desk.pass(minute);
    desk.behaviour.takes = Seconds{1};
    desk.clock.advance(minute);
    desk.shell->step(Woke{});
    REQUIRE(desk.executor->starts().size() == 2);
    CHECK(desk.launcher.living.empty());
    desk.clock.advance(minute);
    REQUIRE(desk.start());
    CHECK(desk.launcher.living == std::vector<RunId>{1});
    CHECK(desk.run(1).state == State::running);
    CHECK(desk.run(2).state == State::success);
}

TEST_CASE("a notification has the end of the output, also if the attempt ended while no daemon ran") {
    const bool without_daemon = GENERATE(false, true);
    Desk desk(tells_failure);
    REQUIRE(desk.start());
    desk.behaviour = {minute, 3};
    desk.pass(minute);
    if (without_daemon) desk.stop();
    desk.clock.advance(minute);
    if (without_daemon) REQUIRE(desk.start());
    desk.settle();
    REQUIRE(desk.run().state == State::failed);
    REQUIRE(desk.notices().size() == 1);
    CHECK(desk.notices()[0].tail == "the last line");
}

TEST_CASE("runs that another machine had started are lost here, and do not start a second time") {
    Desk desk;
    REQUIRE(desk.start());
    desk.behaviour.takes = hour;
    desk.pass(minute);
    CHECK(desk.executor->starts().size() == 1);
    desk.use_another_machine();
    REQUIRE(desk.start());
    desk.settle();
    CHECK(desk.run().state == State::lost);
    CHECK(desk.executor->starts().empty());
}

TEST_CASE("with a restored ledger, an attempt that started later than its row says keeps its result") {
    Desk desk;
    REQUIRE(desk.start());
    desk.executor->lose_launches(true);
    desk.pass(minute);
    Run later = desk.run();
    REQUIRE(later.state == State::running);
    desk.stop();
    desk.executor->lose_launches(false);
    later.started = *later.started + minute;
    desk.executor->leave_record({1, 1}, owner_text(desk.store.recover().value().ledger, later), 0);
    REQUIRE(desk.start());
    desk.settle();
    CHECK(desk.run().state == State::success);
    CHECK(desk.executor->starts().empty());
    CHECK_THAT(desk.happened["found"], Contains("the ledger lacked 1 run that left files in virtual/runs"));
}

TEST_CASE("a record that belongs to another run is reported as long as it is kept") {
    Desk desk;
    Run other;
    other.job = JobName("b");
    other.key = FireKey("fire 1");
    other.fire = at("2026-11-26T12:00:00Z");
    other.started = other.fire;
    REQUIRE(desk.start());
    desk.executor->lose_launches(true);
    desk.pass(minute);
    desk.stop();
    desk.executor->lose_launches(false);
    desk.executor->leave_record({1, 1}, owner_text("another ledger", other), 0);
    REQUIRE(desk.start());
    desk.settle();
    CHECK(desk.executor->starts().size() == 1);
    CHECK(desk.executor->count_aside() == 1);
    CHECK_THAT(desk.lasts["aside"], Contains("1 record of runs that are not in this ledger"));
    desk.shell->look_aside();
    CHECK_FALSE(desk.lasts["aside"].empty());
    desk.executor->remove_aside(desk.clock.wall_seconds() + Seconds{1});
    desk.shell->look_aside();
    CHECK(desk.lasts["aside"].empty());
}

TEST_CASE("old runs and their records are removed once a day") {
    Desk desk("[daemon]\nkeep_runs = \"2d\"\nkeep_output = \"2d\"\n");
    REQUIRE(desk.start());
    for (int i = 0; i < 4; ++i) desk.pass(i == 0 ? minute : day);
    desk.pass(minute);
    CHECK_FALSE(desk.store.by_id(1).value());
    CHECK(desk.store.by_id(2).value());
    const auto records = desk.executor->records({}).records;
    REQUIRE_FALSE(records.empty());
    CHECK(records.front().run > 1);
}

TEST_CASE("each run is reported as it is written, and its attempt when it has ended") {
    Desk desk;
    REQUIRE(desk.start());
    desk.pass(minute);
    CHECK(std::set<RunId>(desk.written.begin(), desk.written.end()) == std::set<RunId>{1});
    CHECK(desk.shell->take_ended().empty());
    desk.pass(minute);
    CHECK(desk.shell->take_ended() == std::vector<AttemptName>{{1, 1}});
    CHECK(desk.shell->take_ended().empty());
}

}  // namespace mc::app::test
