// upstream_status.h — how a job before a run has ended for the run's date, or what of it is still to come.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "reason/names.h"

namespace mc {

// One upstream, as a run of that date sees it.
struct UpstreamStatus {
    enum class Standing { pending, success, skipped, failed } standing = Standing::success;
    // What says so. no_run: it had a fire, and the ledger has no row; none_known: "@previous" of nothing.
    enum class Basis { run, fire_to_come, no_fire, no_run, none_known, disabled, iced } basis = Basis::run;
    std::string job;
    Date date;  // which of the upstream's dates; for none_known Date{}: any that comes is newer
    RunId run = 0;
    State state = State::success;  // of that run
    Reason reason = Reason::none;
    std::optional<Instant> due;  // of a fire to come, or that has no run
    bool operator==(const UpstreamStatus&) const = default;
};

}  // namespace mc
