#include "calendar/session_diff.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "made.h"

using namespace mc;
using test::day;

namespace {

CalendarPtr calendar(const std::string& body, const std::string& hours = "") {
    return std::make_shared<const Calendar>(test::made(test::calendar_file(body, hours)));
}

CalendarPtr with_coverage(const std::string& coverage) {
    std::string file = test::calendar_file("");
    const std::size_t begin = file.find("{ from"), end = file.find('}', begin) + 1;
    return std::make_shared<const Calendar>(test::made(file.replace(begin, end - begin, coverage)));
}

// "2026-11-24 -", "... +", "... ~": removed, added, other hours; with the reasons.
std::string changes(const CalendarDiff& diff) {
    std::string all;
    for (const SessionChange& change : diff.sessions)
        all += fmt::format("{}{} {} {}>{}", all.empty() ? "" : ", ", to_string(change.after.date),
                           !change.before.session  ? "+"
                           : !change.after.session ? "-"
                                                   : "~",
                           change.before.reason, change.after.reason);
    return all;
}

CalendarDiff diff(const CalendarPtr& before, const CalendarPtr& after, const char* from = "2026-11-01",
                  const char* to = "2026-12-31") {
    return diff_calendars(CalendarName("TEST"), before, after, day(from), day(to));
}

const std::string closed = "[closed]\n2026-11-24 = \"Storm\"\n2026-11-26 = \"Thanksgiving\"\n";

}  // namespace

TEST_CASE("sessions that are added, removed or get other hours, with the reasons of both calendars") {
    const auto before = calendar("[closed]\n2026-11-26 = \"Thanksgiving\"\n2026-12-25 = \"Christmas\"\n");
    const auto after = calendar(closed + "[special_hours_on]\n2026-11-27 = { name = \"Friday\", close = \"13:00\" }\n");
    const CalendarDiff found = diff(before, after);
    CHECK(changes(found) == "2026-11-24 - >Storm, 2026-11-27 ~ >Friday, 2026-12-25 + Christmas>");
    CHECK_FALSE(found.alike());
    CHECK(changes(diff(before, after, "2026-11-25", "2026-11-27")) == "2026-11-27 ~ >Friday");
}

TEST_CASE("breaks, pre-market and post-market count as hours; a holiday's new name is not a change") {
    const std::string hours = "[[hours]]\nopen = \"09:30\"\nclose = \"16:00\"\n";
    const auto one_day = [](const CalendarPtr& a, const CalendarPtr& b) {
        return diff(a, b, "2026-11-24", "2026-11-24").sessions.size();
    };
    for (const char* more : {"breaks = [[\"12:00\", \"13:00\"]]\n", "pre = \"08:00\"\n", "post = \"18:00\"\n"})
        CHECK(one_day(calendar("", hours), calendar("", hours + more)) == 1);
    CHECK(one_day(calendar("", hours), calendar("", hours)) == 0);
    CHECK(diff(calendar(closed), calendar("[closed]\n2026-11-24 = \"Wind\"\n2026-11-26 = \"Thanks\"\n")).alike());
}

TEST_CASE("only dates that both calendars cover are compared, and other coverage is a difference") {
    const auto wide = calendar("");
    const auto narrow = with_coverage("{ from = 2026-11-20, trusted_to = 2026-11-25, to = 2026-11-25 }");
    const CalendarDiff found = diff(wide, narrow);
    CHECK(found.sessions.empty());
    CHECK(to_string(found.from) == "2026-11-20");
    CHECK(to_string(found.to) == "2026-11-25");
    CHECK_FALSE(found.alike());
    CHECK_FALSE(found.same_coverage());
    const CalendarDiff apart = diff(wide, narrow, "2026-12-01");
    CHECK(apart.to < apart.from);
    CHECK(apart.sessions.empty());
    CHECK_FALSE(diff(nullptr, wide).alike());
    CHECK_FALSE(diff(wide, nullptr).alike());
}

TEST_CASE("two sets: calendars that are new, removed or changed, and those that extend them; in any case") {
    const auto source = [](const std::string& name, const std::string& text) {
        CalendarSource made{CalendarName(name), {}, name + ".toml", {}, std::make_shared<const std::string>(text)};
        return made;
    };
    const auto named = [](const std::string& name, const std::string& body) {
        std::string text = test::calendar_file(body);
        return text.replace(text.find("TEST"), 4, name);
    };
    CalendarSet before(test::zone);
    before.add(source("A", named("A", "")));
    before.add(source("B", "name = \"B\"\nextends = \"A\"\n"));
    before.add(source("C", named("C", "")));
    CalendarSet after = before;
    after.add(source("a", named("a", closed)));
    after.add(source("D", named("D", "")));
    const auto found = diff_calendar_sets(before, after, day("2026-11-01"), day("2026-12-31")).value();
    REQUIRE(found.size() == 3);
    CHECK(found[0].name == "A");
    CHECK(changes(found[0]) == "2026-11-24 - >Storm, 2026-11-26 - >Thanksgiving");
    CHECK(found[1].name == "B");
    CHECK(changes(found[1]) == changes(found[0]));
    CHECK(found[2].name == "D");
    CHECK_FALSE(found[2].before);
    const auto back = diff_calendar_sets(after, before, day("2026-11-01"), day("2026-12-31")).value();
    REQUIRE(back.size() == 3);
    CHECK_FALSE(back[1].after);
    CHECK(diff_calendar_sets(after, after, day("2026-11-01"), day("2026-12-31")).value().empty());
    after.add(source("BAD", "name = \"BAD\"\n"));
    CHECK_FALSE(diff_calendar_sets(before, after, day("2026-11-01"), day("2026-12-31")));
}
