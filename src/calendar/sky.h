// sky.h — positions of sun and moon, from which lunar calendars are computed.
//
// Moments are days from 2000-01-01 12:00 in universal time (J2000), as doubles; angles are in degrees.
// Source   Meeus, Astronomical Algorithms, 2nd ed.: new moons ch. 49, the sun by VSOP87's largest terms
//          (ch. 25 and 32, appendix III), nutation ch. 22, the moon by the largest terms of ch. 47,
//          rising and setting ch. 15. Delta T: Espenak and Meeus, Five Millennium Canon of Solar Eclipses.
// Error    1950-2100: new moons and solar terms less than a minute, the moon's position 0.02 degrees.
#pragma once

#include "base/time.h"

namespace mc::sky {

using Moment = double;

// The new moon with that number, counted from the first one of 2000 (2000-01-06).
Moment new_moon(int number);
Moment mean_new_moon(int number);  // by mean motion only: the true one may be 14 hours off
// The number of the new moon nearest to a moment, by mean motion: the true one may be 14 hours off.
int new_moon_near(Moment t);

// The sun's apparent longitude: 0 at the March equinox, 270 at the December solstice.
double sun_longitude(Moment t);
// The moment nearest to a guess at which the sun has that longitude.
Moment when_sun_at(double longitude, Moment guess);

// A place on earth; east and north are positive.
struct Place {
    double longitude, latitude;
};
// Sunset of the date whose midday at that place is nearest to the moment.
Moment sunset(Place place, Moment midday);
// The moon as seen from a place: the height of its centre above the horizon as seen from the earth's centre, its
// parallax, and its distance from the sun.
struct Moon {
    double height, parallax, from_sun;
};
Moon moon(Place place, Moment t);

// The midnight at which a date begins, and the date of a moment, in local time that is `hours_ahead` of UTC.
Moment midnight(Date d, double hours_ahead);
Date date_of(Moment t, double hours_ahead);

}  // namespace mc::sky
