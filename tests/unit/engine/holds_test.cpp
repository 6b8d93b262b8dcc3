// Held and iced jobs, and the effect of a release on the runs that waited.
#include <catch2/catch.hpp>

#include "unit/engine/parts_fixture.h"

using namespace mc;
using namespace mc::test;

namespace {

struct Desk : Bench {
    explicit Desk(const std::string& more = "")
        : Bench("[job.a]\nschedule = '0 * * * *'\n" + more, "2026-11-20T05:00:00Z") {}
};

}  // namespace

TEST_CASE("holds: a run of a held job waits, and on release the newest may start") {
    Desk d;
    d.parts.holds.asked(HoldAsked{JobName("a"), {}, "root"});
    CHECK(d.reply() ==
          "a is held until `marketcron release a`: only `marketcron start a` and `marketcron rerun` start its runs");
    d.set("2026-11-20T07:00:00Z");
    const Run& older = d.run("a", "2026-11-20T06:00:00Z");
    const Run& newer = d.run("a", "2026-11-20T07:00:00Z");
    for (const Run* run : {&older, &newer}) {
        CHECK(d.parts.records.holds_back(*run));
        d.parts.holds.wait_for_release(*run);
        CHECK(run->reason == Reason::held);
    }
    d.parts.holds.asked(ReleaseAsked{JobName("a"), "root"});
    CHECK(older.state == State::skipped);
    CHECK(older.reason == Reason::superseded);
    CHECK(newer.state == State::queued);
    CHECK(d.reply() == fmt::format("a is released: run {} may start; 1 of the backlog is skipped", newer.id));
}

TEST_CASE("holds: a hold with an end time ends then, with a note") {
    Desk d;
    d.parts.holds.asked(HoldAsked{JobName("a"), utc("2026-11-20T08:00:00Z"), "root"});
    CHECK(d.parts.holds.wake() == utc("2026-11-20T08:00:00Z"));
    d.write();
    d.set("2026-11-20T08:00:00Z");
    d.parts.holds.expire();
    CHECK_FALSE(d.parts.records.is_held(JobName("a")));
    CHECK(d.write().operator_note == "the hold of a ends");
}

TEST_CASE("holds: an end time in the past is refused") {
    Desk d;
    d.parts.holds.asked(IceAsked{JobName("a"), utc("2026-11-20T04:00:00Z"), "root"});
    CHECK(d.reply().starts_with("2026-11-20T04:00:00+00:00 is in the past"));
    CHECK_FALSE(d.parts.records.is_iced(JobName("a")));
}

TEST_CASE("holds: an iced job's waiting runs are skipped, active runs continue") {
    Desk d;
    d.set("2026-11-20T07:00:00Z");
    const Run& begun = d.begin(d.run("a", "2026-11-20T06:00:00Z"));
    const Run& waits = d.run("a", "2026-11-20T07:00:00Z");
    d.parts.holds.asked(IceAsked{JobName("a"), {}, "root"});
    CHECK(begun.state == State::running);
    CHECK(waits.state == State::skipped);
    CHECK(waits.reason == Reason::iced);
    CHECK(waits.detail == "iced by root since 2026-11-20T07:00:00Z");
}

TEST_CASE("holds: a job that is neither held nor iced cannot be released") {
    Desk d;
    d.parts.holds.asked(ReleaseAsked{JobName("a"), "root"});
    CHECK(d.reply() == "a is neither held nor iced");
}
