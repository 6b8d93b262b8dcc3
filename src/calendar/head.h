// head.h — reads only the name and aliases of a calendar file, and checks them.
//
// Pure. A name consists of letters, digits and `_ . -`, beginning with a letter, because schedules and predicates
// contain it; an alias may also have spaces between words. Every name and alias, ignoring case, belongs to one
// calendar.
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

// Error: config, with its place, for invalid TOML or a missing name. Errors of aliases are reported by the reader of
// the whole file.
Result<CalendarHead> read_calendar_head(std::string_view text, const std::string& file);

enum class CalendarWordKind { name, alias };
// The error of an invalid word; without a place.
std::optional<Error> wrong_calendar_word(std::string_view word, CalendarWordKind kind);

// The words that another calendar of the set has, each with its place. A file with the same name replaces that
// calendar.
Errors words_of_others(const CalendarHead& head, const CalendarSet& others);

}  // namespace mc
