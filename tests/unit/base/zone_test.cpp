#include "base/zone.h"

#include <catch2/catch.hpp>
#include <limits>

#include "support/tzif_bytes.h"

using namespace mc;
using Kind = Zone::Wall::Kind;

namespace {

Instant utc(std::string_view text) { return *parse_instant(std::string(text) + "Z"); }
WallTime local(std::string_view text) { return WallTime{utc(text).time_since_epoch()}; }

ZonePtr rule_zone(std::string_view rule) {
    const auto zone = Zone::from_rule(rule);
    REQUIRE(zone);
    return *zone;
}

ZonePtr file_zone(const std::vector<LocalType>& types, const std::vector<std::pair<std::int64_t, int>>& transitions,
                  const std::string& footer) {
    const auto zone = Zone::parse("Test/Zone", test::tzif_bytes(types, transitions, footer));
    REQUIRE(zone);
    return *zone;
}

std::int64_t at(std::string_view text) { return utc(text).time_since_epoch().count(); }

std::vector<std::string> resolved(std::string_view wall, const Zone& zone, GapRule gap, OverlapRule overlap) {
    std::vector<std::string> texts;
    for (const Instant t : resolve(local(wall), zone, gap, overlap)) texts.push_back(to_string(t));
    return texts;
}

const char* const new_york = "EST5EDT,M3.2.0,M11.1.0";
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a rule's offset, flag and name change with the season, in all years") {
    const ZonePtr zone = rule_zone(new_york);
    for (const char* year : {"1985", "2026", "2045", "2399", "2401", "9999"}) {
        INFO(year);
        CHECK(zone->offset_at(utc(std::string(year) + "-07-01T00:00:00")) ==
              Zone::Offset{Seconds{-14400}, true, "EDT"});
        CHECK(zone->offset_at(utc(std::string(year) + "-12-31T00:00:00")) ==
              Zone::Offset{Seconds{-18000}, false, "EST"});
    }
    CHECK(zone->offset_at(utc("2026-03-08T06:59:59")).utc_offset == Seconds{-18000});
    CHECK(zone->offset_at(utc("2026-03-08T07:00:00")).utc_offset == Seconds{-14400});
    CHECK(zone->offset_at(utc("2026-11-01T05:59:59")).utc_offset == Seconds{-14400});
    CHECK(zone->offset_at(utc("2026-11-01T06:00:00")).utc_offset == Seconds{-18000});
}

TEST_CASE("in 400 years a rule gives the same wall times") {
    const ZonePtr zone = rule_zone(new_york);
    CHECK(resolved("2426-03-08T02:30:00", *zone, GapRule::shift, OverlapRule::first) == Texts{"2426-03-08T07:00:00Z"});
    CHECK(resolved("4826-11-01T01:30:00", *zone, GapRule::shift, OverlapRule::both) ==
          Texts{"4826-11-01T05:30:00Z", "4826-11-01T06:30:00Z"});
    CHECK(resolved("1626-03-08T02:30:00", *zone, GapRule::shift, OverlapRule::first) == Texts{"1626-03-08T07:00:00Z"});
}

TEST_CASE("a gap gives the first instant after it, or none") {
    const ZonePtr zone = rule_zone(new_york);
    for (const char* wall : {"2026-03-08T02:00:00", "2026-03-08T02:30:00", "2026-03-08T02:59:59"}) {
        CHECK(zone->wall(local(wall)).kind == Kind::gap);
        CHECK(resolved(wall, *zone, GapRule::shift, OverlapRule::first) == Texts{"2026-03-08T07:00:00Z"});
        CHECK(resolved(wall, *zone, GapRule::skip, OverlapRule::both).empty());
    }
    CHECK(zone->wall(local("2026-03-08T01:59:59")).kind == Kind::unique);
    CHECK(resolved("2026-03-08T03:00:00", *zone, GapRule::skip, OverlapRule::first) == Texts{"2026-03-08T07:00:00Z"});
}

