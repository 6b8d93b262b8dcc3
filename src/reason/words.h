// words.h — the sentences of reasons, for the ledger, `why`, notifications and the page. No other file words a reason.
#pragma once

#include <string>

#include "base/boxed_optional.h"
#include "config/plan.h"
#include "reason/data.h"

namespace mc {

// What sentences need in addition to the facts.
struct Wording {
    const Plan* plan = nullptr;  // for the titles and time zones of other jobs; null: their names, and UTC
    const Zone* zone = nullptr;  // time zone of the run's job; null: UTC
};

// "all 4 slots of pool db are taken", without a full stop.
std::string sentence(const ReasonData& data, const Wording& wording);
std::string_view to_text(Trigger trigger);
// "prices 2026-11-20: run 17 failed (exit_code)", "prices 2026-11-20 is due at 2026-11-20T16:15:00-05:00"
std::string text_of(const UpstreamStatus& look, const Plan* plan);
// "waited 1h for file /data/2026-11-20/_SUCCESS"
std::string waited_text(const SensorTimedOut& sensor);

// A reason of the closed list, with its facts and its sentence if it has them.
struct Because {
    Because(Reason because = Reason::none) : reason(because) {}
    // The text comes from another program or a file, and there are no facts.
    Because(Reason because, std::string text) : reason(because), detail(std::move(text)) {}
    Because(Reason because, ReasonData facts, const Wording& wording = {})
        : reason(because), data(std::move(facts)), detail(sentence(*data, wording)) {}
    Because(Reason because, BoxedOptional<ReasonData> facts, std::string text)
        : reason(because), data(std::move(facts)), detail(std::move(text)) {}

    Reason reason = Reason::none;
    BoxedOptional<ReasonData> data{};
    std::string detail{};
};

}  // namespace mc
