// other_fields.h — converts one field of another cron's expression to a field of marketcron's cron and to a predicate.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schedule/cron_fields.h"

namespace mc {

// Numbers of weekdays: Sunday is 0 and 7, or 1 as in Quartz.
enum class WeekdayCount { from_zero, from_one };

// A word of another cron, and its meaning there.
struct OtherWord {
    std::string word, meaning, besides;
};

struct OtherField {
    std::string cron;                   // the cron field: "*" if only the predicates restrict it
    std::vector<std::string> asked;     // predicates of which one must be true; empty: the cron field is enough
    std::vector<std::string> as_asked;  // the same for the whole field, if predicates can express it
    bool restricted = false;            // it does not begin with `*` or `?`
    std::optional<OtherWord> word;      // the first word that marketcron's cron does not have
};

// nullopt if the field cannot be converted.
std::optional<OtherField> read_other_field(const CronField& field, std::string_view text, WeekdayCount count,
                                           std::string_view seed);

// "2026", "2026-2028,2030", "2026/2" as arguments of year(); "" for every year.
std::optional<std::string> read_years(std::string_view text);

}  // namespace mc
