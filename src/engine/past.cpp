#include "engine/past.h"

namespace mc {

template <class Ask>
auto Past::answer(Ask ask) -> typename decltype(ask())::value_type {
    if (failure_) return {};
    auto answer = ask();
    if (answer) return *std::move(answer);
    failure_ = std::move(answer.error());
    return {};
}

std::optional<Run> Past::by_key(const JobName& job, const FireKey& key) {
    return answer([&] { return ledger_.by_key(job, key); });
}

std::optional<Run> Past::by_id(RunId id) {
    return answer([&] { return ledger_.by_id(id); });
}

std::optional<Run> Past::spanning(const JobName& job, Instant fire) {
    return answer([&] { return ledger_.spanning(job, fire); });
}

std::optional<JobRecord> Past::record_of(const JobName& job) {
    return answer([&] { return ledger_.record_of(job); });
}

std::vector<Run> Past::by_date(const JobName& job, Date logical_date) {
    return answer([&] { return ledger_.by_date(job, logical_date); });
}

std::optional<Run> Past::newest_before(const JobName& job, Date date, Instant fire_before) {
    return answer([&] { return ledger_.newest_before(job, date, fire_before); });
}

std::vector<Run> Past::upstream_failed_after(const JobName& job, Date date) {
    return answer([&] { return ledger_.upstream_failed_after(job, date); });
}

}  // namespace mc
