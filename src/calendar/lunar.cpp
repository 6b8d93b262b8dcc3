#include "calendar/lunar.h"

#include <algorithm>
#include <cmath>

#include "calendar/sky.h"

namespace mc {
namespace {

int year_of(Date d) { return static_cast<int>(civil(d).year()); }

constexpr double china = 8, korea = 9;  // hours ahead of UTC

// Months of a lunisolar calendar, with the numbers of their new moons.
class Lunisolar {
   public:
    explicit Lunisolar(double hours_ahead) : hours_ahead_(hours_ahead) {}

    // The date in the year that begins in the Gregorian `year`, if the month has that day.
    std::optional<Date> date(int year, int month, int day) const {
        const int number = month_of(year, month);
        const Date d = begin(number) + date::days{day - 1};
        if (day == 30 && d >= begin(number + 1)) return std::nullopt;
        return d;
    }

   private:
    Date begin(int number) const { return sky::date_of(sky::new_moon(number), hours_ahead_); }
    // The distance of the sun from the December solstice at the begin of a month, -180 to 180.
    double sun_at_begin(int number) const {
        const double sun = sky::sun_longitude(sky::midnight(begin(number), hours_ahead_)) - 270;
        return sun < -180 ? sun + 360 : sun;
    }
    // The month that contains the solstice of that year.
    int eleventh(int year) const {
        int number = sky::new_moon_near(sky::midnight(make_date(year, 12, 7), hours_ahead_));
        // The solstice is on the 21st to 23rd, a month has at least 29 days, and a new moon is within a day of the mean
        // one: in most cases that is enough.
        const Date d = sky::date_of(sky::mean_new_moon(number), hours_ahead_);
        if (make_date(year, 11, 26) <= d && d <= make_date(year, 12, 19)) return number;
        while (sun_at_begin(number) >= 0) --number;
        while (sun_at_begin(number + 1) < 0) ++number;
        return number;
    }
    int month_of(int year, int month) const {
        const int first = eleventh(month == 12 ? year : year - 1);
        const int next = eleventh(month == 12 ? year + 1 : year);
        if (month == 11) return next;
        const int place = month == 12 ? 1 : month + 1;  // in months after the eleventh, without leap months
        const bool leap = next - first == 13 && leap_by(first, place);
        return first + place + (leap ? 1 : 0);
    }
    // Whether the leap month of a year with 13 months is among the first `place` after the eleventh.
    bool leap_by(int first, int place) const {
        int sign = term(first + 1);
        for (int number = first + 1; number <= first + place; ++number) {
            const int next_sign = term(number + 1);
            if (next_sign == sign) return true;
            sign = next_sign;
        }
        return false;
    }
    // The last principal term that the sun has passed at the begin of a month.
    int term(int number) const {
        return static_cast<int>(sky::sun_longitude(sky::midnight(begin(number), hours_ahead_)) / 30);
    }

