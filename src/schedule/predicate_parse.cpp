// predicate_parse.cpp — parses `when`.
//
// any      = all {"or" all}
// all      = one {"and" one}
// one      = "not" one | "(" any ")" | question
// question = ["run."] [CALENDAR "."] NAME ["(" argument {"," argument} ")"]
#include <fmt/format.h>

#include "base/characters.h"
#include "base/suggest.h"
#include "schedule/predicate_arguments.h"
#include "schedule/predicate_table.h"
#include "schedule/question.h"
#include "schedule/words.h"

namespace mc {
namespace {

constexpr int deepest = 100;  // nested parentheses and `not`

using NodePtr = std::shared_ptr<const Predicate::Node>;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
// A word ends at a blank, a parenthesis or a comma: all other characters may be in the name of a calendar.
bool ends_word(char c) { return is_blank(c) || c == '(' || c == ')' || c == ','; }

// The row's reader only gets a number of arguments that it accepts.
Result<void> read_meaning(Question& question, std::size_t at, std::span<const PlacedWord> arguments) {
    const PredicateRow& row = *question.row;
    if (arguments.size() < row.arguments.least || arguments.size() > row.arguments.most)
        return refuse_at(at,
                         fmt::format("'{}' does not take {} argument{}", row.name, arguments.size(),
                                     arguments.size() == 1 ? "" : "s"),
                         fmt::format("write {}", example_of(row)));
    return row.arguments.read == nullptr ? Result<void>{} : row.arguments.read(question, arguments);
}

class Parser {
   public:
    explicit Parser(std::string_view text) : text_(text) {}

    Result<NodePtr> read() {
        if (const auto odd = odd_character(text_)) return refuse_character(*odd);
        auto root = read_any();
        if (!root) return root;
        skip_blanks();
        if (position_ == text_.size()) return root;
        if (peek() == ')') return refuse_at(position_, "a ')' without its '('", "remove it, or add a '('");
        return refuse_at(position_, fmt::format("'{}' follows without 'and' or 'or'", peek_word().text),
                         "join predicates with 'and' or 'or'");
    }

   private:
    // The hint is a text that can be parsed: a dash in a range is `..` in this grammar.
    tl::unexpected<Error> refuse_character(const OddCharacter& odd) const {
        std::string hint = "use only ASCII letters, digits and signs";
        for (const auto& ascii : {in_ascii(text_), in_ascii(text_, "..")})
            if (ascii && Parser(*ascii).read()) {
                hint = fmt::format("write \"{}\"", *ascii);
                break;
            }
        return refuse_at(odd.at, fmt::format("the predicate contains {}", odd.text()), std::move(hint));
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
    PlacedWord peek_word() {
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

    // Parts joined by one word; a single part is returned as it is.
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
        if (depth_ == deepest) return refuse_at(position_, "too many nested parentheses", "write it shorter");
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
            if (inner && !take(')')) return refuse_at(opened, "this '(' is not closed", "add a ')'");
            return inner;
        }
        auto question = read_question();
        if (!question) return tl::unexpected(std::move(question.error()));
        return std::make_shared<const Predicate::Node>(
            Predicate::Node{Predicate::Node::Kind::question, std::move(*question), {}});
    }

    Result<Question> read_question();
    Result<std::vector<PlacedWord>> read_arguments();

    std::string_view text_;
    std::size_t position_ = 0;
    int depth_ = 0;
};

Result<Question> Parser::read_question() {
    const auto word = peek_word();
    if (word.text.empty())
        return refuse_at(word.at,
                         word.at == text_.size() ? "a predicate is missing at the end" : "a predicate is missing here",
                         "write for example session, early_close or weekday(mon..fri)");
    position_ += word.text.size();
    Question question;
    auto rest = word.text;
    if (rest.starts_with("run.")) {
        question.of_run = true;
        rest.remove_prefix(4);
    }
    const auto [calendar, name] = split_calendar(rest);
    question.calendar = CalendarName(std::string(calendar));
    question.row = find_predicate(name);
    if (question.row == nullptr)
        return refuse_at(word.at, fmt::format("unknown predicate \"{}\"", name), did_you_mean(name, predicate_names()));
    question.asks = question.row->asks;
    const auto arguments = read_arguments();
    if (!arguments) return tl::unexpected(arguments.error());
    const auto read = read_meaning(question, word.at, *arguments);
    if (!read) return tl::unexpected(read.error());
    if (!calendar.empty() && !asks_calendar(question))
        return refuse_at(word.at, fmt::format("'{}' depends on the date, not on a calendar", name),
                         fmt::format("write {} without {}.", name, calendar));
    for (auto at = word.at; at < position_; ++at)
        if (!is_blank(text_[at])) question.text += text_[at] == ',' ? ", " : std::string(1, text_[at]);
    return question;
}

// The arguments in the parentheses, split at commas; empty if there are none.
Result<std::vector<PlacedWord>> Parser::read_arguments() {
    std::vector<PlacedWord> arguments;
    const auto after_name = position_;
    if (!take('(')) {
        position_ = after_name;
        return arguments;
    }
    const auto opened = position_ - 1;
    do {
        const auto word = peek_word();
        if (word.text.empty())
            return refuse_at(word.at, "an argument is missing here", "write for example weekday(mon, wed..fri)");
        position_ += word.text.size();
        arguments.push_back(word);
    } while (take(','));
    if (!take(')')) return refuse_at(opened, "this '(' is not closed", "add a ')', and a ',' between arguments");
    return arguments;
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
