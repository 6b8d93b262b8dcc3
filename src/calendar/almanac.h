// almanac.h — days of the year that astronomy or the church fixes, by computation.
//
// Source   Easter: the anonymous Gregorian computus (Meeus, Astronomical Algorithms, ch. 8), and the
//          Julian one, moved to Gregorian dates. Equinoxes: the interpolation that the National
//          Astronomical Observatory of Japan's almanac is fitted by, Japan time, for 1980-2150.
#pragma once

#include "base/time.h"

namespace mc {

Date western_easter(int year);   // 1583 and later
Date orthodox_easter(int year);  // the Gregorian date of Julian Easter, 1900-2099

// The dates, in Japan, of the March and September equinox; approximate outside 1980-2150.
Date vernal_equinox_in_japan(int year);
Date autumnal_equinox_in_japan(int year);

}  // namespace mc
