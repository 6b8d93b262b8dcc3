#include "sim/deliveries.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "notify/channels.h"

namespace mc::sim {

namespace {

notify::Moment moment(Now now) { return {now.wall, now.up}; }

notify::TargetStatus place_of(const std::string& target) {
    return {notify::TargetStatus::Kind::ready, stable_hash(target), "", notify::kind_of(target)->pace()};
}

}  // namespace

Deliveries::Deliveries(test::FullDisk& store, Random& random, Planted planted, Ended ended)
    : store_(store), random_(random), planted_(planted), ended_(std::move(ended)) {}

void Deliveries::asked(const std::vector<Notice>& notices) {
    for (const Notice& notice : notices) {
        if (!letters_.try_emplace(notice.id).second)
            broken_ = fmt::format("checker 5: message {} is two messages", notice.id);
        all_.push_back(notice);
        courier_wake_ = Seconds{0};  // at once
    }
}

void Deliveries::called_back(const std::vector<RunId>& runs) {
    for (const Notice& notice : all_)
        if (notice.is_action && notice.run && std::find(runs.begin(), runs.end(), *notice.run) != runs.end())
            letters_.at(notice.id).refused = true;
}

void Deliveries::restored(std::int64_t last) {
    std::erase_if(all_, [last](const Notice& notice) { return notice.id > last; });
    std::erase_if(letters_, [last](const auto& letter) { return letter.first > last; });
    std::erase_if(newest_, [last](const auto& one) { return one.second > last; });
    std::erase_if(unrecorded_, [last](std::int64_t id) { return id > last; });
    flights_.clear();
    for (auto& [id, letter] : letters_) letter.known = false;
}

void Deliveries::restart(Now now) {
    for (const Flight& flight : flights_) land(flight, false);
    flights_.clear();
    for (const std::int64_t id : std::exchange(unrecorded_, {})) letters_.at(id).known = false;
    died_ = store_.full = false;
    courier_.emplace(moment(now).up);
    recorder_.emplace(store_, [this](const notify::ActionEnded& ended) {
        if (died_) return;
        died_ = !ended_(ended);
        store_.full = store_.full || died_;  // a dead daemon records nothing
    });
    courier_wake_ = now.up;
}

// False: the ledger cannot be written now.
bool Deliveries::record(std::vector<notify::Update> updates, Instant at) {
    if (!recorder_->record(std::move(updates), at)) return false;
    unrecorded_.clear();
    return true;
}

bool Deliveries::pump(Now now, bool faults) {
    constexpr Seconds store_rest{5};
    store_.full = faults && random_.one_in(20);
    const auto is_due = [now](const Flight& flight) { return flight.answered_up <= now.up; };
    while (true) {
        const auto due = std::find_if(flights_.begin(), flights_.end(), is_due);
        if (due == flights_.end()) break;
        if (faults && random_.one_in(10)) return false;
        const Flight flight = *due;
        flights_.erase(due);
        land(flight, true);
        const notify::Answer answer{flight.verdict, "chance", Seconds{30}};
        auto updates = courier_->answered(flight.post.number, answer, moment(now));
        if (planted_ != Planted::unrecorded_arrivals) (void)record(std::move(updates), now.wall);
        else unrecorded_.clear();
        if (died_) return false;
    }
    if (!record({}, now.wall)) {
        courier_wake_ = now.up + store_rest;
        return !died_;
    }
    const auto rows = store_.pending(SIZE_MAX);
    notify::Targets targets;
    for (const OutboxRow& row : *rows) targets[row.notice.target] = place_of(row.notice.target);
    notify::Decision decision = courier_->decide(*rows, targets, moment(now));
    (void)record(std::move(decision.updates), now.wall);
    if (died_) return false;
    for (notify::Post& post : decision.posts) send(std::move(post), now, faults);
    courier_wake_.reset();
    if (decision.wake) courier_wake_ = std::chrono::ceil<Seconds>(*decision.wake);
    return true;
}

std::optional<Seconds> Deliveries::wake() const {
    auto wake = courier_wake_;
    for (const Flight& flight : flights_) wake = std::min(wake.value_or(flight.answered_up), flight.answered_up);
    return wake;
}

// One answer in three is not a success.
void Deliveries::send(notify::Post post, Now now, bool faults) {
    using notify::DeliveryVerdict;
    Flight flight{std::move(post), DeliveryVerdict::delivered, true, now.up + Seconds{1 + random_.below(20)}};
    if (faults && random_.one_in(3)) {
        constexpr DeliveryVerdict others[] = {DeliveryVerdict::throttled, DeliveryVerdict::outage,
                                              DeliveryVerdict::malformed, DeliveryVerdict::refused,
                                              DeliveryVerdict::unusable};
        flight.verdict = others[random_.below(5)];
        flight.arrives = flight.verdict == DeliveryVerdict::outage && random_.one_in(3);  // the answer gets lost
    }
    if (planted_ == Planted::recorded_unsent)
        for (const Notice& notice : flight.post.notices) (void)store_.delivered({notice.id}, now.wall);
    flights_.push_back(std::move(flight));
}

// The message may arrive. `is_known`: the daemon gets the answer.
void Deliveries::land(const Flight& flight, bool is_known) {
    using notify::DeliveryVerdict;
    const bool is_action = flight.post.notices.front().is_action;
    const bool as_plain = flight.post.pace.falls_back && !flight.post.plain && !is_action;
    const bool is_final = flight.verdict == DeliveryVerdict::refused ||
                          (flight.verdict == DeliveryVerdict::malformed && !as_plain) ||
                          (flight.verdict == DeliveryVerdict::unusable && is_action);
    for (const Notice& notice : flight.post.notices) {
        Letter& letter = letters_.at(notice.id);
        letter.refused = letter.refused || (is_known && is_final);
        if (!flight.arrives) continue;
        if (letter.known)
            broken_ = fmt::format("checker 5: told again: message {} of {} had arrived", notice.id, notice.job);
        if (!letter.arrived && std::exchange(newest_[{notice.target, notice.job}], notice.id) > notice.id)
            broken_ = fmt::format("checker 5: message {} of {} overtakes an older one", notice.id, notice.job);
        letter.arrived = true;
        letter.known = is_known && flight.verdict == DeliveryVerdict::delivered;
        if (letter.known) unrecorded_.insert(notice.id);
    }
}

std::string Deliveries::check(bool over) const {
    if (!broken_.empty() || !over) return broken_;
    const auto left = store_.pending(1);
    if (!left->empty()) return fmt::format("checker 5: message {} is never sent", left->front().notice.id);
    for (const auto& [id, letter] : letters_)
        if (!letter.arrived && !letter.refused) return fmt::format("checker 5: lost: message {}", id);
    return {};
}

}  // namespace mc::sim
