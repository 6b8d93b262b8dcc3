// A held job starts no runs; on release the backlog follows catch_up; an operator's start bypasses the hold.
#include <catch2/catch.hpp>

#include "explain/why.h"
#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

const std::string hourly = "[job.a]\ntimezone = \"UTC\"\nschedule = \"0 * * * *\"\ncommand = \"x\"\n";

std::vector<State> states(World& w) {
    std::vector<State> all;
    for (const Run& run : w.runs()) all.push_back(run.state);
    return all;
}

std::size_t superseded(World& w) {
    std::size_t count = 0;
    for (const Run& run : w.runs()) count += run.state == State::skipped && run.reason == Reason::superseded;
    return count;
}

}  // namespace

TEST_CASE("due runs of a held job wait with that reason; on release the newest one runs") {
    World w{"2026-11-20T05:30:00Z"};
    w.plan(hourly);
    REQUIRE(w.ask(HoldAsked{JobName("a"), {}, "root"}).ok);
    w.run_until("2026-11-20T08:30:00Z");
    CHECK(w.started("a").empty());
    REQUIRE(w.runs().size() == 3);
    for (const Run& run : w.runs()) {
        CHECK(run.state == State::waiting);
        CHECK(run.reason == Reason::held);
        CHECK(run.detail == "held by root since 2026-11-20T05:30:00Z");
    }
    const Reply released = w.ask(ReleaseAsked{JobName("a"), "root"});
    CHECK(released.ok);
    CHECK(released.runs.size() == 1);
    CHECK(released.text == "a is released: run 3 may start; 2 of the backlog are skipped");
    w.run_until("2026-11-20T09:30:00Z");
    CHECK(w.started("a") == std::vector{utc("2026-11-20T08:30:00Z"), utc("2026-11-20T09:00:00Z")});
    CHECK(superseded(w) == 2);
    CHECK(w.runs()[2].origin == Origin::catch_up);
    CHECK_FALSE(w.ask(ReleaseAsked{JobName("a"), "root"}).ok);
}

TEST_CASE("on release the backlog follows catch_up, and one run is always kept") {
    World w{"2026-11-20T05:30:00Z"};
    SECTION("none also keeps one") {
        w.plan(hourly + "catch_up = \"none\"\n");
        REQUIRE(w.ask(HoldAsked{JobName("a"), {}, "root"}).ok);
        w.run_until("2026-11-20T08:30:00Z");
        REQUIRE(w.ask(ReleaseAsked{JobName("a"), "root"}).ok);
        w.run_until("2026-11-20T08:40:00Z");
        CHECK(w.started("a").size() == 1);
        CHECK(superseded(w) == 2);
    }
    SECTION("all runs them in order, within catch_up_within") {
        w.script("a", {{Seconds{60}, 0}});
        w.plan(hourly + "catch_up = \"all\"\ncatch_up_within = \"100m\"\n");
        REQUIRE(w.ask(HoldAsked{JobName("a"), {}, "root"}).ok);
        w.run_until("2026-11-20T08:30:00Z");
        REQUIRE(w.ask(ReleaseAsked{JobName("a"), "root"}).ok);
        w.run_until("2026-11-20T08:40:00Z");
        CHECK(w.started("a").size() == 2);
        CHECK(states(w) == std::vector{State::skipped, State::success, State::success});
    }
    SECTION("a run that was due before the hold is not part of the backlog") {
        w.script("a", {{Seconds{9000}, 0}, {Seconds{60}, 0}});
        w.plan(hourly + "overlap = \"queue\"\n");
        w.run_until("2026-11-20T07:30:00Z");  // 06:00 runs, 07:00 waits for it
        REQUIRE(w.ask(HoldAsked{JobName("a"), {}, "root"}).ok);
        w.run_until("2026-11-20T09:10:00Z");
        CHECK(w.started("a").size() == 1);
        REQUIRE(w.ask(ReleaseAsked{JobName("a"), "root"}).ok);
        w.run_until("2026-11-20T09:20:00Z");
        CHECK(w.started("a").size() == 3);  // 07:00 and the newest of 08:00 and 09:00
        CHECK(superseded(w) == 1);
    }
}

