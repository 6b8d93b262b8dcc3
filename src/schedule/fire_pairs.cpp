#include "schedule/fire_pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "schedule/fire_search.h"
#include "schedule/plain_pairs.h"
#include "schedule/reach.h"

namespace mc {
namespace {

// The maximum of fires that wait for a partner: about 500 MB.
constexpr std::size_t waiting_max = 2'000'000;

enum Side : std::size_t { old_side, new_side };

Seconds date_spread(const Fires& fires) {
    if (!fires.schedule) return Seconds{0};
    return date_reach(*fires.schedule, *fires.calendars) + instant_reach(*fires.schedule);
}
Seconds key_spread(const Fires& fires) {
    return fires.schedule ? key_reach(*fires.schedule, *fires.calendars) : Seconds{0};
}

// The fires of one side, one at a time.
class FireStream {
   public:
    static Result<FireStream> of(const Fires& fires, Instant after, Instant until) {
        FireStream stream{after, until};
        if (!fires.schedule) return stream;
        auto search = FireSearch::of(*fires.schedule, *fires.calendars);
        if (!search) return tl::unexpected(std::move(search.error()));
        stream.search_ = std::move(*search);
        if (auto filled = stream.fill(); !filled) return tl::unexpected(std::move(filled.error()));
        return stream;
    }

    // Null at the end.
    const Fire* front() const { return at_ < ready_.size() ? &ready_[at_] : nullptr; }
    Fire take() { return std::move(ready_[at_]); }
    Result<void> pass() { return ++at_ < ready_.size() ? Result<void>{} : fill(); }

   private:
    FireStream(Instant after, Instant until) : after_(after), until_(until) {}

    Result<void> fill() {
        at_ = 0;
        do {
            auto fires = search_->next(after_, until_);
            if (!fires) return tl::unexpected(std::move(fires.error()));
            ready_ = std::move(*fires);
            if (ready_.empty()) return {};
            after_ = ready_.front().due;
            std::erase_if(ready_, [](const Fire& fire) { return fire.calendar_ended; });
        } while (ready_.empty());
        return {};
    }

    std::optional<FireSearch> search_;
    Instant after_, until_;
    std::vector<Fire> ready_;
    std::size_t at_ = 0;
};

class Pairing {
   public:
    Pairing(Seconds key_spread, Seconds date_spread, const std::function<void(const FirePair&)>& take)
        : key_spread_(key_spread), date_spread_(std::max(key_spread, date_spread)), take_(take) {}

    // The same fire on both sides: no difference to report.
    void pass_alike(Date logical_date) {
        for (const Side side : {old_side, new_side}) ++dates_[logical_date].count[side];
    }

    void add(Side side, Fire fire) {
        OfDate& date = dates_[fire.logical_date];
        ++date.count[side];
        auto& partners = by_key_[side == old_side ? new_side : old_side];
        if (const auto partner = partners.find(fire.key); partner != partners.end()) {
            Waiting& one = waiting_.at(partner->second);
            one.pair.one_run = true;
            (side == old_side ? one.pair.before : one.pair.after) = std::move(fire);
            partners.erase(partner);
            return;
        }
        const std::size_t number = next_number_++;
        date.last[side] = number;
        by_key_[side].emplace(fire.key, number);
        Waiting& one = waiting_[number];
        one.side = side;
        one.since = fire.due;
        (side == old_side ? one.pair.before : one.pair.after) = std::move(fire);
    }

    // Reports the oldest fires whose partner cannot be due at `now` or later. Returns false if too many fires wait.
    bool settle(Instant now) {
        while (!waiting_.empty()) {
            const auto first = waiting_.begin();
            if (!is_settled(first->second, now)) return waiting_.size() <= waiting_max;
            tell(first->first);
        }
        return true;
    }
    void settle_all() {
        while (!waiting_.empty()) tell(waiting_.begin()->first);
    }

