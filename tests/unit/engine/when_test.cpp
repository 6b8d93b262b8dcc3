// The `when` of a job without a schedule, for every way to a run: a branch that was not taken is not taken later.
#include <catch2/catch.hpp>

#include "engine/backfill.h"
#include "engine/upstream.h"
#include "explain/consequence.h"
#include "explain/why.h"
#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

// The 20th of November 2026 is a Friday; XNYS closes at 21:00 UTC.
const std::string defaults = "[defaults]\ncommand = 'true'\ncalendar = 'XNYS'\n";
const std::string first = "[job.a]\nschedule = '@close'\n";
const std::string on_monday = "[job.b]\nafter = ['a']\nwhen = 'weekday(mon)'\n";
const std::string last = "[job.c]\nafter = ['b']\ntrigger = 'none_failed'\n";
const std::string branch = defaults + first + on_monday + last;

BackfillAsked backfill(const std::string& job, const std::string& from, const std::string& to) {
    return {{JobName(job)}, day(from), day(to), BackfillAsked::Rerun::none, 1, "root"};
}

StartAsked start(const std::string& job, const std::string& date, bool gates, bool force = false) {
    StartAsked asked{JobName(job), {}, force, "root", gates};
    if (!date.empty()) asked.date = day(date);
    return asked;
}

// A week without b and c; then they are added.
World after_a_week() {
    World w{"2026-11-16T12:00:00Z"};
    w.plan(defaults + first);
    w.run_until("2026-11-20T22:00:00Z");
    w.plan(branch);
    return w;
}

}  // namespace

TEST_CASE("a branch that was not taken is not taken by clear --downstream") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(branch);
    w.run_until("2026-11-20T22:00:00Z");
    REQUIRE(fates(w, "b") == "skipped when_false");
    w.ask(ClearAsked{{JobName("a")}, day("2026-11-20"), day("2026-11-20"), true, "root"});
    w.run_until("2026-11-20T23:00:00Z");
    CHECK(w.started("a").size() == 2);
    CHECK(fates(w, "b") == "skipped when_false");
    CHECK(w.started("b").empty());
    CHECK(w.started("c").size() == 2);
}

TEST_CASE("a backfill records the branch as skipped, and its dry run says so") {
    World w = after_a_week();
    const BackfillAsked asked = backfill("b", "2026-11-16", "2026-11-20");
    const auto items = plan_backfill(w.loaded(), w.store(), asked, w.now());
    REQUIRE(items);
    REQUIRE(items->size() == 5);
    CHECK(items->front().chosen);
    CHECK(!items->back().chosen);
    CHECK(items->back().skipped == Reason::when_false);
    CHECK(items->back().why == "when_false: `weekday(mon)` is false on 2026-11-20");
    CHECK(w.ask(asked).text == "1 of 5 fires will run, 1 at a time");
    w.run_until("2026-11-21T00:00:00Z");
    CHECK(fates(w, "b") == "success, skipped when_false, skipped when_false, skipped when_false, skipped when_false");
    CHECK(w.runs("b").back().detail == "weekday(mon)");
    // A second request has nothing to do, also with --rerun all.
    CHECK(w.ask(asked).text == "0 of 5 fires will run, 1 at a time");
    BackfillAsked all = backfill("b", "2026-11-20", "2026-11-20");
    all.rerun = BackfillAsked::Rerun::all;
    const auto again = plan_backfill(w.loaded(), w.store(), all, w.now());
    CHECK((!again->front().chosen && again->front().skipped == Reason::none));
}

TEST_CASE("a backfill of a downstream job needs no row of the branch") {
    using Upstreams = BackfillAsked::Upstreams;
    for (const Upstreams upstreams : {Upstreams::told, Upstreams::run, Upstreams::assumed}) {
        World w = after_a_week();
        BackfillAsked asked = backfill("c", "2026-11-20", "2026-11-20");
        asked.upstreams = upstreams;
        REQUIRE(w.ask(asked).ok);
        w.run_until("2026-11-21T00:00:00Z");
        CHECK(fates(w, "b") == (upstreams == Upstreams::run ? "skipped when_false" : ""));
        CHECK(w.started("b").empty());
        CHECK(fates(w, "c") == "success");  // a skip, not a failure
    }
    // Under all_success it counts as skipped, not as successful, also if upstream jobs are assumed successful.
    World w = after_a_week();
    w.plan(defaults + first + on_monday + "[job.c]\nafter = ['b']\n");
    BackfillAsked asked = backfill("c", "2026-11-20", "2026-11-20");
    asked.upstreams = Upstreams::assumed;
    REQUIRE(w.ask(asked).ok);
    w.run_until("2026-11-21T00:00:00Z");
    CHECK(fates(w, "c") == "skipped upstream_skipped");
    // On Monday it has a fire and no row.
    CHECK(!w.ask(backfill("c", "2026-11-16", "2026-11-16")).ok);
}

TEST_CASE("rerun evaluates `when` again, and --force bypasses it") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(branch);
    w.run_until("2026-11-20T22:00:00Z");
    const RunId id = w.runs("b").front().id;
    const Reply kept = w.ask(RerunAsked{id, false, "root"});
    CHECK(kept.ok);
    CHECK(kept.text ==
          "run 2 of b for 2026-11-20 is skipped (when_false): `weekday(mon)` is false; `marketcron "
          "rerun 2 --force` runs it");
    CHECK(fates(w, "b") == "skipped when_false");
    w.ask(RerunAsked{id, true, "root"});
    w.run_until("2026-11-20T23:00:00Z");
    CHECK(fates(w, "b") == "success");
    // After it was forced once, a rerun needs no --force: a failure's message names that command.
    w.ask(RerunAsked{id, false, "root"});
    w.run_until("2026-11-21T00:00:00Z");
    CHECK(w.started("b").size() == 2);
    // A clear evaluates it again.
    w.ask(ClearAsked{{JobName("b")}, day("2026-11-20"), day("2026-11-20"), false, "root"});
    w.run_until("2026-11-21T01:00:00Z");
    CHECK(fates(w, "b") == "skipped when_false");
}