TEST_CASE("an overlap gives the first instant, the second, or both") {
    const ZonePtr zone = rule_zone(new_york);
    const char* const wall = "2026-11-01T01:00:00";
    CHECK(resolved(wall, *zone, GapRule::shift, OverlapRule::first) == Texts{"2026-11-01T05:00:00Z"});
    CHECK(resolved(wall, *zone, GapRule::shift, OverlapRule::second) == Texts{"2026-11-01T06:00:00Z"});
    CHECK(resolved(wall, *zone, GapRule::shift, OverlapRule::both) ==
          Texts{"2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z"});
    CHECK(zone->wall(local("2026-11-01T00:59:59")).kind == Kind::unique);
    CHECK(zone->wall(local("2026-11-01T02:00:00")).kind == Kind::unique);
}

TEST_CASE("local text carries the offset that was in force") {
    const ZonePtr zone = rule_zone(new_york);
    CHECK(local_text(utc("2026-11-20T21:00:00"), *zone) == "2026-11-20T16:00:00-05:00");
    CHECK(local_text(utc("2026-07-20T21:00:00"), *zone) == "2026-07-20T17:00:00-04:00");
    CHECK(local_text(utc("2026-07-20T21:00:00"), *Zone::utc()) == "2026-07-20T21:00:00+00:00");
    CHECK(local_text(utc("2026-07-20T21:00:00"), *rule_zone("<+0545>-5:45")) == "2026-07-21T02:45:00+05:45");
    CHECK(local_text(utc("1883-11-18T17:00:00"), *rule_zone("LMT4:56:02")) == "1883-11-18T12:03:58-04:56:02");
    CHECK(to_string(date_of(zone->to_wall(utc("2026-11-21T04:59:59")))) == "2026-11-20");
}

TEST_CASE("a southern summer spans New Year") {
    const ZonePtr zone = rule_zone("AEST-10AEDT,M10.1.0,M4.1.0/3");
    CHECK(zone->offset_at(utc("2050-01-01T00:00:00")).is_dst);
    CHECK_FALSE(zone->offset_at(utc("2050-07-01T00:00:00")).is_dst);
    CHECK(zone->wall(local("2050-01-01T00:00:00")).kind == Kind::unique);
}

TEST_CASE("Dublin's winter is daylight saving time with a negative amount") {
    const ZonePtr zone = rule_zone("IST-1GMT0,M10.5.0,M3.5.0/1");
    CHECK(zone->offset_at(utc("2050-01-01T00:00:00")) == Zone::Offset{Seconds{0}, true, "GMT"});
    CHECK(zone->offset_at(utc("2050-07-01T00:00:00")) == Zone::Offset{Seconds{3600}, false, "IST"});
    CHECK(resolved("2050-03-27T01:30:00", *zone, GapRule::shift, OverlapRule::first) == Texts{"2050-03-27T01:00:00Z"});
}

TEST_CASE("a rule's hours may be outside its day") {
    // Jerusalem: Friday before the last Sunday of March, 02:00, is the fourth Thursday's hour 26.
    const ZonePtr jerusalem = rule_zone("IST-2IDT,M3.4.4/26,M10.5.0");
    CHECK(jerusalem->offset_at(utc("2026-03-26T23:59:59")).utc_offset == Seconds{7200});
    CHECK(jerusalem->offset_at(utc("2026-03-27T00:00:00")).utc_offset == Seconds{10800});
    // Nuuk: the Saturday evening before the last Sunday.
    const ZonePtr nuuk = rule_zone("<-02>2<-01>,M3.5.0/-1,M10.5.0/0");
    CHECK(nuuk->offset_at(utc("2026-03-29T00:59:59")).utc_offset == Seconds{-7200});
    CHECK(nuuk->offset_at(utc("2026-03-29T01:00:00")).utc_offset == Seconds{-3600});
    // Over New Year, at the limit of what a rule allows: 167 hours are six days and 23 hours.
    const ZonePtr far = rule_zone("AAA0BBB,J365/167,J32/-167");
    CHECK(far->offset_at(utc("2026-01-06T22:59:59")).is_dst == false);
    CHECK(far->offset_at(utc("2026-01-06T23:00:00")).is_dst == true);
    CHECK(far->offset_at(utc("2026-01-24T23:59:59")).is_dst == true);
    CHECK(far->offset_at(utc("2026-01-25T00:00:00")).is_dst == false);
}

