#include "schedule/fire_key.h"

#include <catch2/catch.hpp>

using namespace mc;
using Kind = FireKey::Kind;

TEST_CASE("a fire's key has the ledger's form") {
    const Instant at = parse_instant("2026-11-20T21:00:00Z").value(),
                  later = parse_instant("2026-11-21T21:00:00Z").value();
    const Date day = parse_date("2026-11-20").value();
    CHECK(FireKey::of_moment(at).text() == "cron 2026-11-20T21:00:00Z");
    CHECK(FireKey::of_session(day, "XNYS@close", 1, 0).text() == "session 2026-11-20 XNYS@close 1");
    CHECK(FireKey::of_session(day, "XHKG@break_start", 2, 3).text() == "session 2026-11-20 XHKG@break_start 2 3");
    CHECK(FireKey::of_date(day).text() == "date 2026-11-20");
    CHECK(FireKey::of_boot("0a1b").text() == "boot 0a1b");
    CHECK(FireKey::of_start(17).text() == "start 17");
    CHECK(FireKey::of_start(17).in_ledger_of("0a1b2c").text() == "start 17 of 0a1b2c");
    CHECK(FireKey::of_span(at, later).text() == "span 2026-11-20T21:00:00Z 2026-11-21T21:00:00Z");
    CHECK(FireKey().text().empty());
}

TEST_CASE("a key that was read has its kind and parts") {
    const auto kind = [](const char* text) { return FireKey(text).kind(); };
    CHECK(kind("cron 2026-11-20T21:00:00Z") == Kind::moment);
    CHECK(kind("session 2026-11-20 XNYS@close 1") == Kind::session);
    CHECK(kind("date 2026-11-20") == Kind::date);
    CHECK(kind("boot 0a1b") == Kind::boot);
    CHECK(kind("start 17 of 0a1b2c") == Kind::start);
    CHECK(kind("span a b") == Kind::span);
    CHECK(kind("") == Kind::none);
    CHECK(kind("starter 17") == Kind::other);
    CHECK(FireKey::of_moment(parse_instant("2026-11-20T21:00:00Z").value()).moment() ==
          parse_instant("2026-11-20T21:00:00Z").value());
    CHECK_FALSE(FireKey("date 2026-11-20").moment());
    CHECK_FALSE(FireKey("cron today").moment());
    CHECK(FireKey("start 17").is_start());
    CHECK_FALSE(FireKey("cron 2026-11-20T21:00:00Z").is_start());
}

TEST_CASE("the key of a session's event names its calendar") {
    CHECK(FireKey("session 2026-11-20 XNYS@close 1").calendar() == "XNYS");
    CHECK(FireKey("session 2026-11-20 ").calendar().empty());
    CHECK(FireKey("date 2026-11-20 XNYS@close").calendar().empty());
}

TEST_CASE("each kind of key starts with its own word") {
    const Kind kinds[]{Kind::moment, Kind::session, Kind::date, Kind::boot, Kind::start, Kind::span};
    for (const Kind kind : kinds) CHECK(FireKey(std::string(first_word(kind)) + "x").kind() == kind);
    CHECK(first_word(Kind::none).empty());
    CHECK(first_word(Kind::other).empty());
}
