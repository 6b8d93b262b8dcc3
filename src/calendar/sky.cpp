#include "calendar/sky.h"

#include <array>
#include <cmath>
#include <numbers>

namespace mc::sky {
namespace {

constexpr double radian = std::numbers::pi / 180;
constexpr double days_of_a_century = 36525;
constexpr double mean_month = 29.530588861;
constexpr double first_new_moon = 5.09766;  // 2000-01-06, dynamical time
const Date epoch = make_date(2000, 1, 1);

double sine(double degrees) { return std::sin(degrees * radian); }
double cosine(double degrees) { return std::cos(degrees * radian); }
// The same angle in 0 to 360, and in -180 to 180.
double turned(double degrees) { return degrees - 360 * std::floor(degrees / 360); }
double half_turned(double degrees) { return turned(degrees + 180) - 180; }

// The difference between dynamical time and universal time, in days; the fit for 2005-2050.
double delta_t(Moment t) {
    const double years = t / 365.25;
    return (62.92 + 0.32217 * years + 0.005589 * years * years) / 86400;
}

struct NewMoonTerm {
    double days;
    int sun, moon, node;  // multiples of the anomalies of sun and moon and of the argument of latitude
};
constexpr std::array<NewMoonTerm, 24> new_moon_terms{{
    {-0.40720, 0, 1, 0}, {0.17241, 1, 0, 0},    {0.01608, 0, 2, 0},   {0.01039, 0, 0, 2},   {0.00739, -1, 1, 0},
    {-0.00514, 1, 1, 0}, {0.00208, 2, 0, 0},    {-0.00111, 0, 1, -2}, {-0.00057, 0, 1, 2},  {0.00056, 1, 2, 0},
    {-0.00042, 0, 3, 0}, {0.00042, 1, 0, 2},    {0.00038, 1, 0, -2},  {-0.00024, -1, 2, 0}, {-0.00007, 2, 1, 0},
    {0.00004, 0, 2, -2}, {0.00004, 3, 0, 0},    {0.00003, 1, 1, -2},  {0.00003, 0, 2, 2},   {-0.00003, 1, 1, 2},
    {0.00003, -1, 1, 2}, {-0.00002, -1, 1, -2}, {-0.00002, 1, 3, 0},  {0.00002, 0, 4, 0},
}};

struct PlanetTerm {
    double days, at, speed;
};
constexpr std::array<PlanetTerm, 14> planet_terms{{
    {0.000325, 299.77, 0.107408},
    {0.000165, 251.88, 0.016321},
    {0.000164, 251.83, 26.651886},
    {0.000126, 349.42, 36.412478},
    {0.000110, 84.66, 18.206239},
    {0.000062, 141.74, 53.303771},
    {0.000060, 207.14, 2.453732},
    {0.000056, 154.84, 7.306860},
    {0.000047, 34.52, 27.261239},
    {0.000042, 207.19, 0.121824},
    {0.000040, 291.34, 1.844379},
    {0.000037, 161.72, 24.198154},
    {0.000035, 239.56, 25.513099},
    {0.000023, 331.55, 3.592518},
}};

// The earth's heliocentric longitude in 1e-8 radians, its argument in millennia from J2000.
struct EarthTerm {
    double size, phase, speed;
};
constexpr std::array<EarthTerm, 24> earth_terms{{
    {3341656, 4.6692568, 6283.0758500},
    {34894, 4.62610, 12566.15170},
    {3497, 2.7441, 5753.3849},
    {3418, 2.8289, 3.5231},
    {3136, 3.6277, 77713.7715},
    {2676, 4.4181, 7860.4194},
    {2343, 6.1352, 3930.2097},
    {1324, 0.7425, 11506.7698},
    {1273, 2.0371, 529.6910},
    {1199, 1.1096, 1577.3435},
    {990, 5.233, 5884.927},
    {902, 2.045, 26.298},
    {857, 3.508, 398.149},
    {780, 1.179, 5223.694},
    {753, 2.533, 5507.553},
    {505, 4.583, 18849.228},
    {492, 4.205, 775.523},
    {357, 2.920, 0.067},
    {317, 5.849, 11790.629},
    {284, 1.899, 796.298},
    {271, 0.315, 10977.079},
    {243, 0.345, 5486.778},
    {206, 4.806, 2544.314},
    {205, 1.869, 5573.143},
}};

// The moon's longitude and latitude in 1e-6 degrees: multiples of its distance from the sun, of the
// anomalies of sun and moon, and of its argument of latitude.
struct MoonTerm {
    double size;
    int elongation, sun, moon, node;
};
constexpr std::array<MoonTerm, 19> longitude_terms{{
    {6288774, 0, 0, 1, 0}, {1274027, 2, 0, -1, 0}, {658314, 2, 0, 0, 0},  {213618, 0, 0, 2, 0}, {-185116, 0, 1, 0, 0},
    {-114332, 0, 0, 0, 2}, {58793, 2, 0, -2, 0},   {57066, 2, -1, -1, 0}, {53322, 2, 0, 1, 0},  {45758, 2, -1, 0, 0},
    {-40923, 0, 1, -1, 0}, {-34720, 1, 0, 0, 0},   {-30383, 0, 1, 1, 0},  {15327, 2, 0, 0, -2}, {-12528, 0, 0, 1, 2},
    {10980, 0, 0, 1, -2},  {10675, 4, 0, -1, 0},   {10034, 0, 0, 3, 0},   {8548, 4, 0, -2, 0},
}};
constexpr std::array<MoonTerm, 12> latitude_terms{{
    {5128122, 0, 0, 0, 1},
    {280602, 0, 0, 1, 1},
    {277693, 0, 0, 1, -1},
    {173237, 2, 0, 0, -1},
    {55413, 2, 0, -1, 1},
    {46271, 2, 0, -1, -1},
    {32573, 2, 0, 0, 1},
    {17198, 0, 0, 2, 1},
    {9266, 2, 0, 1, -1},
    {8822, 0, 0, 2, -1},
    {8216, 2, -1, 0, -1},
    {4324, 2, 0, -2, -1},
}};

struct Ecliptic {
    double longitude, latitude;
};

// The distance of a body past the meridian, and its height, as seen from the earth's centre.
struct Seen {
    double past_meridian, height;
};
Seen seen(const Ecliptic& body, Place place, Moment t) {
    const double tilt = 23.4393 - 0.0130 * t / days_of_a_century;
    const double x = cosine(body.latitude) * cosine(body.longitude);
    const double y = cosine(tilt) * cosine(body.latitude) * sine(body.longitude) - sine(tilt) * sine(body.latitude);
    const double declination_sine =
        cosine(tilt) * sine(body.latitude) + sine(tilt) * cosine(body.latitude) * sine(body.longitude);
    const double sidereal = 280.46061837 + 360.98564736629 * t;
    const double past = half_turned(sidereal + place.longitude - std::atan2(y, x) / radian);
    const double declination_cosine = std::sqrt(1 - declination_sine * declination_sine);
    const double height =
        std::asin(sine(place.latitude) * declination_sine + cosine(place.latitude) * declination_cosine * cosine(past));
    return {past, height / radian};
}

}  // namespace

int new_moon_near(Moment t) { return static_cast<int>(std::lround((t - first_new_moon) / mean_month)); }

Moment mean_new_moon(int number) { return first_new_moon + mean_month * number; }

Moment new_moon(int number) {
    const double k = number;
    const double t = k / 1236.85;
    const double eccentricity = 1 - 0.002516 * t - 0.0000074 * t * t;
    const double sun = 2.5534 + 29.10535670 * k - 0.0000014 * t * t;
    const double moon = 201.5643 + 385.81693528 * k + 0.0107582 * t * t;
    const double latitude = 160.7108 + 390.67050284 * k - 0.0016118 * t * t;
    const double node = 124.7746 - 1.56375588 * k + 0.0020672 * t * t;
    double moment = mean_new_moon(number) + 0.00015437 * t * t - 0.00017 * sine(node);
    for (const NewMoonTerm& term : new_moon_terms) {
        const double wave = sine(term.sun * sun + term.moon * moon + term.node * latitude);
        const double fade = term.sun == 0 ? 1 : std::abs(term.sun) == 1 ? eccentricity : eccentricity * eccentricity;
        moment += term.days * fade * wave;
    }
    for (const PlanetTerm& term : planet_terms) moment += term.days * sine(term.at + term.speed * k);
    return moment - delta_t(moment);
}

double sun_longitude(Moment t) {
    const double millennia = (t + delta_t(t)) / (10 * days_of_a_century);
    double longitude = 175347046;
    for (const EarthTerm& term : earth_terms) longitude += term.size * std::cos(term.phase + term.speed * millennia);
    const double slow = 628331966747 + 206059 * std::cos(2.678235 + 6283.07585 * millennia) +
                        4303 * std::cos(2.6351 + 12566.1517 * millennia);
    const double slower = 52919 + 8720 * std::cos(1.0721 + 6283.0758 * millennia);
    longitude = (longitude + millennia * (slow + millennia * slower)) * 1e-8 / radian;
    const double node = 125.04452 - 19341.36261 * millennia;
    const double mean = 280.4665 + 360007.698 * millennia;
    const double nutation = (-17.20 * sine(node) - 1.32 * sine(2 * mean) + 0.21 * sine(2 * node)) / 3600;
    const double distance = 1.00014 + 0.01671 * std::cos(3.09846 + 6283.07585 * millennia);
    const double aberration = -20.4898 / distance / 3600;
    return turned(longitude + 180 - 0.09033 / 3600 + nutation + aberration);
}

Moment when_sun_at(double longitude, Moment guess) {
    constexpr double days_of_a_degree = 365.2422 / 360;
    Moment t = guess;
    for (int round = 0; round < 3; ++round) t += half_turned(longitude - sun_longitude(t)) * days_of_a_degree;
    return t;
}

Moment sunset(Place place, Moment midday) {
    constexpr double setting = -0.8333;  // refraction and the sun's radius
    Moment t = midday + 6 / 24.0;
    for (int round = 0; round < 3; ++round) {
        const Ecliptic sun{sun_longitude(t), 0};
        const double height = seen(sun, place, t).height, later = seen(sun, place, t + 1 / 24.0).height;
        t += (setting - height) / (later - height) / 24.0;
    }
    return t;
}

Moon moon(Place place, Moment t) {
    const double centuries = (t + delta_t(t)) / days_of_a_century;
    const double mean = 218.3164477 + 481267.88123421 * centuries;
    const double elongation = 297.8501921 + 445267.1114034 * centuries;
    const double sun = 357.5291092 + 35999.0502909 * centuries;
    const double anomaly = 134.9633964 + 477198.8675055 * centuries;
    const double node = 93.2720950 + 483202.0175233 * centuries;
    const auto sum = [&](const auto& terms) {
        double result = 0;
        for (const MoonTerm& term : terms)
            result += term.size *
                      sine(term.elongation * elongation + term.sun * sun + term.moon * anomaly + term.node * node);
        return result / 1e6;
    };
    const Ecliptic body{mean + sum(longitude_terms), sum(latitude_terms)};
    const double parallax = 0.9508 + 0.0518 * cosine(anomaly) + 0.0095 * cosine(2 * elongation - anomaly) +
                            0.0078 * cosine(2 * elongation) + 0.0028 * cosine(2 * anomaly);
    const double from_sun = std::acos(cosine(body.latitude) * cosine(body.longitude - sun_longitude(t))) / radian;
    return {seen(body, place, t).height, parallax, from_sun};
}

Moment midnight(Date d, double hours_ahead) {
    return static_cast<double>((d - epoch).count()) - 0.5 - hours_ahead / 24;
}

Date date_of(Moment t, double hours_ahead) {
    return epoch + date::days{static_cast<int>(std::floor(t + 0.5 + hours_ahead / 24))};
}

}  // namespace mc::sky
