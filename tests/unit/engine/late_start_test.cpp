// An attempt that begins long after its start was decided, because the daemon or the keeper was gone: it has its whole
// timeout.
#include <catch2/catch.hpp>

#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

// At 06:00 the ledger has the start of `a`, and the keeper never got it.
void lose_start(World& w, Seconds takes) {
    w.script("a", {{.takes = takes}});
    w.plan(
        "[job.a]\ncommand = 'true'\nschedule = '0 6 * * *'\ntimezone = 'UTC'\ntimeout = '10m'\nkill_after = '20s'\n");
    w.lose_launches(true);
    w.run_until("2026-11-20T06:00:01Z");
    REQUIRE(w.started("a").empty());
    REQUIRE(w.runs("a").front().state == State::running);
}

// Two hours later a new daemon hands the start over.
void restart_late(World& w) {
    w.crash();
    w.lose_launches(false);
    w.sleep_until("2026-11-20T08:00:00Z");
    w.restart();
}

}  // namespace

TEST_CASE("after the daemon was down for longer than the timeout, an attempt that never began runs to its end") {
    World w{"2026-11-20T05:30:00Z"};
    lose_start(w, Seconds{300});
    restart_late(w);
    w.run_until("2026-11-20T08:04:00Z");
    CHECK(fates(w, "a") == "running");
    w.run_until("2026-11-20T08:10:00Z");
    CHECK(fates(w, "a") == "success");
    CHECK(w.started("a") == std::vector<Instant>{utc("2026-11-20T08:00:00Z")});
}

TEST_CASE("the timeout of an attempt that begins late counts from its begin") {
    World w{"2026-11-20T05:30:00Z"};
    lose_start(w, Seconds{3600});
    restart_late(w);
    w.run_until("2026-11-20T08:09:00Z");
    CHECK(fates(w, "a") == "running");
    w.run_until("2026-11-20T08:11:00Z");
    CHECK(fates(w, "a") == "timed_out timeout");
    CHECK(w.runs("a").front().detail == "it ran longer than 10m");
}

TEST_CASE("a keeper that loses launches for longer than the timeout does not time the attempt out") {
    World w{"2026-11-20T05:30:00Z"};
    lose_start(w, Seconds{300});
    w.run_until("2026-11-20T06:30:00Z");
    CHECK(fates(w, "a") == "running");
    w.lose_launches(false);
    w.run_until("2026-11-20T06:40:00Z");
    CHECK(fates(w, "a") == "success");
}

TEST_CASE("an attempt that begins late is not ended by a timeout that its job no longer has") {
    World w{"2026-11-20T05:30:00Z"};
    lose_start(w, Seconds{3600});
    w.crash();
    w.lose_launches(false);
    w.sleep_until("2026-11-20T08:00:00Z");
    w.plan("[job.a]\ncommand = 'true'\nschedule = '0 6 * * *'\ntimezone = 'UTC'\n");
    w.run_until("2026-11-20T09:10:00Z");
    CHECK(fates(w, "a") == "success");
}

TEST_CASE("the SIGTERM of an attempt that never began is sent again after its launch") {
    World w{"2026-11-20T05:30:00Z"};
    lose_start(w, Seconds{3600});
    REQUIRE(w.ask(StopAsked{w.runs("a").front().id, "root"}).ok);
    w.crash();
    w.lose_launches(false);
    w.sleep_until("2026-11-20T06:00:05Z");
    w.restart();
    w.run_until("2026-11-20T06:00:10Z");  // before SIGKILL, which follows 20 s after the request
    CHECK(fates(w, "a") == "killed stopped");
}