   private:
    struct Waiting {
        Side side = old_side;  // the side on which it was read first
        Instant since;
        FirePair pair;
        const Fire& first() const { return side == old_side ? *pair.before : *pair.after; }
        bool alone() const { return !pair.before || !pair.after; }
    };
    struct OfDate {
        std::array<std::size_t, 2> count{0, 0};
        std::array<std::size_t, 2> last{0, 0};  // the number of the last one that waited
    };

    bool one_each(const OfDate& date) const { return date.count[old_side] == 1 && date.count[new_side] == 1; }

    bool is_settled(const Waiting& one, Instant now) const {
        if (!one.alone()) return true;
        const OfDate& date = dates_.at(one.first().logical_date);
        const bool many = date.count[old_side] > 1 || date.count[new_side] > 1;
        return one.since + (many ? key_spread_ : date_spread_) < now;
    }

    void tell(std::size_t number) {
        FirePair pair = taken(number);
        const bool of_before = pair.before.has_value();
        if (of_before != pair.after.has_value()) {
            const OfDate& date = dates_.at((of_before ? pair.before : pair.after)->logical_date);
            const auto partner = waiting_.find(date.last[of_before ? new_side : old_side]);
            if (one_each(date) && partner != waiting_.end() && partner->second.alone()) {
                FirePair other = taken(partner->first);
                (of_before ? pair.after : pair.before) = std::move(of_before ? other.after : other.before);
            }
        }
        const auto what = [](const Fire& fire) { return std::tie(fire.due, fire.logical_date, fire.session); };
        if (!pair.before || !pair.after || !pair.one_run || what(*pair.before) != what(*pair.after)) take_(pair);
    }

    FirePair taken(std::size_t number) {
        auto node = waiting_.extract(number);
        Waiting& one = node.mapped();
        if (one.alone()) by_key_[one.side].erase(one.first().key);
        return std::move(one.pair);
    }

    Seconds key_spread_, date_spread_;
    const std::function<void(const FirePair&)>& take_;
    std::map<std::size_t, Waiting> waiting_;  // in the order of reading
    std::array<std::map<FireKey, std::size_t>, 2> by_key_;
    std::map<Date, OfDate> dates_;
    std::size_t next_number_ = 1;
};

}  // namespace

Seconds pair_reach(const Fires& before, const Fires& after) {
    return std::max(key_spread(before) + key_spread(after), date_spread(before) + date_spread(after));
}

Result<void> each_fire_pair(const Fires& before, const Fires& after, Instant from, Instant until,
                            const std::function<void(const FirePair&)>& take) {
    if (are_plain(before, after)) return each_plain_pair(before, after, from, until, take);
    auto old = FireStream::of(before, from, until);
    if (!old) return tl::unexpected(std::move(old.error()));
    auto now = FireStream::of(after, from, until);
    if (!now) return tl::unexpected(std::move(now.error()));
    Pairing pairing(key_spread(before) + key_spread(after), date_spread(before) + date_spread(after), take);
    while (old->front() || now->front()) {
        const Fire* a = old->front();
        const Fire* b = now->front();
        const bool alike = a && b && *a == *b;
        const bool from_old = a && (!b || *a <= *b);
        const Instant at = (from_old ? a : b)->due;
        if (alike) pairing.pass_alike(a->logical_date);
        else pairing.add(from_old ? old_side : new_side, (from_old ? *old : *now).take());
        if (auto passed = from_old ? old->pass() : now->pass(); !passed) return passed;
        if (alike)
            if (auto passed = now->pass(); !passed) return passed;
        if (!pairing.settle(at))
            return fail(Error::Kind::refused,
                        fmt::format("more than {} fires of {} could not be matched so far", waiting_max,
                                    (before.schedule ? before : after).schedule->job),
                        "compare schedules that fire less often");
    }
    pairing.settle_all();
    return {};
}

}  // namespace mc
