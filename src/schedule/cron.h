// cron.h — cron expressions as cronie reads them, and their next wall time.
//
// Five fields, or six with seconds first; also @yearly and the other nicknames. The value of `~` is drawn from the
// seed. The day rule: day of month and day of week are combined with AND if either field begins with `*`, else with OR.
// Source   crontab(5) and the behaviour of cronie 1.7.2; the cases are in tests/conformance/cron.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "base/zone.h"

namespace mc {

struct CronExpr {
    std::uint64_t seconds = 1;  // bit n: second n; {0} for five fields
    std::uint64_t minutes = 0;
    std::uint32_t hours = 0;
    std::uint32_t days = 0;     // bits 1..31
    std::uint16_t months = 0;   // bits 1..12
    std::uint8_t weekdays = 0;  // bits 0..6, Sunday = 0
    bool days_and = false;      // both day fields must match
    bool fixed = false;         // neither minute nor hour field begins with `*` (daylight saving time)
    bool matches(Date d) const;
    bool operator==(const CronExpr&) const = default;
};

// Error: config, with the field and what to write. Errors are also reversed ranges (except for a day of week that ends
// in 0 or sun), numbers that overflow, and expressions that match no date.
Result<CronExpr> parse_cron(std::string_view text, std::string_view seed);

// The first instant strictly after `after` at which the expression fires in the zone; nullopt if there is none within
// 40 years (which parse_cron() prevents). `gap` and `overlap` replace cron's rule for fixed and wildcard jobs.
// `nominal`, if given, receives the wall time of the fire (for a fire moved out of a gap: the skipped wall time).
std::optional<Instant> next_cron(const CronExpr& expr, const Zone& zone, Instant after, std::optional<GapRule> gap = {},
                                 std::optional<OverlapRule> overlap = {}, WallTime* nominal = nullptr);

}  // namespace mc
