// Runs that wait for other jobs: parked until a change concerns them.
#include <catch2/catch.hpp>

#include "unit/engine/parts_fixture.h"

using namespace mc;
using namespace mc::test;

namespace {

const std::string two = "[job.a]\nschedule = '0 6 * * *'\n[job.b]\nschedule = '0 6 * * *'\nafter = ['a']\n";

struct Pair : Bench {
    const Run *a, *b;
    Pair() : Bench(two, "2026-11-20T05:00:00Z"), a(nullptr), b(nullptr) {
        set("2026-11-20T06:00:00Z");
        parts.agenda.advance(utc("2026-11-20T06:00:00Z"));
        a = &run("a", "2026-11-20T06:00:00Z");
        b = &run("b", "2026-11-20T06:00:00Z");
        parts.gates.judge();
    }
};

}  // namespace

TEST_CASE("gates: a run with an unfinished upstream run waits for it, and shows this") {
    Pair p;
    CHECK(p.b->state == State::waiting);
    CHECK(p.b->reason == Reason::dependency);
    CHECK(p.b->detail == "waits for a 2026-11-20");
    CHECK(p.parts.gates.keeps_waiting(*p.b));
    CHECK_FALSE(p.parts.gates.keeps_waiting(*p.a));
}

TEST_CASE("gates: a parked run stays inactive until its upstream run ends") {
    Pair p;
    p.parts.gates.park(*p.b);
    CHECK_FALSE(p.parts.book.active().contains(p.b->id));
    p.begin(*p.a);
    p.parts.gates.judge();
    CHECK_FALSE(p.parts.book.active().contains(p.b->id));  // an upstream start changes nothing for it
    p.parts.endings.finish(*p.a, State::success, Reason::none);
    CHECK(p.parts.gates.has_news());
    p.parts.gates.judge();
    CHECK(p.parts.book.active().contains(p.b->id));
    CHECK_FALSE(p.parts.gates.keeps_waiting(*p.b));
    CHECK(p.b->state == State::queued);
}

TEST_CASE("gates: a failed upstream run ends the run, and marking it as success restores the run") {
    Pair p;
    p.begin(*p.a);
    p.parts.endings.finish(*p.a, State::failed, {Reason::exit_code, "exit code 1"});
    p.parts.gates.judge();
    CHECK(p.b->state == State::upstream_failed);
    const RunId a = p.a->id, b = p.b->id;
    p.write();
    const Run& marked = p.parts.book.bring(*p.store->by_id(a).value());
    p.parts.endings.mark(marked, {a, State::success, "checked", "root"});
    p.parts.gates.judge();
    REQUIRE(p.parts.book.find(b));
    CHECK(p.parts.book.at(b).state == State::queued);
}

TEST_CASE("gates: a parked run returns at its limit") {
    Bench b("[job.a]\nschedule = '0 6 * * *'\n[job.b]\nschedule = '0 6 * * *'\nafter = ['a']\nnot_after = '+1h'\n",
            "2026-11-20T05:00:00Z");
    b.set("2026-11-20T06:00:00Z");
    b.parts.agenda.advance(utc("2026-11-20T06:00:00Z"));
    b.run("a", "2026-11-20T06:00:00Z");
    const Run& run = b.run("b", "2026-11-20T06:00:00Z");
    b.parts.gates.judge();
    b.parts.gates.park(run);
    CHECK(b.parts.book.next_alarm() == utc("2026-11-20T07:00:00Z"));
    b.set("2026-11-20T07:00:00Z");
    b.parts.endings.expire();
    CHECK(run.state == State::missed);
    CHECK(run.reason == Reason::too_late);
}

TEST_CASE("gates: an operator can bypass them") {
    Pair p;
    p.parts.book.bypass_gates(*p.b);
    CHECK_FALSE(p.parts.gates.keeps_waiting(*p.b));
}
