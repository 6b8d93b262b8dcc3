#include "calendar/day_rule.h"

#include <catch2/catch.hpp>

#include "calendar/almanac.h"

using namespace mc;

namespace {

std::string in(const char* rule, int year) {
    const auto parsed = DayRule::parse(rule);
    if (!parsed) return parsed.error().text();
    std::string text;
    for (const Date date : parsed->in(year)) text += (text.empty() ? "" : " ") + to_string(date);
    return text.empty() ? "none" : text;
}

}  // namespace

TEST_CASE("a rule for a date, in a year") {
    CHECK(in("jan 1", 2027) == "2027-01-01");
    CHECK(in("feb 29", 2028) == "2028-02-29");
    CHECK(in("feb 29", 2027) == "none");
    CHECK(in("3rd mon jan", 2026) == "2026-01-19");
    CHECK(in("1st mon sep", 2025) == "2025-09-01");
    CHECK(in("5th mon jan", 2026) == "none");
    CHECK(in("last mon may", 2027) == "2027-05-31");
    CHECK(in("4th thu nov +1", 2026) == "2026-11-27");
    CHECK(in("last mon may -3", 2016) == "2016-05-27");
    CHECK(in("easter", 2026) == "2026-04-05");
    CHECK(in("easter-2", 2024) == "2024-03-29");
    CHECK(in("easter+1", 2025) == "2025-04-21");
    CHECK(in("orthodox_easter", 2024) == "2024-05-05");
    CHECK(in("orthodox_easter-2", 2026) == "2026-04-10");
    CHECK(in("japan_vernal_equinox", 2026) == "2026-03-20");
    CHECK(in("japan_autumnal_equinox", 2027) == "2027-09-23");
}

TEST_CASE("the weekday nearest to a date") {
    // 2026-05-25 is a Monday.
    CHECK(in("mon before may 25", 2026) == "2026-05-18");
    CHECK(in("mon on or before may 25", 2026) == "2026-05-25");
    CHECK(in("mon after may 25", 2026) == "2026-06-01");
    CHECK(in("mon on or after may 25", 2026) == "2026-05-25");
    CHECK(in("fri on or after jun 19", 2027) == "2027-06-25");
    CHECK(in("thu on or after apr 19 +1", 2026) == "2026-04-24");
}

TEST_CASE("an invalid rule for a date is refused, with examples") {
    for (const char* text : {"", "jan", "jan 0", "jan 32", "feb 30", "6th mon jan", "3rd monday jan", "last mon",
                             "easterly", "mon beside may 25", "mon or on before may 25", "jan 1 +", "jan 1 +400"}) {
        INFO(text);
        CHECK_FALSE(DayRule::parse(text));
    }
    CHECK(in("third monday in may", 2026) ==
          "error: invalid rule for a date \"third monday in may\"; write \"jan 1\", \"3rd mon jan\", \"last mon may\", "
          "\"mon before may 25\", \"easter-2\" or \"4th thu nov +1\"");
}

TEST_CASE("an invalid rule of a lunar calendar is refused with an example") {
    for (const char* text : {"chinese 13 1", "chinese 0 1", "chinese 1 31", "chinese jan 1", "korean 8", "lunar 1 1",
                             "islamic 10 0", "hebrew tishri 1", "hebrew 7 1", "hebrew adar 31"}) {
        INFO(text);
        CHECK_FALSE(DayRule::parse(text));
    }
    CHECK(
        in("chinese 13 1", 2026) ==
        "error: invalid rule for a date \"chinese 13 1\"; write \"chinese 1 1\", a month from 1 to 12 and a day from 1 "
        "to 30");
    CHECK(in("hebrew tishri 1", 2026).find("nisan, iyar, sivan") != std::string::npos);
}

