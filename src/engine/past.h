// past.h — the ledger's answers without their errors, for code that asks many questions for one decision.
//
// A question may fail. Past keeps the first failure. From then on it does not ask the ledger, and each answer is empty.
// Decisions made from such answers must be discarded, so the owner of a Past always checks failure(). The owners are
// asking(), which returns the error instead of the result, and the engine, whose step then fails.
#pragma once

#include <type_traits>
#include <utility>

#include "engine/ledger.h"

namespace mc {

// The questions are the Ledger's.
class Past {
   public:
    Past(const Past&) = delete;
    Past& operator=(const Past&) = delete;

    std::optional<Run> by_key(const JobName& job, const FireKey& key);
    std::optional<Run> by_id(RunId id);
    std::optional<Run> spanning(const JobName& job, Instant fire);
    std::optional<JobRecord> record_of(const JobName& job);
    std::vector<Run> by_date(const JobName& job, Date logical_date);
    std::optional<Run> newest_before(const JobName& job, Date date, Instant fire_before);
    std::vector<Run> upstream_failed_after(const JobName& job, Date date);

    // The first question that failed, and why.
    const std::optional<Error>& failure() const { return failure_; }

   protected:
    // `ledger` must outlive it.
    explicit Past(const Ledger& ledger) : ledger_(ledger) {}
    ~Past() = default;

   private:
    template <class Ask>
    auto answer(Ask ask) -> typename decltype(ask())::value_type;

    const Ledger& ledger_;
    std::optional<Error> failure_;
};

// Returns use(past), a value or a Result, or the error of the first question that failed.
template <class Use>
auto asking(const Ledger& ledger, Use use) {
    struct Answers final : Past {
        explicit Answers(const Ledger& asked) : Past(asked) {}
    };
    Answers past(ledger);
    using Made = std::invoke_result_t<Use, Past&>;
    if constexpr (requires(Made made) { made.error(); }) {
        Made made = use(past);
        if (past.failure()) return Made(tl::unexpected(*past.failure()));
        return made;
    } else {
        Result<Made> made = use(past);
        if (past.failure()) made = tl::unexpected(*past.failure());
        return made;
    }
}

}  // namespace mc
