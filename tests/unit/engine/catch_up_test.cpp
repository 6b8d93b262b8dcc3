// What happens to fires that were due while no daemon ran.
#include <catch2/catch.hpp>

#include "engine/backfill.h"
#include "explain/why.h"
#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

std::string states(const std::vector<Run>& runs) {
    std::string text;
    for (const Run& run : runs) {
        if (!text.empty()) text += ' ';
        text += to_text(run.state);
        if (run.reason != Reason::none) text += '(' + std::string(to_text(run.reason)) + ')';
        if (run.fires > 1) text += 'x' + std::to_string(run.fires);
    }
    return text;
}

// A daily job at 06:00 in New York; no daemon runs from Monday evening to Friday at 08:00.
World after_a_week_off(const std::string& keys) {
    World w{"2026-11-16T20:00:00-05:00"};
    w.plan("[job.load]\nschedule = \"0 6 * * *\"\ntimezone = \"America/New_York\"\ncommand = \"load\"\n" + keys);
    w.crash();
    w.sleep_until("2026-11-20T08:00:00-05:00");
    w.restart();
    w.run_until("2026-11-20T09:00:00-05:00");
    return w;
}

}  // namespace

TEST_CASE("a fire in a shared row is shown, and filled in, by that row") {
    World w{"2026-11-01T05:59:00Z"};
    w.plan("[job.a]\ntimezone = \"UTC\"\nschedule = \"0 6 * * *\"\ncommand = \"x\"\n");
    w.crash();
    w.sleep_until("2026-11-20T12:00:00Z");
    w.restart();
    REQUIRE(w.runs().size() == 1);
    REQUIRE(w.runs()[0].fires == 20);
    const auto plan = std::make_shared<const Plan>(
        read_plan({"a.toml", "[job.a]\ntimezone = \"UTC\"\nschedule = \"0 6 * * *\"\ncommand = \"x\"\n"},
                  read_context())
            .value());
    const auto lines = why(*plan, JobName("a"), day("2026-11-10"), &w.store(), w.now());
    REQUIRE(lines->size() == 1);
    CHECK(lines->front().run == w.runs()[0].id);
    CHECK(lines->front().state == "missed");
    const BackfillAsked asked{{JobName("a")}, day("2026-11-10"), day("2026-11-11"), {}, 1, "root"};
    const auto items = plan_backfill(*plan, w.store(), asked, w.now());
    CHECK(items->front().why == "was missed, in one row with 19 other fires");
    CHECK(w.ask(asked).runs.size() == 2);
    w.run_until("2026-11-20T12:10:00Z");
    CHECK(w.store().by_date(JobName("a"), day("2026-11-10")).value().front().state == State::success);
    CHECK(plan_backfill(*plan, w.store(), asked, w.now())->front().why == "was success");
}

TEST_CASE("half day: a close job follows the early close") {
    World w{"2026-11-27T08:00:00-05:00"};
    w.plan(R"([job.eod]
calendar = "XNYS"
schedule = "@close+15m"
command = "eod")");
    w.run_until("2026-11-27T18:00:00-05:00");
    CHECK(w.started("eod") == std::vector{utc("2026-11-27T18:15:00Z")});
    REQUIRE(w.runs().size() == 1);
    CHECK(w.runs()[0].state == State::success);
    CHECK(w.runs()[0].session == day("2026-11-27"));
}

TEST_CASE("catch_up = none: four mornings are reported as missed") {
    World w = after_a_week_off("notify = { missed = [\"slack:ops\"] }\n[slack.ops]\nwebhook_env = \"X\"\n");
    CHECK(states(w.runs()) == "missed(down) missed(down) missed(down) missed(down)");
    CHECK(w.started("load").empty());
    CHECK(w.notices().size() == 4);
    CHECK(w.notices()[0].kind == NoticeKind::missed);
}

TEST_CASE("catch_up = latest: one run, the newest; the others are superseded without a message") {
    World w = after_a_week_off(
        "catch_up = \"latest\"\nnotify = { missed = [\"slack:ops\"] }\n[slack.ops]\nwebhook_env = \"X\"\n");
    CHECK(states(w.runs()) == "skipped(superseded) skipped(superseded) skipped(superseded) success");
    CHECK(w.runs()[3].origin == Origin::catch_up);
    CHECK(w.runs()[3].logical_date == day("2026-11-20"));
    CHECK(w.notices().empty());
}

TEST_CASE("catch_up = all: every morning, oldest first, one at a time") {
    World w = after_a_week_off("catch_up = \"all\"\n");
    CHECK(states(w.runs()) == "success success success success");
    const auto starts = w.started("load");
    REQUIRE(starts.size() == 4);
    CHECK(std::is_sorted(starts.begin(), starts.end()));
    CHECK(starts[0] < starts[1]);
}

TEST_CASE("catch_up_within limits a catch-up, keeping the newest fires") {
    World w = after_a_week_off("catch_up = \"all\"\ncatch_up_within = \"2d\"\n");
    CHECK(states(w.runs()) == "missed(down) missed(down) success success");
}

TEST_CASE("a missed fire runs by `rerun`, as its message suggests") {
    World w = after_a_week_off("");
    REQUIRE(w.runs()[0].reason == Reason::down);
    const Run missed = w.runs()[0];
    REQUIRE(missed.fires == 1);
    CHECK(w.ask(RerunAsked{missed.id, false, "root"}).ok);
    w.run_until("2026-11-20T10:00:00-05:00");
    CHECK(w.runs()[0].id == missed.id);
    CHECK(w.runs()[0].state == State::success);
}