TEST_CASE("Julian days do not count February 29, days of the year do") {
    const ZonePtr julian = rule_zone("AAA0BBB,J60/0,J300/0");  // March 1 in every year
    CHECK_FALSE(julian->offset_at(utc("2028-02-29T23:59:59")).is_dst);
    CHECK(julian->offset_at(utc("2028-03-01T00:00:00")).is_dst);
    CHECK(julian->offset_at(utc("2027-03-01T00:00:00")).is_dst);
    const ZonePtr counted = rule_zone("AAA0BBB,59/0,300/0");  // the sixtieth day
    CHECK(counted->offset_at(utc("2028-02-29T00:00:00")).is_dst);
    CHECK_FALSE(counted->offset_at(utc("2027-02-28T23:59:59")).is_dst);
    CHECK(counted->offset_at(utc("2027-03-01T00:00:00")).is_dst);
}

TEST_CASE("daylight time may last all year") {
    for (const char* rule : {"EST5EDT,0/0,J365/25", "XXT3EDT4,0/0,J365/23"}) {
        const ZonePtr zone = rule_zone(rule);
        INFO(rule);
        for (const char* instant :
             {"2026-01-01T00:00:00", "2026-01-01T04:59:59", "2027-12-31T23:59:59", "2028-07-01T00:00:00"}) {
            CHECK(zone->offset_at(utc(instant)) == Zone::Offset{Seconds{-14400}, true, "EDT"});
        }
        CHECK(zone->wall(local("2026-01-01T00:00:00")).kind == Kind::unique);
    }
}

TEST_CASE("an invalid rule is an error") {
    for (const char* rule : {"",
                             "EST",
                             "5",
                             "ES5",
                             "EST5EDT",
                             "EST5EDT,M3.2.0",
                             "EST5EDT,M3.2.0,M11.1.0,",
                             "EST25",
                             "EST5:60",
                             "EST5EDT,M13.2.0,M11.1.0",
                             "EST5EDT,M3.6.0,M11.1.0",
                             "EST5EDT,M3.2.7,M11.1.0",
                             "EST5EDT,J0,J1",
                             "EST5EDT,J366,J1",
                             "EST5EDT,366,1",
                             "EST5EDT,M3.2.0/168,M11.1.0",
                             "<EST5",
                             "<>5",
                             "EST5 ",
                             "E$T5"}) {
        INFO(rule);
        CHECK_FALSE(Zone::from_rule(rule));
    }
    CHECK(Zone::from_rule("Mars").error().text() ==
          "error: invalid time zone rule \"Mars\"; a rule looks like EST5EDT,M3.2.0,M11.1.0");
}

TEST_CASE("a whole day may be skipped, as in Apia") {
    const ZonePtr zone = file_zone({{-36000, true, "-10"}, {50400, true, "+14"}}, {{at("2011-12-30T10:00:00"), 1}}, "");
    for (const char* wall : {"2011-12-30T00:00:00", "2011-12-30T12:00:00", "2011-12-30T23:59:59"}) {
        CHECK(resolved(wall, *zone, GapRule::shift, OverlapRule::first) == Texts{"2011-12-30T10:00:00Z"});
        CHECK(resolved(wall, *zone, GapRule::skip, OverlapRule::first).empty());
    }
    CHECK(zone->wall(local("2011-12-29T23:59:59")).kind == Kind::unique);
    CHECK(zone->wall(local("2011-12-31T00:00:00")).first == utc("2011-12-30T10:00:00"));
}

TEST_CASE("a whole day may occur twice, as in Kwajalein in 1969") {
    const ZonePtr zone =
        file_zone({{43200, false, "+12"}, {-43200, false, "-12"}}, {{at("1969-09-30T12:00:00"), 1}}, "");
    CHECK(resolved("1969-09-30T12:00:00", *zone, GapRule::shift, OverlapRule::both) ==
          Texts{"1969-09-30T00:00:00Z", "1969-10-01T00:00:00Z"});
    CHECK(zone->wall(local("1969-10-01T00:00:00")).kind == Kind::unique);
}

