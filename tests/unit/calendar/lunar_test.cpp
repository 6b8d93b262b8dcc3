// Dates of lunar calendars, compared with published dates of almanacs, exchanges and states.
#include "calendar/lunar.h"

#include <catch2/catch.hpp>

#include "calendar/sky.h"

using namespace mc;

namespace {

std::string text(const DatesOfYear& dates) {
    std::string result;
    for (const Date d : dates) result += (result.empty() ? "" : " ") + to_string(d);
    return result.empty() ? "none" : result;
}

// A month and day of each year as "MM-DD".
std::string month_and_day(const DatesOfYear& dates) { return text(dates).substr(5); }

}  // namespace

// Hong Kong Observatory, Gregorian-Lunar Calendar Conversion Table.
TEST_CASE("the Chinese New Year of 1990 to 2050") {
    const char* const published[] = {
        "01-27", "02-15", "02-04", "01-23", "02-10", "01-31", "02-19", "02-07", "01-28", "02-16",  // 1990
        "02-05", "01-24", "02-12", "02-01", "01-22", "02-09", "01-29", "02-18", "02-07", "01-26",  // 2000
        "02-14", "02-03", "01-23", "02-10", "01-31", "02-19", "02-08", "01-28", "02-16", "02-05",  // 2010
        "01-25", "02-12", "02-01", "01-22", "02-10", "01-29", "02-17", "02-06", "01-26", "02-13",  // 2020
        "02-03", "01-23", "02-11", "01-31", "02-19", "02-08", "01-28", "02-15", "02-04", "01-24",  // 2030
        "02-12", "02-01", "01-22", "02-10", "01-30", "02-17", "02-06", "01-26", "02-14", "02-02",  // 2040
        "01-23"};
    int year = 1990;
    for (const char* date : published) {
        INFO(year);
        CHECK(month_and_day(chinese_dates(1, 1, year)) == date);
        ++year;
    }
}

TEST_CASE("Chinese festivals, also in years with a leap month") {
    CHECK(text(chinese_dates(5, 5, 2009)) == "2009-05-28");   // leap 5th month follows
    CHECK(text(chinese_dates(8, 15, 1995)) == "1995-09-09");  // leap 8th month follows
    CHECK(text(chinese_dates(8, 15, 2020)) == "2020-10-01");  // leap 4th month
    CHECK(text(chinese_dates(4, 8, 2020)) == "2020-04-30");   // not that of the leap month
    CHECK(text(chinese_dates(8, 15, 2033)) == "2033-09-08");  // leap 11th month, not 8th
    CHECK(text(chinese_dates(12, 8, 2034)) == "2034-01-27");
    CHECK(text(chinese_dates(1, 1, 2034)) == "2034-02-19");
    CHECK(text(chinese_dates(7, 7, 2012)) == "2012-08-23");  // the new moon of 23:54
    CHECK(text(chinese_dates(9, 9, 2026)) == "2026-10-18");
}

TEST_CASE("a day of the last month occurs twice in a year, or never") {
    CHECK(text(chinese_dates(12, 8, 2011)) == "2011-01-11");
    CHECK(text(chinese_dates(12, 8, 2012)) == "2012-01-01");
    CHECK(text(chinese_dates(12, 8, 2022)) == "2022-01-10 2022-12-30");
    CHECK(text(chinese_dates(12, 8, 2023)) == "none");
    CHECK(text(chinese_dates(12, 30, 2026)) == "none");  // 29 days
    CHECK(text(chinese_dates(12, 30, 2027)) == "none");
    CHECK(text(chinese_dates(12, 30, 2024)) == "2024-02-09");
}

