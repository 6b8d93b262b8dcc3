#include "schedule/question_text.h"

#include <fmt/format.h>

#include <array>

namespace mc {
namespace {

constexpr std::array<std::string_view, 7> weekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};

}  // namespace

std::string_view weekday_text(Date date) { return weekdays[weekday_of(date)]; }

std::string because(const DayFacts& facts) { return facts.reason.empty() ? "" : ": " + facts.reason; }

std::string day_text(const Calendar& calendar, const DayFacts& facts) {
    const auto day = to_string(facts.date);
    const auto& name = calendar.name();
    if (facts.session != nullptr) return fmt::format("{} is a session of {}", day, name);
    if (!facts.week_has_it && !facts.apart)
        return fmt::format("{} is not a session of {}: {} is not a trading day of its week", day, name,
                           weekday_text(facts.date));
    return fmt::format("{} is not a session of {}{}", day, name, because(facts));
}

std::string ordinal(int n) {
    if (n == 1) return "first";
    if (n == -1) return "last";
    const int size = n < 0 ? -n : n;
    const int tens = size % 100 / 10;
    const char* const suffix = tens == 1        ? "th"
                               : size % 10 == 1 ? "st"
                               : size % 10 == 2 ? "nd"
                               : size % 10 == 3 ? "rd"
                                                : "th";
    return fmt::format("{}{}{}", size, suffix, n < 0 ? " to last" : "");
}

}  // namespace mc
