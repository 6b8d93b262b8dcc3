#include "schedule/predicate.h"

#include <algorithm>

#include "schedule/question.h"

namespace mc {
namespace {

using Node = Predicate::Node;

// Calls visit(question, negated) in the order written.
template <class Visit>
void for_each_question(const Node& node, const Visit& visit, bool negated = false) {
    if (node.kind == Node::Kind::question) visit(node.question, negated);
    if (node.kind == Node::Kind::negation) negated = !negated;
    for (const auto& part : node.parts) for_each_question(*part, visit, negated);
}

struct Context {
    const Asked& asked;
    const CalendarSet& calendars;
    const CalendarName& own;
};

Result<bool> evaluate(const Node& node, const Context& context);

// `deciding` if one part decides (`true` for or, `false` for and); an unknown part matters only if none does.
Result<bool> evaluate_parts(const Node& node, bool deciding, const Context& context) {
    std::optional<Error> unknown;
    for (const auto& part : node.parts) {
        auto holds = evaluate(*part, context);
        if (holds && *holds == deciding) return deciding;
        if (!holds && !unknown) unknown = std::move(holds.error());
    }
    if (unknown) return tl::unexpected(std::move(*unknown));
    return !deciding;
}

Result<bool> evaluate(const Node& node, const Context& context) {
    switch (node.kind) {
        case Node::Kind::question: return answer(node.question, context.asked, context.calendars, context.own);
        case Node::Kind::all_of: return evaluate_parts(node, false, context);
        case Node::Kind::any_of: return evaluate_parts(node, true, context);
        case Node::Kind::negation: break;
    }
    auto holds = evaluate(*node.parts.front(), context);
    if (holds) *holds = !*holds;
    return holds;
}

// Predicate::false_until() for one node.
Instant node_false_until(const Node& node, const Context& context) {
    const Instant fire = *context.asked.fire;
    const auto holds = evaluate(node, context);
    if (!holds || *holds || node.kind == Node::Kind::negation) return fire;
    if (node.kind == Node::Kind::question)
        return false_until(node.question, context.asked, context.calendars, context.own);
    std::vector<Instant> parts;
    for (const auto& part : node.parts) parts.push_back(node_false_until(*part, context));
    const auto [first, last] = std::minmax_element(parts.begin(), parts.end());
    return node.kind == Node::Kind::all_of ? *last : *first;
}

}  // namespace

std::vector<CalendarName> Predicate::calendars() const {
    std::vector<CalendarName> names;
    for_each_question(*root_, [&](const Question& question, bool) {
        if (question.calendar.empty()) return;
        if (std::find(names.begin(), names.end(), question.calendar) == names.end()) names.push_back(question.calendar);
    });
    return names;
}

bool Predicate::needs_calendar() const {
    bool needs = false;
    for_each_question(*root_, [&](const Question& question, bool) {
        needs = needs || (question.calendar.empty() && asks_calendar(question));
    });
    return needs;
}

bool Predicate::asks_instant() const {
    bool asks = false;
    for_each_question(*root_, [&](const Question& question, bool) { asks = asks || mc::asks_instant(question); });
    return asks;
}

bool Predicate::asks_run() const {
    bool asks = false;
    for_each_question(*root_, [&](const Question& question, bool) { asks = asks || question.of_run; });
    return asks;
}

Result<bool> Predicate::holds(const Asked& asked, const CalendarSet& calendars, const CalendarName& own) const {
    return evaluate(*root_, Context{asked, calendars, own});
}

Instant Predicate::false_until(const Asked& asked, const CalendarSet& calendars, const CalendarName& own) const {
    return node_false_until(*root_, Context{asked, calendars, own});
}

Result<std::vector<Answer>> Predicate::explain(const Asked& asked, const CalendarSet& calendars,
                                               const CalendarName& own) const {
    std::vector<Answer> answers;
    std::optional<Error> unknown;
    for_each_question(*root_, [&](const Question& question, bool negated) {
        auto holds = answer(question, asked, calendars, own);
        auto text = holds ? sentence(question, *holds, asked, calendars, own) : tl::unexpected(holds.error());
        if (text) answers.push_back({(negated ? "not " : "") + question.text, *holds != negated, std::move(*text)});
        else if (!unknown) unknown = std::move(text.error());
    });
    if (unknown) return tl::unexpected(std::move(*unknown));
    return answers;
}

}  // namespace mc
