// upstream_look.h — how a job before a run has ended for the run's date, or what of it is still to come.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "reason/names.h"

namespace mc {

// One upstream, as a run of that date sees it.
struct UpstreamLook {
    enum class Is { pending, success, skipped, failed } is = Is::success;
    // What says so. no_run: it had a fire, and the ledger has no row; none_known: "@previous" of nothing.
    enum class By { run, fire_to_come, no_fire, no_run, none_known, disabled, iced } by = By::run;
    std::string job;
    Date date;  // which of the upstream's dates; for none_known Date{}: any that comes is newer
    RunId run = 0;
    State state = State::success;  // of that run
    Reason reason = Reason::none;
    std::optional<Instant> due;  // of a fire to come, or that has no run
    bool operator==(const UpstreamLook&) const = default;
};

}  // namespace mc
