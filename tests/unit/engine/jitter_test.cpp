// A backfill ignores jitter: its runs are due at the scheduled time, and keep their identity.
#include <catch2/catch.hpp>

#include "engine/backfill.h"
#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

const std::string spread =
    "[defaults]\ncommand = 'true'\ntimezone = 'UTC'\n[job.a]\nschedule = '0 6 * * *'\njitter = '50m'\n";

BackfillAsked all_of(const std::string& job) {
    BackfillAsked asked{{JobName(job)}, day("2026-11-10"), day("2026-11-13"), BackfillAsked::Rerun::none, 1, "root"};
    asked.upstreams = BackfillAsked::Upstreams::run;
    return asked;
}

void check_due_at_six(const World& w, const std::string& job, std::size_t count) {
    const auto runs = w.runs(job);
    REQUIRE(runs.size() == count);
    for (const Run& run : runs) CHECK(run.fire == Instant{run.logical_date.time_since_epoch()} + Seconds{6 * 3600});
}

}  // namespace

TEST_CASE("a backfilled fire has no jitter, with or without a row, also in its upstream runs") {
    World w{"2026-11-14T00:00:00Z"};
    w.plan(spread + "[job.b]\nafter = ['a']\n");
    CHECK(jitter_of(w.loaded().jobs.at(JobName("a")).schedule, FireKey("cron 2026-11-10T06:00:00Z")) > Seconds{0});
    REQUIRE(w.ask(all_of("b")).ok);
    w.run_until("2026-11-14T01:00:00Z");
    check_due_at_six(w, "a", 4);
    check_due_at_six(w, "b", 4);
    CHECK(w.runs("a").front().key.text() == "cron 2026-11-10T06:00:00Z");

    World missed{"2026-11-09T12:00:00Z"};
    missed.plan(spread);
    missed.crash();
    missed.sleep_until("2026-11-14T00:00:00Z");
    missed.restart();
    REQUIRE(missed.runs("a").front().state == State::missed);
    REQUIRE(missed.runs("a").front().fire > utc("2026-11-10T06:00:00Z"));
    REQUIRE(missed.ask(all_of("a")).ok);
    missed.run_until("2026-11-14T01:00:00Z");
    check_due_at_six(missed, "a", 4);
}

TEST_CASE("a fire still within its jitter is not due for a backfill, and fires normally") {
    World w{"2026-11-13T12:00:00Z"};
    w.plan(spread);
    const Fire fire = w.engine().next_fire(JobName("a")).value().value();
    w.run_until(fire.due - Seconds{1});
    const BackfillAsked asked{{JobName("a")}, day("2026-11-14"), day("2026-11-14"), BackfillAsked::Rerun::none, 1,
                              "root"};
    const auto items = plan_backfill(w.loaded(), w.store(), asked, w.now());
    CHECK(items->front().why == "is not due yet");
    w.run_until(fire.due + Seconds{60});
    CHECK(w.started("a") == std::vector{fire.due});
}

TEST_CASE("a missed fire that a backfill runs closes its alert, although its jitter is removed") {
    World w{"2026-11-12T12:00:00Z"};
    w.plan("[slack.ops]\nwebhook = 'https://hooks.example/x'\n" + spread + "notify = { missed = ['slack:ops'] }\n");
    w.crash();
    w.sleep_until("2026-11-13T12:00:00Z");
    w.restart();
    REQUIRE(w.engine().alerts().contains("a"));
    const BackfillAsked asked{{JobName("a")}, day("2026-11-13"), day("2026-11-13"), BackfillAsked::Rerun::none, 1,
                              "root"};
    REQUIRE(w.ask(asked).ok);
    w.run_until("2026-11-13T13:00:00Z");
    CHECK(w.runs("a").back().state == State::success);
    CHECK(w.engine().alerts().empty());
}