// Korea Astronomy and Space Science Institute; XKRX was closed on these days.
TEST_CASE("Korea's calendar equals China's except for new moons around midnight") {
    CHECK(text(korean_dates(1, 1, 1997)) == "1997-02-08");  // China's: 02-07
    CHECK(text(korean_dates(1, 1, 2024)) == "2024-02-10");
    CHECK(text(korean_dates(1, 1, 2027)) == "2027-02-07");  // China's: 02-06
    CHECK(text(korean_dates(1, 1, 2028)) == "2028-01-27");  // China's: 01-26
    CHECK(text(korean_dates(8, 15, 2017)) == "2017-10-04");
    CHECK(text(korean_dates(8, 15, 2025)) == "2025-10-06");
    CHECK(text(korean_dates(8, 15, 2028)) == "2028-10-03");
    CHECK(text(korean_dates(4, 8, 2025)) == "2025-05-05");
}

TEST_CASE("solar terms") {
    CHECK(qingming(1990) == make_date(1990, 4, 5));
    CHECK(qingming(1996) == make_date(1996, 4, 4));
    CHECK(qingming(2023) == make_date(2023, 4, 5));
    CHECK(qingming(2024) == make_date(2024, 4, 4));
    CHECK(qingming(2026) == make_date(2026, 4, 5));
    CHECK(qingming(2043) == make_date(2043, 4, 5));
    CHECK(june_solstice_in_chile(2022) == make_date(2022, 6, 21));
    CHECK(june_solstice_in_chile(2024) == make_date(2024, 6, 20));
    CHECK(june_solstice_in_chile(2025) == make_date(2025, 6, 20));
}

// Meeus, Astronomical Algorithms, examples 49.a (new moon of 1977-02-18, 03:37:42 TD), 27.a (June
// solstice of 1962, 21:24:42 TD) and 47.a (the moon on 1992-04-12, 0 h TD).
TEST_CASE("sun and moon agree with the examples of Meeus") {
    constexpr double minute = 1.0 / 1440;
    const double delta_t_1977 = 48 / 86400.0, delta_t_1962 = 34 / 86400.0;
    const double new_moon = sky::midnight(make_date(1977, 2, 18), 0) + 13062 / 86400.0 - delta_t_1977;
    CHECK(sky::new_moon(-283) == Approx(new_moon).margin(minute));
    CHECK(sky::new_moon_near(new_moon) == -283);
    const double solstice = sky::midnight(make_date(1962, 6, 21), 0) + 77082 / 86400.0 - delta_t_1962;
    CHECK(sky::when_sun_at(90, solstice - 9) == Approx(solstice).margin(minute));
    const sky::Moon moon = sky::moon({0, 51.5}, sky::midnight(make_date(1992, 4, 12), 0));
    CHECK(moon.parallax == Approx(0.991990).margin(0.002));
    CHECK(moon.from_sun == Approx(110.7929).margin(0.03));  // example 48.a
}

// Examples 49.a and 25.b to their last digits, JDE 2443192.65118 and 199 degrees 54' 21.818". Delta T by sky.h's formula,
// which is meant for 2005 to 2050, is 58.475 s in 1977 and 60.886 s in 1992.
TEST_CASE("the new moon is as exact as Meeus's example, the sun within four seconds of arc") {
    CHECK(sky::new_moon(-283) == Approx(2443192.65118 - 2451545 - 58.475 / 86400).epsilon(0).margin(1.2e-5));
    const sky::Moment then = sky::midnight(make_date(1992, 10, 13), 0) - 60.886 / 86400;
    CHECK(sky::sun_longitude(then) == Approx(199 + 54 / 60.0 + 21.818 / 3600).epsilon(0).margin(4 / 3600.0));
}

