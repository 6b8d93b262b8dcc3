#include "calendar/head.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/toml.h"
#include "calendar/calendar_name.h"
#include "calendar/calendar_set.h"

namespace mc {
namespace {

// Names that existed before the rule.
constexpr std::array<std::string_view, 4> always{"24/7", "24/5", "24-7", "24-5"};
constexpr std::size_t word_bytes_max = 100;

bool is_letter(char c) { return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z'); }

bool is_good(std::string_view word, CalendarWordKind kind) {
    if (std::find(always.begin(), always.end(), word) != always.end()) return true;
    char before = ' ';
    const auto good = [&](char c) {
        const bool space = c == ' ' && kind == CalendarWordKind::alias && before != ' ';
        before = c;
        return space || is_letter(c) || ('0' <= c && c <= '9') || c == '_' || c == '.' || c == '-';
    };
    return !word.empty() && word.size() <= word_bytes_max && is_letter(word.front()) && word.back() != ' ' &&
           std::all_of(word.begin(), word.end(), good);
}

}  // namespace

bool CalendarSpelling::accepts(std::string_view text) { return !wrong_calendar_word(text, CalendarWordKind::name); }

std::optional<Error> wrong_calendar_word(std::string_view word, CalendarWordKind kind) {
    if (same_calendar_word(word, "none") || same_calendar_word(word, "run"))
        return Error{Error::Kind::config, fmt::format("\"{}\" is a reserved word", word), "use another name", {}};
    if (is_good(word, kind)) return std::nullopt;
    return Error{Error::Kind::config,
                 fmt::format("\"{}\" cannot be the name of a calendar", word),
                 fmt::format("a letter first, then letters, digits and _ . -{}",
                             kind == CalendarWordKind::alias ? "; spaces between words" : ""),
                 {}};
}

Result<CalendarHead> read_calendar_head(std::string_view text, const std::string& file) {
    const auto wrong = [&](std::string what, std::string hint, const toml::source_position& at) {
        return fail(Error::Kind::config, std::move(what), std::move(hint), Spot{file, at.line, at.column});
    };
    const Result<toml::table> parsed = parse_toml(text, file);
    if (!parsed) return tl::unexpected(parsed.error());
    const toml::node* node = parsed->get("name");
    if (!node) return wrong("name is missing", "write name = \"XNYS\"", parsed->source().begin);
    const auto spot_of = [&](const toml::node& of) {
        return Spot{file, of.source().begin.line, of.source().begin.column};
    };
    const auto* name = node->as_string();
    if (!name) return wrong("name is not text", "write it in quotes", node->source().begin);
    if (auto error = wrong_calendar_word(name->get(), CalendarWordKind::name)) {
        error->spot = spot_of(*node);
        return tl::unexpected(*std::move(error));
    }
    CalendarHead head{{name->get(), spot_of(*node)}, {}};
    if (const toml::array* aliases = (*parsed)["aliases"].as_array())
        for (const toml::node& alias : *aliases)
            if (const auto* word = alias.as_string()) head.aliases.push_back({word->get(), spot_of(alias)});
    return head;
}

Errors words_of_others(const CalendarHead& head, const CalendarSet& others) {
    Errors errors;
    const auto look = [&](const CalendarWord& word) {
        const auto owner = others.owner(word.word);
        if (!owner || same_calendar_word(*owner, head.name.word)) return;
        errors.push_back({Error::Kind::config, fmt::format("\"{}\" is already a name of {}", word.word, *owner),
                          "use another name", word.spot});
    };
    look(head.name);
    for (const CalendarWord& alias : head.aliases) look(alias);
    return errors;
}

}  // namespace mc
