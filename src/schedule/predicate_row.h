// predicate_row.h — one predicate of `when`: how its arguments are read, its answer, and the sentence for `why`.
//
// The type of its functions says what it depends on: only the date, a calendar, or a calendar at an instant. They use
// no more dates than they need, so that an answer is known up to the end of coverage, and they keep no state.
// Errors   of read(): config, with the column; of answer(): calendar, beyond coverage.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "calendar/calendar.h"

namespace mc {

struct Question;

// A word of the text, and its offset.
struct PlacedWord {
    std::string_view text;
    std::size_t at = 0;
};

inline constexpr std::size_t any_number = SIZE_MAX;

struct PredicateArguments {
    std::size_t least = 0, most = 0;
    // Stores the given arguments in the question.
    Result<void> (*read)(Question& question, std::span<const PlacedWord> arguments) = nullptr;
    std::string_view example{};  // the predicate with arguments, for the error of a wrong number of them
};
inline constexpr PredicateArguments no_arguments{};

struct AsksDate {
    bool (*answer)(const Question& question, Date date) = nullptr;
    std::string (*sentence)(const Question& question, bool holds, Date date) = nullptr;
};
struct AsksCalendar {
    Result<bool> (*answer)(const Question& question, const Calendar& calendar, Date date) = nullptr;
    std::string (*sentence)(const Question& question, bool holds, const Calendar& calendar,
                            const DayFacts& facts) = nullptr;
};
struct AsksInstant {
    Result<bool> (*answer)(const Question& question, const Calendar& calendar, Instant at) = nullptr;
    std::string (*sentence)(const Question& question, bool holds, const Calendar& calendar, const DayFacts& facts,
                            Instant at) = nullptr;
    // If it is false at `at`: an instant before which it stays false; `at` if nothing more is known.
    Instant (*false_until)(const Calendar& calendar, Instant at) = nullptr;
};
using Asks = std::variant<AsksDate, AsksCalendar, AsksInstant>;

struct PredicateRow {
    std::string_view name;
    PredicateArguments arguments;
    Asks asks;  // read() may replace them for its question: `every` needs a calendar only if it counts sessions
};

// What to write: its name, with arguments if it has some.
constexpr std::string_view example_of(const PredicateRow& row) {
    return row.arguments.example.empty() ? row.name : row.arguments.example;
}

}  // namespace mc
