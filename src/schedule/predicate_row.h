// predicate_row.h — one predicate of `when`: how its arguments are read, how it answers, and how `why` tells the answer.
//
// The type of its functions says what it asks: the date alone, a calendar, or a calendar at an instant. They look at no
// more dates than they need, so that an answer is known up to the calendar's very end, and keep nothing.
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

// A word of the text, and where it begins.
struct PlacedWord {
    std::string_view text;
    std::size_t at = 0;
};

inline constexpr std::size_t any_number = SIZE_MAX;

struct PredicateArguments {
    std::size_t least = 0, most = 0;
    // Puts them into the question; as many as that are given.
    Result<void> (*read)(Question& question, std::span<const PlacedWord> arguments) = nullptr;
    std::string_view example{};  // the predicate with its arguments, for the error of a wrong number
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
    // Where it is false at `at`: it stays so before the instant returned, which is `at` where no more is known.
    Instant (*false_until)(const Calendar& calendar, Instant at) = nullptr;
};
using Asks = std::variant<AsksDate, AsksCalendar, AsksInstant>;

struct PredicateRow {
    std::string_view name;
    PredicateArguments arguments;
    Asks asks;  // read() may give its question other functions: `every` asks a calendar only if it counts sessions
};

// What to write: its name, or its name with arguments.
constexpr std::string_view example_of(const PredicateRow& row) {
    return row.arguments.example.empty() ? row.name : row.arguments.example;
}

}  // namespace mc
