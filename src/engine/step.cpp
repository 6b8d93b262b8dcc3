#include "engine/step.h"

#include <utility>

namespace mc {

void Step::done(std::string text, std::vector<RunId> runs) {
    effects.emplace_back(Reply{true, std::move(text), std::move(runs), Error::Kind::refused});
}

void Step::decline(std::string text, std::vector<RunId> runs) {
    effects.emplace_back(Reply{false, std::move(text), std::move(runs), Error::Kind::refused});
}

void Step::refuse(const Error& error) { effects.emplace_back(Reply{false, error.sentence(), {}, error.kind}); }

void Step::add_note(const std::string& note) {
    if (!batch.operator_note.empty()) batch.operator_note += "; ";
    batch.operator_note += note;
}

std::vector<Action> Step::take_actions(std::optional<Instant> planned_through) {
    if (!batch.empty()) batch.planned_through = planned_through;
    std::vector<Action> actions;
    if (!batch.empty()) actions.emplace_back(Write{std::exchange(batch, {})});
    for (Action& effect : effects) actions.push_back(std::move(effect));
    effects.clear();
    return actions;
}

}  // namespace mc
