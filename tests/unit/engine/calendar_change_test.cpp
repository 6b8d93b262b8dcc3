// A calendar changes while the daemon runs: fires move with it; none is lost, and none runs twice.
#include <catch2/catch.hpp>

#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

// New York, where a desk changes a day; 16:00 is 21:00 UTC in November.
std::string desk(const std::string& change) {
    return "[calendar.DESK]\nextends = \"XNYS\"\n" + change +
           "[job.eod]\ncalendar = \"DESK\"\nschedule = \"@close+15m\"\ncommand = \"x\"\n"
           "[job.open]\ncalendar = \"DESK\"\nschedule = \"@open+5m\"\ncommand = \"x\"\n"
           "[job.other]\ntimezone = \"UTC\"\nschedule = \"0 12 * * *\"\ncommand = \"x\"\n";
}

}  // namespace

TEST_CASE("a close that is moved into the past is due immediately, once") {
    World w{"2026-11-20T12:30:00Z"};
    w.plan(desk(""));
    w.run_until("2026-11-20T19:00:00Z");
    const Reply reply = w.change_calendar(desk("early_close = { 2026-11-20 = \"13:00\" }\n"));
    CHECK(reply.text == "it changed: 1 moved, 0 dropped, 0 added (fires in the next days); run 2 is due now");
    w.run_until("2026-11-20T19:01:00Z");
    CHECK(w.started("eod") == std::vector{utc("2026-11-20T19:00:00Z")});
    CHECK(w.runs("eod")[0].fire == utc("2026-11-20T18:15:00Z"));
    CHECK(w.runs("eod")[0].origin == Origin::live);
    // After the override is removed: the session has run.
    w.change_calendar(desk(""));
    w.run_until("2026-11-20T23:00:00Z");
    CHECK(w.started("eod").size() == 1);
    CHECK(w.started("open").size() == 1);
}

TEST_CASE("the fires of a disabled job do not move, and none is due") {
    const auto disabled = [](const std::string& change) {
        return desk(change) +
               "[job.off]\ncalendar = \"DESK\"\n"
               "schedule = \"@close+15m\"\ncommand = \"x\"\nenabled = false\n";
    };
    World w{"2026-11-20T12:30:00Z"};
    w.plan(disabled(""));
    w.run_until("2026-11-20T19:00:00Z");
    const Reply reply = w.change_calendar(disabled("early_close = { 2026-11-20 = \"13:00\" }\n"));
    CHECK(reply.text == "it changed: 1 moved, 0 dropped, 0 added (fires in the next days); run 2 is due now");
    w.run_until("2026-11-20T19:01:00Z");
    CHECK(w.runs("off").empty());
}

TEST_CASE("a closed day has no more fires; a day that is opened again has only its future ones") {
    World w{"2026-11-20T12:30:00Z"};
    SECTION("closed") {
        w.plan(desk(""));
        w.run_until("2026-11-20T19:00:00Z");
        const Reply reply = w.change_calendar(desk("closed = [2026-11-20]\n"));
        CHECK(reply.text == "it changed: 0 moved, 1 dropped, 0 added (fires in the next days)");
        w.run_until("2026-11-20T23:00:00Z");
        CHECK(w.started("eod").empty());
        CHECK(w.started("open").size() == 1);
    }
    SECTION("opened again") {
        w.plan(desk("closed = [2026-11-20]\n"));
        w.run_until("2026-11-20T19:00:00Z");
        const Reply reply = w.change_calendar(desk(""));
        CHECK(reply.text == "it changed: 0 moved, 0 dropped, 1 added (fires in the next days)");
        w.run_until("2026-11-20T23:00:00Z");
        CHECK(w.started("eod").size() == 1);
        CHECK(w.started("open").empty());
    }
    SECTION("a crash after the change loses nothing") {
        w.plan(desk(""));
        w.run_until("2026-11-20T19:00:00Z");
        w.change_calendar(desk("early_close = { 2026-11-20 = \"14:00\" }\n"));
        w.crash();
        w.restart();
        w.run_until("2026-11-20T23:00:00Z");
        CHECK(w.started("eod") == std::vector{utc("2026-11-20T19:15:00Z")});
    }
}