// The calendar of Umm al-Qura according to R.H. van Gent; the feasts as Saudi Arabia kept them.
TEST_CASE("Umm al-Qura by conjunction and moonset at Mecca") {
    CHECK(text(umm_al_qura_dates(10, 1, 2022)) == "2022-05-02");
    CHECK(text(umm_al_qura_dates(10, 1, 2023)) == "2023-04-21");
    CHECK(text(umm_al_qura_dates(10, 1, 2024)) == "2024-04-10");
    CHECK(text(umm_al_qura_dates(12, 10, 2024)) == "2024-06-16");
    CHECK(text(umm_al_qura_dates(10, 1, 2025)) == "2025-03-30");
    CHECK(text(umm_al_qura_dates(12, 10, 2025)) == "2025-06-06");
    CHECK(text(umm_al_qura_dates(1, 1, 2025)) == "2025-06-26");
    CHECK(text(umm_al_qura_dates(10, 1, 2026)) == "2026-03-20");
    CHECK(text(umm_al_qura_dates(10, 1, 2027)) == "2027-03-09");
    CHECK(text(umm_al_qura_dates(12, 10, 2027)) == "2027-05-16");
    CHECK(text(umm_al_qura_dates(1, 1, 2008)) == "2008-01-10 2008-12-29");
    CHECK(umm_al_qura_dates(10, 1, 2033).size() == 2);
}

TEST_CASE("south-east Asia's Islamic dates since 2022") {
    CHECK(text(mabims_dates(10, 1, 2023)) == "2023-04-22");
    CHECK(text(mabims_dates(12, 10, 2023)) == "2023-06-29");
    CHECK(text(mabims_dates(10, 1, 2024)) == "2024-04-10");
    CHECK(text(mabims_dates(12, 10, 2024)) == "2024-06-17");
    CHECK(text(mabims_dates(10, 1, 2025)) == "2025-03-31");
    CHECK(text(mabims_dates(10, 1, 2026)) == "2026-03-21");
    CHECK(text(mabims_dates(12, 10, 2026)) == "2026-05-27");
}

TEST_CASE("the arithmetic Islamic calendar") {
    CHECK(text(islamic_dates(1, 1, 2000)) == "2000-04-06");
    CHECK(text(islamic_dates(10, 1, 2000)) == "2000-01-08 2000-12-28");
    CHECK(text(islamic_dates(10, 1, 2025)) == "2025-03-31");
    CHECK(text(islamic_dates(2, 30, 2025)) == "none");  // 29 days
    CHECK(text(islamic_dates(1, 30, 2025)) == "2025-07-26");
}

// The days on which XTAE was closed; 2004 to 2050 from the Hebrew calendar's own tables.
TEST_CASE("the Hebrew calendar") {
    constexpr unsigned nisan = 1, iyar = 2, sivan = 3, av = 5, tishrei = 7, kislev = 9, tevet = 10, adar = 12;
    CHECK(text(hebrew_dates(tishrei, 1, 1990)) == "1990-09-20");
    CHECK(text(hebrew_dates(tishrei, 1, 2024)) == "2024-10-03");
    CHECK(text(hebrew_dates(tishrei, 10, 2025)) == "2025-10-02");
    CHECK(text(hebrew_dates(tishrei, 1, 2026)) == "2026-09-12");
    CHECK(text(hebrew_dates(tishrei, 1, 2043)) == "2043-10-05");
    CHECK(text(hebrew_dates(nisan, 15, 2024)) == "2024-04-23");
    CHECK(text(hebrew_dates(nisan, 15, 2025)) == "2025-04-13");
    CHECK(text(hebrew_dates(iyar, 5, 2023)) == "2023-04-26");
    CHECK(text(hebrew_dates(sivan, 6, 2026)) == "2026-05-22");
    CHECK(text(hebrew_dates(av, 9, 2026)) == "2026-07-23");
    CHECK(text(hebrew_dates(adar, 14, 2024)) == "2024-03-24");  // the second adar
    CHECK(text(hebrew_dates(adar, 14, 2026)) == "2026-03-03");
    CHECK(text(hebrew_dates(kislev, 30, 2024)) == "2024-12-31");
    CHECK(text(hebrew_dates(kislev, 30, 2026)) == "2026-12-10");
    CHECK(text(hebrew_dates(tevet, 10, 2025)) == "2025-01-10 2025-12-30");
}
