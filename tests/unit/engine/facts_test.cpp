// The session of a run: that of its event's calendar; and what happens to a run whose date is not covered.
#include <catch2/catch.hpp>

#include "engine/early_end.h"
#include "explain/why.h"
#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

std::string filled(const World& w, const Run& run, const std::string& text) {
    const RunFacts facts = facts_of(w.loaded().jobs.at(run.job), run);
    return Template::parse(text).value().fill(facts, *w.loaded().calendars).value_or("unknown");
}

}  // namespace

TEST_CASE("an event of another calendar gives the run that calendar's session") {
    // Thanksgiving: London trades, New York does not.
    World w{"2026-11-26T12:00:00Z"};
    w.plan(
        "[job.a]\ncalendar = 'XNYS'\nschedule = '@XLON.close-5m'\nwait_until = '@close-1m'\ncommand = 'x'\n"
        "[job.own]\nschedule = '@XLON.close-5m'\ncommand = 'x {{open}} {{session-1}}'\n");
    w.run_until("2026-11-26T17:00:00Z");
    const Run run = w.runs("a").front();
    CHECK(run.state == State::success);
    CHECK(run.session == day("2026-11-26"));
    CHECK(w.started("a") == std::vector{utc("2026-11-26T16:29:00Z")});  // a minute before London's close
    CHECK(filled(w, run, "{{open}} {{close}}") == "2026-11-26T08:00:00Z 2026-11-26T16:30:00Z");
    CHECK(filled(w, run, "{{session-1}} {{session+1}}") == "2026-11-25 2026-11-27");
    CHECK(filled(w, run, "{{XNYS.session-1}} {{XNYS.session+1}}") == "2026-11-25 2026-11-27");
    CHECK(fates(w, "own") == "success");  // a job without its own calendar
    const auto lines = why(w.loaded(), JobName("a"), day("2026-11-26"), &w.store(), w.now());
    CHECK(lines->front().reasons[1].text ==
          "2026-11-26 is a session of XLON, 2026-11-26T08:00:00+00:00 to 2026-11-26T16:30:00+00:00");

    const Reply by_hand = w.ask(StartAsked{JobName("own"), {}, false, "root"});
    CHECK(filled(w, w.store().by_id(by_hand.runs.front()).value().value(), "{{close}}") == "2026-11-26T16:30:00Z");
}

TEST_CASE("a schedule with events of two calendars: each run has the session of its own event") {
    World w{"2026-11-27T00:00:00Z"};
    w.plan("[job.a]\ncalendar = 'XNYS'\nschedule = ['@close', '@XLON.close']\ncommand = 'x'\n");
    w.run_until("2026-11-27T23:00:00Z");
    const auto runs = w.runs("a");
    REQUIRE(runs.size() == 2);
    CHECK(filled(w, runs[0], "{{close}}") == "2026-11-27T16:30:00Z");
    CHECK(filled(w, runs[1], "{{close}}") == "2026-11-27T18:00:00Z");  // the half day
}

TEST_CASE("run_for counts the sessions of the event's calendar") {
    World w{"2026-11-27T00:00:00Z"};
    w.plan("[job.a]\ncalendar = 'XNYS'\nschedule = '@XLON.close'\nrun_for = 'session-1'\ncommand = 'x'\n");
    w.run_until("2026-11-27T23:00:00Z");
    CHECK(w.runs("a").front().session == day("2026-11-26"));
    CHECK(filled(w, w.runs("a").front(), "{{close}}") == "2026-11-26T16:30:00Z");
}

TEST_CASE("a wait for an event ends as calendar_ended beyond coverage, and as no_session on other days without it") {
    World w{"2026-12-22T00:00:00Z"};
    w.plan(
        "[calendar.SHORT]\ntimezone = 'UTC'\ncoverage = { from = 2020-01-01, to = 2026-12-23 }\n"
        "closed = [2026-12-22]\n[[calendar.SHORT.hours]]\nopen = '08:00'\nclose = '16:00'\n"
        "[job.a]\ncalendar = 'XNYS'\nschedule = '@open'\nwait_until = '@SHORT.close'\ncommand = 'x'\n");
    w.run_until("2026-12-24T23:00:00Z");
    CHECK(fates(w, "a") == "failed no_session, success, failed calendar_ended");
    CHECK(w.runs("a").back().detail.find("SHORT does not cover") == 0);
}

TEST_CASE("a fire beyond coverage ends as calendar_ended, also if its run would need a session") {
    World w{"2026-12-22T00:00:00Z"};
    w.plan(
        "[calendar.SHORT]\ntimezone = 'UTC'\ncoverage = { from = 2020-01-01, to = 2026-12-23 }\n"
        "[[calendar.SHORT.hours]]\nopen = '08:00'\nclose = '16:00'\n"
        "[job.a]\ncalendar = 'SHORT'\nschedule = '@close'\ncommand = 'x {{session}}'\n");
    const Job& job = w.loaded().jobs.at(JobName("a"));
    const auto fires = fires_between(job.schedule, *w.loaded().calendars, w.now(), utc("2026-12-24T23:00:00Z"));
    REQUIRE((fires && fires->size() == 3));
    CHECK_FALSE(early_end(job, fires->front(), *w.loaded().calendars));
    const auto end = early_end(job, fires->back(), *w.loaded().calendars);  // what `next` and `status` predict
    REQUIRE(end);
    CHECK(end->reason == Reason::calendar_ended);
    w.run_until("2026-12-24T23:00:00Z");
    CHECK(fates(w, "a") == "success, success, failed calendar_ended");
}

TEST_CASE("a text that needs a date beyond coverage ends the run as calendar_ended, without an attempt") {
    World w{"2050-12-30T00:00:00Z"};  // the last session that XNYS covers
    w.plan(
        "[defaults]\ncalendar = 'XNYS'\nretries = 2\n"
        "[job.a]\nschedule = '@close'\ncommand = 'x {{session+1}}'\n"
        "[job.env]\nschedule = '@close'\ncommand = 'x'\nenv = { NEXT = '{{session+1}}' }\n"
        "[job.sensor]\nschedule = '@close'\ncommand = 'x'\nwait = [{ file = '/{{session+1}}' }]\n"
        "[job.good]\nschedule = '@close'\ncommand = 'x {{session-1}}'\n");
    w.run_until("2050-12-30T23:00:00Z");
    for (const char* job : {"a", "env", "sensor"}) {
        CHECK(fates(w, job) == "failed calendar_ended");
        CHECK(w.runs(job).front().attempt == 0);
        CHECK(w.runs(job).front().detail.find("XNYS does not cover") == 0);
    }
    CHECK(fates(w, "good") == "success");
}

TEST_CASE("a text that needs a session that another calendar does not have ends the run as no_session") {
    World w{"2026-11-26T00:00:00Z"};
    w.plan("[job.a]\ncalendar = 'XLON'\nschedule = '@close'\ncommand = 'x {{XNYS.close}}'\n");
    w.run_until("2026-11-26T23:00:00Z");
    CHECK(fates(w, "a") == "failed no_session");
}
