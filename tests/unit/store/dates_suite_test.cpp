// The queries for a job's runs by logical date, for every store.
#include <catch2/catch.hpp>

#include "worlds.h"

using namespace mc;

ON_EVERY_STORE("the newest run before a date, except runs that an operator started without one") {
    TestType world;
    StepWrites batch;
    const auto add = [&](RunId id, const std::string& key, int day, int fire, State state = State::success) {
        Run run = make_run(id, "a", fire, state);
        run.key = FireKey(key);
        run.logical_date = make_date(2026, 11, static_cast<unsigned>(day));
        batch.inserted.push_back(run);
    };
    add(1, "d17", 17, 100);
    add(2, "d18", 18, 200, State::upstream_failed);
    add(3, "d18 again", 18, 250);
    add(4, "start 4", 19, 300);
    add(5, "d20", 20, 400, State::upstream_failed);
    must(world.store->commit(batch));
    world.reopen();
    const auto before = [&](int day, int fire) -> RunId {
        const auto run =
            world.store->newest_before(JobName("a"), make_date(2026, 11, static_cast<unsigned>(day)), at(fire)).value();
        return run ? run->id : 0;
    };
    CHECK(before(20, 1000) == 3);
    CHECK(before(21, 1000) == 5);
    CHECK(before(21, 399) == 3);
    CHECK(before(18, 1000) == 1);
    CHECK(before(17, 1000) == 0);
    CHECK_FALSE(world.store->newest_before(JobName("b"), make_date(2026, 11, 20), at(1000)).value());
    const auto failed_after = [&](int day) {
        return ids_of(
            world.store->upstream_failed_after(JobName("a"), make_date(2026, 11, static_cast<unsigned>(day))).value());
    };
    CHECK(failed_after(17) == std::vector<RunId>{2, 5});
    CHECK(failed_after(18) == std::vector<RunId>{5});
    CHECK(failed_after(20).empty());
    CHECK(world.store->upstream_failed_after(JobName("b"), make_date(2026, 11, 1)).value().empty());
}

// Forty days of a job that fires every ten minutes, and dates far from their fire: any number of rows is searched.
ON_EVERY_STORE("the newest run before a date and the failed ones after it are found among thousands of rows") {
    TestType world;
    constexpr std::int64_t day_seconds = 86400, first_day = 20'000, days = 40;
    StepWrites batch;
    const auto add = [&](RunId id, std::int64_t day, std::int64_t fire, State state) {
        Run run = make_run(id, "dense", fire, state);
        run.key = FireKey("fire " + std::to_string(id));
        run.logical_date = Date{date::days{day}};
        batch.inserted.push_back(run);
    };
    RunId id = 0;
    for (std::int64_t day = first_day; day < first_day + days; ++day)
        for (std::int64_t fire = 0; fire < 144; ++fire)
            if (day != first_day + 20) add(++id, day, day * day_seconds + fire * 600, State::success);
    // The middle date has one row, due long before all rows of the date before it; and one run has run far in advance.
    add(9001, first_day + 20, (first_day + 9) * day_seconds + 1, State::upstream_failed);
    add(9002, first_day + 60, (first_day + 12) * day_seconds + 1, State::upstream_failed);
    add(9003, first_day + 30, (first_day + 30) * day_seconds + 1, State::upstream_failed);
    must(world.store->commit(batch));
    world.reopen();
    const Instant ever = at((first_day + 1000) * day_seconds);
    const auto before = [&](std::int64_t day, Instant fire_before) {
        const auto run =
            world.store->newest_before(JobName("dense"), Date{date::days{first_day + day}}, fire_before).value();
        return run ? run->id : 0;
    };
    CHECK(before(21, ever) == 9001);
    CHECK(before(21, at((first_day + 9) * day_seconds)) == 9 * 144 + 1);  // due at that instant
    CHECK(before(20, ever) == 20 * 144);
    CHECK(before(40, ever) == id);
    CHECK(before(60, ever) == id);
    CHECK(before(61, ever) == 9002);
    CHECK(before(2'000'000, ever) == 9002);
    CHECK(before(1, ever) == 144);
    CHECK(before(0, ever) == 0);
    const auto failed_after = [&](std::int64_t day) {
        return ids_of(world.store->upstream_failed_after(JobName("dense"), Date{date::days{first_day + day}}).value());
    };
    CHECK(failed_after(-4000) == std::vector<RunId>{9001, 9003, 9002});
    CHECK(failed_after(20) == std::vector<RunId>{9003, 9002});
    CHECK(failed_after(59) == std::vector<RunId>{9002});
    CHECK(failed_after(60).empty());
}