TEST_CASE("a day that is weeks away also counts") {
    World w{"2026-11-02T12:30:00Z"};
    w.plan(desk(""));
    const std::string early = desk("early_close = { 2026-11-25 = \"13:00\" }\n");
    const Reply reply = w.change_calendar(early, day("2026-11-25"));
    CHECK(reply.text == "it changed: 1 moved, 0 dropped, 0 added (fires in the next days and around 2026-11-25)");
    CHECK(w.change_calendar(early, day("2026-11-25")).text ==
          "it changed: no fire in the next days and around 2026-11-25 changes");
    CHECK(w.change_calendar(desk(""), day("2026-11-05")).text == "it changed: no fire in the next days changes");
}

TEST_CASE("a waiting run ends when its day is removed, and is not revived") {
    World w{"2026-11-20T12:30:00Z"};
    w.plan(desk(""));
    REQUIRE(w.ask(HoldAsked{JobName("eod"), {}, "root"}).ok);
    w.run_until("2026-11-20T22:00:00Z");
    REQUIRE(w.runs("eod").at(0).state == State::waiting);
    w.change_calendar(desk("closed = [2026-11-20]\n"));
    CHECK(w.runs("eod").at(0).state == State::skipped);
    CHECK(w.runs("eod").at(0).reason == Reason::no_fire);
    w.change_calendar(desk(""));
    REQUIRE(w.ask(ReleaseAsked{JobName("eod"), "root"}).ok);
    w.run_until("2026-11-20T23:00:00Z");
    CHECK(w.started("eod").empty());
}

TEST_CASE("a waiting run whose schedule was edited since does not end with the fires that were removed") {
    World w{"2026-11-20T12:30:00Z"};
    w.plan(desk(""));
    REQUIRE(w.ask(HoldAsked{JobName("eod"), {}, "root"}).ok);
    w.run_until("2026-11-20T22:00:00Z");
    std::string edited = desk("");
    edited.replace(edited.find("@close+15m"), 10, "@open+15m ");
    w.plan(edited);
    REQUIRE(w.runs("eod").at(0).state == State::waiting);
    std::string changed = desk("early_close = { 2026-11-23 = \"13:00\" }\n");
    changed.replace(changed.find("@close+15m"), 10, "@open+15m ");
    w.change_calendar(changed);
    CHECK(w.runs("eod").at(0).state == State::waiting);
}

TEST_CASE("a dense schedule loses no fire that moves into the past, and no run whose fire is removed") {
    const auto dense = [](const std::string& change) {
        return "[calendar.DESK]\nextends = \"XNYS\"\n" + change +
               "[job.a]\ncalendar = \"DESK\"\nschedule = \"@every 1s from @close-30m to @close\"\n"
               "overlap = \"queue\"\ncommand = \"x\"\n";
    };
    World w{"2026-11-20T12:30:00Z"};
    w.plan(dense(""));
    SECTION("moved into the past") {
        w.run_until("2026-11-20T19:00:00Z");
        const Reply reply = w.change_calendar(dense("early_close = { 2026-11-20 = \"13:00\" }\n"));
        CHECK(reply.text.starts_with("it changed: 1801 moved, 0 dropped, 0 added (fires in the next days); run 1, "));
        CHECK(w.runs("a").size() == 1801);
        CHECK(w.runs("a").front().fire == utc("2026-11-20T17:30:00Z"));
    }
    SECTION("taken away") {
        REQUIRE(w.ask(HoldAsked{JobName("a"), {}, "root"}).ok);
        w.run_until("2026-11-20T20:30:02Z");
        REQUIRE(w.runs("a").size() == 3);
        w.change_calendar(dense("closed = [2026-11-20]\n"));
        for (const Run& run : w.runs("a")) CHECK(run.reason == Reason::no_fire);
    }
}
