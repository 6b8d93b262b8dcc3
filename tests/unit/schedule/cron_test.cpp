#include "schedule/cron.h"

#include <bit>
#include <catch2/catch.hpp>

#include "unit/schedule/worlds.h"

using namespace mc;
using test::at;

namespace {

CronExpr cron(const std::string& text) {
    auto expr = parse_cron(text, "job");
    if (!expr) FAIL(expr.error().text());
    return *expr;
}

// The first fires after `from`, in UTC, separated by spaces.
std::string fires(const std::string& text, const std::string& zone, const std::string& from, int count,
                  std::optional<GapRule> gap = {}, std::optional<OverlapRule> overlap = {}) {
    const auto expr = cron(text);
    std::string all;
    auto after = at(from);
    for (int n = 0; n < count; ++n) {
        const auto next = next_cron(expr, *test::zone_named(zone), after, gap, overlap);
        if (!next) return all + " none";
        all += (n == 0 ? "" : " ") + to_string(*next);
        after = *next;
    }
    return all;
}

std::string refusal(const std::string& text) {
    const auto expr = parse_cron(text, "job");
    REQUIRE_FALSE(expr);
    CHECK(expr.error().kind == Error::Kind::config);
    return expr.error().text();
}

}  // namespace

TEST_CASE("an error names the field, what is wrong in it, and what to write") {
    CHECK(refusal("60 * * * *") == "error: minute field '60': 60 is outside 0-59; write 0, */15 or 0,30");
    CHECK(refusal("* * * * 5/2").ends_with("'5/' has a step without a range; write */N or 5-7/N"));
    CHECK(refusal("0 5-1 * * *").ends_with("runs backwards; write two: 5-23,0-1"));
    // 7 is Sunday, like 0: one hint, which works.
    CHECK(refusal("0 0 * * 7-1").ends_with("the range 7-1 runs backwards; write 0-1"));
    CHECK(refusal("0 0 * * 6-1").ends_with("the range 6-1 runs backwards; write two: 6,0-1"));
    CHECK(refusal("0 0 1 12-2 *").ends_with("write two: 12,1-2"));
    CHECK(refusal("0 0 * * fryday").find("day of week field 'fryday'") != std::string::npos);
    CHECK(refusal("0 0 * janu *").find("write jan") != std::string::npos);
    CHECK(refusal("0 0 30 2 *").find("never fires") != std::string::npos);
    CHECK(refusal("* * *").find("has 3 fields") != std::string::npos);
    CHECK(refusal("@dayly").find("did you mean @daily?") != std::string::npos);
}

TEST_CASE("an expression that never fires is refused, one that fires rarely is not") {
    CHECK_FALSE(parse_cron("0 0 31 4,6,9,11 *", ""));
    CHECK_FALSE(parse_cron("0 0 30 2 */2", ""));
    CHECK(fires("0 0 30 2 mon", "UTC", "2026-01-01T00:00:00Z", 2) == "2026-02-02T00:00:00Z 2026-02-09T00:00:00Z");
    CHECK(fires("0 0 29 2 *", "UTC", "2097-01-01T00:00:00Z", 1) == "2104-02-29T00:00:00Z");
    // */7 begins with a star, so both must match: February 29 on a Sunday, across 2100.
    CHECK(fires("0 0 29 2 */7", "UTC", "2088-02-29T00:00:00Z", 1) == "2128-02-29T00:00:00Z");
}

TEST_CASE("with six fields the first is the second") {
    CHECK(fires("*/20 59 23 31 12 *", "UTC", "2026-12-31T23:59:00Z", 3) ==
          "2026-12-31T23:59:20Z 2026-12-31T23:59:40Z 2027-12-31T23:59:00Z");
    CHECK(fires("5,50 0 0 1 1 *", "UTC", "2026-01-01T00:00:05Z", 2) == "2026-01-01T00:00:50Z 2027-01-01T00:00:05Z");
}

