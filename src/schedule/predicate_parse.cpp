// predicate_parse.cpp — the grammar of `when`.
//
// any      = all {"or" all}
// all      = one {"and" one}
// one      = "not" one | "(" any ")" | question
// question = ["run."] [CALENDAR "."] NAME ["(" argument {"," argument} ")"]
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/characters.h"
#include "base/letters.h"
#include "base/suggest.h"
#include "schedule/cron_fields.h"
#include "schedule/question.h"
#include "schedule/words.h"

namespace mc {
namespace {

constexpr std::array periods{Period::week, Period::month, Period::quarter, Period::year};
constexpr std::array counted_periods{Period::day, Period::week, Period::month, Period::session};
constexpr int first_year = 1970, last_year = 2199;
constexpr int most_periods = 1000;
constexpr int deepest = 100;  // parentheses and `not` within each other

using NodePtr = std::shared_ptr<const Predicate::Node>;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
// A word ends at a blank, a parenthesis or a comma: names of calendars hold all else.
bool ends_word(char c) { return is_blank(c) || c == '(' || c == ')' || c == ','; }

struct Word {
    std::string_view text;
    std::size_t at = 0;
};

class Parser {
   public:
    explicit Parser(std::string_view text) : text_(text) {}

    Result<NodePtr> read() {
        if (const auto odd = odd_character(text_)) return refuse_character(*odd);
        auto root = read_any();
        if (!root) return root;
        skip_blanks();
        if (position_ == text_.size()) return root;
        if (peek() == ')') return bad(position_, "a ')' without its '('", "take it away, or add a '('");
        return bad(position_, fmt::format("'{}' follows without 'and' or 'or'", peek_word().text),
                   "join questions with and, or");
    }

   private:
    tl::unexpected<Error> bad(std::size_t at, std::string what, std::string hint) const {
        return fail(Error::Kind::config, std::move(what), std::move(hint),
                    Spot{{}, 1, static_cast<std::uint32_t>(at + 1)});
    }
    // The hint is a text that is understood: a dash in a range of this grammar is `..`.
    tl::unexpected<Error> refuse_character(const OddCharacter& odd) const {
        std::string hint = "write letters, digits and signs of ASCII only";
        for (const auto& ascii : {in_ascii(text_), in_ascii(text_, "..")})
            if (ascii && Parser(*ascii).read()) {
                hint = fmt::format("write \"{}\"", *ascii);
                break;
            }
        return bad(odd.at, fmt::format("the predicate contains {}", odd.text()), std::move(hint));
    }
    char peek() const { return position_ < text_.size() ? text_[position_] : '\0'; }
    void skip_blanks() {
        while (is_blank(peek())) ++position_;
    }
    bool take(char c) {
        skip_blanks();
        if (peek() != c) return false;
        ++position_;
        return true;
    }
    Word peek_word() {
        skip_blanks();
        auto end = position_;
        while (end < text_.size() && !ends_word(text_[end])) ++end;
        return {text_.substr(position_, end - position_), position_};
    }
    bool take_word(std::string_view wanted) {
        const auto word = peek_word();
        if (word.text != wanted) return false;
        position_ += wanted.size();
        return true;
    }

    // Parts joined by one word: a single part stands for itself.
    template <class ReadPart>
    Result<NodePtr> read_joined(std::string_view by, Predicate::Node::Kind kind, ReadPart read_part) {
        Predicate::Node node{kind, {}, {}};
        do {
            auto part = read_part();
            if (!part) return part;
            node.parts.push_back(std::move(*part));
        } while (take_word(by));
        if (node.parts.size() == 1) return node.parts.front();
        return std::make_shared<const Predicate::Node>(std::move(node));
    }
    Result<NodePtr> read_any() {
        return read_joined("or", Predicate::Node::Kind::any_of, [this] { return read_all(); });
    }
    Result<NodePtr> read_all() {
        return read_joined("and", Predicate::Node::Kind::all_of, [this] { return read_one(); });
    }
    Result<NodePtr> read_one() {
        if (depth_ == deepest) return bad(position_, "too many parentheses within each other", "write it shorter");
        ++depth_;
        auto one = read_nested();
        --depth_;
        return one;
    }

