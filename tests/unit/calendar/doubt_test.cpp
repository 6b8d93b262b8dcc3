// Dates that a calendar's file marks as uncertain.
#include "calendar/calendar_set.h"
#include "calendar/check.h"
#include "calendar/joint.h"
#include "calendar/rules.h"
#include "made.h"

using namespace mc;
using test::calendar_file;
using test::day;
using test::hours_on;
using test::made;

namespace {

std::string doubt_on(const Calendar& calendar, const char* date) { return calendar.facts(day(date)).value().doubt; }

std::string errors_in(const std::string& body) {
    const auto rules = check_calendar(calendar_file(body), "test.toml", test::zone, no_rules_to_extend);
    if (rules) return "none";
    std::string text;
    for (const Error& error : rules.error()) text += error.text() + "\n";
    return text;
}

const std::string doubts = R"(
[[doubt]]
name = "the close may be 13:00"
on   = "dec 24"
only = "mon-fri"
from = 2024
[[doubt]]
name  = "perhaps closed"
dates = [2025-12-24, 2026-03-20]
[[doubt]]
name = "the midday break is not here"
from = 2025-06-02
to   = 2025-12-31
only = "mon-fri"
)";

}  // namespace

TEST_CASE("a doubt is reported for its dates and changes no session") {
    const Calendar calendar = made(calendar_file(doubts));
    CHECK(doubt_on(calendar, "2023-12-25") == "");
    CHECK(doubt_on(calendar, "2024-12-24") == "the close may be 13:00");
    CHECK(hours_on(calendar, "2024-12-24") == "09:30 16:00");
    CHECK(doubt_on(calendar, "2026-03-20") == "perhaps closed");
    CHECK(doubt_on(calendar, "2025-12-24") == "the close may be 13:00; perhaps closed; the midday break is not here");
    CHECK(doubt_on(calendar, "2025-05-30") == "");
    CHECK(doubt_on(calendar, "2025-06-02") == "the midday break is not here");
    CHECK(doubt_on(calendar, "2025-06-07") == "");  // a Saturday
    CHECK(doubt_on(calendar, "2026-01-02") == "");
}

TEST_CASE("a rule's doubts continue past the end of the year") {
    const Calendar calendar = made(calendar_file("[[doubt]]\nname = \"eve\"\non = \"jan 1\"\nobserved = \"sat-1\"\n"));
    CHECK(doubt_on(calendar, "2021-12-31") == "eve");  // 2022-01-01 is a Saturday
    CHECK(doubt_on(calendar, "2022-01-01") == "");
}

TEST_CASE("a doubt without a name or without an effect is an error") {
    CHECK(errors_in("[[doubt]]\non = \"dec 24\"\n") ==
          "test.toml:9:1: error: name is missing; write name = \"Good Friday\"\n");
    CHECK(errors_in("[[doubt]]\nname = \"x\"\nto = 1999\n") ==
          "test.toml:9:1: error: this doubt applies to no date of coverage; correct its dates, or remove it\n");
    CHECK(errors_in("[[doubt]]\nname = \"x\"\ndays = 2\n") ==
          "test.toml:11:8: error: days applies to the dates of a rule, and there is none; write on = \"...\" too, or "
          "remove it\n");
    CHECK(errors_in("[[doubt]]\nname = \"x\"\nclose = \"13:00\"\n")
              .starts_with("test.toml:11:1: error: unknown key \"close\""));
}
