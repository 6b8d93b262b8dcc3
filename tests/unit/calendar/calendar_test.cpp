#include "calendar/calendar.h"

#include <catch2/catch.hpp>

#include "made.h"

using namespace mc;
using namespace mc::test;

namespace {

Calendar file(const char* name) { return made(text_of(std::string(MARKETCRON_ROOT "/calendars/") + name)); }

std::string dated(const Result<const Session*>& session) {
    if (!session) return session.error().text();
    return *session ? to_string((*session)->date) : "none";
}

const char* overnight = R"([[hours]]
open = "17:00-1d"
close = "16:00"
)";

}  // namespace

TEST_CASE("a session, a weekend, a holiday, and why") {
    const Calendar nyse = file("xnys.toml");
    const Session* session = nyse.session(day("2026-11-20")).value();
    REQUIRE(session);
    CHECK(to_string(session->open) == "2026-11-20T14:30:00Z");
    CHECK(to_string(session->close) == "2026-11-20T21:00:00Z");
    CHECK(to_string(session->pre.value()) == "2026-11-20T09:00:00Z");
    CHECK(to_string(session->post.value()) == "2026-11-21T01:00:00Z");
    CHECK_FALSE(session->early_close);
    CHECK(nyse.facts(day("2026-11-20")).value().reason == "");

    CHECK(nyse.session(day("2026-11-21")).value() == nullptr);
    CHECK_FALSE(nyse.facts(day("2026-11-21")).value().week_has_it);

    const DayFacts thanksgiving = nyse.facts(day("2026-11-26")).value();
    CHECK_FALSE(thanksgiving.session);
    CHECK(thanksgiving.week_has_it);
    CHECK(thanksgiving.reason == "Thanksgiving Day");
    CHECK_FALSE(thanksgiving.unscheduled);

    const DayFacts mourning = nyse.facts(day("2025-01-09")).value();
    CHECK(mourning.unscheduled);
    CHECK(mourning.declared == day("2024-12-30"));
}

TEST_CASE("an early close also ends the post-market") {
    const Calendar nyse = file("xnys.toml");
    const DayFacts facts = nyse.facts(day("2026-11-27")).value();
    REQUIRE(facts.session);
    CHECK(facts.session->early_close);
    CHECK_FALSE(facts.session->late_open);
    CHECK(facts.reason == "Day after Thanksgiving");
    CHECK(to_string(facts.session->close) == "2026-11-27T18:00:00Z");
    CHECK(to_string(facts.session->post.value()) == "2026-11-27T22:00:00Z");
    CHECK(nyse.session(day("2002-09-11")).value()->late_open);
}

TEST_CASE("trading hours are half open, and closed during a break") {
    const Calendar tokyo = file("xtks.toml");
    CHECK_FALSE(tokyo.is_open(at("2026-11-19T23:59:59Z")).value());
    CHECK(tokyo.is_open(at("2026-11-20T00:00:00Z")).value());
    CHECK(tokyo.is_open(at("2026-11-20T02:29:59Z")).value());
    CHECK_FALSE(tokyo.is_open(at("2026-11-20T02:30:00Z")).value());
    CHECK(tokyo.is_open(at("2026-11-20T03:30:00Z")).value());
    CHECK(tokyo.is_open(at("2026-11-20T06:29:59Z")).value());
    CHECK_FALSE(tokyo.is_open(at("2026-11-20T06:30:00Z")).value());
}

TEST_CASE("the nth session after a date, over years") {
    const Calendar nyse = file("xnys.toml");
    CHECK(dated(nyse.nth_from(day("2026-12-31"), 1)) == "2027-01-04");
    CHECK(dated(nyse.nth_from(day("2027-01-01"), 1)) == "2027-01-04");
    CHECK(dated(nyse.nth_from(day("2027-01-01"), -1)) == "2026-12-31");
    CHECK(dated(nyse.nth_from(day("2026-12-31"), -1)) == "2026-12-30");
    CHECK(dated(nyse.nth_from(day("2026-11-20"), 0)) == "2026-11-20");
    CHECK(dated(nyse.nth_from(day("2026-11-21"), 0)) == "none");
    CHECK(dated(nyse.nth_from(day("1990-01-01"), 9569)) == "2027-12-31");
    CHECK(dated(nyse.nth_from(day("2027-12-31"), -9568)) == "1990-01-02");
    CHECK(dated(nyse.on_or_after(day("2026-11-26"))) == "2026-11-27");
    CHECK(dated(nyse.on_or_after(day("2026-11-27"))) == "2026-11-27");
    CHECK(dated(nyse.on_or_after(day("2021-12-31"))) == "2021-12-31");
    CHECK(dated(nyse.on_or_after(day("2022-12-31"))) == "2023-01-03");
}

