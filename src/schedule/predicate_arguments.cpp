#include "schedule/predicate_arguments.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/suggest.h"

namespace mc {

tl::unexpected<Error> refuse_at(std::size_t at, std::string what, std::string hint) {
    return fail(Error::Kind::config, std::move(what), std::move(hint), Spot{{}, 1, static_cast<std::uint32_t>(at + 1)});
}

std::optional<int> whole_number(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    if (text.empty() || text.size() > 4 ||
        !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    int value = 0;
    for (const char c : text) value = value * 10 + (c - '0');
    return negative ? -value : value;
}

Result<void> read_period(Question& question, const PlacedWord& word, std::span<const Period> known) {
    std::vector<std::string> names;
    for (const auto period : known) {
        if (word.text == period_name(period)) {
            question.period = period;
            return {};
        }
        names.emplace_back(period_name(period));
    }
    return refuse_at(word.at, fmt::format("'{}' is not a period", word.text), did_you_mean(word.text, names));
}

Result<void> read_nth(Question& question, const PlacedWord& word, int largest) {
    const auto value = whole_number(word.text);
    if (!value || *value == 0 || *value > largest || *value < -largest)
        return refuse_at(word.at, fmt::format("invalid number '{}'", word.text),
                         fmt::format("write 1 to {}, or -1 for the last", largest));
    question.nth = *value;
    return {};
}

Result<void> read_ranges(Question& question, std::span<const PlacedWord> words, ReadNumber read_number,
                         RangeKind kind) {
    for (const auto& [text, at] : words) {
        const auto dots = text.find("..");
        const auto from = read_number({text.substr(0, dots), at});
        if (!from) return tl::unexpected(from.error());
        if (dots == std::string_view::npos) {
            question.numbers.push_back({*from, *from});
            continue;
        }
        const auto to = read_number({text.substr(dots + 2), at + dots + 2});
        if (!to) return tl::unexpected(to.error());
        const bool same_end = (*from < 0) == (*to < 0);
        if (kind == RangeKind::ascending && same_end && *from > *to)
            return refuse_at(at, fmt::format("the range {} runs backwards", text),
                             fmt::format("write {}..{}", *to, *from));
        question.numbers.push_back({*from, *to});
    }
    return {};
}

Result<void> read_dates(Question& question, std::span<const PlacedWord> words) {
    for (const auto& [text, at] : words) {
        const auto dots = text.find("..");
        const auto from = parse_date(text.substr(0, dots));
        const auto to = dots == std::string_view::npos ? from : parse_date(text.substr(dots + 2));
        if (!from || !to)
            return refuse_at(at, fmt::format("'{}' is not a date", text), "write for example date(2026-12-24)");
        if (*from > *to)
            return refuse_at(at, fmt::format("the range {} runs backwards", text), "write the earlier date first");
        question.dates.push_back({*from, *to});
    }
    return {};
}

}  // namespace mc
