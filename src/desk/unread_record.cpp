#include "desk/unread_record.h"

#include <fmt/format.h>

#include "exec/keeper.h"

namespace mc::app {

Result<void> add_unread_records(std::vector<WhyLine>& lines, const std::string& state, const RunStore& store) {
    for (WhyLine& line : lines) {
        if (!line.run) continue;
        const auto found = store.by_id(*line.run);
        if (!found) return tl::unexpected(found.error());
        const std::optional<Run>& run = *found;
        if (!run || run->state != State::running) continue;
        const os::AttemptState files = os::attempt_state(state, run->id, run->attempt);
        if (files.kind == os::AttemptState::Kind::garbled)
            line.reasons.push_back(
                {"record", false, "its record is damaged: the keeper is asked whether it is still running"});
        if (files.kind != os::AttemptState::Kind::unclear) continue;
        line.reasons.push_back(
            {"record", false, fmt::format("it is not known whether it has ended: {}", files.trouble)});
    }
    return {};
}

}  // namespace mc::app
