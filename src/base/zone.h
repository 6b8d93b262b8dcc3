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
    static std::shared_ptr<const Zone> utc();

    const std::string& name() const { return name_; }
    Offset offset_at(Instant t) const;
    WallTime to_wall(Instant t) const;
    Wall wall(WallTime w) const;

   private:
    Zone() = default;
    // (the reader's own members)
    std::string name_;
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
