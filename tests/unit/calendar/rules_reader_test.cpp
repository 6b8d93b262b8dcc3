#include <catch2/catch.hpp>

#include "calendar/rules.h"
#include "made.h"

using namespace mc;
using test::calendar_file;

namespace {

// All errors of a file, one on each line.
std::string errors_of(const std::string& file) {
    const auto rules = read_calendar_rules(file, "test.toml");
    if (rules) return "none";
    std::string text;
    for (const Error& error : rules.error()) text += error.text() + "\n";
    return text;
}

// The body begins on line 9 of the file.
std::string errors_in(const std::string& body) { return errors_of(calendar_file(body)); }

}  // namespace

TEST_CASE("a calendar file is read") {
    const auto rules = read_calendar_rules(calendar_file(R"(
[[holiday]]
name = "Founder's Day"
on = "mar 3"
from = 2021
to = 2022-06-01
tentative = true
[closed]
2021-02-01 = "Storm"
2021-02-02 = { name = "Storm", unscheduled = true, declared = 2021-02-01 }
)"),
                                           "test.toml");
    REQUIRE(rules);
    CHECK(rules->name == "TEST");
    CHECK(rules->aliases == std::vector<std::string>{"try"});
    CHECK(rules->checked == make_date(2026, 11, 22));
    CHECK(rules->coverage.trusted_to == make_date(2027, 12, 31));
    CHECK(rules->holidays[0].dates.from == make_date(2021, 1, 1));
    CHECK(rules->holidays[0].dates.to == make_date(2022, 6, 1));
    CHECK(rules->holidays[0].reason.tentative);
    CHECK(rules->closed.at(make_date(2021, 2, 2)).reason.declared == make_date(2021, 2, 1));
    CHECK(rules->closed.at(make_date(2021, 2, 1)).reason.spot == Spot{"test.toml", 17, 1});
}

TEST_CASE("all errors of a file are reported together, each with its place") {
    CHECK(errors_in(R"([[holiday]]
name = "A"
on = "3rd monday jan"
form = 2020
[closed]
2021-13-01 = "B"
)") == "test.toml:11:6: error: invalid rule for a date \"3rd monday jan\"; write \"jan 1\", \"3rd mon jan\", "
       "\"last mon may\", \"mon before may 25\", \"easter-2\" or \"4th thu nov +1\"\n"
       "test.toml:12:1: error: unknown key \"form\"; did you mean from?\n"
       "test.toml:14:1: error: invalid date \"2021-13-01\"; write it like 2026-11-20\n");
}

TEST_CASE("a syntax error, and a date that is given twice") {
    CHECK(errors_of("name = ") != "none");
    CHECK(errors_in("[closed]\n2021-02-01 = \"A\"\n2021-02-01 = \"B\"\n").find("test.toml:11:") == 0);
}

TEST_CASE("a date written as text is refused") {
    CHECK(errors_in("[[week]]\ndays = \"mon-fri\"\nfrom = \"2021-01-01\"\n") ==
          "test.toml:11:8: error: from is not a date; write it without quotes: 2026-11-27\n");
}

TEST_CASE("required keys of a file") {
    const std::string errors = errors_of("aliases = []\n");
    for (const char* key : {"name is missing", "timezone is missing", "checked is missing", "coverage is missing",
                            "there are no regular hours"}) {
        INFO(errors);
        CHECK(errors.find(key) != std::string::npos);
    }
}

TEST_CASE("impossible hours") {
    const auto with_hours = [](const std::string& hours) {
        return errors_of(calendar_file("", "[[hours]]\n" + hours));
    };
    CHECK(
        with_hours("open = \"16:00\"\nclose = \"09:30\"\n") ==
        "test.toml:6:1: error: the close 09:30 is not after the open 16:00; write \"18:00-1d\" for an open on the day "
        "before\n");
    CHECK(with_hours("open = \"09:00-1d\"\nclose = \"16:00\"\n").find("longer than 24 hours") != std::string::npos);
    CHECK(with_hours("open = \"09:00\"\nclose = \"16:00\"\nbreaks = [[\"08:00\", \"10:00\"]]\n")
              .find("the break 08:00 to 10:00 is empty, not inside the session") != std::string::npos);
    CHECK(with_hours("open = \"09:00\"\nclose = \"16:00\"\nbreaks = [[\"12:00\"]]\n").find("this is not a break") !=
          std::string::npos);
    CHECK(with_hours("open = \"09:00\"\nclose = \"16:00\"\npre = \"10:00\"\n").find("pre is after the open") !=
          std::string::npos);
    CHECK(with_hours("open = \"9\"\nclose = \"16:00\"\n").find("test.toml:7:8") == 0);
}

TEST_CASE("single days with too few or too many keys") {
    CHECK(errors_in("[special_hours_on]\n2021-02-01 = \"Storm\"\n").find("this day is not described") !=
          std::string::npos);
    CHECK(errors_in("[special_hours_on]\n2021-02-01 = { name = \"Storm\" }\n").find("change nothing") !=
          std::string::npos);
    CHECK(errors_in("[closed]\n2021-02-01 = { name = \"Storm\", close = \"12:00\" }\n").find("unknown key \"close\"") !=
          std::string::npos);
    CHECK(errors_in("[[special_hours]]\nname = \"Eve\"\non = \"dec 24\"\n").find("change nothing") !=
          std::string::npos);
}
