// zone.h — one time zone: what its clocks show at an instant, and which instants a wall time means.
//
// Read from the bytes of a TZif file, version 2 or later, with its POSIX footer for all that comes
// after the table, so "fat" and "slim" files answer alike. Immutable; shared by pointer.
//
// Source   RFC 8536 (TZif), POSIX TZ strings with the extensions of RFC 8536 3.3.1 (hours -167..167).
// Errors   a malformed file is an Error; a question to a Zone always has an answer.
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

// Zero, one or two instants, earliest first: what a wall time can mean.
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
    // A wall time: it exists once, was skipped, or comes twice.
    struct Wall {
        enum class Kind { unique, gap, overlap } kind = Kind::unique;
        Instant first;   // unique, overlap: the (first) instant; gap: the first instant after the gap
        Instant second;  // overlap: the second instant; else equal to first
    };

    static Result<std::shared_ptr<const Zone>> parse(std::string name, std::string_view tzif);
    // Of a POSIX rule alone ("JST-9", "EST5EDT,M3.2.0,M11.1.0"), which then holds for all time.
    static Result<std::shared_ptr<const Zone>> from_rule(std::string_view rule);
    static std::shared_ptr<const Zone> utc();

    const std::string& name() const { return name_; }
    Offset offset_at(Instant t) const;
    WallTime to_wall(Instant t) const;
    Wall wall(WallTime w) const;

    // A stretch of wall times, half open, that are all unique and ahead of UTC by one offset: who turns many
    // neighbouring times into instants need not look for each. Empty near a change of the clocks.
    struct Steady {
        WallTime from, to;
        Seconds offset{0};
        bool holds(WallTime w) const { return from <= w && w < to; }
    };
    Steady steady_around(WallTime w) const;

   private:
    // All time is cut into spans of one local type each: span n begins at starts_[n] and ends where the
    // next begins; the first has no beginning. A footer's spans are laid out for 400 years, after
    // which the Gregorian calendar, weekdays and all, repeats; instants outside are moved inside.
    friend class ZoneBuilder;
    Zone() = default;
    std::int64_t to_known_years(std::int64_t seconds) const;
    std::size_t span_at(std::int64_t seconds) const;
    std::int64_t offset_of_span(std::size_t span) const { return types_[span_types_[span]].utc_offset; }

    std::string name_;
    std::vector<std::int64_t> starts_;
    std::vector<std::uint16_t> span_types_;
    std::vector<LocalType> types_;
    std::int64_t known_from_ = 0;  // the layout holds for known_from_ <= t < known_until_
    std::int64_t known_until_ = 0;
    std::int64_t offset_min_ = 0;
    std::int64_t offset_max_ = 0;
};

using ZonePtr = std::shared_ptr<const Zone>;

// Finds a zone by IANA name; the shell's implementation reads /usr/share/zoneinfo, a test's may not.
// Error: config, with a suggestion when the name is unknown.
using ZoneLookup = std::function<Result<ZonePtr>(std::string_view name)>;

// The one door from wall time to instants. In a gap: shift gives the first instant after it, skip
// none. In an overlap: first, second or both.
Instants resolve(WallTime w, const Zone& zone, GapRule gap, OverlapRule overlap);

// "2026-11-20T16:00:00-05:00"
std::string local_text(Instant t, const Zone& zone);

}  // namespace mc
