// Dates of rules from laws and notices, in years that no golden file covers, and the uncertainties about
// them. Written by hand, never from marketcron's own output.
#include <catch2/catch.hpp>

#include "golden.h"

using namespace mc;

namespace {

const std::filesystem::path root = MARKETCRON_ROOT;

const Calendar& calendar_of(const char* name) {
    static const CalendarSet all = test::calendars_of(root / "calendars");
    return **all.find(name);
}

}  // namespace

TEST_CASE("rules of early closes, half days and holidays give the right future dates") {
    struct Row {
        const char *calendar, *date, *hours;
    };
    const Row rows[] = {
        {"CMEGlobex_Grains", "2026-12-24", "19:00-1d 12:05 07:45/08:30"},
        {"CMEGlobex_Grains", "2028-11-24", "08:30 12:05"},
        {"CMEGlobex_Grains", "2028-12-26", "08:30 13:20"},  // no night session on the evening of Christmas Day
        {"CMEGlobex_Livestock", "2028-06-19", "closed"},
        {"CMEGlobex_FX", "2026-12-24", "17:00-1d 12:45"},
        {"CMEGlobex_FX", "2028-11-24", "17:00-1d 13:45"},
        {"CMEGlobex_FX", "2028-06-19", "17:00-1d 16:00"},
        {"CMEGlobex_FX", "2032-06-18", "17:00-1d 12:00"},  // for Saturday, June 19th
        {"CMEGlobex_EnergyAndMetals", "2028-09-04", "17:00-1d 13:30"},
        {"CMEGlobex_EnergyAndMetals", "2031-07-04", "17:00-1d 12:00"},
        {"CMEGlobex_EnergyAndMetals", "2029-06-19", "17:00-1d 13:30"},
        {"CME_Globex_Fixed_Income", "2029-12-24", "17:00-1d 12:15"},
        {"XEUR", "2026-12-01", "01:10 22:00"},
        {"XEUR", "2028-03-24", "01:10 22:00"},
        {"XEUR", "2028-03-27", "02:10 22:00"},  // summer time begins on the 26th
        {"EUREX_Bond", "2028-10-30", "01:10 22:00"},
        {"XSES", "2027-02-05", "09:00 12:00"},
        {"XSES", "2028-01-25", "09:00 12:00"},  // Chinese New Year is on January 26th
        {"XSES", "2027-12-24", "09:00 12:00"},
        {"XJSE", "2028-12-22", "09:00 12:00"},
        {"XJSE", "2029-12-31", "09:00 12:00"},
        {"XBEL", "2028-12-29", "closed"},
        {"XBEL", "2029-12-31", "closed"},
        {"XKRX", "2028-11-16", "10:00 16:30"},
        {"AIXK", "2028-03-15", "closed"},
        {"AIXK", "2031-03-17", "closed"},  // for Saturday, March 15th
        {"AIXK", "2028-08-30", "11:00 17:00"},
        {"XSGO", "2032-09-17", "closed"},
    };
    for (const Row& row : rows) {
        INFO(row.calendar << " " << row.date);
        const Calendar& calendar = calendar_of(row.calendar);
        const Session* session = calendar.session(*parse_date(row.date)).value();
        CHECK((session ? test::described(*session, *calendar.zone()) : "closed") == row.hours);
    }
}

TEST_CASE("uncertain dates are reported as uncertain") {
    const auto facts = [](const char* calendar, const char* date) {
        return calendar_of(calendar).facts(*parse_date(date)).value();
    };
    CHECK(facts("XKRX", "2027-11-18").tentative);
    CHECK_FALSE(facts("XKRX", "2026-11-19").tentative);
    CHECK(facts("XKRX", "2026-11-19").doubt == "");
    CHECK(facts("CMEGlobex_Livestock", "2026-12-24").doubt == "one source has 12:15 as the close");
    CHECK(facts("CMEGlobex_Grains", "2026-12-24").doubt == "");
    CHECK(facts("CMEGlobex_Grains", "2027-07-02").doubt == "");  // a Friday: Independence Day is observed on Monday
    CHECK(facts("CMEGlobex_Grains", "2028-07-03").doubt == "the day before Independence Day closed early until 2020");
    CHECK(facts("XPHS", "2026-11-02").doubt.starts_with("perhaps closed"));
}
