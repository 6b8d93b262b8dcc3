// cron_fields.h — the six fields of a cron expression: their names, values, and names for values.
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

namespace mc {

struct CronField {
    std::string_view name;
    unsigned low, high;
    std::span<const std::string_view> names;  // of low, low + 1, ...
    std::string_view example;
};

inline constexpr std::array<std::string_view, 12> cron_months{"jan", "feb", "mar", "apr", "may", "jun",
                                                              "jul", "aug", "sep", "oct", "nov", "dec"};
inline constexpr std::array<std::string_view, 7> cron_weekdays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

inline constexpr std::array<CronField, 6> cron_fields{{
    {"second", 0, 59, {}, "0, */10 or 0-30/5"},
    {"minute", 0, 59, {}, "0, */15 or 0,30"},
    {"hour", 0, 23, {}, "9, */2 or 9-17"},
    {"day of month", 1, 31, {}, "*, 1 or 1,15"},
    {"month", 1, 12, cron_months, "*, 1-6 or mar,jun"},
    {"day of week", 0, 7, cron_weekdays, "*, 1-5 or mon-fri"},
}};

// Splits the text at blanks and tabs.
std::vector<std::string_view> split_blanks(std::string_view text);

// The short form of a name: "mon" for "Monday", "thu" for "thurs"; "" for any other word.
std::string_view short_name(std::string_view word, std::span<const std::string_view> names);

}  // namespace mc
