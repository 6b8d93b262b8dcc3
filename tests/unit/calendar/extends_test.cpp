// Calendar files that extend another one.
#include "calendar/calendar_set.h"
#include "calendar/check.h"
#include "calendar/rules.h"
#include "made.h"

using namespace mc;
using test::calendar_file;
using test::day;
using test::hours_on;

namespace {

const std::string base = calendar_file(R"(
[[holiday]]
name = "New Year's Day"
on   = "jan 1"
[[holiday]]
name = "Midsummer"
on   = "jun 24"
[[special_hours]]
name  = "Christmas Eve"
on    = "dec 24"
close = "13:00"
[closed]
2021-02-01 = "Storm"
)");

CalendarSource source(const std::string& name, const std::string& text) {
    CalendarSource result;
    result.name = CalendarName(name);
    result.file = name + ".toml";
    result.owned = std::make_shared<const std::string>(text);
    return result;
}

CalendarSet set_of(const std::string& other) {
    CalendarSet set{test::zone};
    set.add(source("TEST", base));
    set.add(source("OTHER", other));
    return set;
}

std::string error_of(const CalendarSet& set, const char* name) {
    const auto calendar = set.find(name);
    return calendar ? "none" : calendar.error().text();
}

}  // namespace

TEST_CASE("a calendar that extends another one") {
    const CalendarSet set = set_of("name = \"OTHER\"\nextends = \"TEST\"\ndescription = \"Another\"\n");
    const Calendar& other = *set.find("OTHER").value();
    CHECK(other.name() == "OTHER");
    CHECK(other.aliases().empty());
    CHECK(other.description() == "Another");
    CHECK(other.coverage().to == day("2030-12-31"));
    CHECK(hours_on(other, "2024-01-01") == "closed");
    CHECK(hours_on(other, "2024-12-24") == "09:30 13:00");
    CHECK(hours_on(other, "2021-02-01") == "closed");
    CHECK(hours_on(other, "2024-01-02") == "09:30 16:00");
}

TEST_CASE("a calendar's own entries override the entries of the calendar that it extends") {
    const CalendarSet set = set_of(R"(
name     = "OTHER"
extends  = "TEST"
without  = ["Midsummer"]
timezone = "Europe/Berlin"
[[hours]]
from  = 2024
open  = "08:00"
close = "20:00"
[[holiday]]
name = "Labour Day"
on   = "may 1"
[[special_hours]]
name  = "Christmas Eve"
on    = "dec 24"
close = "14:00"
[extra_sessions]
2021-02-01 = { name = "Open in the storm", open = "10:00" }
)");
    const Calendar& other = *set.find("OTHER").value();
    CHECK(other.zone()->name() == "Europe/Berlin");
    CHECK(hours_on(other, "2023-06-20") == "09:30 16:00");
    CHECK(hours_on(other, "2024-06-20") == "08:00 20:00");
    CHECK(hours_on(other, "2024-06-24") == "08:00 20:00");
    CHECK(hours_on(other, "2024-05-01") == "closed");
    CHECK(hours_on(other, "2024-01-01") == "closed");
    CHECK(hours_on(other, "2024-12-24") == "08:00 14:00");
    CHECK(hours_on(other, "2021-02-01") == "10:00 16:00");
}

TEST_CASE("what cannot be extended is an error with its place") {
    CHECK(error_of(set_of("name = \"OTHER\"\nextends = \"TETS\"\n"), "OTHER") ==
          "OTHER.toml:2:11: error: unknown calendar \"TETS\"; did you mean TEST?");
    CHECK(error_of(set_of("name = \"OTHER\"\nextends = \"OTHER\"\n"), "OTHER") ==
          "OTHER.toml:2:11: error: calendars extend each other: \"OTHER\" is one of them; write one of them without "
          "extends");
    CHECK(error_of(set_of("name = \"OTHER\"\nextends = \"TEST\"\nwithout = [\"Easter\"]\n"), "OTHER") ==
          "OTHER.toml:3:12: error: TEST has no rule named \"Easter\"");
    CHECK(error_of(set_of("name = \"OTHER\"\nextends = 3\n"), "OTHER").find("OTHER.toml:2:11: error: ") == 0);
    CHECK(read_calendar_rules("without = [\"A\"]\n" + base, "o.toml").error().front().text() ==
          "o.toml:1:11: error: without needs extends: it removes rules of the extended calendar; write extends = "
          "\"XETR\" too");
    CalendarSet circle = set_of("name = \"OTHER\"\nextends = \"THIRD\"\n");
    circle.add(source("THIRD", "name = \"THIRD\"\nextends = \"OTHER\"\n"));
    CHECK(error_of(circle, "THIRD").find("extend each other") != std::string::npos);
    CHECK(read_calendar_rules("name = \"OTHER\"\nextends = \"TEST\"\n", "o.toml").error().front().text() ==
          "o.toml:2:11: error: unknown calendar \"TEST\"; nothing can be extended here: write the whole calendar");
}

TEST_CASE("a calendar that replaces another one may extend it") {
    CalendarSet set = set_of("name = \"OTHER\"\nextends = \"TEST\"\n");
    set.add(source("TEST", "name = \"TEST\"\nextends = \"TEST\"\n[closed]\n2024-03-01 = \"Flood\"\n"));
    CHECK(hours_on(*set.find("TEST").value(), "2024-03-01") == "closed");
    CHECK(hours_on(*set.find("TEST").value(), "2024-01-01") == "closed");
    CHECK(hours_on(*set.find("OTHER").value(), "2024-03-01") == "closed");
}

TEST_CASE("only its own rules and days must have an effect") {
    const FindRules find = [](std::string_view) -> Result<std::shared_ptr<const CalendarRules>> {
        return std::make_shared<const CalendarRules>(*read_calendar_rules(base, "TEST.toml"));
    };
    const std::string head =
        "name = \"OTHER\"\nextends = \"TEST\"\n"
        "coverage = { from = 2022-01-01, trusted_to = 2022-06-01, to = 2022-06-01 }\n";
    CHECK(check_calendar(head, "other.toml", test::zone, find));
    const auto checked =
        check_calendar(head + "[[holiday]]\nname = \"Late\"\non = \"dec 1\"\n", "other.toml", test::zone, find);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().front().text() ==
          "other.toml:4:1: error: the holiday \"Late\" never closes a trading day of the week");
}