TEST_CASE("a hold outlasts a crash and a reload, also while its job is not in the configuration") {
    World w{"2026-11-20T05:30:00Z"};
    w.plan(hourly);
    REQUIRE(w.ask(HoldAsked{JobName("a"), {}, "root"}).ok);
    w.crash();
    w.restart();
    w.plan(hourly + "grace = \"5m\"\n");
    w.run_until("2026-11-20T06:30:00Z");
    w.plan("[job.b]\nschedule = \"@yearly\"\ncommand = \"x\"\n");
    w.crash();
    w.restart();
    REQUIRE(w.engine().held().size() == 1);
    w.run_until("2026-11-20T07:30:00Z");
    w.plan(hourly);
    w.run_until("2026-11-20T08:30:00Z");
    CHECK(w.started("a").empty());
    CHECK(states(w) == std::vector{State::skipped, State::waiting});  // 06:00 removed; 07:00 has no row
    SECTION("released") {
        REQUIRE(w.ask(ReleaseAsked{JobName("a"), "root"}).ok);
        w.run_until("2026-11-20T08:40:00Z");
        CHECK(w.started("a").size() == 1);
        CHECK(w.engine().held().empty());
    }
    SECTION("released while the job is not in the configuration") {
        w.plan("[job.b]\nschedule = \"@yearly\"\ncommand = \"x\"\n");
        CHECK(w.ask(ReleaseAsked{JobName("a"), "root"}).text == "a is released; it is no longer in the configuration");
        w.plan(hourly);
        w.run_until("2026-11-20T09:30:00Z");
        CHECK(w.started("a").size() == 1);
    }
}

TEST_CASE("--until releases automatically, also while no daemon runs; a time in the past is refused") {
    World w{"2026-11-20T05:30:00Z"};
    w.plan(hourly + "catch_up = \"latest\"\n");
    CHECK_FALSE(w.ask(HoldAsked{JobName("a"), utc("2026-11-20T05:30:00Z"), "root"}).ok);
    CHECK(w.engine().held().empty());
    REQUIRE(w.ask(HoldAsked{JobName("a"), utc("2026-11-20T08:00:00Z"), "root"}).ok);
    SECTION("while the daemon runs") {
        w.run_until("2026-11-20T08:10:00Z");
        CHECK(w.started("a") == std::vector{utc("2026-11-20T08:00:00Z")});  // 08:00; 06:00 and 07:00 are older
        CHECK(superseded(w) == 2);
    }
    SECTION("between two fires") {
        REQUIRE(w.ask(HoldAsked{JobName("a"), utc("2026-11-20T07:20:00Z"), "root"}).ok);
        w.run_until("2026-11-20T07:30:00Z");
        CHECK(w.started("a") == std::vector{utc("2026-11-20T07:20:00Z")});
    }
    SECTION("while the daemon is down") {
        w.crash();
        w.sleep_until("2026-11-20T09:30:00Z");
        w.restart();
        w.run_until("2026-11-20T09:31:00Z");
        CHECK(w.started("a").size() == 1);
        CHECK(w.engine().held().empty());
    }
}

TEST_CASE("a held job can be started by hand; its backfills and retries wait") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{60}, 1}, {Seconds{60}, 0}});
    w.plan(hourly + "retries = 1\nretry_delay = \"10m\"\n");
    w.run_until("2026-11-20T06:05:00Z");
    REQUIRE(w.ask(HoldAsked{JobName("a"), {}, "root"}).text ==
            "a is held until `marketcron release a`: only `marketcron start a` and `marketcron rerun` start its runs");
    const Reply filled = w.ask(BackfillAsked{{JobName("a")}, day("2026-11-19"), day("2026-11-19"), {}, 1, "root"});
    CHECK(filled.text == "24 of 24 fires will run, 1 at a time; a is held: its runs wait until it is released");
    w.run_until("2026-11-20T06:40:00Z");
    CHECK(w.started("a").size() == 1);
    CHECK(w.runs("a").back().reason == Reason::held);
    CHECK(w.ask(StartAsked{JobName("a"), {}, false, "root"}).ok);
    w.run_until("2026-11-20T06:45:00Z");
    CHECK(w.started("a").size() == 2);
    w.run_until("2026-11-20T07:05:00Z");
    CHECK(w.ask(StartAsked{JobName("a"), day("2026-11-20"), false, "root"})
              .ok);  // the retry of 06:00, or the run of 07:00
    w.run_until("2026-11-20T07:10:00Z");
    CHECK(w.started("a").size() == 3);
    REQUIRE(w.ask(ReleaseAsked{JobName("a"), "root"}).ok);
    w.run_until("2026-11-20T08:30:00Z");
    for (const Run& run : w.runs()) CHECK(run.state == State::success);
}