TEST_CASE("the longest span between sessions") {
    const Calendar weekly = made(
        "name = \"WEEKLY\"\ntimezone = \"UTC\"\nchecked = 2026-11-22\n"
        "coverage = { from = 2026-01-01, trusted_to = 2026-03-31, to = 2026-03-31 }\n"
        "[[week]]\ndays = \"wed\"\n[[hours]]\nopen = \"09:30\"\nclose = \"16:00\"\n[closed]\n2026-02-04 = \"Works\"\n");
    CHECK(weekly.longest_span(1) == date::days{14});
    CHECK(weekly.longest_span(2) == date::days{21});
    CHECK(weekly.longest_span(10) == date::days{77});  // from the first to the last
    CHECK(weekly.longest_span(11) == date::days{89});  // fewer sessions exist: all of coverage
}

TEST_CASE("a date outside coverage is an error that names the coverage") {
    const Calendar calendar = made(calendar_file(""));
    const std::string beyond = "its coverage is 2020-01-01 to 2030-12-31";
    CHECK(dated(calendar.session(day("2031-01-01"))) == "error: TEST does not cover 2031-01-01; " + beyond);
    CHECK(calendar.session(day("2031-01-01")).error().kind == Error::Kind::calendar);
    CHECK(dated(calendar.session(day("2019-12-31"))) == "error: TEST does not cover 2019-12-31; " + beyond);
    CHECK(dated(calendar.nth_from(day("2030-12-31"), 1)) ==
          "error: TEST does not cover sessions after its last date; " + beyond);
    CHECK(dated(calendar.nth_from(day("2020-01-01"), -1)) ==
          "error: TEST does not cover sessions before its first date; " + beyond);
    CHECK(dated(calendar.on_or_after(day("2031-01-01"))) == "error: TEST does not cover 2031-01-01; " + beyond);
    CHECK_FALSE(calendar.facts(day("2031-01-01")));
    CHECK(dated(calendar.next_open(at("2030-12-31T14:30:00Z"))) ==
          "error: TEST does not cover sessions after its last date; " + beyond);
    CHECK_FALSE(calendar.is_open(at("2031-01-02T15:00:00Z")));
    CHECK(calendar.is_open(at("2030-12-31T15:00:00Z")).value());
    // Questions that need no coverage still have answers.
    CHECK(calendar.week_has(day("2031-01-01")));
    CHECK(to_string(calendar.regular(day("2031-01-01")).open) == "2031-01-01T14:30:00Z");
}

TEST_CASE("coverage may begin and end within a year") {
    std::string text = calendar_file("");
    text.replace(text.find("2030-12-31"), 10, "2028-03-15");
    const Calendar calendar = made(text);
    CHECK(dated(calendar.session(day("2028-03-15"))) == "2028-03-15");
    CHECK_FALSE(calendar.session(day("2028-03-16")));
    CHECK_FALSE(calendar.nth_from(day("2028-03-14"), 2));
}

TEST_CASE("the trading session is the one that is open, else the next") {
    const Calendar nyse = file("xnys.toml");
    CHECK(dated(nyse.trading_session(at("2026-11-20T14:29:59Z"))) == "2026-11-20");
    CHECK(dated(nyse.trading_session(at("2026-11-20T20:59:59Z"))) == "2026-11-20");
    CHECK(dated(nyse.trading_session(at("2026-11-20T21:00:00Z"))) == "2026-11-23");
    CHECK(dated(nyse.trading_session(at("2026-12-31T21:00:00Z"))) == "2027-01-04");
    CHECK(dated(nyse.next_open(at("2026-11-20T14:29:59Z"))) == "2026-11-20");
    CHECK(dated(nyse.next_open(at("2026-11-20T14:30:00Z"))) == "2026-11-23");
}

