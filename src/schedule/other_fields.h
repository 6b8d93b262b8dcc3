// other_fields.h — one field of an expression of another cron, as a field of this one's and as a predicate.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schedule/cron_fields.h"

namespace mc {

// How numbers of weekdays are counted: Sunday is 0 and 7, or 1 as in Quartz.
enum class WeekdayCount { from_zero, from_one };

// A word of another cron, and what it means there.
struct OtherWord {
    std::string word, meaning, besides;
};

struct OtherField {
    std::string cron;                   // what the cron field says: "*" where only the predicates say it
    std::vector<std::string> asked;     // predicates of which one must hold; empty: the cron field says it all
    std::vector<std::string> as_asked;  // the same for all of the field, where a predicate can say it
    bool restricted = false;            // it begins neither with `*` nor with `?`
    std::optional<OtherWord> word;      // the first that is not of this cron
};

// nullopt where it is not understood.
std::optional<OtherField> read_other_field(const CronField& field, std::string_view text, WeekdayCount count,
                                           std::string_view seed);

// "2026", "2026-2028,2030", "2026/2" as arguments of year(); "" for every year.
std::optional<std::string> read_years(std::string_view text);

}  // namespace mc
