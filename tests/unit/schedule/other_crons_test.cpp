// The syntax of other crons: each suggestion is a valid schedule. What it fires: tests/e2e/hints_test.py.
#include "schedule/other_crons.h"

#include <random>

#include "schedule/other_fields.h"
#include "unit/schedule/worlds.h"

using namespace mc;
using namespace mc::test;

namespace {

std::string refusal(const std::string& text) {
    const auto read = parse_schedule(text, "job");
    INFO(text);
    REQUIRE_FALSE(read);
    return read.error().sentence();
}

}  // namespace

TEST_CASE("the error for another cron's syntax contains text that works") {
    CHECK(refusal("0 0 L * *") ==
          "'0 0 L * *': 'L' is the last day of the month in other crons; write schedule = \"0 0 * * *\" with when = "
          "\"day(-1)\"; for the last session of the month write when = \"last_session(month)\"");
    CHECK(refusal("0 9 * * 5L").ends_with("write schedule = \"0 9 * * *\" with when = \"nth_weekday(-1, fri)\""));
    CHECK(refusal("0 9 * * 2#1").ends_with("with when = \"nth_weekday(1, tue)\""));
    CHECK(refusal("0 0 12 ? * MON-FRI").ends_with("write schedule = \"0 12 * * mon-fri\""));
    CHECK(refusal("H H * * *").ends_with("write schedule = \"~ ~ * * *\""));
    CHECK(refusal("CRON_TZ=UTC 0 9 * * *").ends_with("write schedule = \"0 9 * * *\" with timezone = \"UTC\""));
    CHECK(refusal("0 9 * * 1 2027").ends_with("with when = \"year(2027)\""));
    CHECK(refusal("TZ=Europe/London 0 9 L * *").find("with when = \"day(-1)\" and timezone = \"Europe/London\"") !=
          std::string::npos);
    CHECK(refusal("0 9 * * monday") ==
          "'0 9 * * monday': 'monday' is a long name; names have three letters: mon; write schedule = \"0 9 * * "
          "mon\"");
    CHECK(refusal("0 22-2 * * *").ends_with("write schedule = \"0 22-23,0-2 * * *\""));
    CHECK(refusal("0 0 1 Nov-Feb *").ends_with("write schedule = \"0 0 1 nov-dec,jan-feb *\""));
    CHECK(refusal("@weekdays").ends_with("write schedule = \"0 0 * * mon-fri\""));
}

TEST_CASE("a character is shown complete, with its name and what to write") {
    CHECK(refusal("0 9 * * 1\xe2\x80\x93"
                  "5") ==
          "'0 9 * * 1\xe2\x80\x93"
          "5' contains '\xe2\x80\x93' (U+2013, an en dash); write \"0 9 * * 1-5\"");
    CHECK(refusal("0 9 \xc3\xa9 * *").find("contains '\xc3\xa9' (U+00E9); use only ASCII digits, letters") !=
          std::string::npos);
    CHECK(refusal("0 9 * * 1\xe2\x80").find("the byte 0xe2, which is not UTF-8") != std::string::npos);
    CHECK(refusal("0 9 * * 1\r").find("a line break follows '0 9 * * 1'") != std::string::npos);
    CHECK(refusal("@close\xe2\x88\x92"
                  "15m")
              .ends_with("write \"@close-15m\""));
}

TEST_CASE("whatever is written, each suggestion is a valid schedule, and nothing crashes") {
    std::mt19937 random(20261130);
    const std::vector<std::string> parts{"L",       "W",         "LW",
                                         "#",       "?",         "H",
                                         "*",       "/",         ",",
                                         "-",       "~",         "(",
                                         ")",       "0",         "1",
                                         "5",       "15",        "31",
                                         "59",      "99",        "mon",
                                         "FRI",     "sun",       "jan",
                                         "Dec",     "monday",    "R",
                                         "2027",    "2026-2028", "TZ=UTC ",
                                         "cron(",   "rate(",     "@",
                                         "@every ", " ",         " ",
                                         " ",       " ",         "\xe2\x80\x93",
                                         "\xff",    "\t"};
    const std::vector<std::string> days{"*", "?", "L", "LW", "15W", "31W", "L-3", "1,L", "28-3", "1-5", "2/5", "99"};
    const std::vector<std::string> weekdays{"*", "?", "5L", "2#1", "mon", "fri-mon", "monday", "1/2", "L", "9"};
    int proposed = 0;
    for (int round = 0; round < 30'000; ++round) {
        std::string text;
        const int words = round % 2 == 0 ? 9 : 5 + round % 3;
        for (int n = 0; n < words; ++n) {
            text += parts[random() % parts.size()];
            if (round % 2 != 0) text += n % 2 == 0 ? "" : " ";
        }
        if (round % 3 == 0) text = "0 9 " + days[random() % days.size()] + " * " + weekdays[random() % weekdays.size()];
        INFO(text);
        const auto said = said_here(text, "job");
        static_cast<void>(parse_schedule(text, "job"));
        static_cast<void>(Predicate::parse(text));
        if (!said) continue;
        ++proposed;
        REQUIRE(parse_schedule(said->schedule, "job"));
        if (!said->when.empty()) REQUIRE(Predicate::parse(said->when));
        REQUIRE_FALSE(said_here(said->schedule, "job"));
    }
    CHECK(proposed > 500);
}
