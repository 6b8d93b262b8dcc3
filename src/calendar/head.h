// head.h — what a calendar file calls its calendar, read without the rest; and whether it may be called so.
//
// Pure. A name is letters, digits and `_ . -`, a letter first, so that it can stand in schedules and predicates; an
// alias may have spaces between its words, too. Every name and alias, in any case, is one calendar's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mc {

class CalendarSet;

struct CalendarWord {
    std::string word;
    Spot spot;
};

struct CalendarHead {
    CalendarWord name;
    std::vector<CalendarWord> aliases;
};

// Error: config, with its place: what is no TOML, or has no name. What is wrong with aliases, the whole file's reader
// says.
Result<CalendarHead> read_calendar_head(std::string_view text, const std::string& file);

enum class CalendarWordKind { name, alias };
// What is wrong with the word; no place.
std::optional<Error> wrong_calendar_word(std::string_view word, CalendarWordKind kind);

// The words that another calendar of the set has, each with its place. A file of the same name replaces that one.
Errors words_of_others(const CalendarHead& head, const CalendarSet& others);

}  // namespace mc
