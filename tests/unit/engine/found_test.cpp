// A restored ledger: runs found on disk are added to it again, and run once.
#include <catch2/catch.hpp>

#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

const std::string head = "[defaults]\ncommand = 'true'\ntimezone = 'UTC'\n";

}  // namespace

TEST_CASE("a run that ran after the backup is added to the restored ledger, and does not run again") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(head +
           "[job.a]\nschedule = '0 * * * *'\ncatch_up = 'all'\n"
           "[job.b]\nschedule = '10 7 * * *'\nafter = ['a']\ntrigger = 'always'\n");
    w.script("a", {{}, {.exit_code = 3}});
    w.run_until("2026-11-20T06:30:00Z");
    w.back_up();
    w.run_until("2026-11-20T07:30:00Z");
    REQUIRE(w.started("a").size() == 2);
    REQUIRE(w.started("b").size() == 1);
    w.restore();
    w.run_until("2026-11-20T07:40:00Z");
    CHECK(fates(w, "a") == "success, failed exit_code");
    CHECK(w.started("a").size() == 2);
    CHECK(w.started("b").size() == 1);
    w.run_until("2026-11-20T08:30:00Z");
    CHECK(w.started("a").size() == 3);
    CHECK(w.runs("a").back().id > 3);
}

TEST_CASE("a job that runs while its ledger is restored is waited for, and blocks no other run") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(head + "[job.a]\nschedule = '0 6 * * *'\ntimeout = '2h'\n[job.c]\nschedule = '10 6 * * *'\n");
    w.script("a", {{.takes = Seconds{3600}, .exit_code = 7}});
    w.back_up();
    w.run_until("2026-11-20T06:05:00Z");
    const RunId run = w.runs("a").front().id;
    w.restore();
    REQUIRE(fates(w, "a") == "running");
    CHECK(w.runs("a").front().id == run);
    CHECK(w.runs("a").front().timeout_up);
    w.run_until("2026-11-20T06:30:00Z");
    CHECK(fates(w, "c") == "success");
    w.run_until("2026-11-20T07:30:00Z");
    CHECK(fates(w, "a") == "failed exit_code");
    CHECK(w.runs("a").front().exit_code == 7);
    CHECK(w.started("a").size() == 1);
}

TEST_CASE("retries and reruns made after the backup do not start again") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(head +
           "[job.a]\nschedule = '0 6 * * *'\nretries = 3\nretry_delay = '10m'\n[job.b]\nschedule = '0 6 * * *'\n");
    w.script("a", {{.exit_code = 1}});
    w.script("b", {{.exit_code = 1}});
    w.run_until("2026-11-20T06:05:00Z");
    w.back_up();
    REQUIRE(fates(w, "a") == "retrying exit_code");
    REQUIRE(w.ask(RerunAsked{w.runs("b").front().id, false, "root"}).ok);
    w.run_until("2026-11-20T06:25:00Z");
    REQUIRE(w.started("a").size() == 3);
    REQUIRE(w.started("b").size() == 2);
    w.restore();
    CHECK(w.runs("a").front().attempt == 3);
    CHECK(w.runs("b").front().attempt == 2);
    w.run_until("2026-11-20T07:30:00Z");
    CHECK(w.started("a").size() == 4);
    CHECK(w.started("b").size() == 2);
    CHECK(fates(w, "b") == "failed exit_code");
    CHECK(w.runs("b").front().attempts_before == 1);
}

TEST_CASE("a run that was waiting when its ledger was restored is created again with its upstream run") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(head + "[job.a]\nschedule = '0 6 * * *'\n[job.b]\nafter = ['a']\n");
    w.script("a", {{.takes = Seconds{3600}}});
    w.back_up();
    w.run_until("2026-11-20T06:05:00Z");
    REQUIRE(fates(w, "b") == "waiting dependency");
    w.restore();
    CHECK(fates(w, "b") == "waiting dependency");
    w.run_until("2026-11-20T07:30:00Z");
    CHECK(fates(w, "b") == "success");
}

TEST_CASE("an attempt that could not start when the ledger was copied, and started later, does not start again") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(head + "[job.a]\nschedule = '0 6 * * *'\n");
    w.script("a", {{.takes = Seconds{3600}}});
    w.hinder(Hindrance{Hindrance::Of::every_run, "no process"});
    w.sleep_until("2026-11-20T06:00:00Z");
    w.event(Woke{});  // claimed; the failed start is not known yet
    w.back_up();
    w.hinder(std::nullopt);
    w.run_until("2026-11-20T06:05:00Z");
    REQUIRE(w.started("a").size() == 1);
    w.restore();
    w.run_until("2026-11-20T08:00:00Z");
    CHECK(w.started("a").size() == 1);
    CHECK(fates(w, "a") == "success");
}