    Result<NodePtr> read_nested() {
        if (take_word("not")) {
            auto part = read_one();
            if (!part) return part;
            return std::make_shared<const Predicate::Node>(
                Predicate::Node{Predicate::Node::Kind::negation, {}, {std::move(*part)}});
        }
        if (take('(')) {
            const auto opened = position_ - 1;
            auto inner = read_any();
            if (inner && !take(')')) return bad(opened, "this '(' is not closed", "add a ')'");
            return inner;
        }
        auto question = read_question();
        if (!question) return tl::unexpected(std::move(question.error()));
        return std::make_shared<const Predicate::Node>(
            Predicate::Node{Predicate::Node::Kind::question, std::move(*question), {}});
    }

    Result<Question> read_question();
    Result<std::vector<Word>> read_arguments();
    Result<void> read_meaning(Question& question, const Word& name, const std::vector<Word>& arguments);
    Result<void> read_numbers(Question& question, const Word& name, const std::vector<Word>& arguments);
    Result<void> read_dates(Question& question, const Word& name, const std::vector<Word>& arguments);
    Result<void> read_period(Question& question, const Word& word, std::span<const Period> of);
    Result<void> read_every(Question& question, const std::vector<Word>& arguments);
    Result<void> read_nth(Question& question, const Word& word, int largest);
    Result<int> read_value(QuestionKind kind, std::string_view text, std::size_t at);

