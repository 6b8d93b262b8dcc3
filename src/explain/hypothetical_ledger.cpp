#include "explain/hypothetical_ledger.h"

namespace mc {

void HypotheticalLedger::put(Run run, State state) {
    run.state = state;
    run.reason = Reason::marked;
    run.clearing = 0;
    changed_.insert_or_assign(run.id, std::move(run));
}

Result<std::optional<Run>> HypotheticalLedger::as_if(Result<std::optional<Run>> run) const {
    if (!run || !*run) return run;
    const auto found = changed_.find((*run)->id);
    if (found != changed_.end()) *run = found->second;
    return run;
}

Result<std::optional<Run>> HypotheticalLedger::by_key(const JobName& job, const FireKey& key) const {
    return as_if(ledger_.by_key(job, key));
}

Result<std::optional<Run>> HypotheticalLedger::by_id(RunId id) const { return as_if(ledger_.by_id(id)); }

Result<std::optional<Run>> HypotheticalLedger::spanning(const JobName& job, Instant fire) const {
    return as_if(ledger_.spanning(job, fire));
}

Result<std::vector<Run>> HypotheticalLedger::by_date(const JobName& job, Date logical_date) const {
    auto runs = ledger_.by_date(job, logical_date);
    if (!runs) return runs;
    for (Run& run : *runs)
        if (const auto found = changed_.find(run.id); found != changed_.end()) run = found->second;
    return runs;
}

Result<std::optional<Run>> HypotheticalLedger::newest_before(const JobName& job, Date date, Instant fire_before) const {
    return as_if(ledger_.newest_before(job, date, fire_before));
}

Result<std::vector<Run>> HypotheticalLedger::upstream_failed_after(const JobName& job, Date date) const {
    auto runs = ledger_.upstream_failed_after(job, date);
    if (!runs) return runs;
    std::erase_if(*runs, [&](const Run& run) { return changed_.contains(run.id); });
    return runs;
}

}  // namespace mc
