// other_crons.h — expressions of other schedulers (Quartz, Spring, Jenkins, Kubernetes, AWS), and what says the same here.
//
// For the hint of an error: `0 0 L * *` is refused, and the hint is the working text. What is proposed is read by
// parse_schedule and Predicate::parse without an error.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mc {

struct SaidHere {
    std::string word;                      // what this program does not know: "L", "2#1", "22-2"
    std::string meaning;                   // what it is elsewhere: "the last day of the month"
    std::string schedule, when, timezone;  // what to write; "" = nothing
    std::string besides;                   // another way to say it; may be empty
    // `schedule = "0 0 * * *" with when = "day(-1)"`
    std::string text() const;
};

// nullopt where the text is not understood either, or has no word of another cron. `seed` chooses the minute that
// Jenkins's `H/15` begins with.
std::optional<SaidHere> said_here(std::string_view text, std::string_view seed);

}  // namespace mc
