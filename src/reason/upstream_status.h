// upstream_status.h — the state of an upstream job for a run's date: how it ended, or what is still pending.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "reason/names.h"
#include "schedule/job_name.h"

namespace mc {

// One upstream job, as a run of that date sees it.
struct UpstreamStatus {
    enum class Standing { pending, success, skipped, failed } standing = Standing::success;
    // The fact that decides. no_run: it had a fire, but the ledger has no row. none_known: "@previous", without any
    // earlier run.
    enum class Basis { run, fire_to_come, no_fire, no_run, none_known, disabled, iced } basis = Basis::run;
    JobName job;
    Date date;  // the upstream job's logical date; for none_known Date{}, which is older than any date
    RunId run = 0;
    State state = State::success;  // of that run
    Reason reason = Reason::none;
    std::optional<Instant> due;  // of a future fire, or of a fire without a run
    bool operator==(const UpstreamStatus&) const = default;
};

}  // namespace mc