TEST_CASE("an outage during a hold misses nothing: one run is kept for the release") {
    World w{"2026-11-20T05:30:00Z"};
    const std::string told = "notify = { missed = [\"slack:ops\"] }\n[slack.ops]\nwebhook_env = \"X\"\n";
    w.plan(hourly + "catch_up = \"none\"\n" + told);
    REQUIRE(w.ask(HoldAsked{JobName("a"), {}, "root"}).ok);
    w.crash();
    w.sleep_until("2026-11-20T09:30:00Z");
    w.restart();
    CHECK(superseded(w) == 3);
    CHECK(w.notices().empty());
    CHECK(w.runs("a").back().reason == Reason::held);
    w.set_clock("2026-11-20T11:30:00Z");
    w.run_until("2026-11-20T11:31:00Z");
    REQUIRE(w.ask(ReleaseAsked{JobName("a"), "root"}).ok);
    w.run_until("2026-11-20T11:40:00Z");
    CHECK(w.started("a").size() == 1);
    CHECK(w.runs("a").back().fire == utc("2026-11-20T11:00:00Z"));
    CHECK(w.runs("a").back().state == State::success);
}

TEST_CASE("a run that waits for its wait_until is the newest of the backlog") {
    World w{"2026-11-18T05:30:00Z"};
    w.plan("[job.lunch]\ntimezone = \"UTC\"\nschedule = \"0 6 * * *\"\nwait_until = \"09:00\"\ncommand = \"x\"\n");
    REQUIRE(w.ask(HoldAsked{JobName("lunch"), {}, "root"}).ok);
    w.run_until("2026-11-20T07:00:00Z");
    REQUIRE(w.ask(ReleaseAsked{JobName("lunch"), "root"}).ok);
    w.run_until("2026-11-20T10:00:00Z");
    CHECK(w.started("lunch") == std::vector{utc("2026-11-20T09:00:00Z")});
}

TEST_CASE("a hold stops the retries of a run that was started by hand before the hold") {
    World w{"2026-11-20T05:10:00Z"};
    w.script("a", {{Seconds{60}, 1}});
    w.plan(hourly + "retries = 3\nretry_delay = \"5m\"\n");
    REQUIRE(w.ask(StartAsked{JobName("a"), {}, false, "root"}).ok);
    w.run_until("2026-11-20T05:12:00Z");
    REQUIRE(w.ask(HoldAsked{JobName("a"), {}, "root"}).ok);
    w.run_until("2026-11-20T05:50:00Z");
    CHECK(w.started("a").size() == 1);
}

TEST_CASE("a run from the backlog does not delay a live fire") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{7200}, 0}, {Seconds{3000}, 0}, {Seconds{60}, 0}});
    w.plan(hourly);
    w.run_until("2026-11-20T06:30:00Z");
    REQUIRE(w.ask(HoldAsked{JobName("a"), utc("2026-11-20T07:00:20Z"), "root"}).ok);
    w.run_until("2026-11-20T09:30:00Z");
    // 06:00 runs until 08:00, then 07:00 from the backlog; 09:00 is live, and does not wait for it.
    CHECK(w.started("a") ==
          std::vector{utc("2026-11-20T06:00:00Z"), utc("2026-11-20T08:00:00Z"), utc("2026-11-20T09:00:00Z")});
}

TEST_CASE("hold = true applies only at the job's first load") {
    World w{"2026-11-20T05:30:00Z"};
    w.plan(hourly + "hold = true\n");
    w.run_until("2026-11-20T06:30:00Z");
    CHECK(w.started("a").empty());
    CHECK(w.engine().held().at(0).hold->by == "the configuration");
    REQUIRE(w.ask(ReleaseAsked{JobName("a"), "root"}).ok);
    w.crash();
    w.restart();
    w.plan(hourly + "hold = true\ngrace = \"2m\"\n");
    w.run_until("2026-11-20T07:30:00Z");
    CHECK(w.started("a").size() == 2);
}

TEST_CASE("a held run that reaches its not_after ends; why shows the hold") {
    World w{"2026-11-20T05:30:00Z"};
    w.plan(hourly + "not_after = \"+20m\"\n");
    REQUIRE(w.ask(HoldAsked{JobName("a"), {}, "root"}).ok);
    w.run_until("2026-11-20T06:30:00Z");
    CHECK(w.runs()[0].state == State::missed);
    CHECK(w.runs()[0].reason == Reason::too_late);
    const auto lines = why(w.loaded(), JobName("a"), day("2026-11-20"), &w.store(), utc("2026-11-20T06:30:00Z"));
    REQUIRE(lines);
    const WhyLine& eight = lines->at(8);
    CHECK(eight.state == "scheduled");
    CHECK(eight.reasons.back().check == "held");
    CHECK(eight.reasons.back().text ==
          "the job is held by root since 2026-11-20T05:30:00+00:00 (UTC): it waits for `marketcron release a`");
    CHECK(lines->at(3).reasons.back().check == "no_fire");  // before it was first loaded
}
