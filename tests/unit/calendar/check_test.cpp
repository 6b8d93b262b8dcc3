#include "calendar/check.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "made.h"
#include "support/calendars.h"

using namespace mc;
using test::calendar_file;

namespace {

std::string errors_of(const std::string& file) {
    const auto checked = check_calendar(file, "test.toml", test::zone);
    if (checked) return "none";
    std::string text;
    for (const Error& error : checked.error()) text += error.text() + "\n";
    return text;
}

// The body begins on line 9 of the file.
std::string errors_in(const std::string& body) { return errors_of(calendar_file(body)); }

}  // namespace

TEST_CASE("the built-in calendars pass the check") {
    const CalendarSet calendars = test::calendars_of(MARKETCRON_ROOT "/calendars");
    const FindRules find = [&](std::string_view name) -> Result<std::shared_ptr<const CalendarRules>> {
        const auto calendar = calendars.find(name);
        if (!calendar) return tl::unexpected(calendar.error());
        return (*calendar)->rules();
    };
    for (const auto& entry : std::filesystem::directory_iterator(MARKETCRON_ROOT "/calendars")) {
        const auto checked = check_calendar(test::text_of(entry.path()), entry.path().string(), test::zone, find);
        if (!checked) FAIL_CHECK(checked.error().front().text());
    }
}

TEST_CASE("a rule that never matches") {
    CHECK(errors_in("[[holiday]]\nname = \"Saint Sunday\"\non = \"1st sun may\"\n") ==
          "test.toml:9:1: error: the holiday \"Saint Sunday\" never closes a trading day of the week\n");
    CHECK(errors_in("[[holiday]]\nname = \"Old\"\non = \"may 4\"\nto = 1999\n") ==
          "test.toml:9:1: error: the holiday \"Old\" never closes a trading day of the week\n");
    CHECK(errors_in("[[special_hours]]\nname = \"Eve\"\non = \"dec 24\"\nclose = \"16:00\"\n") ==
          "test.toml:9:1: error: the special hours \"Eve\" never change a session\n");
    CHECK(errors_in("[[hours]]\nfrom = 2040\nopen = \"09:30\"\nclose = \"17:00\"\n") ==
          "test.toml:9:1: error: these hours are never in force; correct from, to, days or within, or remove them\n");
    CHECK(errors_in("[[week]]\nfrom = 2040\ndays = \"all\"\n[[week]]\ndays = \"mon-fri\"\n") ==
          "test.toml:9:1: error: this week is never in force; correct from and to, or remove it\n");
}

TEST_CASE("a rule that only provides days in lieu, and a rule that only lists dates") {
    CHECK(errors_in("[[holiday]]\nname = \"Saint Sunday\"\non = \"1st sun may\"\nin_lieu = \"sun\"\n") == "none");
    CHECK(errors_in("[[holiday]]\nname = \"Feast\"\ndates = [2021-05-03]\n") == "none");
    CHECK(errors_in("[[holiday]]\nname = \"Feast\"\ndates = [2021-05-02, 2035-05-03]\n") ==
          "test.toml:9:1: error: the holiday \"Feast\" never closes a trading day of the week\n");
    CHECK(errors_in(
              "[closed]\n2021-05-03 = \"A\"\n[[holiday]]\nname = \"B\"\non = \"1st sun may\"\nin_lieu = \"sun\"\n") ==
          "test.toml:10:1: error: 2021-05-03 is already closed, by a [[holiday]]\n");
}

TEST_CASE("single days that change nothing, or are given twice") {
    CHECK(errors_in("[closed]\n2021-05-01 = \"A Saturday\"\n") ==
          "test.toml:10:1: error: 2021-05-01 is already closed: it is not a trading day of the week\n");
    CHECK(errors_in("[closed]\n2021-12-24 = \"Eve\"\n[[holiday]]\nname = \"Christmas\"\non = \"dec 24\"\n") ==
          "test.toml:10:1: error: 2021-12-24 is already closed, by a [[holiday]]\n");
    CHECK(errors_in("[closed]\n2031-12-24 = \"Eve\"\n") ==
          "test.toml:10:1: error: 2031-12-24 is outside of coverage\n");
    CHECK(errors_in("[special_hours_on]\n2021-05-01 = { name = \"A\", close = \"12:00\" }\n") ==
          "test.toml:10:1: error: 2021-05-01 is not a session, so it has no special hours\n");
    CHECK(errors_in("[special_hours_on]\n2021-05-03 = { name = \"A\", close = \"16:00\" }\n") ==
          "test.toml:10:1: error: the hours of 2021-05-03 are the regular ones\n");
    CHECK(errors_in("[extra_sessions]\n2021-05-03 = \"A\"\n") ==
          "test.toml:10:1: error: 2021-05-03 is a session anyway\n");
}

