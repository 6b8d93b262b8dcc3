#include "engine/forecast.h"

#include "config/order.h"

namespace mc {

bool has_run(const Job& job, const Fire& fire, Past& past) {
    const auto row = past.by_key(job.name, fire.key);
    if (!row) return false;
    return job.has_schedule() || finished(row->state) || row->attempt > row->attempts_before;
}

Result<std::vector<Fire>> next_to_come(const Job& job, const Plan& plan, Past& past, Instant after, Seconds ahead,
                                       std::optional<Date>* horizon) {
    const Instant until = after + ahead;
    for (;;) {
        auto fires = next_planned(job, plan, after, until - after, horizon);
        if (!fires || fires->empty()) return fires;
        after = fires->front().due;
        std::erase_if(*fires, [&](const Fire& fire) { return has_run(job, fire, past); });
        if (!fires->empty()) return fires;
    }
}

}  // namespace mc