    std::string_view text_;
    std::size_t position_ = 0;
    int depth_ = 0;
};

Result<Question> Parser::read_question() {
    const auto word = peek_word();
    if (word.text.empty())
        return bad(word.at, word.at == text_.size() ? "a question is missing at the end" : "a question is missing here",
                   "write for example session, early_close or weekday(mon..fri)");
    position_ += word.text.size();
    Question question;
    auto rest = word.text;
    if (rest.starts_with("run.")) {
        question.of_run = true;
        rest.remove_prefix(4);
    }
    const auto [calendar, name] = split_calendar(rest);
    question.calendar = calendar;
    const auto names = question_names();
    const auto known = std::find(names.begin(), names.end(), name);
    if (known == names.end())
        return bad(word.at, fmt::format("unknown predicate \"{}\"", name), did_you_mean(name, names));
    question.kind = static_cast<QuestionKind>(known - names.begin());
    const auto arguments = read_arguments();
    if (!arguments) return tl::unexpected(arguments.error());
    const auto read = read_meaning(question, {name, word.at}, *arguments);
    if (!read) return tl::unexpected(read.error());
    if (!calendar.empty() && !asks_calendar(question))
        return bad(word.at, fmt::format("'{}' asks the date, not a calendar", name),
                   fmt::format("write {} without {}.", name, calendar));
    for (auto at = word.at; at < position_; ++at)
        if (!is_blank(text_[at])) question.text += text_[at] == ',' ? ", " : std::string(1, text_[at]);
    return question;
}

// What stands in the parentheses, split at commas; nothing where there are none.
Result<std::vector<Word>> Parser::read_arguments() {
    std::vector<Word> arguments;
    const auto after_name = position_;
    if (!take('(')) {
        position_ = after_name;
        return arguments;
    }
    const auto opened = position_ - 1;
    do {
        const auto word = peek_word();
        if (word.text.empty())
            return bad(word.at, "an argument is missing here", "write for example weekday(mon, wed..fri)");
        position_ += word.text.size();
        arguments.push_back(word);
    } while (take(','));
    if (!take(')')) return bad(opened, "this '(' is not closed", "add a ')', and a ',' between arguments");
    return arguments;
}

std::string_view example_of(QuestionKind kind) {
    switch (kind) {
        case QuestionKind::first_session: return "first_session(month)";
        case QuestionKind::last_session: return "last_session(month)";
        case QuestionKind::nth_session: return "nth_session(-2, month)";
        case QuestionKind::weekday: return "weekday(mon, wed..fri)";
        case QuestionKind::day: return "day(1, 15..20) or day(-1)";
        case QuestionKind::month: return "month(jan, mar..may)";
        case QuestionKind::nth_weekday: return "nth_weekday(3, fri)";
        case QuestionKind::date: return "date(2026-12-24)";
        case QuestionKind::year: return "year(2026, 2028..2030)";
        case QuestionKind::every: return "every(2, week, 2026-01-05)";
        case QuestionKind::always_true:
        case QuestionKind::session:
        case QuestionKind::holiday:
        case QuestionKind::unscheduled:
        case QuestionKind::early_close:
        case QuestionKind::late_open:
        case QuestionKind::market_open:
        case QuestionKind::before_holiday:
        case QuestionKind::after_holiday:
        case QuestionKind::monthly_expiry:
        case QuestionKind::quarterly_expiry: return question_name(kind);
    }
    return {};
}

Result<void> Parser::read_meaning(Question& question, const Word& name, const std::vector<Word>& arguments) {
    const auto wants = [&](std::size_t least, std::size_t most) {
        return arguments.size() >= least && arguments.size() <= most;
    };
    const auto wrong_count = [&] {
        return bad(name.at,
                   fmt::format("'{}' does not take {} argument{}", name.text, arguments.size(),
                               arguments.size() == 1 ? "" : "s"),
                   fmt::format("write {}", example_of(question.kind)));
    };
    switch (question.kind) {
        case QuestionKind::first_session:
        case QuestionKind::last_session:
            if (!wants(1, 1)) return wrong_count();
            return read_period(question, arguments[0], periods);
        case QuestionKind::nth_session:
            if (!wants(2, 2)) return wrong_count();
            if (auto nth = read_nth(question, arguments[0], 366); !nth) return nth;
            return read_period(question, arguments[1], periods);
        case QuestionKind::nth_weekday:
            if (!wants(2, 2)) return wrong_count();
            if (auto nth = read_nth(question, arguments[0], 5); !nth) return nth;
            return read_numbers(question, name, {arguments[1]});
        case QuestionKind::weekday:
        case QuestionKind::day:
        case QuestionKind::month:
        case QuestionKind::year:
            if (arguments.empty()) return wrong_count();
            return read_numbers(question, name, arguments);
        case QuestionKind::every:
            if (!wants(3, 3)) return wrong_count();
            return read_every(question, arguments);
        case QuestionKind::date:
            if (arguments.empty()) return wrong_count();
            return read_dates(question, name, arguments);
        case QuestionKind::session:
        case QuestionKind::holiday:
        case QuestionKind::unscheduled:
        case QuestionKind::early_close:
        case QuestionKind::late_open:
        case QuestionKind::market_open:
        case QuestionKind::before_holiday:
        case QuestionKind::after_holiday:
        case QuestionKind::monthly_expiry:
        case QuestionKind::quarterly_expiry:
        case QuestionKind::always_true: break;
    }
    return arguments.empty() ? Result<void>{} : wrong_count();
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

// What to write for a word that should be one of the names: "monday", "mon-fri" as crontabs have it.
std::string name_hint(std::string_view text, std::span<const std::string_view> names) {
    const auto dash = text.find('-');
    if (dash != std::string_view::npos) {
        const auto from = short_name(text.substr(0, dash), names), to = short_name(text.substr(dash + 1), names);
        if (!from.empty() && !to.empty()) return fmt::format("write {}..{}", from, to);
    }
    const auto meant = short_name(text, names);
    if (!meant.empty()) return fmt::format("write {}", meant);
    return did_you_mean(text, std::vector<std::string>(names.begin(), names.end()));
}

Result<int> Parser::read_value(QuestionKind kind, std::string_view text, std::size_t at) {
    if (kind == QuestionKind::day) {
        const auto value = whole_number(text);
        if (value && *value != 0 && *value >= -31 && *value <= 31) return *value;
        return bad(at, fmt::format("'{}' is not a day of a month", text), "write 1 to 31, or -1 for the last");
    }
    if (kind == QuestionKind::year) {
        const auto value = whole_number(text);
        if (value && *value >= first_year && *value <= last_year) return *value;
        return bad(at, fmt::format("'{}' is not a year from {} to {}", text, first_year, last_year),
                   "write for example year(2026, 2028..2030)");
    }
    const bool of_month = kind == QuestionKind::month;
    const std::span<const std::string_view> names =
        of_month ? std::span<const std::string_view>(cron_months) : cron_weekdays;
    const auto found = std::find(names.begin(), names.end(), lower_case(text));
    if (found != names.end()) return static_cast<int>(found - names.begin()) + (of_month ? 1 : 0);
    const auto number = whole_number(text);
    if (of_month && number && *number >= 1 && *number <= 12) return *number;
    return bad(at, fmt::format("'{}' is not a {}", text, of_month ? "month" : "weekday"), name_hint(text, names));
}

Result<void> Parser::read_numbers(Question& question, const Word& name, const std::vector<Word>& arguments) {
    for (const auto& [text, at] : arguments) {
        const auto dots = text.find("..");
        const auto from = read_value(question.kind, text.substr(0, dots), at);
        if (!from) return tl::unexpected(from.error());
        if (dots == std::string_view::npos) {
            question.numbers.push_back({*from, *from});
            continue;
        }
        if (question.kind == QuestionKind::nth_weekday)
            return bad(at, fmt::format("'{}' wants one weekday", name.text),
                       fmt::format("write {}", example_of(question.kind)));
        const auto to = read_value(question.kind, text.substr(dots + 2), at + dots + 2);
        if (!to) return tl::unexpected(to.error());
        const bool same_end = (*from < 0) == (*to < 0);
        const bool wraps = question.kind != QuestionKind::day && question.kind != QuestionKind::year;
        if (!wraps && same_end && *from > *to)
            return bad(at, fmt::format("the range {} runs backwards", text), fmt::format("write {}..{}", *to, *from));
        question.numbers.push_back({*from, *to});
    }
    return {};
}

Result<void> Parser::read_dates(Question& question, const Word&, const std::vector<Word>& arguments) {
    for (const auto& [text, at] : arguments) {
        const auto dots = text.find("..");
        const auto from = parse_date(text.substr(0, dots));
        const auto to = dots == std::string_view::npos ? from : parse_date(text.substr(dots + 2));
        if (!from || !to) return bad(at, fmt::format("'{}' is not a date", text), "write for example date(2026-12-24)");
        if (*from > *to)
            return bad(at, fmt::format("the range {} runs backwards", text), "write the earlier date first");
        question.dates.push_back({*from, *to});
    }
    return {};
}

// "2, week, 2026-01-05"
Result<void> Parser::read_every(Question& question, const std::vector<Word>& arguments) {
    const auto nth = whole_number(arguments[0].text);
    if (!nth || *nth < 1 || *nth > most_periods)
        return bad(arguments[0].at, fmt::format("'{}' is not a number of periods", arguments[0].text),
                   fmt::format("write 1 to {}", most_periods));
    question.nth = *nth;
    if (auto period = read_period(question, arguments[1], counted_periods); !period) return period;
    const auto from = parse_date(arguments[2].text);
    if (!from)
        return bad(arguments[2].at, fmt::format("'{}' is not a date", arguments[2].text),
                   "write the date to count from, for example every(2, week, 2026-01-05)");
    question.dates.push_back({*from, *from});
    return {};
}

Result<void> Parser::read_period(Question& question, const Word& word, std::span<const Period> of) {
    std::vector<std::string> known;
    for (const auto period : of) {
        if (word.text == period_name(period)) {
            question.period = period;
            return {};
        }
        known.emplace_back(period_name(period));
    }
    return bad(word.at, fmt::format("'{}' is not a period", word.text), did_you_mean(word.text, known));
}

Result<void> Parser::read_nth(Question& question, const Word& word, int largest) {
    const auto value = whole_number(word.text);
    if (!value || *value == 0 || *value > largest || *value < -largest)
        return bad(word.at, fmt::format("'{}' counts nothing", word.text),
                   fmt::format("write 1 to {}, or -1 for the last", largest));
    question.nth = *value;
    return {};
}

}  // namespace

Result<Predicate> Predicate::parse(std::string_view text) {
    auto root = Parser{text}.read();
    if (!root) return tl::unexpected(std::move(root.error()));
    Predicate predicate;
    predicate.text_ = trimmed(text);
    predicate.root_ = std::move(*root);
    return predicate;
}

}  // namespace mc
