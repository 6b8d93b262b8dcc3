// Joint calendars, compared with results worked out by hand from their parts.
#include "calendar/joint.h"

#include <catch2/catch.hpp>
#include <utility>

#include "made.h"

using namespace mc;
using namespace mc::test;

namespace {

CalendarPtr file(const char* name) {
    return std::make_shared<const Calendar>(made(text_of(std::string(MARKETCRON_ROOT "/calendars/") + name)));
}

Calendar joint(Joining how, std::vector<CalendarPtr> parts, const char* where = "UTC") {
    return Calendar(JointCalendar{CalendarName("JOINT"), "", how, std::move(parts), zone(where).value()});
}

std::string reason_on(const Calendar& calendar, const char* date) { return calendar.facts(day(date))->reason; }

}  // namespace

TEST_CASE("XNYS and XLON: from New York's open to London's close, where both trade") {
    const Calendar both = joint(Joining::all_of, {file("xnys.toml"), file("xlon.toml")}, "America/New_York");
    CHECK(hours_on(both, "2026-11-20") == "09:30 11:30");
    CHECK(hours_on(both, "2026-03-10") == "09:30 12:30");  // New York's clocks went forward, London's did not
    CHECK(hours_on(both, "2026-11-26") == "closed");       // Thanksgiving
    CHECK(reason_on(both, "2026-11-26") == "XNYS: Thanksgiving Day");
    CHECK(hours_on(both, "2026-08-31") == "closed");
    CHECK(reason_on(both, "2026-08-31") == "XLON: Summer bank holiday");
    CHECK(reason_on(both, "2026-04-03") == "XNYS: Good Friday; XLON: Good Friday");
    CHECK(hours_on(both, "2026-12-24") == "closed");                    // London closes at 12:30, before New York opens
    CHECK_FALSE(both.session(day("2026-11-27")).value()->early_close);  // New York's half day ends after London
    CHECK(both.is_open(at("2026-11-20T16:29:59Z")).value());
    CHECK_FALSE(both.is_open(at("2026-11-20T16:30:00Z")).value());
    CHECK(to_string(both.nth_from(day("2026-11-25"), 1).value()->date) == "2026-11-27");
    CHECK(to_string(both.next_open(at("2026-11-25T20:00:00Z")).value()->date) == "2026-11-27");
    // Each date of thirty years is a session exactly if it is a session of both and they have hours in common.
    const CalendarPtr nyse = file("xnys.toml"), lse = file("xlon.toml");
    for (Date d = day("1997-01-01"); d <= day("2026-12-31"); d += date::days{1}) {
        const Session *a = nyse->session(d).value(), *b = lse->session(d).value(), *c = both.session(d).value();
        const bool meet = a && b && std::max(a->open, b->open) < std::min(a->close, b->close);
        if ((c != nullptr) != meet) FAIL(to_string(d));
        if (c && (c->open != std::max(a->open, b->open) || c->close != std::min(a->close, b->close)))
            FAIL(to_string(d));
    }
}

TEST_CASE("a day on which all trade, without common hours, is not a holiday") {
    const Calendar both = joint(Joining::all_of, {file("xnys.toml"), file("xlon.toml")}, "America/New_York");
    const DayFacts apart = both.facts(day("2026-12-24")).value();  // London closes before New York opens
    CHECK(apart.session == nullptr);
    CHECK(apart.week_has_it);
    CHECK(apart.apart);
    CHECK_FALSE(apart.is_holiday());
    CHECK(apart.reason == "their hours do not overlap");
    CHECK(both.facts(day("2026-12-25")).value().is_holiday());
    CHECK(both.facts(day("2026-11-26")).value().is_holiday());  // one of the two is closed
    CHECK_FALSE(both.facts(day("2026-12-26")).value().is_holiday());
}

TEST_CASE("XNYS and XTKS: never open together, or from Tokyo's open to New York's close") {
    const Calendar both = joint(Joining::all_of, {file("xnys.toml"), file("xtks.toml")});
    CHECK(hours_on(both, "2026-11-20") == "closed");
    CHECK(reason_on(both, "2026-11-20") == "their hours do not overlap");
    const Calendar any = joint(Joining::any_of, {file("xnys.toml"), file("xtks.toml")});
    CHECK(hours_on(any, "2026-11-20") == "00:00 21:00");  // no breaks
    CHECK(hours_on(any, "2026-11-23") == "14:30 21:00");  // Labor Thanksgiving in Tokyo
    CHECK(any.session(day("2026-11-23")).value()->late_open);
    CHECK(hours_on(any, "2026-11-26") == "00:00 06:30");  // Thanksgiving in New York
    CHECK(any.session(day("2026-11-26")).value()->early_close);
    CHECK(hours_on(any, "2027-01-01") == "closed");
    CHECK(hours_on(any, "2026-11-21") == "closed");
    CHECK_FALSE(any.week_has(day("2026-11-21")));
    CHECK(any.first_weekday(day("2026-11-21")) == 1);
}

TEST_CASE("all_of keeps the breaks of all, once; a break at an end shortens the hours") {
    const auto with = [](const char* hours) {
        return std::make_shared<const Calendar>(made(calendar_file("", hours)));
    };
    const auto a = with("[[hours]]\nopen = \"09:00\"\nclose = \"17:00\"\nbreaks = [[\"12:00\", \"13:00\"]]\n");
    const auto b = with(
        "[[hours]]\nopen = \"08:00\"\nclose = \"16:00\"\n"
        "breaks = [[\"08:30\", \"09:30\"], [\"12:30\", \"13:30\"], [\"15:00\", \"15:10\"]]\n");
    const Calendar both = joint(Joining::all_of, {a, b}, "America/New_York");
    CHECK(hours_on(both, "2026-11-20") == "09:30 16:00 12:00/13:30 15:00/15:10");
    CHECK_FALSE(both.session(day("2026-11-20")).value()->late_open);
}

TEST_CASE("coverage is what all parts cover; beyond it there is no answer") {
    const auto part = std::make_shared<const Calendar>(made(calendar_file("")));
    const Calendar both = joint(Joining::all_of, {file("xnys.toml"), part});
    CHECK(both.coverage().from == day("2020-01-01"));
    CHECK(both.coverage().to == day("2030-12-31"));
    const auto beyond = both.session(day("2031-01-02"));
    REQUIRE_FALSE(beyond);
    CHECK(beyond.error().sentence() == "JOINT does not cover 2031-01-02; its coverage is 2020-01-01 to 2030-12-31");
}
