// An operator's actions on runs: ice, rerun, mark, clear.
#include <catch2/catch.hpp>

#include "engine/clear.h"
#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

const std::string chain =
    "[defaults]\ncommand = 'true'\ncalendar = 'XNYS'\n[job.a]\nschedule = '@close+15m'\n[job.b]\nafter = ['a']\n"
    "[job.c]\nafter = ['b']\n";

ClearAsked clear(const std::vector<std::string>& jobs, const std::string& date, bool downstream = false) {
    return {{jobs.begin(), jobs.end()}, day(date), day(date), downstream, "root"};
}

}  // namespace

TEST_CASE("an iced job is skipped, and downstream jobs run without it") {
    World w{"2026-11-20T12:00:00Z"};
    w.plan(chain);
    CHECK(w.ask(IceAsked{JobName("a"), {}, "root"}).ok);
    w.run_until("2026-11-20T23:00:00Z");
    CHECK(fates(w, "a") == "skipped iced");
    CHECK(fates(w, "b") == "success");
    CHECK(w.started("b").front() == utc("2026-11-20T21:15:00Z"));
    // Also in the middle of a chain: c runs without b, although b gets a row.
    CHECK(w.ask(IceAsked{JobName("b"), {}, "root"}).ok);
    CHECK(w.ask(ReleaseAsked{JobName("a"), "root"}).ok);
    w.crash();
    w.restart();
    w.run_until("2026-11-23T23:00:00Z");
    CHECK(fates(w, "a") == "skipped iced, success");
    CHECK(fates(w, "b") == "success, skipped iced");
    CHECK(fates(w, "c") == "success, success");
    CHECK_FALSE(w.ask(ReleaseAsked{JobName("a"), "root"}).ok);
}

TEST_CASE("an ice skips waiting runs, and ends at its time; a start by hand bypasses it") {
    World w{"2026-11-20T12:00:00Z"};
    w.plan(chain);
    w.script("a", {{.takes = Seconds{7200}}});
    w.run_until("2026-11-20T21:20:00Z");
    const Reply reply = w.ask(IceAsked{JobName("b"), utc("2026-11-23T12:00:00Z"), "root"});
    CHECK(reply.ok);
    CHECK(reply.runs.size() == 1);
    w.run_until("2026-11-20T21:20:01Z");
    CHECK(fates(w, "b") == "skipped iced");
    CHECK(fates(w, "c") == "success");
    CHECK(w.ask(StartAsked{JobName("b"), {}, false, "root"}).ok);
    w.run_until("2026-11-23T23:30:00Z");
    CHECK(fates(w, "b") == "skipped iced, success, success");
    CHECK_FALSE(w.ask(IceAsked{JobName("b"), utc("2026-11-20T00:00:00Z"), "root"}).ok);
}

TEST_CASE("a finished run can be rerun; runs blocked by its failure are revived") {
    World w{"2026-11-20T12:00:00Z"};
    w.plan(chain + "[job.d]\nschedule = '@close'\nnot_after = '+1h'\n");
    w.script("a", {{.exit_code = 1}, {.exit_code = 0}});
    w.script("d", {{.takes = Seconds{60}, .exit_code = 1}, {.takes = Seconds{60}}});
    w.run_until("2026-11-20T21:00:30Z");
    const RunId d = w.runs("d").front().id;
    CHECK_FALSE(w.ask(RerunAsked{d, false, "root"}).ok);  // it runs
    w.run_until("2026-11-20T23:00:00Z");
    CHECK(fates(w, "c") == "upstream_failed upstream_failed");
    CHECK(w.ask(RerunAsked{w.runs("a").front().id, false, "root"}).ok);
    CHECK_FALSE(w.ask(RerunAsked{d, false, "root"}).ok);  // after its not_after
    CHECK(w.ask(RerunAsked{d, true, "root"}).ok);
    CHECK(w.ask(RerunAsked{999, false, "root"}).kind == Error::Kind::usage);
    w.run_until("2026-11-21T00:00:00Z");
    for (const char* job : {"a", "b", "c", "d"}) CHECK(fates(w, job) == "success");
    CHECK(w.runs("a").front().attempt == 2);
    CHECK(w.runs("a").front().origin == Origin::live);
}