TEST_CASE("on the day on which the clocks go back, a session may have 25 hours") {
    CHECK(errors_of(calendar_file("[[week]]\ndays = \"all\"\n",
                                  "[[hours]]\nopen = \"17:00-1d\"\nclose = \"17:00\"\n")) == "none");
}

TEST_CASE("impossible sessions") {
    CHECK(errors_in("[special_hours_on]\n2021-05-03 = { name = \"A\", close = \"09:00\" }\n") ==
          "test.toml:10:1: error: on 2021-05-03 the close is not after the open\n");
    CHECK(errors_in("[special_hours_on]\n2021-05-04 = { name = \"A\", open = \"15:00-1d\" }\n") ==
          "test.toml:10:1: error: the session of 2021-05-04 is longer than 24 hours\n");
}

TEST_CASE("overlapping sessions are reported once for each place") {
    CHECK(errors_of(calendar_file("", "[[hours]]\nopen = \"16:00-1d\"\nclose = \"16:00\"\n")) == "none");
    CHECK(errors_in("[special_hours_on]\n2021-05-04 = { name = \"A\", open = \"15:30-1d\", close = \"12:00\" }\n") ==
          "test.toml:10:1: error: the session of 2021-05-04 opens before that of 2021-05-03 closes\n");
}

TEST_CASE("a time that the clocks skip on that day") {
    // New York's clocks go from 02:00 to 03:00 on Sunday 2021-03-14.
    CHECK(errors_in("[extra_sessions]\n2021-03-14 = { name = \"Test\", open = \"02:30\" }\n") ==
          "test.toml:10:1: error: on 2021-03-14 the local time 02:30 does not exist\n");
}

TEST_CASE("pre-market, post-market and breaks in a gap of the clocks") {
    const std::string days = "[[week]]\ndays = \"all\"\n";
    CHECK(errors_of(calendar_file(days, "[[hours]]\nopen = \"09:30\"\nclose = \"16:00\"\npre = \"02:30\"\n")) ==
          "test.toml:6:1: error: on 2020-03-08 the local time 02:30 does not exist\n");
    CHECK(errors_of(calendar_file(
              days, "[[hours]]\nopen = \"01:00\"\nclose = \"16:00\"\nbreaks = [[\"02:15\", \"03:00\"]]\n")) ==
          "test.toml:6:1: error: on 2020-03-08 the local time 02:15 does not exist\n");
}

TEST_CASE("weekdays without hours") {
    CHECK(errors_of(calendar_file("", "[[hours]]\nfrom = 2025\nopen = \"09:30\"\nclose = \"16:00\"\n")) ==
          "test.toml:6:1: error: there are no [[hours]] for 2020-01-01, a Wednesday; write some for it, or correct "
          "from, to, days or within, the week or coverage\n");
    CHECK(errors_of(calendar_file("", "[[hours]]\ndays = \"mon-thu\"\nopen = \"09:30\"\nclose = \"16:00\"\n")) ==
          "test.toml:6:1: error: there are no [[hours]] for 2020-01-03, a Friday; write some for it, or correct "
          "from, to, days or within, the week or coverage\n");
    // An extra session has the hours of another weekday, or its own.
    CHECK(errors_of(calendar_file("[[week]]\ndays = \"mon-thu\"\n[extra_sessions]\n2021-05-07 = \"A\"\n",
                                  "[[hours]]\ndays = \"mon-thu\"\nopen = \"09:30\"\nclose = \"16:00\"\n")) == "none");
}

TEST_CASE("a date that is listed twice") {
    CHECK(errors_in("[[holiday]]\nname = \"Eid\"\ndates = [2021-05-13]\n"
                    "[[holiday]]\nname = \"Eid\"\ndates = [2021-05-13]\n") ==
          "test.toml:12:1: error: 2021-05-13 is already in the dates of \"Eid\"; keep one of them\n");
    CHECK(errors_in("[[holiday]]\nname = \"Eid\"\ndates = [2021-05-13]\n"
                    "[[holiday]]\nname = \"Ascension\"\non = \"easter+39\"\ndates = [2021-05-13]\n") == "none");
}

TEST_CASE("a value of the wrong type is reported once, and coverage has a limit") {
    CHECK(errors_of(calendar_file("", "[[hours]]\nopen = 9\nclose = \"16:00\"\n")) ==
          "test.toml:7:8: error: open is not text; write it in quotes\n");
    std::string text = calendar_file("");
    text.replace(text.find("2030-12-31"), 10, "9999-12-31");
    CHECK(errors_of(text) ==
          "test.toml:5:12: error: coverage is longer than 150 years; end it where the exchange's "
          "rules are known to end\n");
}

TEST_CASE("an unknown zone, with its place") {
    std::string text = calendar_file("");
    text.replace(text.find("America/New_York"), 16, "America/Gotham");
    CHECK(errors_of(text) == "test.toml:3:12: error: unknown time zone \"America/Gotham\"\n");
}
