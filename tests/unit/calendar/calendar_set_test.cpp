#include "calendar/calendar_set.h"

#include <catch2/catch.hpp>

#include "made.h"

using namespace mc;

namespace {

CalendarSource source(const std::string& name, std::vector<std::string> aliases, const std::string& body = "") {
    std::string text = test::calendar_file(body);
    text.replace(text.find("TEST"), 4, name);
    CalendarSource result{CalendarName(name), std::move(aliases), "calendars/" + name + ".toml", {}, nullptr};
    result.owned = std::make_shared<const std::string>(text);
    return result;
}

}  // namespace

TEST_CASE("names and aliases are found in any case") {
    CalendarSet set(test::zone);
    set.add(source("XNYS", {"NYSE", "Nasdaq"}));
    CHECK(set.find("xnys").value()->name() == "XNYS");
    CHECK(set.find("NASDAQ").value() == set.find("XNYS").value());
    CHECK(set.names() == std::vector{CalendarName("XNYS")});
    CHECK(set.words() == std::vector<std::string>{"NYSE", "Nasdaq", "XNYS"});
}

TEST_CASE("an unknown calendar gets a suggestion") {
    CalendarSet set(test::zone);
    set.add(source("XNYS", {"NYSE"}));
    const auto found = set.find("XNYSE");
    REQUIRE_FALSE(found);
    CHECK(found.error().kind == Error::Kind::calendar);
    CHECK(found.error().text() == "error: unknown calendar \"XNYSE\"; did you mean XNYS?");
}

TEST_CASE("a file is read at first use, and its own error is reported") {
    CalendarSet set(test::zone);
    set.add(source("GOOD", {}));
    set.add(source("BAD", {}, "[[holiday]]\nname = \"A\"\non = \"never\"\n"));
    set.add(CalendarSource{CalendarName("LOST"),
                           {},
                           "lost.toml",
                           "name = \"LOST\"\ntimezone = \"Mars/Olympus\"\n"
                           "checked = 2026-11-22\ncoverage = { from = 2020-01-01, to = 2021-01-01 }\n"
                           "[[hours]]\nopen = \"09:00\"\nclose = \"10:00\"\n",
                           nullptr});
    CHECK(set.find("good"));
    CHECK(set.find("bad").error().spot.file == "calendars/BAD.toml");
    CHECK(set.find("lost").error().text() == "lost.toml:2:12: error: unknown time zone \"Mars/Olympus\"");
}

TEST_CASE("a later source of a name wins, and takes over the earlier one's aliases") {
    CalendarSet set(test::zone);
    set.add(source("XNYS", {"NYSE"}));
    set.add(source("OTHER", {"stock"}));
    set.add(source("xnys", {"stock"}, "[closed]\n2021-02-01 = \"Storm\"\n"));
    CHECK(set.find("NYSE").value()->session(make_date(2021, 2, 1)).value() == nullptr);
    CHECK(set.find("stock").value() == set.find("NYSE").value());
    CHECK(set.names() == std::vector{CalendarName("OTHER"), CalendarName("xnys")});
}

TEST_CASE("a calendar that extends another one uses the replacement in a set that replaces it") {
    CalendarSet set(test::zone);
    set.add(source("XNYS", {}));
    CalendarSource other{CalendarName("IEX"), {}, "iex.toml", "name = \"IEX\"\nextends = \"XNYS\"\n", nullptr};
    set.add(other);
    const Date storm = make_date(2021, 2, 1);
    const auto is_open = [&](const CalendarSet& of) {
        return of.find("IEX").value()->session(storm).value() != nullptr;
    };
    const bool asked_before = GENERATE(true, false);
    if (asked_before) CHECK(is_open(set));
    CalendarSet changed = set;
    changed.add(source("XNYS", {}, "[closed]\n2021-02-01 = \"Storm\"\n"));
    CHECK_FALSE(is_open(changed));
    CHECK(is_open(set));
    CHECK_FALSE(is_open(changed));
    // A calendar that extends nothing is built once.
    set.add(source("OTHER", {}));
    const CalendarSet copy = set;
    CHECK(copy.find("OTHER").value() == set.find("OTHER").value());
}

TEST_CASE("an alias does not hide another calendar's name") {
    CalendarSet set(test::zone);
    set.add(source("XNYS", {}));
    set.add(source("MINE", {"XNYS"}));
    CHECK(set.find("XNYS").value()->name() == "XNYS");
}

TEST_CASE("a calendar that is already built") {
    CalendarSet set(test::zone);
    set.add(std::make_shared<const Calendar>(test::made(test::calendar_file(""))));
    CHECK(set.find("try").value()->name() == "TEST");
}
