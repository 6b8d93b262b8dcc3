// almanac.h — computes days of the year that are fixed by astronomy or the church.
//
// Source   Easter: the anonymous Gregorian computus (Meeus, Astronomical Algorithms, ch. 8), and the
//          Julian one, converted to Gregorian dates. Equinoxes: an interpolation fitted to the almanac of
//          the National Astronomical Observatory of Japan, in Japan time, for 1980-2150.
#pragma once

#include "base/time.h"

namespace mc {

Date western_easter(int year);   // 1583 and later
Date orthodox_easter(int year);  // the Gregorian date of Julian Easter, 1900-2099

// The dates in Japan of the March and September equinox; approximate outside 1980-2150.
Date vernal_equinox_in_japan(int year);
Date autumnal_equinox_in_japan(int year);

}  // namespace mc