TEST_CASE("changes may follow each other within hours") {
    // +0 until 10:00, +1 until 10:30, +3 from then on: wall times 10 to 11 and 11:30 to 13:30 are missing.
    const ZonePtr gaps = file_zone({{0, false, "AAA"}, {3600, false, "BBB"}, {10800, false, "CCC"}},
                                   {{at("2026-01-01T10:00:00"), 1}, {at("2026-01-01T10:30:00"), 2}}, "");
    CHECK(resolved("2026-01-01T10:15:00", *gaps, GapRule::shift, OverlapRule::first) == Texts{"2026-01-01T10:00:00Z"});
    CHECK(resolved("2026-01-01T11:15:00", *gaps, GapRule::shift, OverlapRule::first) == Texts{"2026-01-01T10:15:00Z"});
    CHECK(resolved("2026-01-01T12:00:00", *gaps, GapRule::shift, OverlapRule::first) == Texts{"2026-01-01T10:30:00Z"});
    // +0, back to -1 at 10:00 and to -2 at 10:30: wall time 09:15 occurs twice, and so does 09:00 to 09:30.
    const ZonePtr overlaps = file_zone({{0, false, "AAA"}, {-3600, false, "BBB"}, {-7200, false, "CCC"}},
                                       {{at("2026-01-01T10:00:00"), 1}, {at("2026-01-01T10:30:00"), 2}}, "");
    CHECK(resolved("2026-01-01T09:45:00", *overlaps, GapRule::shift, OverlapRule::both) ==
          Texts{"2026-01-01T09:45:00Z", "2026-01-01T11:45:00Z"});
    CHECK(resolved("2026-01-01T08:45:00", *overlaps, GapRule::shift, OverlapRule::both) ==
          Texts{"2026-01-01T08:45:00Z", "2026-01-01T10:45:00Z"});
    CHECK(overlaps->wall(local("2026-01-01T10:00:00")).kind == Kind::unique);
}

TEST_CASE("a change of only the flag or the name moves no wall time") {
    const ZonePtr zone = file_zone({{3600, false, "AAA"}, {3600, true, "BBB"}}, {{at("2026-01-01T10:00:00"), 1}}, "");
    CHECK(zone->offset_at(utc("2026-01-01T09:59:59")) == Zone::Offset{Seconds{3600}, false, "AAA"});
    CHECK(zone->offset_at(utc("2026-01-01T10:00:00")) == Zone::Offset{Seconds{3600}, true, "BBB"});
    CHECK(zone->wall(local("2026-01-01T11:00:00")).kind == Kind::unique);
    CHECK(zone->wall(local("2026-01-01T10:59:59")).kind == Kind::unique);
}

TEST_CASE("table and footer join without a gap") {
    // The table ends in winter 2025; wall() uses both its last change and the footer's first.
    const ZonePtr zone = file_zone(
        {{-17762, false, "LMT"}, {-14400, true, "EDT"}, {-18000, false, "EST"}},
        {{at("1883-11-18T17:00:00"), 2}, {at("2025-03-09T07:00:00"), 1}, {at("2025-11-02T06:00:00"), 2}}, new_york);
    CHECK(zone->offset_at(utc("1850-01-01T00:00:00")) == Zone::Offset{Seconds{-17762}, false, "LMT"});
    CHECK(zone->offset_at(utc("2024-07-01T00:00:00")).abbreviation == "EST");
    CHECK(zone->offset_at(utc("2026-07-01T00:00:00")).abbreviation == "EDT");
    CHECK(resolved("2025-11-02T01:30:00", *zone, GapRule::shift, OverlapRule::both) ==
          Texts{"2025-11-02T05:30:00Z", "2025-11-02T06:30:00Z"});
    CHECK(resolved("2026-03-08T02:30:00", *zone, GapRule::shift, OverlapRule::both) == Texts{"2026-03-08T07:00:00Z"});
    CHECK(resolved("2026-11-01T01:30:00", *zone, GapRule::shift, OverlapRule::both) ==
          Texts{"2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"});
}