    double hours_ahead_;
};

DatesOfYear lunisolar_dates(double hours_ahead, unsigned month, unsigned day, int year) {
    DatesOfYear dates;
    const Lunisolar calendar{hours_ahead};
    const int earliest = month >= 11 ? year - 1 : year;  // the last two months may end in the next year
    for (int begun = earliest; begun <= year; ++begun) {
        const auto date = calendar.date(begun, static_cast<int>(month), static_cast<int>(day));
        if (date && year_of(*date) == year) dates.add(*date);
    }
    return dates;
}

// The first day of an Islamic month by arithmetic. Months are counted from Muharram of year 1.
Date arithmetic_month(int months) {
    const Date epoch = make_date(622, 7, 19);  // Gregorian; 16 July in the Julian calendar
    const int year = months / 12, month = months % 12;
    return epoch + date::days{354 * year + (3 + 11 * (year + 1)) / 30 + (59 * month + 1) / 2};
}

// The dates of a day of an Islamic month; `begin_of` gives the begin of a month that begins near a date.
template <class Begin>
DatesOfYear islamic_dates_of(unsigned month, unsigned day, int year, Begin begin_of) {
    DatesOfYear dates;
    const int around = (year - 622) * 33 / 32;
    for (int years = around - 2; years <= around + 1; ++years) {
        const Date near = arithmetic_month(years * 12 + static_cast<int>(month) - 1);
        const date::days later{day - 1};
        if (year_of(near + later + sighting_slack) < year || year_of(near + later - sighting_slack) > year) continue;
        const Date d = begin_of(near) + later;
        if (day == 30 && d >= begin_of(arithmetic_month(years * 12 + static_cast<int>(month)))) continue;
        if (year_of(d) == year) dates.add(d);
    }
    return dates;
}

struct Sighting {
    sky::Place place;
    double hours_ahead;
    double height, from_sun;  // the minimum for the moon at sunset
    bool from_the_ground;     // its height as seen from there, else that of its upper edge with refraction
};
constexpr Sighting mecca{{39.8262, 21.4225}, 3, 0, 0, false};
constexpr Sighting kuala_lumpur{{101.69, 3.14}, 8, 3, 6.4, true};

bool is_sighted(const Sighting& rule, double new_moon, Date evening) {
    const double dusk = sky::sunset(rule.place, sky::midnight(evening, rule.place.longitude / 15) + 0.5);
    if (new_moon >= dusk) return false;
    const sky::Moon moon = sky::moon(rule.place, dusk);
    // Meeus ch. 15 for the moonset; from the ground, parallax makes the moon appear lower.
    const double setting = 0.7275 * moon.parallax - 0.5667;
    const double height = rule.from_the_ground ? moon.height - moon.parallax : moon.height - setting;
    return height > rule.height && moon.from_sun > rule.from_sun;
}

Date sighted_month(const Sighting& rule, Date near) {
    const double new_moon = sky::new_moon(sky::new_moon_near(sky::midnight(near, rule.hours_ahead) - 1));
    Date evening = sky::date_of(new_moon, rule.hours_ahead);
    constexpr int evenings_at_most = 3;
    for (int tried = 0; tried < evenings_at_most && !is_sighted(rule, new_moon, evening); ++tried)
        evening += date::days{1};
    return evening + date::days{1};
}

// The first of Tishrei. Source: Calendrical Calculations, ch. 8.
Date hebrew_new_year(int year) {
    const auto elapsed = [](int y) {
        const int months = (235 * y - 234) / 19;
        const int parts = 12084 + 13753 * months;
        const int days = 29 * months + parts / 25920;
        return (3 * (days + 1)) % 7 < 3 ? days + 1 : days;
    };
    const int before = elapsed(year - 1), now = elapsed(year), after = elapsed(year + 1);
    const int delay = after - now == 356 ? 2 : now - before == 382 ? 1 : 0;
    const Date epoch = make_date(-3760, 9, 7);
    return epoch + date::days{now + delay};
}

bool is_hebrew_leap(int year) { return (7 * year + 1) % 19 < 7; }

// A day of the year that begins with that Tishrei; months from nisan = 1.
std::optional<Date> hebrew_date(int year, int month, int day) {
    const Date first = hebrew_new_year(year);
    const int length = static_cast<int>((hebrew_new_year(year + 1) - first).count());
    const bool leap = is_hebrew_leap(year);
    const bool long_heshvan = length % 10 == 5, short_kislev = length % 10 == 3;
    // From tishrei on: heshvan and kislev vary; a leap year has another adar of 30 days before the regular one.
    const std::array<int, 12> lengths{
        30, long_heshvan ? 30 : 29, short_kislev ? 29 : 30, 29, 30, 29, 30, 29, 30, 29, 30, 29};
    const int place = (month + 5) % 12;  // tishrei = 0, adar = 5, nisan = 6
    if (day > lengths[static_cast<std::size_t>(place)]) return std::nullopt;
    int days = day - 1;
    for (int before = 0; before < place; ++before) days += lengths[static_cast<std::size_t>(before)];
    if (leap && place >= 5) days += 30;
    return first + date::days{days};
}

}  // namespace

DatesOfYear chinese_dates(unsigned month, unsigned day, int year) { return lunisolar_dates(china, month, day, year); }

DatesOfYear korean_dates(unsigned month, unsigned day, int year) { return lunisolar_dates(korea, month, day, year); }

DatesOfYear islamic_dates(unsigned month, unsigned day, int year) {
    return islamic_dates_of(month, day, year, [](Date near) { return near; });
}

DatesOfYear umm_al_qura_dates(unsigned month, unsigned day, int year) {
    return islamic_dates_of(month, day, year, [](Date near) { return sighted_month(mecca, near); });
}

DatesOfYear mabims_dates(unsigned month, unsigned day, int year) {
    return islamic_dates_of(month, day, year, [](Date near) { return sighted_month(kuala_lumpur, near); });
}

DatesOfYear hebrew_dates(unsigned month, unsigned day, int year) {
    DatesOfYear dates;
    for (const int begun : {year + 3760, year + 3761}) {
        const auto date = hebrew_date(begun, static_cast<int>(month), static_cast<int>(day));
        if (date && year_of(*date) == year) dates.add(*date);
    }
    return dates;
}

Date qingming(int year) {
    return sky::date_of(sky::when_sun_at(15, sky::midnight(make_date(year, 4, 5), china)), china);
}

Date june_solstice_in_chile(int year) {
    constexpr double chile_in_winter = -4;
    return sky::date_of(sky::when_sun_at(90, sky::midnight(make_date(year, 6, 21), 0)), chile_in_winter);
}

}  // namespace mc
