// The effect of a calendar's rules: one tiny calendar for each kind of rule.
#include "calendar/rules.h"

#include "calendar/calendar_set.h"
#include "made.h"

using namespace mc;
using test::calendar_file;
using test::day;
using test::hours_on;
using test::made;

namespace {

// The weekdays of a month that are closed, as their days: "1 2 26".
std::string closed_in(const Calendar& calendar, int year, unsigned month) {
    std::string text;
    for (Date d = make_date(year, month, 1); civil(d).month() == date::month{month}; d += date::days{1}) {
        if (!calendar.week_has(d) || calendar.session(d).value()) continue;
        text += (text.empty() ? "" : " ") + std::to_string(unsigned{civil(d).day()});
    }
    return text;
}

std::string errors_in(const std::string& body) {
    const auto rules = read_calendar_rules(calendar_file(body), "test.toml");
    if (rules) return "none";
    std::string text;
    for (const Error& error : rules.error()) text += error.text() + "\n";
    return text;
}

}  // namespace

TEST_CASE("a holiday of several days") {
    const Calendar calendar = made(calendar_file(R"(
[[holiday]]
name = "Lunar New Year"
on   = "chinese 1 1 -1"
days = 3
[[holiday]]
name = "Turn of the year"
on   = "dec 30"
days = 4
)"));
    CHECK(closed_in(calendar, 2024, 2) == "9");  // Friday to Sunday
    CHECK(closed_in(calendar, 2025, 1) == "1 2 28 29 30");
    CHECK(closed_in(calendar, 2025, 12) == "30 31");
    CHECK(closed_in(calendar, 2026, 1) == "1 2");
}

TEST_CASE("in years with listed dates only those count, not the rule") {
    const Calendar calendar = made(calendar_file(R"(
[[holiday]]
name      = "Eid al-Fitr"
on        = "umm_al_qura 10 1"
days      = 3
tentative = true
dates     = [2024-04-09, 2024-04-10, 2025-04-01]
)"));
    CHECK(closed_in(calendar, 2024, 4) == "9 10");
    CHECK(closed_in(calendar, 2025, 3) + closed_in(calendar, 2025, 4) == "1");
    CHECK(closed_in(calendar, 2026, 3) == "20");  // Friday to Sunday
    CHECK_FALSE(calendar.facts(day("2024-04-09")).value().tentative);
    CHECK(calendar.facts(day("2026-03-20")).value().tentative);
}

TEST_CASE("dates without a rule") {
    const Calendar calendar = made(calendar_file(R"(
[[holiday]]
name  = "Deepavali"
dates = [2025-10-20, 2024-10-31]
[[special_hours]]
name  = "Eve of Deepavali"
dates = [2024-10-30]
close = "12:30"
)"));
    CHECK(closed_in(calendar, 2024, 10) == "31");
    CHECK(closed_in(calendar, 2025, 10) == "20");
    CHECK(closed_in(calendar, 2026, 10) == "");
    CHECK(hours_on(calendar, "2024-10-30") == "09:30 12:30");
    CHECK(calendar.facts(day("2024-10-30")).value().reason == "Eve of Deepavali");
}

TEST_CASE("a rule that matches twice in a year") {
    std::string file = calendar_file("[[holiday]]\nname = \"Eid\"\non = \"islamic 10 1\"\ndays = 3\n");
    file.replace(file.find("to = 2030"), 9, "to = 2040");
    const Calendar calendar = made(file);
    CHECK(closed_in(calendar, 2033, 1) == "3 4 5");
    CHECK(closed_in(calendar, 2033, 12) == "23");
}

// Hong Kong's Christmas: the first weekday after it is also a holiday.
TEST_CASE("a day in lieu is the next trading day that is not a holiday") {
    const Calendar calendar = made(calendar_file(R"(
[[holiday]]
name    = "Christmas Day"
on      = "dec 25"
in_lieu = "sat-sun"
[[holiday]]
name    = "Boxing Day"
on      = "dec 26"
in_lieu = "sat-sun"
)"));
    CHECK(closed_in(calendar, 2020, 12) == "25 28");
    CHECK(closed_in(calendar, 2021, 12) == "27 28");
    CHECK(closed_in(calendar, 2022, 12) == "26 27");
    CHECK(closed_in(calendar, 2024, 12) == "25 26");
    CHECK(calendar.facts(day("2022-12-27")).value().reason == "Christmas Day");
}

TEST_CASE("a day in lieu in the next year") {
    const Calendar calendar = made(calendar_file(R"(
[[holiday]]
name    = "New Year's Eve"
on      = "dec 31"
in_lieu = "sat-sun"
[[holiday]]
name    = "New Year's Day"
on      = "jan 1"
in_lieu = "sat-sun"
)"));
    CHECK(closed_in(calendar, 2023, 1) == "2 3");  // Saturday and Sunday
    CHECK(closed_in(calendar, 2024, 1) == "1 2");  // Sunday and Monday
    CHECK(closed_in(calendar, 2022, 1) == "3");    // Friday and Saturday
}

// Seoul: three days of Chuseok, one of which may be a Sunday or coincide with National Foundation Day.
TEST_CASE("a day in lieu of a holiday that coincides with another one") {
    const Calendar calendar = made(calendar_file(R"(
[[holiday]]
name = "National Foundation Day"
on   = "oct 3"
[[holiday]]
name    = "Chuseok"
on      = "korean 8 15 -1"
days    = 3
in_lieu = "sun, holiday"
)"));
    CHECK(closed_in(calendar, 2028, 10) == "2 3 4 5");
    CHECK(closed_in(calendar, 2025, 10) == "3 6 7 8");  // its first day is a Sunday
    CHECK(closed_in(calendar, 2026, 9) == "24 25");     // Thursday to Saturday
}

TEST_CASE("invalid listed dates, days and days in lieu") {
    CHECK(errors_in("[[holiday]]\nname = \"A\"\non = \"jan 1\"\ndays = 0\n") ==
          "test.toml:12:8: error: days is not a number from 1 to 31; write days = 3\n");
    CHECK(errors_in("[[holiday]]\nname = \"A\"\non = \"chinese 13 1\"\n").find("test.toml:11:6: error: ") == 0);
    CHECK(errors_in("[[holiday]]\nname = \"A\"\ndates = [2024-01-02, 2024-01-02]\n") ==
          "test.toml:11:22: error: 2024-01-02 is listed twice; keep one of them\n");
    CHECK(errors_in("[[holiday]]\nname = \"A\"\ndates = []\n").find("dates is empty") != std::string::npos);
    CHECK(errors_in("[[holiday]]\nname = \"A\"\ndates = [\"2024-01-02\"]\n").find("is not a date") !=
          std::string::npos);
    CHECK(errors_in("[[holiday]]\nname = \"A\"\ndates = [2024-01-02]\ndays = 2\n") ==
          "test.toml:12:8: error: days applies to the dates of a rule, and there is none; write on = \"...\" in "
          "addition to "
          "dates, or remove it\n");
    CHECK(errors_in("[[holiday]]\nname = \"A\"\n").find("on is missing") != std::string::npos);
    CHECK(errors_in("[[holiday]]\nname = \"A\"\non = \"jan 1\"\nin_lieu = \"sunday\"\n") ==
          "test.toml:12:11: error: invalid rule for days in lieu \"sunday\"; write \"sun\", \"sat-sun\" "
          "or \"sun, holiday\": those on these weekdays, or on another holiday\n");
    CHECK(errors_in("[[holiday]]\nname = \"A\"\non = \"jan 1\"\nin_lieu = \"\"\n") != "none");
    CHECK(errors_in("[[special_hours]]\nname = \"A\"\non = \"jan 1\"\nclose = \"12:00\"\nin_lieu = \"sun\"\n")
              .find("unknown key \"in_lieu\"") != std::string::npos);
}
