#include "daemon/sealing.h"

#include <fmt/format.h>

#include "base/spelling.h"
#include "desk/narrator.h"
#include "exec/keeper.h"
#include "os/clock.h"

namespace mc::app {

namespace {

constexpr std::size_t copying_max = 16, read_at_once = 1000;
constexpr auto again_after = std::chrono::minutes{1};

}  // namespace

Sealing::Sealing(os::EventLoop& loop, Shell& shell, AttemptOutputs& outputs, std::function<void()> trouble_changed,
                 std::function<void(const std::string& text)> unmasked)
    : shell_(shell),
      outputs_(outputs),
      trouble_changed_(std::move(trouble_changed)),
      tell_(std::move(unmasked)),
      again_(loop, [this] { try_again(); }),
      sealer_(loop) {}

void Sealing::look() {
    for (const AttemptName& attempt : shell_.take_ended())
        if (known_.insert(attempt).second) waiting_.push_back(attempt);
    if (generation_ != shell_.plan().generation) {
        generation_ = shell_.plan().generation;
        waiting_.insert(waiting_.end(), unmasked_.begin(), unmasked_.end());
        unmasked_.clear();
        try_again();
    }
    begin_more();
}

void Sealing::begin_more() {
    while (copying_ < copying_max) {
        if (waiting_.empty()) read_rest();
        if (waiting_.empty()) break;
        const AttemptName next = waiting_.front();
        waiting_.pop_front();
        begin(next);
    }
    tell_unmasked();
}

// Attempts that an earlier daemon left, and those beyond the first `read_at_once`.
void Sealing::read_rest() {
    if (!std::exchange(more_, false)) return;
    const auto rest = shell_.store().unsealed(read_at_once + known_.size());
    if (!rest) return;
    for (const AttemptName& attempt : *rest)
        if (known_.insert(attempt).second) waiting_.push_back(attempt);
    more_ = waiting_.size() >= read_at_once;
}

void Sealing::begin(AttemptName attempt) {
    auto work = outputs_.seal_work(attempt);
    if (!work && work.error().kind == Error::Kind::refused) return note_unmasked(attempt, work.error().what);
    if (!work) return try_later(attempt, work.error().sentence());
    if (!*work) return forget(attempt);
    ++copying_;
    sealer_.seal(**std::move(work), [this, attempt](const Result<os::Seal>& seal) {
        --copying_;
        done(attempt, seal);
        begin_more();
    });
}

void Sealing::done(AttemptName attempt, const Result<os::Seal>& seal) {
    if (!seal) return try_later(attempt, seal.error().sentence());
    const Engine* engine = shell_.engine_or_null();
    using RunIs = AttemptOutputs::RunIs;
    const RunIs run = engine && engine->unfinished().contains(attempt.run) ? RunIs::unfinished : RunIs::over;
    if (auto kept = outputs_.sealed(attempt, {seal->sha256, seal->bytes}, run); !kept)
        return try_later(attempt, kept.error().sentence());
    forget(attempt);
}

void Sealing::forget(AttemptName attempt) {
    known_.erase(attempt);
    failed_.erase(attempt);
    if (failed_.empty() && !std::exchange(trouble_, "").empty()) trouble_changed_();
}

// What must be masked is not known, and retrying does not change that.
void Sealing::note_unmasked(AttemptName attempt, const std::string& why) {
    forget(attempt);
    known_.insert(attempt);
    unmasked_.insert(attempt);
    const bool is_told = !told_unmasked_.insert(attempt).second;
    if (is_told || !os::has_output(outputs_.state(), attempt.run, attempt.number)) return;
    untold_.push_back(fmt::format(
        "the output of attempt {} of run {} cannot be masked: {}; `logs` does not show it, and it "
        "stays unmasked in {} until keep_output has passed",
        attempt.number, attempt.run, why, os::attempt_file(outputs_.state(), attempt.run, attempt.number, "output")));
}

void Sealing::tell_unmasked() {
    const std::vector<std::string> all = std::exchange(untold_, {});
    if (all.empty()) return;
    const std::string more = all.size() == 1 ? "" : fmt::format(" (and {} more)", counted(all.size() - 1, "attempt"));
    tell_(all.front() + more);
    trouble_changed_();
}

void Sealing::try_later(AttemptName attempt, const std::string& why) {
    later_.insert(attempt);
    failed_.insert(attempt);
    again_.arm(os::monotonic_now().time_since_epoch() + again_after);
    if (!trouble_.empty()) return;
    trouble_ =
        fmt::format("the output of run {} cannot be masked and copied: {}; it stays as it is; tried again every minute",
                    attempt.run, why);
    trouble_changed_();
}

void Sealing::try_again() {
    waiting_.insert(waiting_.end(), later_.begin(), later_.end());
    later_.clear();
    begin_more();
}

}  // namespace mc::app