TEST_CASE("start bypasses `when`, but not with --gates") {
    for (const std::string date : {"2026-11-20", ""}) {
        World gated = after_a_week();
        const Reply skipped = gated.ask(start("b", date, true));
        CHECK(skipped.ok);
        CHECK(skipped.text.find(" is skipped (when_false): ") != std::string::npos);
        gated.run_until("2026-11-20T23:00:00Z");
        CHECK(fates(gated, "b") == "skipped when_false");
        World past = after_a_week();
        CHECK(past.ask(start("b", date, false)).ok);
        past.run_until("2026-11-20T23:00:00Z");
        CHECK(fates(past, "b") == "success");
    }
    // A rerun of a skipped run needs --force, and the refusal says so.
    World w{"2026-11-20T20:00:00Z"};
    w.plan(branch);
    w.run_until("2026-11-20T22:00:00Z");
    CHECK(w.ask(start("b", "2026-11-20", false)).text ==
          "b already has a run for 2026-11-20: run 2 ended as skipped; to run it again: `marketcron rerun 2 --force`");
}

TEST_CASE("a waiting run follows the `when` of a new configuration") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(defaults + first + "[job.b]\nafter = ['a']\n" + last);
    w.script("a", {{.takes = Seconds{3600}}});
    w.run_until("2026-11-20T21:10:00Z");
    REQUIRE(fates(w, "b") == "waiting dependency");
    w.plan(branch);
    CHECK(fates(w, "b") == "skipped when_false");
    w.run_until("2026-11-20T23:00:00Z");
    CHECK(fates(w, "c") == "success");
}

TEST_CASE("a revived run also evaluates `when`, and the consequences show it") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(defaults + first + "[job.b]\nafter = ['a']\n[job.c]\nafter = ['b']\n");
    w.script("a", {{.exit_code = 1}, {.exit_code = 0}});
    w.run_until("2026-11-20T22:00:00Z");
    REQUIRE(fates(w, "b") == "upstream_failed upstream_failed");
    w.plan(defaults + first + on_monday + "[job.c]\nafter = ['b']\n");
    const Run failed = w.runs("a").front();
    CHECK(if_ended(w.loaded(), failed, State::success, w.store(), w.now()).value() ==
          std::vector<std::string>{"b is skipped (when_false): its run 2 had ended as upstream_failed"});
    CHECK(if_rerun(w.loaded(), failed, w.store(), w.now()).value().empty());
    w.ask(RerunAsked{failed.id, false, "root"});
    w.run_until("2026-11-20T23:00:00Z");
    CHECK(fates(w, "b") == "skipped when_false");
    CHECK(fates(w, "c") == "skipped upstream_skipped");
}

TEST_CASE("the consequences of ice and mark show that a branch is not taken") {
    World w{"2026-11-20T12:00:00Z"};
    w.plan(branch);
    CHECK(if_iced(w.loaded(), w.loaded().jobs.at(JobName("a")), w.store(), w.now()).value() ==
          std::vector<std::string>{"b is skipped (when_false)"});
    w.ask(start("a", "2026-11-20", false));
    Run planned;
    planned.job = JobName("a");
    planned.key = FireKey("session 2026-11-20 XNYS close 0");
    planned.logical_date = day("2026-11-20");
    CHECK(if_ended(w.loaded(), planned, State::success, w.store(), w.now()).value() ==
          std::vector<std::string>{"b is skipped (when_false)"});
}

TEST_CASE("latest_only counts only dates for which `when` is true") {
    World w = after_a_week();
    w.plan(defaults + first + "[job.b]\nafter = ['a']\nwhen = 'weekday(mon)'\nlatest_only = true\n");
    CHECK(w.ask(backfill("b", "2026-11-16", "2026-11-20")).text == "1 of 5 fires will run, 1 at a time");
    w.run_until("2026-11-21T00:00:00Z");
    CHECK(w.runs("b").front().state == State::success);
}

TEST_CASE("for a date without a row why shows that `when` is false, and suggests no backfill") {
    World w = after_a_week();
    const auto lines = why(w.loaded(), JobName("b"), day("2026-11-20"), &w.store(), w.now());
    REQUIRE((lines && lines->size() == 1));
    CHECK(lines->front().reasons.back().check == "when_false");
    CHECK(lines->front().state == "none");
}

TEST_CASE("a `when` that cannot be evaluated fails the run, however it was created") {
    // XNYS has an end of coverage; the upstream job needs no calendar.
    const std::string far =
        "[defaults]\ncommand = 'true'\n[job.a]\nschedule = '0 1 * * *'\ntimezone = 'UTC'\n"
        "[job.b]\nafter = ['a']\nwhen = 'XNYS.session'\ntimezone = 'UTC'\n";
    World w{"2060-01-05T02:00:00Z"};
    w.plan(far);
    BackfillAsked asked = backfill("b", "2060-01-05", "2060-01-05");
    asked.upstreams = BackfillAsked::Upstreams::assumed;
    w.ask(asked);
    CHECK(fates(w, "b") == "failed calendar_ended");
}
