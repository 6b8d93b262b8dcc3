// When which job fires next: each fire is handed out once.
#include <catch2/catch.hpp>

#include "unit/engine/parts_fixture.h"

using namespace mc;
using namespace mc::test;

TEST_CASE("agenda: the earliest due job is first, with all its fires, and its next fire replaces them") {
    Bench b("[job.a]\nschedule = '0 * * * *'\n[job.b]\nschedule = '30 * * * *'\n", "2026-11-20T05:10:00Z");
    Agenda& agenda = b.parts.agenda;
    const Instant now = utc("2026-11-20T07:10:00Z");
    agenda.advance(now);
    const Agenda::Due first = agenda.take_due(now);
    REQUIRE(first.job);
    CHECK(first.job->name == "b");
    REQUIRE(first.fires.size() == 2);
    CHECK(first.fires[1].due == utc("2026-11-20T06:30:00Z"));
    const Agenda::Due second = agenda.take_due(now);
    REQUIRE(second.job);
    CHECK(second.job->name == "a");
    CHECK(second.fires.size() == 2);
    CHECK_FALSE(agenda.take_due(now).job);
    REQUIRE(agenda.next(JobName("a")).size() == 1);
    CHECK(agenda.next(JobName("a")).front().due == utc("2026-11-20T08:00:00Z"));
    CHECK(agenda.wake() == utc("2026-11-20T07:30:00Z"));
}

TEST_CASE("agenda: no fire repeats when the clock is set back") {
    Bench b("[job.a]\nschedule = '0 * * * *'\n", "2026-11-20T05:10:00Z");
    Agenda& agenda = b.parts.agenda;
    agenda.advance(utc("2026-11-20T06:10:00Z"));
    CHECK(agenda.take_due(utc("2026-11-20T06:10:00Z")).fires.size() == 1);
    agenda.advance(utc("2026-11-20T05:30:00Z"));
    CHECK(agenda.planned_through() == utc("2026-11-20T06:10:00Z"));
    CHECK_FALSE(agenda.take_due(utc("2026-11-20T05:30:00Z")).job);
    agenda.rebuild(utc("2026-11-20T05:30:00Z"));
    CHECK(agenda.next(JobName("a")).front().due == utc("2026-11-20T07:00:00Z"));
}

TEST_CASE("agenda: a job without a fire in the search span is searched again later") {
    Bench b("[job.a]\nschedule = '0 0 29 2 *'\n", "2026-11-20T05:10:00Z");  // 2028-02-29
    Agenda& agenda = b.parts.agenda;
    CHECK(agenda.next(JobName("a")).empty());
    REQUIRE(agenda.wake());
    CHECK(*agenda.wake() < utc("2028-02-29T00:00:00Z"));
    const Instant later = utc("2027-10-01T00:00:00Z");
    agenda.advance(later);
    agenda.ask_again(later);
    REQUIRE(agenda.next(JobName("a")).size() == 1);
    CHECK(agenda.next(JobName("a")).front().due == utc("2028-02-29T00:00:00Z"));
}

TEST_CASE("agenda: a disabled or unknown job has no entry") {
    Bench b("[job.a]\nschedule = '0 * * * *'\nenabled = false\n", "2026-11-20T05:10:00Z");
    CHECK(b.parts.agenda.next(JobName("a")).empty());
    CHECK(b.parts.agenda.next(JobName("nobody's")).empty());
    CHECK(b.parts.agenda.entries().empty());
}
