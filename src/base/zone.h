// zone.h — one time zone: its local time at an instant, and the instants of a local time.
//
// Read from the bytes of a TZif file, version 2 or later. Its POSIX footer applies after the end of the table, so "fat"
// and "slim" files give the same results. Immutable; shared by pointer.
//
// Source   RFC 8536 (TZif), POSIX TZ strings with the extensions of RFC 8536 3.3.1 (hours -167..167).
// Errors   a malformed file is an Error; the functions of a Zone always have a result.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/local_type.h"
#include "base/result.h"
#include "base/time.h"

namespace mc {

enum class GapRule { shift, skip };
enum class OverlapRule { first, second, both };

// Zero, one or two instants, earliest first: the possible meanings of a wall time.
struct Instants {
    Instant at[2];
    int count = 0;
    const Instant* begin() const { return at; }
    const Instant* end() const { return at + count; }
};

class Zone {
   public:
    struct Offset {
        Seconds utc_offset{0};  // local minus UTC
        bool is_dst = false;
        std::string_view abbreviation;  // lives as long as the Zone
        bool operator==(const Offset&) const = default;
    };
    // A wall time: it exists once, does not exist, or exists twice.
    struct Wall {
        enum class Kind { unique, gap, overlap } kind = Kind::unique;
        Instant first;   // unique, overlap: the (first) instant; gap: the first instant after the gap
        Instant second;  // overlap: the second instant; else equal to first
    };

    static Result<std::shared_ptr<const Zone>> parse(std::string name, std::string_view tzif);
    // From a POSIX rule alone ("JST-9", "EST5EDT,M3.2.0,M11.1.0"), which then applies to all time.
    static Result<std::shared_ptr<const Zone>> from_rule(std::string_view rule);
    static std::shared_ptr<const Zone> utc();

    const std::string& name() const { return name_; }
    Offset offset_at(Instant t) const;
    WallTime to_wall(Instant t) const;
    Wall wall(WallTime w) const;

    // A half-open range of wall times that are all unique and have the same offset, so a caller can convert many
    // neighbouring times without a lookup for each. Empty near a change of the offset.
    struct Steady {
        WallTime from, to;
        Seconds offset{0};
        bool holds(WallTime w) const { return from <= w && w < to; }
    };
    Steady steady_around(WallTime w) const;

   private:
    // Time is divided into spans of one local type each: span n begins at starts_[n] and ends where the next one
    // begins; the first has no beginning. The footer's spans are computed for 400 years, after which the Gregorian
    // calendar repeats, including weekdays; instants outside these years are moved inside.
    friend class ZoneBuilder;
    Zone() = default;
    std::int64_t to_known_years(std::int64_t seconds) const;
    std::size_t span_at(std::int64_t seconds) const;
    std::int64_t offset_of_span(std::size_t span) const { return types_[span_types_[span]].utc_offset; }

    std::string name_;
    std::vector<std::int64_t> starts_;
    std::vector<std::uint16_t> span_types_;
    std::vector<LocalType> types_;
    std::int64_t known_from_ = 0;  // the spans are valid for known_from_ <= t < known_until_
    std::int64_t known_until_ = 0;
    std::int64_t offset_min_ = 0;
    std::int64_t offset_max_ = 0;
};

using ZonePtr = std::shared_ptr<const Zone>;

// Finds a zone by its IANA name. The program reads /usr/share/zoneinfo; a test may use its own. Error: config, with a
// suggestion if the name is unknown.
using ZoneLookup = std::function<Result<ZonePtr>(std::string_view name)>;

// The only conversion from wall time to instants. In a gap: shift gives the first instant after it, skip none. In an
// overlap: first, second or both.
Instants resolve(WallTime w, const Zone& zone, GapRule gap, OverlapRule overlap);

// "2026-11-20T16:00:00-05:00"
std::string local_text(Instant t, const Zone& zone);

}  // namespace mc
