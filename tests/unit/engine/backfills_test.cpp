// The runs of a backfill.
#include <catch2/catch.hpp>

#include "unit/engine/parts_fixture.h"

using namespace mc;
using namespace mc::test;

namespace {

BackfillAsked of_days(std::string_view from, std::string_view to, int parallel = 1) {
    return {{JobName("a")}, day(from), day(to), BackfillAsked::Rerun::none, parallel, "root"};
}

}  // namespace

TEST_CASE("backfills: each fire gets a run, all in one batch with its width") {
    Bench b("[job.a]\nschedule = '0 6 * * *'\nnot_after = '+1h'\ndeadline = '+1h'\n", "2026-11-20T05:00:00Z");
    b.parts.backfills.asked(of_days("2026-11-16", "2026-11-18", 2));
    CHECK(b.reply() == "3 of 3 fires will run, 2 at a time");
    const StepWrites written = b.write();
    REQUIRE(written.inserted.size() == 3);
    for (const Run& run : written.inserted) {
        CHECK(run.origin == Origin::backfill);
        CHECK(run.batch == 1);
        CHECK(run.batch_width == 2);
        CHECK(run.state == State::queued);
        CHECK_FALSE(run.not_after);
        CHECK_FALSE(run.deadline);
    }
    CHECK(written.operator_note == "backfill a 2026-11-16..2026-11-18 by root");
}

TEST_CASE("backfills: a fire that has a row or is not due is left out") {
    Bench b("[job.a]\nschedule = '0 6 * * *'\n", "2026-11-20T05:00:00Z");
    b.parts.backfills.asked(of_days("2026-11-18", "2026-11-18"));
    b.write();
    (void)b.reply();
    b.parts.backfills.asked(of_days("2026-11-18", "2026-11-20"));
    CHECK(b.reply() == "1 of 3 fires will run, 1 at a time");
}

TEST_CASE("backfills: the runs of a held job wait, and the answer says so") {
    Bench b("[job.a]\nschedule = '0 6 * * *'\n", "2026-11-20T05:00:00Z");
    b.parts.holds.asked(HoldAsked{JobName("a"), {}, "root"});
    (void)b.reply();
    b.parts.backfills.asked(of_days("2026-11-18", "2026-11-18"));
    CHECK(b.reply() == "1 of 1 fire will run, 1 at a time; a is held: its runs wait until it is released");
}

TEST_CASE("backfills: reversed dates are refused, and nothing is written") {
    Bench b("[job.a]\nschedule = '0 6 * * *'\n", "2026-11-20T05:00:00Z");
    b.parts.backfills.asked(of_days("2026-11-18", "2026-11-17"));
    CHECK(b.reply() == "--from 2026-11-18 is after --to 2026-11-17; write the earlier date after --from");
    CHECK(b.write().empty());
}
