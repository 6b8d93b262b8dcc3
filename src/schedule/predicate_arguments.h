// predicate_arguments.h — readers for arguments that several predicates share.
//
// Errors are of kind config, with the column and what to write instead.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "schedule/question.h"

namespace mc {

// An error at that offset of the text.
tl::unexpected<Error> refuse_at(std::size_t at, std::string what, std::string hint);

// "12", "-3", with at most four digits.
std::optional<int> whole_number(std::string_view text);

// Reads one of the known periods into `period`.
Result<void> read_period(Question& question, const PlacedWord& word, std::span<const Period> known);
// Reads 1 to largest, or -1 to -largest, into `nth`.
Result<void> read_nth(Question& question, const PlacedWord& word, int largest);

// Reads one number or name: "fri", "jan", "-1".
using ReadNumber = Result<int> (*)(const PlacedWord& word);
// Cyclic ranges may wrap around (fri..mon); other ranges may only go from a positive number to a negative one.
enum class RangeKind { cyclic, ascending };
// Reads "mon", "wed..fri" into `numbers`.
Result<void> read_ranges(Question& question, std::span<const PlacedWord> words, ReadNumber read_number, RangeKind kind);

// Reads "2026-12-24", "2026-12-24..2026-12-31" into `dates`.
Result<void> read_dates(Question& question, std::span<const PlacedWord> words);

}  // namespace mc
