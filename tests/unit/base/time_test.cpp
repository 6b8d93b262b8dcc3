#include "base/time.h"

#include <catch2/catch.hpp>

using namespace mc;

namespace {

std::int64_t seconds_of(std::string_view text) {
    const auto length = parse_duration(text);
    return length ? length->count() : -1;
}

bool is_instant(std::string_view text) { return parse_instant(text).has_value(); }
bool is_date(std::string_view text) { return parse_date(text).has_value(); }

}  // namespace

TEST_CASE("written instants are read back unchanged") {
    for (const char* text :
         {"2026-11-20T21:00:00Z", "1970-01-01T00:00:00Z", "1920-02-29T23:59:59Z", "2400-12-31T00:00:01Z"}) {
        const auto instant = parse_instant(text);
        REQUIRE(instant);
        CHECK(to_string(*instant) == text);
    }
    CHECK(parse_instant("1970-01-02T00:00:00Z")->time_since_epoch().count() == 86400);
}

TEST_CASE("an instant may carry an offset") {
    CHECK(to_string(*parse_instant("2026-11-20T16:00:00-05:00")) == "2026-11-20T21:00:00Z");
    CHECK(to_string(*parse_instant("2026-11-21T02:30:00+05:30")) == "2026-11-20T21:00:00Z");
    CHECK(to_string(*parse_instant("1883-11-18T12:03:58-04:56:02")) == "1883-11-18T17:00:00Z");
}

TEST_CASE("an invalid instant is an error with an example") {
    for (const char* text :
         {"", "2026-11-20", "2026-11-20T21:00:00", "2026-11-20 21:00:00Z", "2026-11-20T24:00:00Z",
          "2026-11-20T21:60:00Z", "2026-11-20T21:00:60Z", "2026-02-30T21:00:00Z", "2026-11-20T21:00:00z",
          "2026-11-20T21:00:00Zx", "2026-11-20T21:00:00+5", "2026-11-20T21:00:00+05:60", "2026-11-20T21:00Z",
          "+026-11-20T21:00:00Z", "2026-11-20T21:00:00-"}) {
        INFO(text);
        CHECK_FALSE(is_instant(text));
    }
    CHECK(parse_instant("noon").error().text() ==
          "error: invalid time \"noon\"; write it like 2026-11-20T21:00:00Z or 2026-11-20T16:00:00-05:00");
}

TEST_CASE("written dates are read back unchanged") {
    CHECK(to_string(*parse_date("2026-11-20")) == "2026-11-20");
    CHECK(*parse_date("2024-02-29") == make_date(2024, 2, 29));
    CHECK(weekday_of(*parse_date("2026-11-20")) == 5);
    for (const char* text : {"", "2026-02-30", "2025-02-29", "2026-13-01", "2026-00-01", "2026-1-1", "20261120",
                             "2026-11-20 ", "2026/11/20", "-026-11-20"}) {
        INFO(text);
        CHECK_FALSE(is_date(text));
    }
}

TEST_CASE("durations are the sum of their parts") {
    CHECK(seconds_of("90s") == 90);
    CHECK(seconds_of("1h30m") == 5400);
    CHECK(seconds_of("2d") == 172800);
    CHECK(seconds_of("1d2h3m4s") == 93784);
    CHECK(seconds_of("90m") == 5400);
    CHECK(seconds_of("0s") == 0);
    CHECK(seconds_of("36525d") == 36525LL * 86400);
}

TEST_CASE("an invalid duration is an error with an example") {
    for (const char* text : {"", "90", "s", "1h30", "-5m", "+5m", "1m1h", "1m1m", "1 h", "1.5h", "1w", "1H", "h1",
                             "36525d1s", "99999999999999999999s", "18446744073709551617s", "3155760001s"}) {
        INFO(text);
        CHECK(seconds_of(text) == -1);
    }
    CHECK(parse_duration("soon").error().text() ==
          "error: invalid duration \"soon\" (a number is missing); write 1h30m, 90s or 2d");
}

TEST_CASE("each length of time has one text, which reads back as the same length") {
    CHECK(duration_text(Seconds{5400}) == "1h30m");
    CHECK(duration_text(Seconds{0}) == "0s");
    CHECK(duration_text(Seconds{86400 * 2 + 1}) == "2d1s");
    CHECK(duration_text(Seconds{-90}) == "-1m30s");
    for (std::int64_t length = 1; length < 1'000'000; length = length * 3 / 2 + 1) {
        CHECK(seconds_of(duration_text(Seconds{length})) == length);
    }
}