TEST_CASE("how far a rule's dates are from the ends of the year") {
    const auto check = [](const char* text) {
        const DayRule rule = DayRule::parse(text).value();
        for (int year = 1990; year <= 2060; ++year) {
            const DayRule::Room room = rule.room(year);
            for (const Date d : rule.in(year)) {
                INFO(text << " " << to_string(d));
                CHECK((d - make_date(year, 1, 1)).count() >= room.before);
                CHECK((make_date(year, 12, 31) - d).count() >= room.after);
            }
        }
    };
    for (const char* text : {"jan 1",
                             "feb 29",
                             "dec 31",
                             "jan 1 -1",
                             "dec 31 +2",
                             "1st mon jan",
                             "last fri dec",
                             "last mon feb",
                             "mon before jan 3",
                             "fri after dec 30",
                             "easter-48",
                             "orthodox_easter+50",
                             "qingming",
                             "japan_vernal_equinox",
                             "japan_autumnal_equinox",
                             "chile_winter_solstice",
                             "chinese 1 1 -1",
                             "chinese 1 30",
                             "chinese 5 5",
                             "chinese 10 30",
                             "chinese 12 8",
                             "korean 8 15 +1",
                             "islamic 10 1",
                             "umm_al_qura 12 10",
                             "umm_al_qura 9 30",
                             "mabims 10 1 -1",
                             "mabims 1 30",
                             "hebrew tevet 10"})
        check(text);
}

TEST_CASE("Easter, western and orthodox, at the ends of its range") {
    CHECK(western_easter(2008) == make_date(2008, 3, 23));
    CHECK(western_easter(2011) == make_date(2011, 4, 24));
    CHECK(western_easter(2038) == make_date(2038, 4, 25));
    CHECK(orthodox_easter(2010) == make_date(2010, 4, 4));
    CHECK(orthodox_easter(2013) == make_date(2013, 5, 5));
    CHECK(orthodox_easter(2021) == make_date(2021, 5, 2));
}

TEST_CASE("Japan's equinox days as proclaimed") {
    CHECK(vernal_equinox_in_japan(1990) == make_date(1990, 3, 21));
    CHECK(vernal_equinox_in_japan(2024) == make_date(2024, 3, 20));
    CHECK(vernal_equinox_in_japan(2027) == make_date(2027, 3, 21));
    CHECK(autumnal_equinox_in_japan(2012) == make_date(2012, 9, 22));
    CHECK(autumnal_equinox_in_japan(2026) == make_date(2026, 9, 23));
}

TEST_CASE("weekdays, seasons and observed shifts") {
    CHECK(Weekdays::parse("mon-fri").value() == Weekdays::monday_to_friday());
    CHECK(Weekdays::parse("sun-thu").value().has_weekday(0));
    CHECK_FALSE(Weekdays::parse("sun-thu").value().has_weekday(5));
    CHECK(Weekdays::parse("fri-mon").value() == Weekdays::parse("mon, fri, sat, sun").value());
    CHECK_FALSE(Weekdays::parse("monday"));
    CHECK_FALSE(Weekdays::parse(""));

    const Season winter = Season::parse("last sun oct .. last sun mar -1").value();
    CHECK(winter.has(make_date(2026, 1, 15)));
    CHECK_FALSE(winter.has(make_date(2026, 3, 29)));
    CHECK(winter.has(make_date(2026, 10, 25)));
    CHECK_FALSE(Season::parse("apr 1 - apr 7"));

    const ObservedShift shift = ObservedShift::parse("sat-1 sun+1").value();
    CHECK(shift.observed(make_date(2026, 7, 4)) == make_date(2026, 7, 3));
    CHECK(shift.observed(make_date(2027, 7, 4)) == make_date(2027, 7, 5));
    CHECK(shift.observed(make_date(2025, 7, 4)) == make_date(2025, 7, 4));
    CHECK_FALSE(ObservedShift::parse("sat"));
    CHECK_FALSE(ObservedShift::parse("sat-9"));
}

TEST_CASE("times of a session, before and after its date too") {
    using std::chrono::hours;
    CHECK(parse_day_time("09:30").value() == hours{9} + std::chrono::minutes{30});
    CHECK(parse_day_time("18:00-1d").value() == -hours{6});
    CHECK(parse_day_time("00:00+1d").value() == hours{24});
    for (const char* text : {"09:30", "17:00-1d", "00:00+1d", "15:59:30", "00:00"})
        CHECK(day_time_text(parse_day_time(text).value()) == text);
    for (const char* text : {"", "9:30", "24:00", "09:60", "09:30-2d", "09.30", "0930", "aa:bb", "09:30:"})
        CHECK_FALSE(parse_day_time(text));
}