TEST_CASE("latest_only skips the older logical dates of a catch-up") {
    World w = after_a_week_off("catch_up = \"all\"\nlatest_only = true\n");
    CHECK(states(w.runs()) == "skipped(latest_only) skipped(latest_only) skipped(latest_only) success");
    CHECK(w.runs()[0].detail == to_string(w.runs()[3].logical_date) + " is newer");
}

TEST_CASE("many missed fires of one job share a row with their count and span") {
    World w{"2026-11-20T00:00:00Z"};
    w.plan("[job.tick]\nschedule = \"* * * * *\"\ntimezone = \"UTC\"\ncommand = \"tick\"\n");
    w.crash();
    w.sleep_until("2026-11-20T02:00:30Z");
    w.restart();
    const auto runs = w.runs();
    REQUIRE(runs.size() == 2);  // the last minute is within grace: it runs
    CHECK(runs[0].fires == 119);
    CHECK(runs[0].fire == utc("2026-11-20T00:01:00Z"));
    CHECK(runs[0].last_fire == utc("2026-11-20T01:59:00Z"));
    CHECK(runs[1].fire == utc("2026-11-20T02:00:00Z"));
    CHECK(runs[1].origin == Origin::live);
}

TEST_CASE("grace: a restart at the instant of a fire loses nothing, whatever catch_up is") {
    World w{"2026-11-20T10:59:00Z"};
    w.plan("[job.load]\nschedule = \"0 11 * * *\"\ntimezone = \"UTC\"\ncommand = \"load\"\n");
    w.crash();
    w.sleep_until("2026-11-20T11:00:45Z");
    w.restart();
    w.run_until("2026-11-20T11:05:00Z");
    REQUIRE(w.runs().size() == 1);
    CHECK(w.runs()[0].state == State::success);
    CHECK(w.runs()[0].origin == Origin::live);
}

TEST_CASE("a suspended daemon and a clock set forward have the same effect") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan("[job.load]\nschedule = \"0 6 * * *\"\ntimezone = \"UTC\"\ncatch_up = \"all\"\ncommand = \"load\"\n");
    w.set_clock("2026-11-22T12:00:00Z");
    w.run_until("2026-11-22T12:10:00Z");
    CHECK(states(w.runs()) == "success success success");
}

TEST_CASE("after a clock is set back nothing runs twice") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan("[job.load]\nschedule = \"0 * * * *\"\ntimezone = \"UTC\"\ncommand = \"load\"\n");
    w.run_until("2026-11-20T08:30:00Z");
    CHECK(w.runs().size() == 3);
    w.set_clock("2026-11-20T06:30:00Z");
    w.run_until("2026-11-20T08:30:00Z");
    CHECK(w.runs().size() == 3);
    w.run_until("2026-11-20T09:30:00Z");
    CHECK(w.runs().size() == 4);
}

TEST_CASE("loading a configuration never creates past fires; a changed offset never runs a session twice") {
    const std::string close15 = "[job.eod]\ncalendar = \"XNYS\"\nschedule = \"@close+15m\"\ncommand = \"eod\"\n";
    const std::string close60 = "[job.eod]\ncalendar = \"XNYS\"\nschedule = \"@close+60m\"\ncommand = \"eod\"\n";
    World w{"2026-11-20T20:00:00Z"};
    w.plan(close15);
    w.run_until("2026-11-20T21:30:00Z");
    CHECK(w.runs().size() == 1);
    w.plan(close60);
    w.run_until("2026-11-20T23:00:00Z");
    CHECK(w.runs().size() == 1);
    w.run_until("2026-11-23T23:00:00Z");
    CHECK(w.started("eod").back() == utc("2026-11-23T22:00:00Z"));
    w.plan(close60 + "[job.new]\ntimezone = \"UTC\"\nschedule = \"0 6 * * *\"\ncatch_up = \"all\"\ncommand = \"x\"\n");
    w.run_until("2026-11-23T23:30:00Z");
    CHECK(w.runs("new").empty());
}

TEST_CASE("after an outage the schedule that was loaded before it decides") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan("[job.load]\ntimezone = \"UTC\"\nschedule = \"0 6 * * *\"\ncatch_up = \"all\"\ncommand = \"x\"\n");
    w.crash();
    w.sleep_until("2026-11-20T10:00:00Z");
    w.plan("[job.load]\ntimezone = \"UTC\"\nschedule = \"0 7 * * *\"\ncatch_up = \"all\"\ncommand = \"x\"\n");
    w.run_until("2026-11-20T10:10:00Z");
    REQUIRE(w.runs().size() == 1);
    CHECK(w.runs()[0].fire == utc("2026-11-20T06:00:00Z"));
}

TEST_CASE("@reboot runs once for each boot") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan("[job.up]\ntimezone = \"UTC\"\nschedule = \"@reboot\"\ncommand = \"x\"\n");
    w.run_until("2026-11-20T05:10:00Z");
    CHECK(w.runs().size() == 1);
    w.crash();
    w.restart();
    w.run_until("2026-11-20T05:20:00Z");
    CHECK(w.runs().size() == 1);
    w.reboot();
    w.restart();
    w.run_until("2026-11-20T05:30:00Z");
    CHECK(w.runs().size() == 2);
}
