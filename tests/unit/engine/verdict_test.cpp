// A mark revives downstream runs like a normal end of that kind, and `why` agrees with the resulting states.
#include <catch2/catch.hpp>

#include "explain/consequence.h"
#include "explain/why.h"
#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

const std::string defaults = "[defaults]\ncommand = 'true'\ncalendar = 'XNYS'\n";

// Every reason except the last, which shows the row, is consistent with a successful run.
bool why_agrees(World& w, const std::string& job, const std::string& date) {
    const auto lines = why(w.loaded(), JobName(job), day(date), &w.store(), w.now());
    REQUIRE((lines && lines->size() == 1));
    for (const WhyReason& reason : lines->front().reasons)
        if (!reason.holds) return false;
    return lines->front().state == "success";
}

}  // namespace

TEST_CASE("a mark as skipped revives runs that allow a skip, like a run that ends as skipped") {
    for (const bool by_mark : {true, false}) {
        World w{"2026-11-20T20:00:00Z"};
        w.plan(defaults + "[job.a]\nschedule = '@close'\nskip_exit_codes = [99]\n" +
               "[job.b]\nafter = ['a']\ntrigger = 'none_failed'\n[job.c]\nafter = ['a']\n");
        w.script("a", {{.exit_code = 1}, {.exit_code = 99}});
        w.run_until("2026-11-20T22:00:00Z");
        REQUIRE(fates(w, "b") == "upstream_failed upstream_failed");
        const Run failed = w.runs("a").front();
        CHECK(if_ended(w.loaded(), failed, State::skipped, w.store(), w.now()).value() ==
              std::vector<std::string>{"b waits again: its run 2 had ended as upstream_failed",
                                       "c is skipped: its run 3 had ended as upstream_failed"});
        if (by_mark) w.ask(MarkAsked{failed.id, State::skipped, "no data", "root"});
        else w.ask(RerunAsked{failed.id, false, "root"});
        w.run_until("2026-11-20T23:00:00Z");
        CHECK(fates(w, "b") == "success");
        CHECK(fates(w, "c") == "skipped upstream_skipped");
        CHECK(why_agrees(w, "b", "2026-11-20"));
    }
}

TEST_CASE("a mark of a shared row revives runs on each of its dates") {
    World w{"2026-11-01T05:00:00Z"};
    w.plan(
        "[defaults]\ncommand = 'true'\ntimezone = 'UTC'\n[job.a]\nschedule = '0 6 * * *'\n"
        "[job.b]\nschedule = '0 7 * * *'\nafter = ['a']\ncatch_up = 'all'\ncatch_up_within = '30d'\n");
    w.crash();
    w.sleep_until("2026-11-14T12:00:00Z");
    w.restart();
    w.run_until("2026-11-14T13:00:00Z");
    const Run shared = w.runs("a").front();
    REQUIRE(shared.fires == 14);
    REQUIRE(w.runs("b").size() == 14);
    for (const Run& run : w.runs("b")) CHECK(run.state == State::upstream_failed);
    w.ask(MarkAsked{shared.id, State::success, "done by hand", "root"});
    w.run_until("2026-11-14T14:00:00Z");
    for (const Run& run : w.runs("b")) CHECK(run.state == State::success);
    CHECK(why_agrees(w, "b", "2026-11-09"));
}