TEST_CASE("a session that opens the evening before") {
    const Calendar futures = made(calendar_file("", overnight));
    CHECK(hours_on(futures, "2026-11-20") == "17:00-1d 16:00");
    // Thursday 18:00 in New York belongs to Friday's session.
    CHECK(dated(futures.trading_session(at("2026-11-19T23:00:00Z"))) == "2026-11-20");
    CHECK(futures.is_open(at("2026-11-19T23:00:00Z")).value());
    CHECK_FALSE(futures.is_open(at("2026-11-20T21:30:00Z")).value());
    // Sunday evening is Monday's.
    CHECK(dated(futures.next_open(at("2026-11-20T22:00:00Z"))) == "2026-11-23");
    CHECK(futures.is_open(at("2026-11-22T22:00:00Z")).value());
    CHECK_FALSE(futures.is_open(at("2026-11-22T21:59:59Z")).value());
    // On the evening on which coverage ends, the next session is not known: an error, not "closed".
    std::string text = calendar_file("", overnight);
    text.replace(text.find("2030-12-31"), 10, "2028-03-15");
    const Calendar ending = made(text);
    CHECK_FALSE(ending.is_open(at("2028-03-15T22:00:00Z")));
    CHECK_FALSE(ending.is_open(at("2028-03-15T20:30:00Z")).value());
}

TEST_CASE("a calendar that is always open") {
    const Calendar always = file("24-7.toml");
    CHECK(always.is_open(at("2026-11-21T23:59:59Z")).value());
    CHECK(always.is_open(at("2026-11-22T00:00:00Z")).value());
    CHECK(dated(always.trading_session(at("2026-11-22T00:00:00Z"))) == "2026-11-22");
    CHECK(always.first_weekday(day("2026-11-22")) == 1);
}

TEST_CASE("weeks and hours change at their dates") {
    const Calendar calendar = made(calendar_file(R"(
[[week]]
days = "sun-thu"
[[week]]
from = 2026-01-05
days = "mon-fri"
)",
                                                 R"([[hours]]
open = "09:30"
close = "16:00"
[[hours]]
days = "sun"
open = "10:00"
close = "14:00"
[[hours]]
from = 2026-01-05
open = "09:45"
close = "17:25"
breaks = [["11:00", "11:15"], ["13:00", "14:00"]]
[[hours]]
from = 2026-01-05
days = "fri"
open = "09:45"
close = "13:50"
breaks = [["11:00", "11:15"]]
)"));
    CHECK(hours_on(calendar, "2025-12-28") == "10:00 14:00");
    CHECK(hours_on(calendar, "2026-01-01") == "09:30 16:00");
    CHECK(hours_on(calendar, "2026-01-02") == "closed");
    CHECK(hours_on(calendar, "2026-01-08") == "09:45 17:25 11:00/11:15 13:00/14:00");
    CHECK(hours_on(calendar, "2026-01-09") == "09:45 13:50 11:00/11:15");
    CHECK(hours_on(calendar, "2026-01-11") == "closed");
    CHECK(calendar.first_weekday(day("2025-12-28")) == 0);
    CHECK(calendar.first_weekday(day("2026-01-11")) == 1);
}

TEST_CASE("special hours: a removed break, another break, a late open by rule") {
    const Calendar calendar = made(calendar_file(R"(
[[special_hours]]
name = "Eve"
on = "dec 24"
close = "12:00"
[[special_hours]]
name = "Ash Wednesday"
on = "easter-46"
open = "13:00"
[special_hours_on]
2026-11-19 = { name = "Exam day", open = "10:30", close = "17:00", breaks = [["13:00", "14:00"]] }
2026-11-20 = { name = "No lunch", breaks = [] }
)",
                                                 R"([[hours]]
open = "09:30"
close = "16:00"
breaks = [["12:00", "13:00"]]
)"));
    CHECK(hours_on(calendar, "2026-12-24") == "09:30 12:00");
    CHECK(hours_on(calendar, "2026-02-18") == "13:00 16:00");
    CHECK(hours_on(calendar, "2026-11-19") == "10:30 17:00 13:00/14:00");
    CHECK(hours_on(calendar, "2026-11-20") == "09:30 16:00");
    CHECK(calendar.session(day("2026-11-19")).value()->late_open);
    CHECK_FALSE(calendar.session(day("2026-11-19")).value()->early_close);
}

