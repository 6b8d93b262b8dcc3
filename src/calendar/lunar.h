// lunar.h — computes dates of lunar calendars.
//
//   chinese, korean    months begin on the date of the astronomical new moon, in the time of China and Korea;
//                      the 11th contains the December solstice, and of 13 months between two such months
//                      the first without a principal term is the leap month (GB/T 33661-2017).
//                      A day of a leap month is not a date of the month that it repeats.
//   islamic            arithmetic: 11 leap years in 30, from Friday 16 July 622 (the civil epoch)
//   umm_al_qura        Mecca's: a month begins after the evening on which the new moon has passed and
//                      the moon sets after the sun. Used by Saudi Arabia since 1423 (2002), and by Turkey
//                      except for some days
//   mabims             used in south-east Asia since 2022: at sunset in Kuala Lumpur, the moon must be
//                      3 degrees high and 6.4 degrees from the sun
//   hebrew             arithmetic, with its postponements; adar is the second one of a leap year
// Source   Meeus (see sky.h); for the arithmetic calendars Reingold and Dershowitz, Calendrical Calculations.
// Range    1900-2100; the lunisolar calendars were compared with published almanacs for 1990-2050.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "base/time.h"

namespace mc {

// Up to two dates in order: a lunar date may fall twice in one year, or never.
class DatesOfYear {
   public:
    void add(Date d) { dates_.at(count_++) = d; }
    const Date* begin() const { return dates_.data(); }
    const Date* end() const { return dates_.data() + count_; }
    bool empty() const { return count_ == 0; }
    std::size_t size() const { return count_; }

   private:
    std::array<Date, 2> dates_{};
    std::size_t count_ = 0;
};

// The maximum distance between the begin of a month by sight and that of the arithmetic Islamic month.
constexpr date::days sighting_slack{4};

// The dates in a Gregorian year of a day (1 to 30) of a lunar month (1 to 12).
DatesOfYear chinese_dates(unsigned month, unsigned day, int year);
DatesOfYear korean_dates(unsigned month, unsigned day, int year);
DatesOfYear islamic_dates(unsigned month, unsigned day, int year);
DatesOfYear umm_al_qura_dates(unsigned month, unsigned day, int year);
DatesOfYear mabims_dates(unsigned month, unsigned day, int year);
// Months from nisan = 1 to adar = 12.
DatesOfYear hebrew_dates(unsigned month, unsigned day, int year);

// China's Qingming festival: the sun at 15 degrees. The June solstice in Chile's winter time.
Date qingming(int year);
Date june_solstice_in_chile(int year);

}  // namespace mc