TEST_CASE("a tilde is drawn once for each name and field, within its range") {
    bool differs = false;
    for (int n = 0; n < 200; ++n) {
        const auto name = "job" + std::to_string(n);
        const auto expr = parse_cron("10~19 3~ * * ~", name);
        REQUIRE(expr);
        CHECK(*expr == *parse_cron("10~19 3~ * * ~", name));
        CHECK(std::popcount(expr->minutes) == 1);
        CHECK((expr->minutes & 0xFFC00) != 0);
        CHECK((expr->hours & 0xFFFFF8) != 0);
        CHECK(std::popcount(expr->weekdays) == 1);
        differs = differs || !(*expr == *parse_cron("10~19 3~ * * ~", "job0"));
    }
    CHECK(differs);
    // The drawn values must not change from one release to the next.
    CHECK(std::countr_zero(parse_cron("~ ~ * * *", "backup")->minutes) == 13);
    CHECK(std::countr_zero(parse_cron("~ ~ * * *", "backup")->hours) == 20);
}

TEST_CASE("a skipped hour: a fixed job fires once after it, others follow the clock") {
    CHECK(fires("0-59/20 2 * * *", "America/New_York", "2026-03-08T06:59:00Z", 2) ==
          "2026-03-08T07:00:00Z 2026-03-09T06:00:00Z");
    CHECK(fires("0,30 2-3 * * *", "America/New_York", "2026-03-08T06:59:00Z", 2) ==
          "2026-03-08T07:00:00Z 2026-03-08T07:30:00Z");
    CHECK(fires("*/20 2 * * *", "America/New_York", "2026-03-08T06:59:00Z", 1) == "2026-03-09T06:00:00Z");
    CHECK(fires("30 2 * * *", "America/New_York", "2026-03-08T06:59:00Z", 1, GapRule::skip) == "2026-03-09T06:30:00Z");
    CHECK(fires("*/20 2 * * *", "America/New_York", "2026-03-08T06:59:00Z", 2, GapRule::shift) ==
          "2026-03-08T07:00:00Z 2026-03-09T06:00:00Z");
    CHECK(fires("30 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00:00Z", 1) == "2018-11-04T03:00:00Z");
}

TEST_CASE("a repeated hour: a fixed job fires in its first pass, others in both") {
    CHECK(fires("30 1 * * *", "America/New_York", "2026-11-01T04:00:00Z", 2) ==
          "2026-11-01T05:30:00Z 2026-11-02T06:30:00Z");
    CHECK(fires("*/30 1 * * *", "America/New_York", "2026-11-01T04:00:00Z", 4) ==
          "2026-11-01T05:00:00Z 2026-11-01T05:30:00Z 2026-11-01T06:00:00Z 2026-11-01T06:30:00Z");
    CHECK(fires("30 1 * * *", "America/New_York", "2026-11-01T04:00:00Z", 2, {}, OverlapRule::second) ==
          "2026-11-01T06:30:00Z 2026-11-02T06:30:00Z");
    CHECK(fires("30 1 * * *", "America/New_York", "2026-11-01T04:00:00Z", 2, {}, OverlapRule::both) ==
          "2026-11-01T05:30:00Z 2026-11-01T06:30:00Z");
    CHECK(fires("*/30 1 * * *", "America/New_York", "2026-11-01T05:10:00Z", 2, {}, OverlapRule::first) ==
          "2026-11-01T05:30:00Z 2026-11-02T06:00:00Z");
}

TEST_CASE("a zone that moves across the date line skips a day, and nothing is caught up") {
    CHECK(fires("0 12 * * *", "Pacific/Apia", "2011-12-30T09:30:00Z", 1) == "2011-12-30T22:00:00Z");
    CHECK(fires("0 12 * * *", "Pacific/Apia", "2011-12-30T09:30:00Z", 1, GapRule::shift) == "2011-12-30T10:00:00Z");
}

TEST_CASE("the nominal time of a fire from a gap is the skipped one") {
    WallTime nominal;
    const auto zone = test::zone_named("America/New_York");
    REQUIRE(next_cron(cron("30 2 * * *"), *zone, at("2026-03-08T06:00:00Z"), {}, {}, &nominal));
    CHECK(nominal == WallTime{make_date(2026, 3, 8)} + std::chrono::minutes{150});
}