TEST_CASE("a holiday observed in the previous or the next year") {
    const Calendar calendar = made(calendar_file(R"(
[[holiday]]
name = "New Year's Day"
on = "jan 1"
observed = "sat-1 sun+1"
[[holiday]]
name = "New Year's Eve"
on = "dec 31"
observed = "sun+2"
)"));
    // 2022-01-01 is a Saturday, 2028-12-31 a Sunday.
    CHECK(hours_on(calendar, "2021-12-31") == "closed");
    CHECK(hours_on(calendar, "2029-01-02") == "closed");
}

TEST_CASE("single days override rules, extra sessions override both") {
    const Calendar calendar = made(calendar_file(R"(
[[holiday]]
name = "Monday"
on = "3rd mon jan"
[[holiday]]
name = "Storm Day"
on = "feb 3"
except = [2021]
[extra_sessions]
2021-01-18 = "Open after all"
2021-05-01 = { name = "Mock trading", open = "10:00", close = "12:00" }
)"));
    CHECK(hours_on(calendar, "2021-01-18") == "09:30 16:00");
    CHECK(hours_on(calendar, "2022-01-17") == "closed");
    CHECK(hours_on(calendar, "2021-05-01") == "10:00 12:00");
    CHECK_FALSE(calendar.facts(day("2021-05-01")).value().week_has_it);
    CHECK(calendar.facts(day("2021-05-01")).value().reason == "Mock trading");
    CHECK(hours_on(calendar, "2021-02-03") == "09:30 16:00");
    CHECK(hours_on(calendar, "2022-02-03") == "closed");
}

TEST_CASE("the regular hours of any date, session or not") {
    const Calendar nyse = file("xnys.toml");
    const Session regular = nyse.regular(day("2026-11-27"));
    CHECK(to_string(regular.close) == "2026-11-27T21:00:00Z");
    CHECK_FALSE(regular.early_close);
    CHECK(to_string(nyse.regular(day("2026-11-26")).open) == "2026-11-26T14:30:00Z");
}

TEST_CASE("answers do not depend on earlier questions, and sessions stay at their addresses") {
    const Calendar asked = file("xlon.toml");
    const Session* early = asked.session(day("2030-06-03")).value();
    for (int year = 1990; year <= 2050; ++year) (void)asked.session(make_date(year, 7, 1));
    CHECK(asked.session(day("2030-06-03")).value() == early);
    const Calendar fresh = file("xlon.toml");
    for (int year = 2050; year >= 1990; year -= 5)
        CHECK(dated(fresh.nth_from(make_date(year, 7, 1), -40)) == dated(asked.nth_from(make_date(year, 7, 1), -40)));
}

TEST_CASE("a calendar with some days changed") {
    const Calendar nyse = file("xnys.toml");
    DayChange storm{day("2026-11-23"), true, {}, {"Storm", true, std::nullopt, false, {}}};
    DayChange open{day("2026-11-26"), false, {}, {"Open after all", true, std::nullopt, false, {}}};
    DayChange noon{day("2026-11-24"), false, {}, {"Storm", true, std::nullopt, false, {}}};
    noon.hours.close = std::chrono::hours{12};
    const Calendar changed(std::make_shared<const CalendarRules>(with_changes(*nyse.rules(), {storm, open, noon})),
                           nyse.zone());
    CHECK(hours_on(changed, "2026-11-23") == "closed");
    CHECK(hours_on(changed, "2026-11-24") == "09:30 12:00");
    CHECK(hours_on(changed, "2026-11-26") == "09:30 16:00");
    CHECK(hours_on(changed, "2026-11-27") == "09:30 13:00");
    CHECK(changed.facts(day("2026-11-23")).value().unscheduled);
}

TEST_CASE("the calendar as it was known on a day: without later declarations") {
    const auto rules = read_calendar_rules(calendar_file(R"(
[[holiday]]
name = "New Day"
on = "mar 3"
declared = 2026-06-01
from = 2027

[closed]
2026-03-05 = { name = "Mourning", unscheduled = true, declared = 2026-03-02 }
2026-03-06 = { name = "Storm", unscheduled = true }
2026-03-09 = "Planned"
)"),
                                           "test.toml");
    REQUIRE(rules);
    const auto known = [&](const char* on, const char* date) {
        auto then = std::make_shared<const CalendarRules>(as_known_on(*rules, day(on)));
        return hours_on(Calendar(then, zone("America/New_York").value()), date) == "closed";
    };
    CHECK_FALSE(known("2026-03-01", "2026-03-05"));
    CHECK(known("2026-03-02", "2026-03-05"));
    CHECK_FALSE(known("2026-03-05", "2026-03-06"));
    CHECK(known("2026-03-06", "2026-03-06"));
    CHECK(known("2025-01-01", "2026-03-09"));
    CHECK_FALSE(known("2026-05-31", "2027-03-03"));
    CHECK(known("2026-06-01", "2027-03-03"));
}
