// predicate_arguments.h — how the arguments of predicates are read, where several rows read alike.
//
// Errors are of kind config, with the column, and say what to write instead.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "schedule/question.h"

namespace mc {

// An error at that place of the text.
tl::unexpected<Error> refuse_at(std::size_t at, std::string what, std::string hint);

// "12", "-3", of four digits at most.
std::optional<int> whole_number(std::string_view text);

// One of those periods.
Result<void> read_period(Question& question, const PlacedWord& word, std::span<const Period> known);
// 1 to largest, or -1 to -largest; into `nth`.
Result<void> read_nth(Question& question, const PlacedWord& word, int largest);

// A number's own word: "fri", "jan", "-1".
using ReadNumber = Result<int> (*)(const PlacedWord& word);
// Cyclic ones may run over the end (fri..mon); others may do so only from a positive number to a negative.
enum class RangeKind { cyclic, ascending };
// "mon", "wed..fri"; into `numbers`.
Result<void> read_ranges(Question& question, std::span<const PlacedWord> words, ReadNumber read_number, RangeKind kind);

// "2026-12-24", "2026-12-24..2026-12-31"; into `dates`.
Result<void> read_dates(Question& question, std::span<const PlacedWord> words);

}  // namespace mc
