#include "app/sealing.h"

#include <fmt/format.h>

#include "os/clock.h"

namespace mc::app {

namespace {

constexpr std::size_t copying_max = 16, read_at_once = 1000;
constexpr auto again_after = std::chrono::minutes{1};

}  // namespace

Sealing::Sealing(os::EventLoop& loop, Shell& shell, std::function<void()> trouble_changed)
    : shell_(shell),
      trouble_changed_(std::move(trouble_changed)),
      again_(loop, [this] { try_again(); }),
      sealer_(loop) {}

void Sealing::look() {
    for (const AttemptName& attempt : shell_.take_ended())
        if (known_.insert(attempt).second) waiting_.push_back(attempt);
    if (generation_ != shell_.plan().generation) {
        generation_ = shell_.plan().generation;
        try_again();
    }
    begin_more();
}

void Sealing::begin_more() {
    while (copying_ < copying_max) {
        if (waiting_.empty()) read_rest();
        if (waiting_.empty()) return;
        const AttemptName next = waiting_.front();
        waiting_.pop_front();
        begin(next);
    }
}

// What an earlier daemon left, and what was too much at once.
void Sealing::read_rest() {
    if (!std::exchange(more_, false)) return;
    const auto rest = shell_.store().unsealed(read_at_once + known_.size());
    if (!rest) return;
    for (const AttemptName& attempt : *rest)
        if (known_.insert(attempt).second) waiting_.push_back(attempt);
    more_ = waiting_.size() >= read_at_once;
}

void Sealing::begin(AttemptName attempt) {
    auto work = shell_.seal_work(attempt);
    if (!work) {
        later_.insert(attempt);
        const bool may_be_known_soon = work.error().kind != Error::Kind::refused;
        if (may_be_known_soon) again_.arm(os::monotonic_now().time_since_epoch() + again_after);
        return;
    }
    if (!*work) {
        known_.erase(attempt);
        return;
    }
    ++copying_;
    sealer_.seal(**std::move(work), [this, attempt](const Result<os::Seal>& seal) {
        --copying_;
        done(attempt, seal);
        begin_more();
    });
}

void Sealing::done(AttemptName attempt, const Result<os::Seal>& seal) {
    if (!seal) return try_later(attempt, seal.error().sentence());
    if (auto kept = shell_.sealed(attempt, {seal->sha256, seal->bytes}); !kept)
        return try_later(attempt, kept.error().sentence());
    known_.erase(attempt);
    if (!std::exchange(trouble_, "").empty()) trouble_changed_();
}

void Sealing::try_later(AttemptName attempt, const std::string& why) {
    later_.insert(attempt);
    again_.arm(os::monotonic_now().time_since_epoch() + again_after);
    if (!trouble_.empty()) return;
    trouble_ =
        fmt::format("what run {} printed cannot be put away: {}; it is kept as it is, and tried again every minute",
                    attempt.run, why);
    trouble_changed_();
}

void Sealing::try_again() {
    waiting_.insert(waiting_.end(), later_.begin(), later_.end());
    later_.clear();
    begin_more();
}

}  // namespace mc::app
