// cron_parse.cpp — parses cron expressions with cronie's grammar.
//
// field   = element {"," element}
// element = "*" ["/" step] | number ["-" number ["/" step]] | [number] "~" [number]
// A number is a run of letters and digits; names are allowed only in the fields month and day of week.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/characters.h"
#include "base/hash.h"
#include "base/letters.h"
#include "base/suggest.h"
#include "schedule/cron.h"
#include "schedule/cron_fields.h"

namespace mc {
namespace {

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr bool is_alnum(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z'); }

bool same_in_any_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

// Reads one field into a bit set; bit n is the value n.
class FieldReader {
   public:
    FieldReader(const CronField& field, std::string_view text, std::string_view seed)
        : field_(field), text_(text), seed_(seed) {}

    Result<std::uint64_t> read() {
        std::uint64_t bits = 0;
        while (true) {
            auto element = read_element();
            if (!element) return element;
            bits |= *element;
            if (at_end()) return bits;
            if (peek() != ',') return bad(fmt::format("'{}' is not expected here", text_.substr(position_)));
            ++position_;
        }
    }

   private:
    bool at_end() const { return position_ == text_.size(); }
    char peek() const { return at_end() ? '\0' : text_[position_]; }
    bool take(char c) {
        if (peek() != c) return false;
        ++position_;
        return true;
    }

    tl::unexpected<Error> bad(std::string why) const {
        return bad(std::move(why), fmt::format("write {}", field_.example));
    }
    tl::unexpected<Error> bad(std::string why, std::string hint) const {
        return fail(Error::Kind::config, fmt::format("{} field '{}': {}", field_.name, text_, why), std::move(hint));
    }

    Result<std::uint64_t> read_element() {
        if (take('*')) return take('/') ? stepped(field_.low, field_.high) : span(field_.low, field_.high, 1);
        if (take('~')) return random_from(field_.low);
        const auto low = read_value();
        if (!low) return tl::unexpected(low.error());
        if (take('~')) return random_from(*low);
        if (take('/'))
            return bad(fmt::format("'{}/' has a step without a range", *low),
                       fmt::format("write */N or {}-{}/N", *low, field_.high));
        if (!take('-')) return span(*low, *low, 1);
        auto high = read_value();
        if (!high) return tl::unexpected(high.error());
        // A week may end with Sunday: sat-sun, 5-0.
        if (is_weekday() && *high == 0 && *low > 0) high = 7;
        if (*low > *high) return backwards(*low, *high);
        return take('/') ? stepped(*low, *high) : span(*low, *high, 1);
    }

    tl::unexpected<Error> backwards(unsigned low, unsigned high) const {
        const auto range = [](unsigned from, unsigned to) {
            return from == to ? fmt::format("{}", from) : fmt::format("{}-{}", from, to);
        };
        const std::string why = fmt::format("the range {}-{} runs backwards", low, high);
        const std::string rest = range(field_.low, high);
        if (low > last_value()) return bad(why, "write " + rest);  // 7 is Sunday, as is 0
        return bad(why, fmt::format("write two: {},{}", range(low, last_value()), rest));
    }

    Result<std::uint64_t> stepped(unsigned low, unsigned high) {
        const auto word = read_word();
        if (word.empty() || !std::all_of(word.begin(), word.end(), is_digit))
            return bad("a step must be a number after '/'");
        const auto step = number(word);
        if (!step) return bad(fmt::format("the step {} is too large", word));
        if (*step == 0) return bad("a step must be at least 1");
        return span(low, high, *step);
    }

    // `low` is read; the upper end may follow the `~`.
    Result<std::uint64_t> random_from(unsigned low) {
        auto high = last_value();
        if (is_alnum(peek())) {
            const auto given = read_value();
            if (!given) return tl::unexpected(given.error());
            high = *given;
        }
        if (low > high) return bad(fmt::format("the range {}~{} runs backwards", low, high));
        const auto key = fmt::format("{}~{}~{}", seed_, field_.name, draws_++);
        return std::uint64_t{1} << (low + stable_hash(key) % (high - low + 1));
    }

    std::string_view read_word() {
        const auto start = position_;
        while (is_alnum(peek())) ++position_;
        return text_.substr(start, position_ - start);
    }

    Result<unsigned> read_value() {
        const auto word = read_word();
        if (word.empty()) return missing_value();
        for (unsigned n = 0; n < field_.names.size(); ++n)
            if (same_in_any_case(word, field_.names[n])) return field_.low + n;
        if (!std::all_of(word.begin(), word.end(), is_digit)) return unknown_word(word);
        const auto value = number(word);
        if (!value || *value < field_.low || *value > field_.high)
            return bad(fmt::format("{} is outside {}-{}", word, field_.low, field_.high));
        return *value;
    }

    tl::unexpected<Error> missing_value() const {
        if (at_end()) return bad("a number is missing at the end");
        return bad(fmt::format("a number is missing before '{}'", text_.substr(position_)));
    }

    tl::unexpected<Error> unknown_word(std::string_view word) const {
        if (field_.names.empty()) return bad(fmt::format("'{}' is not a number", word));
        const std::vector<std::string> names(field_.names.begin(), field_.names.end());
        const auto meant = short_name(word, field_.names);
        return bad(fmt::format("'{}' is neither a number nor a name of three letters", word),
                   meant.empty() ? did_you_mean(word, names) : fmt::format("write {}", meant));
    }

    static std::optional<unsigned> number(std::string_view digits) {
        unsigned value = 0;
        for (const char c : digits) {
            value = value * 10 + static_cast<unsigned>(c - '0');
            if (value > 1'000'000) return std::nullopt;
        }
        return value;
    }

    static std::uint64_t span(unsigned low, unsigned high, unsigned step) {
        std::uint64_t bits = 0;
        for (auto n = low; n <= high; n += step) bits |= std::uint64_t{1} << n;
        return bits;
    }

    bool is_weekday() const { return field_.high == 7; }
    // Sunday is drawn only as 0, so that all days have the same probability.
    unsigned last_value() const { return is_weekday() ? 6 : field_.high; }

    const CronField& field_;
    std::string_view text_, seed_;
    std::size_t position_ = 0;
    int draws_ = 0;
};

struct Nickname {
    std::string_view name, fields;
};
constexpr std::array<Nickname, 7> nicknames{{
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
    {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
}};

Result<CronExpr> parse_nickname(std::string_view name, std::string_view seed) {
    std::vector<std::string> known;
    for (const auto& nickname : nicknames) {
        if (nickname.name == name) return parse_cron(nickname.fields, seed);
        known.emplace_back(nickname.name);
    }
    return fail(Error::Kind::config, fmt::format("unknown cron nickname '{}'", name), did_you_mean(name, known));
}

bool some_date_matches(const CronExpr& expr) {
    constexpr std::array<unsigned, 13> longest{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (!expr.days_and) return true;  // every month has every weekday
    for (unsigned month = 1; month <= 12; ++month) {
        const auto in_month = (std::uint64_t{2} << longest[month]) - 2;
        if ((expr.months >> month & 1) != 0 && (expr.days & in_month) != 0) return true;
    }
    return false;
}

tl::unexpected<Error> refuse_character(std::string_view text, const OddCharacter& odd) {
    const auto ascii = in_ascii(text);
    const bool good = ascii && parse_cron(*ascii, "");
    return fail(Error::Kind::config, fmt::format("'{}' contains {}", text, odd.text()),
                good ? fmt::format("write \"{}\"", *ascii) : "use only ASCII digits, letters and signs");
}

}  // namespace

std::vector<std::string_view> split_blanks(std::string_view text) {
    std::vector<std::string_view> words;
    std::size_t at = 0;
    while (at < text.size()) {
        if (is_blank(text[at])) {
            ++at;
            continue;
        }
        const auto start = at;
        while (at < text.size() && !is_blank(text[at])) ++at;
        words.push_back(text.substr(start, at - start));
    }
    return words;
}

std::string_view short_name(std::string_view word, std::span<const std::string_view> names) {
    constexpr std::array<std::string_view, 19> full{"january",   "february", "march",  "april",     "may",
                                                    "june",      "july",     "august", "september", "october",
                                                    "november",  "december", "sunday", "monday",    "tuesday",
                                                    "wednesday", "thursday", "friday", "saturday"};
    const std::string small = lower_case(word);
    if (small.size() < 3) return {};
    for (const auto name : names)
        for (const auto whole : full)
            if (whole.starts_with(name) && whole.starts_with(small)) return name;
    return {};
}

Result<CronExpr> parse_cron(std::string_view text, std::string_view seed) {
    if (const auto odd = odd_character(text)) return refuse_character(text, *odd);
    if (const auto end = text.find_first_of("\r\n"); end != std::string_view::npos)
        return fail(Error::Kind::config, fmt::format("a line break follows '{}'", text.substr(0, end)),
                    "write the schedule in one line, without carriage returns");
    const auto words = split_blanks(text);
    if (words.size() == 1 && words[0].starts_with('@')) return parse_nickname(words[0], seed);
    if (words.size() != 5 && words.size() != 6)
        return fail(Error::Kind::config,
                    fmt::format("'{}' has {} field{}, cron has five, or six with seconds", text, words.size(),
                                words.size() == 1 ? "" : "s"),
                    "write MINUTE HOUR DAY MONTH WEEKDAY, for example \"30 16 * * mon-fri\"");
    std::array<std::uint64_t, 6> bits{1, 0, 0, 0, 0, 0};
    std::array<bool, 6> star{};
    for (std::size_t n = 0; n < words.size(); ++n) {
        const auto field = cron_fields.size() - words.size() + n;
        const auto read = FieldReader{cron_fields[field], words[n], seed}.read();
        if (!read) return tl::unexpected(read.error());
        bits[field] = *read;
        star[field] = words[n].front() == '*';
    }
    CronExpr expr;
    expr.seconds = bits[0];
    expr.minutes = bits[1];
    expr.hours = static_cast<std::uint32_t>(bits[2]);
    expr.days = static_cast<std::uint32_t>(bits[3]);
    expr.months = static_cast<std::uint16_t>(bits[4]);
    expr.weekdays = static_cast<std::uint8_t>((bits[5] | bits[5] >> 7) & 0x7f);
    expr.days_and = star[3] || star[5];
    expr.fixed = !star[1] && !star[2];
    if (!some_date_matches(expr))
        return fail(Error::Kind::config, fmt::format("'{}' never fires: none of its months has such a day", text),
                    "change the day-of-month or the month field");
    return expr;
}

}  // namespace mc
