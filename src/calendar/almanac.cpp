#include "calendar/almanac.h"

#include <cmath>

namespace mc {

Date western_easter(int year) {
    const int golden = year % 19;
    const int century = year / 100;
    const int year_of_century = year % 100;
    const int lunar_correction = (century - (century + 8) / 25 + 1) / 3;
    const int epact = (19 * golden + century - century / 4 - lunar_correction + 15) % 30;
    const int to_sunday = (32 + 2 * (century % 4) + 2 * (year_of_century / 4) - epact - year_of_century % 4) % 7;
    const int late_moon = (golden + 11 * epact + 22 * to_sunday) / 451;
    const int days = epact + to_sunday - 7 * late_moon + 114;
    return make_date(year, static_cast<unsigned>(days / 31), static_cast<unsigned>(days % 31 + 1));
}

Date orthodox_easter(int year) {
    const int epact = (19 * (year % 19) + 15) % 30;
    const int to_sunday = (2 * (year % 4) + 4 * (year % 7) - epact + 34) % 7;
    const int days = epact + to_sunday + 114;
    const Date julian = make_date(year, static_cast<unsigned>(days / 31), static_cast<unsigned>(days % 31 + 1));
    return julian + date::days{13};  // the difference of the Julian calendar from 1900 to 2099
}

namespace {

// `mean` is the instant of the equinox in 1980, as a day of its month; a tropical year has 365.242194 days.
Date equinox(int year, unsigned month, double mean) {
    const int since = year - 1980;
    const double day = std::floor(mean + 0.242194 * since) - std::floor(since / 4.0);
    return make_date(year, month, static_cast<unsigned>(day));
}

}  // namespace

// 2100 is not a leap year, so the day of the month increases by one; hence the second constant.
Date vernal_equinox_in_japan(int year) { return equinox(year, 3, year < 2100 ? 20.8431 : 21.8510); }

Date autumnal_equinox_in_japan(int year) { return equinox(year, 9, year < 2100 ? 23.2488 : 24.2488); }

}  // namespace mc