TEST_CASE("the first and last 64-bit instants have an answer") {
    for (const ZonePtr& zone : {Zone::utc(), rule_zone(new_york), rule_zone("AEST-10AEDT,M10.1.0,M4.1.0/3")}) {
        for (const std::int64_t end :
             {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
            CHECK_FALSE(zone->offset_at(Instant{Seconds{end}}).abbreviation.empty());
            zone->to_wall(Instant{Seconds{end}});
            zone->wall(WallTime{Seconds{end}});
        }
    }
}

TEST_CASE("a version 1 file is read, without a footer") {
    const std::vector<LocalType> types{{-17762, false, "LMT"}, {-18000, false, "EST"}};
    const auto zone = Zone::parse("Old", test::tzif_block('\0', 4, types, {{-100, 1}}));
    REQUIRE(zone);
    CHECK((*zone)->offset_at(Instant{Seconds{-101}}).abbreviation == "LMT");
    CHECK((*zone)->offset_at(Instant{Seconds{-100}}).abbreviation == "EST");
}

TEST_CASE("a file that counts leap seconds is refused") {
    const std::vector<LocalType> types{{0, false, "UTC"}};
    const auto zone = Zone::parse(
        "right/UTC", test::tzif_block('2', 4, types, {}) + test::tzif_block('2', 8, types, {}, 27) + "\nUTC0\n");
    REQUIRE_FALSE(zone);
    CHECK(zone.error().text() ==
          "error: time zone \"right/UTC\" cannot be read: it has leap seconds; write the zone's name without "
          "\"right/\" in front");
}

TEST_CASE("a file with contradictory parts is an error") {
    const LocalType plain{0, false, "UTC"};
    const auto parses = [](const std::vector<LocalType>& types,
                           const std::vector<std::pair<std::int64_t, int>>& transitions, const std::string& footer) {
        return Zone::parse("Test/Zone", test::tzif_bytes(types, transitions, footer)).has_value();
    };
    CHECK(parses({plain}, {{0, 0}, {1, 0}}, "UTC0"));
    CHECK_FALSE(parses({}, {}, "UTC0"));
    CHECK_FALSE(parses({plain}, {{0, 1}}, "UTC0"));
    CHECK_FALSE(parses({plain}, {{1, 0}, {1, 0}}, "UTC0"));
    CHECK_FALSE(parses({plain}, {{1, 0}, {0, 0}}, "UTC0"));
    CHECK_FALSE(parses({{100000, false, "FAR"}}, {}, "UTC0"));
    CHECK_FALSE(parses({plain}, {{std::numeric_limits<std::int64_t>::max(), 0}}, "UTC0"));
    CHECK_FALSE(parses({plain}, {{std::int64_t{1} << 59, 0}}, "UTC0"));
    CHECK_FALSE(parses({plain}, {}, "no rule"));
}

TEST_CASE("a cut or damaged file gives an error or a zone, and does no harm") {
    const std::string whole =
        test::tzif_bytes({{-17762, false, "LMT"}, {-14400, true, "EDT"}, {-18000, false, "EST"}},
                         {{at("1883-11-18T17:00:00"), 2}, {at("2007-03-11T07:00:00"), 1}}, new_york);
    const auto ask = [](const std::string& bytes) {
        const auto zone = Zone::parse("Damaged", bytes);
        if (!zone) return false;
        for (const char* text :
             {"1800-01-01T00:00:00", "2007-03-11T02:30:00", "2026-11-01T01:30:00", "2950-01-01T00:00:00"}) {
            (*zone)->wall(local(text));
            (*zone)->offset_at(utc(text));
        }
        return true;
    };
    REQUIRE(ask(whole));
    for (std::size_t length = 0; length < whole.size(); ++length) CHECK_FALSE(ask(whole.substr(0, length)));
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
        std::string damaged = whole;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
        ask(damaged);
    }
}

TEST_CASE("a steady stretch agrees with wall(), and ends before the clocks change") {
    for (const ZonePtr& zone :
         {rule_zone(new_york), rule_zone("JST-9"), rule_zone("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0")}) {
        Zone::Steady steady;
        int asked = 0, looked = 0;
        for (WallTime w = local("2026-01-01T00:30:00"); w < local("2028-01-01T00:00:00"); w += Seconds{1800}) {
            if (!steady.holds(w)) {
                steady = zone->steady_around(w);
                ++looked;
            }
            ++asked;
            if (!steady.holds(w)) continue;
            const Zone::Wall wall = zone->wall(w);
            if (wall.kind != Kind::unique || wall.first != Instant{w.time_since_epoch() - steady.offset})
                FAIL(to_string(Instant{w.time_since_epoch()}));
        }
        CHECK(looked < asked / 100);
    }
    // Beyond the table, and at the first and last instants, it is empty instead of wrong.
    const ZonePtr zone = rule_zone(new_york);
    for (const WallTime w : {local("9999-06-01T00:00:00"), WallTime::max(), WallTime::min()}) {
        const Zone::Steady steady = zone->steady_around(w);
        if (steady.holds(w)) CHECK(zone->wall(w).first == Instant{w.time_since_epoch() - steady.offset});
    }
}
