#include "sim/rules.h"

#include <fmt/format.h>

#include <vector>

#include "engine/upstream.h"

namespace mc::sim {

namespace {

enum class Ended { no, success, skipped, failed, anyhow };

Ended ended(const Run& run) {
    if (!finished(run.state) || run.clearing != 0) return Ended::no;
    if (run.state == State::success || run.reason == Reason::iced) return Ended::success;
    return run.state == State::skipped ? Ended::skipped : Ended::failed;
}

Ended upstream_ended(const Job& upstream, Date date, const Ledger& ledger) {
    const auto record = ledger.record_of(upstream.name).value();
    if (!upstream.enabled || (record && record->iced())) return Ended::anyhow;
    const Run* latest = nullptr;
    const std::vector<Run> rows = ledger.by_date(upstream.name, date).value();
    for (const Run& row : rows) {
        if (row.key.is_start()) continue;
        if (row.fires > 1) return Ended::anyhow;
        if (ended(row) == Ended::no) return Ended::no;
        if (!latest || latest->fire <= row.fire) latest = &row;
    }
    return latest ? ended(*latest) : Ended::anyhow;
}

}  // namespace

std::string check_rule(const Plan& plan, const Ledger& ledger, const Job& job, const Run& run) {
    std::size_t open = 0, success = 0, skipped = 0, failed = 0, free = 0;
    for (const Upstream& upstream : job.after->upstreams) {
        const Ended how =
            upstream.previous ? Ended::anyhow : upstream_ended(plan.jobs.at(upstream.job), run.logical_date, ledger);
        open += how == Ended::no;
        success += how == Ended::success;
        skipped += how == Ended::skipped;
        failed += how == Ended::failed;
        free += how == Ended::anyhow;
    }
    const bool all_ended = open == 0;
    bool met = true;
    switch (job.after->trigger) {
        case Trigger::all_success: met = all_ended && skipped + failed == 0; break;
        case Trigger::all_failed: met = all_ended && success + skipped == 0; break;
        case Trigger::all_skipped: met = all_ended && success + failed == 0; break;
        case Trigger::all_done: met = all_ended; break;
        case Trigger::one_success: met = success + free > 0; break;
        case Trigger::one_failed: met = failed + free > 0; break;
        case Trigger::one_done: met = success + failed + free > 0; break;
        case Trigger::none_failed: met = all_ended && failed == 0; break;
        case Trigger::none_failed_min_one_success: met = all_ended && failed == 0 && success + free > 0; break;
        case Trigger::none_skipped: met = all_ended && skipped == 0; break;
        case Trigger::all_done_min_one_success: met = all_ended && skipped == 0 && success + free > 0; break;
        case Trigger::always: break;
    }
    if (met) return {};
    return fmt::format("rule: run {} of {} starts under {}, with {} not ended, {} succeeded, {} skipped, {} failed",
                       run.id, run.job, to_text(job.after->trigger), open, success, skipped, failed);
}

}  // namespace mc::sim
