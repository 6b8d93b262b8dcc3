// posix_rule.h — a time zone rule in one line: "EST5EDT,M3.2.0,M11.1.0", the footer of a TZif file.
//
// Source   POSIX.1-2017 8.3 (TZ) with the extension of RFC 8536 3.3.1: a rule's hour is -167..167.
// Errors   config. A DST name without rules is an error: POSIX leaves its dates open, and marketcron does not guess.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/local_type.h"
#include "base/result.h"

namespace mc {

// A day of any year, and a time on that day in the local time before the change.
struct RuleDay {
    enum class Kind {
        julian,       // Jn: 1..365, February 29 is never counted
        day_of_year,  // n: 0..365, February 29 counts
        weekday,      // Mm.w.d: the w-th weekday d of month m, 5 = the last
    };
    Kind kind = Kind::julian;
    int day = 1;
    int month = 1;
    int week = 1;
    int weekday = 0;  // 0 = Sunday
    std::int32_t seconds = 2 * 3600;

    // Seconds since 1970 in that local time, for years 0..20000.
    std::int64_t local_seconds(int year) const;
};

struct DaylightRule {
    LocalType type;
    RuleDay start;  // in standard time
    RuleDay end;    // in daylight saving time
};

struct PosixRule {
    LocalType standard;
    std::optional<DaylightRule> daylight;
};

Result<PosixRule> parse_posix_rule(std::string_view text);

}  // namespace mc