TEST_CASE("a mark is recorded with the operator, and waiting runs follow it") {
    World w{"2026-11-20T12:00:00Z"};
    w.plan(chain);
    w.script("a", {{.takes = Seconds{60}, .exit_code = 1}});
    w.run_until("2026-11-20T21:15:30Z");
    const RunId a = w.runs("a").front().id;
    CHECK_FALSE(w.ask(MarkAsked{a, State::success, "loaded by hand", "root"}).ok);
    w.run_until("2026-11-20T22:00:00Z");
    CHECK(w.ask(MarkAsked{a, State::success, "loaded by hand", "root"}).ok);
    w.run_until("2026-11-20T22:00:10Z");
    CHECK(fates(w, "a") == "success marked");
    CHECK(w.runs("a").front().detail == "by root: loaded by hand; it was failed");
    CHECK(fates(w, "c") == "success");
    // A waiting run can be marked before it runs.
    w.script("a", {{.takes = Seconds{600}}});
    w.run_until("2026-11-23T21:16:00Z");
    CHECK(w.ask(MarkAsked{w.runs("b").back().id, State::failed, "not today", "root"}).ok);
    w.run_until("2026-11-23T23:00:00Z");
    CHECK(fates(w, "b") == "success, failed marked");
    CHECK(fates(w, "c") == "success, upstream_failed upstream_failed");
}

TEST_CASE("a clear first ends all active downstream runs, and only then starts again") {
    World w{"2026-11-20T12:00:00Z"};
    w.plan(chain + "[job.e]\nafter = ['a']\ntrigger = 'always'\n");
    w.script("a", {{.takes = Seconds{60}}, {.takes = Seconds{60}}});
    w.script("b", {{.takes = Seconds{3600}, .ignores_term = true}, {.takes = Seconds{60}}});
    w.run_until("2026-11-20T21:20:00Z");
    CHECK(fates(w, "b") == "running");
    const Reply reply = w.ask(clear({"a"}, "2026-11-20"));
    CHECK(reply.ok);
    CHECK(reply.runs.size() == 3);  // a; b and c, which have not ended; e has ended, and stays
    CHECK(fates(w, "a") == "success");
    CHECK(fates(w, "c") == "waiting stopped");
    CHECK_FALSE(w.ask(clear({"b"}, "2026-11-20")).ok);  // another operator
    CHECK_FALSE(w.ask(RerunAsked{w.runs("a").front().id, false, "root"}).ok);
    CHECK_FALSE(w.ask(MarkAsked{w.runs("c").front().id, State::success, "x", "root"}).ok);
    w.run_until("2026-11-20T21:20:05Z");
    CHECK(w.started("a").size() == 1);  // b ignores SIGTERM: the clear has not begun
    w.crash();
    w.restart();
    w.run_until("2026-11-20T23:00:00Z");
    for (const char* job : {"a", "b", "c"}) CHECK(fates(w, job) == "success");
    REQUIRE(w.started("a").size() == 2);
    REQUIRE(w.started("b").size() == 2);
    CHECK(w.started("a")[1] >= utc("2026-11-20T21:20:10Z"));  // after the SIGKILL
    CHECK(w.started("b")[1] > w.started("a")[1]);
    CHECK(w.started("e").size() == 1);
}

TEST_CASE("a clear with --downstream includes finished runs; its plan can be shown first") {
    World w{"2026-11-20T12:00:00Z"};
    w.plan(chain);
    w.run_until("2026-11-23T23:00:00Z");
    const auto items = plan_clear(w.loaded(), w.store(), clear({"b"}, "2026-11-20", true));
    REQUIRE(items);
    REQUIRE(items->size() == 2);
    CHECK(items->front().asked);
    CHECK(items->front().why == "was success");
    CHECK_FALSE(items->back().asked);
    CHECK(w.ask(clear({"b"}, "2026-11-20", true)).runs.size() == 2);
    w.run_until("2026-11-24T12:00:00Z");
    CHECK(w.started("a").size() == 2);
    CHECK(w.started("b").size() == 3);
    CHECK(w.started("c").size() == 3);
    CHECK(w.runs("b").front().origin == Origin::backfill);
    CHECK_FALSE(w.ask(clear({"b"}, "2026-11-21")).ok);  // no session, no run
    CHECK(w.ask(clear({"x"}, "2026-11-20")).kind == Error::Kind::usage);
    CHECK(w.ask(ClearAsked{{JobName("b")}, day("2026-11-20"), day("2026-11-19"), false, "root"}).kind ==
          Error::Kind::usage);
}

TEST_CASE("runs that wait for their previous date are cleared with it") {
    World w{"2026-11-18T12:00:00Z"};
    w.plan(
        "[defaults]\ncommand = 'true'\ncalendar = 'XNYS'\n[job.a]\nschedule = '@close'\ndepends_on_past = "
        "true\noverlap = 'queue'\n");
    w.script("a", {{}, {.takes = Seconds{200000}}, {}});
    w.run_until("2026-11-20T22:00:00Z");
    CHECK(fates(w, "a") == "success, running, waiting dependency");
    CHECK(w.ask(clear({"a"}, "2026-11-18")).runs.size() == 3);
    w.run_until("2026-11-20T23:00:00Z");
    CHECK(fates(w, "a") == "success, success, success");
    const auto runs = w.runs("a");
    CHECK(*runs[0].finished <= *runs[1].started);
    CHECK(*runs[1].finished <= *runs[2].started);
}
