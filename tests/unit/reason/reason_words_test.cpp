// The sentences of reasons.
#include <catch2/catch.hpp>

#include "reason/words.h"
#include "unit/reason/samples.h"

using namespace mc;
using namespace mc::test;

TEST_CASE("each kind of facts has its sentence") {
    const char* sentences[]{
        "an earlier run of the job is still active",
        "run 17 of the job was still active",
        "run 18 waits for memory or cpus and starts first",
        "is being cleared: it waits until the stopped runs have ended",
        "replaced by the fire at 2026-11-20T21:00:00Z",
        "2026-11-26 is newer",
        "run 17 of the job was due",
        "the backfill allows 2 runs at a time",
        "all 4 slots of pool db are taken",
        "the last of the 4 slots of pool db is reserved for runs outside backfills",
        "it asks for 7.5G of memory; 55.9G of 59.6G are claimed",
        "it asks for 2.5 cpus; 15 of 16 are claimed",
        "cannot make a process: Resource temporarily unavailable",
        "wait_until 2026-11-20T21:00:00Z",
        "not started by 2026-11-20T21:00:00Z",
        "must end by 2026-11-20T21:00:00Z",
        "it ran longer than 2h",
        "2026-11-26 is not a session of XNYS",
        "first_session_of_month",
        "waits for file /data/x, checked every 30s, until 2026-11-20T21:00:00Z: no such file; and for 1 more",
        "waited 1h for file /data/x: the check started at 2026-11-20T21:00:00Z has no answer",
        "waits for positions 2026-11-20 and 2 more",
        "trigger one_success: prices 2026-11-20: run 17 failed (exit_code); prices 2026-11-20: run 17 failed "
        "(exit_code)",
        "prices 2026-11-20: run 17 failed (exit_code)",
        "waits for its previous date (depends_on_past): prices 2026-11-20: run 17 failed (exit_code); run "
        "`marketcron rerun 17`, or mark that run",
        "held by root since 2026-11-20T21:00:00Z",
        "iced by root since 2026-11-20T21:00:00Z",
        "by root: checked by hand; it was timed_out",
        "by root",
        "cron.service runs the crontabs too"};
    const auto all = samples();
    REQUIRE(all.size() == std::size(sentences));
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(sentence(all[i], {}) == sentences[i]);
}

TEST_CASE("singular and plural, with and without optional parts") {
    CHECK(sentence(BackfillWidth{4, 1}, {}) == "the backfill allows 1 run at a time");
    CHECK(sentence(PoolFull{"db", 1}, {}) == "the only slot of pool db is taken");
    CHECK(sentence(CpusClaimed{1, 1, 1}, {}) == "it asks for 1 cpu; 1 of 1 are claimed");
    CHECK(sentence(NoSession{day("2026-11-26"), {}}, {}) == "2026-11-26 has no session");
    CHECK(sentence(SensorPending{"file /x", Seconds{30}, {}, "", {0}}, {}) == "waits for file /x, checked every 30s");
    CHECK(sentence(SensorTimedOut{"file /x", Seconds{60}, "404", {}}, {}) == "waited 1m for file /x: 404");
    CHECK(sentence(UpstreamsPending{coming_look(), 1}, {}) == "waits for positions 2026-11-20");
    CHECK(sentence(UpstreamsEnded{Trigger::all_success, {failed_look()}}, {}) ==
          "prices 2026-11-20: run 17 failed (exit_code)");
    CHECK(sentence(UpstreamsEnded{Trigger::one_success, {}}, {}) == "trigger one_success");
}

TEST_CASE("each fact that decides about an upstream job has its words") {
    using Basis = UpstreamStatus::Basis;
    const auto words = [](Basis basis) {
        UpstreamStatus look = coming_look();
        look.basis = basis;
        return text_of(look, nullptr);
    };
    CHECK(words(Basis::fire_to_come) == "positions 2026-11-20 is due at 2026-11-20T21:15:00Z");
    CHECK(words(Basis::no_fire) == "positions 2026-11-20: it has no fire for that date, which counts as skipped");
    CHECK(words(Basis::no_run) ==
          "positions 2026-11-20: its fire at 2026-11-20T21:15:00Z has no run, which counts as skipped");
    CHECK(words(Basis::none_known) == "positions has no earlier run");
    CHECK(words(Basis::disabled) == "positions is disabled, which counts as skipped");
    CHECK(words(Basis::iced) == "positions is iced, which counts as success");
}

TEST_CASE("a run of an upstream job is, was, or is being cleared") {
    UpstreamStatus look = failed_look();
    look.reason = Reason::none;
    CHECK(text_of(look, nullptr) == "prices 2026-11-20: run 17 failed");
    look.standing = UpstreamStatus::Standing::pending;
    CHECK(text_of(look, nullptr) == "prices 2026-11-20: run 17 is being cleared");
    look.state = State::running;
    CHECK(text_of(look, nullptr) == "prices 2026-11-20: run 17 is running");
    look.state = State::waiting;
    look.reason = Reason::sensor;
    CHECK(text_of(look, nullptr) == "prices 2026-11-20: run 17 is waiting (sensor)");
}

TEST_CASE("instants are in the zone of the run's job, if it is known") {
    const Instant then = at("2026-11-20T21:00:00Z");
    const ZonePtr tokyo = Zone::from_rule("JST-9").value();
    const Wording wording{nullptr, tokyo.get()};
    CHECK(sentence(WaitUntil{then}, wording) == "wait_until 2026-11-21T06:00:00+09:00");
    CHECK(sentence(StartLimit{then}, wording) == "not started by 2026-11-21T06:00:00+09:00");
    CHECK(sentence(Superseded{then}, wording) == "replaced by the fire at 2026-11-21T06:00:00+09:00");
    CHECK(sentence(SensorTimedOut{"file /x", Seconds{60}, "404", then}, wording) ==
          "waited 1m for file /x: the check started at 2026-11-21T06:00:00+09:00 has no answer");
}

TEST_CASE("how many more sensors and upstream jobs a run waits for") {
    CHECK(sentence(SensorPending{"file /x", Seconds{30}, {}, "404", {0, 1}}, {}) ==
          "waits for file /x, checked every 30s: 404; and for 1 more");
    CHECK(sentence(SensorPending{"file /x", Seconds{30}, {}, "", {0, 1, 2}}, {}) ==
          "waits for file /x, checked every 30s; and for 2 more");
    CHECK(sentence(UpstreamsPending{coming_look(), 2}, {}) == "waits for positions 2026-11-20 and 1 more");
}

TEST_CASE("a reason has its facts and its sentence, or only one of them, or none") {
    const Because full{Reason::pool, PoolFull{"db", 4}};
    CHECK(full.reason == Reason::pool);
    CHECK(full.detail == "all 4 slots of pool db are taken");
    REQUIRE(full.data);
    CHECK(*full.data == ReasonData(PoolFull{"db", 4}));
    const Because foreign{Reason::spawn_failed, "cannot execute /opt/x"};
    CHECK_FALSE(foreign.data);
    CHECK(foreign.detail == "cannot execute /opt/x");
    const Because alone = Reason::disabled;
    CHECK(alone.detail.empty());
}
