// other_crons.h — converts expressions of other schedulers (Quartz, Spring, Jenkins, Kubernetes, AWS).
//
// For the hint of an error: `0 0 L * *` is an error, and the hint is a text that works. parse_schedule() and
// Predicate::parse() read the proposed texts without an error.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mc {

struct SaidHere {
    std::string word;                      // what marketcron does not support: "L", "2#1", "22-2"
    std::string meaning;                   // its meaning elsewhere: "the last day of the month"
    std::string schedule, when, timezone;  // what to write; "" = nothing
    std::string besides;                   // another way to write it; may be empty
    // `schedule = "0 0 * * *" with when = "day(-1)"`
    std::string text() const;
};

// nullopt if the text cannot be converted, or has no word of another cron. `seed` chooses the minute at which Jenkins's
// `H/15` begins.
std::optional<SaidHere> said_here(std::string_view text, std::string_view seed);

}  // namespace mc
