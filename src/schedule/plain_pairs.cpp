#include "schedule/plain_pairs.h"

#include <algorithm>

#include "schedule/judge.h"
#include "schedule/reach.h"

namespace mc {
namespace {

constexpr date::days one_day{1};

bool is_plain(const JobSchedule& job) {
    const auto is_point = [](const Schedule& schedule) {
        return std::holds_alternative<CronExpr>(schedule) || std::holds_alternative<Every>(schedule);
    };
    return fires_on_own_date(job) && job.jitter == Seconds{0} && !(job.when && job.when->asks_instant()) &&
           std::all_of(job.schedules.begin(), job.schedules.end(), is_point);
}

// The instants of one date. Near a change of the UTC offset, more instants are searched and filtered by their date.
struct Day {
    Day(Date day, const Zone& zone, Instant from, Instant until) : date(day) {
        begin = zone.wall(WallTime{date}).first;
        end = zone.wall(WallTime{date + one_day}).first;
        is_steady = zone.offset_at(begin - one_day) == zone.offset_at(end + one_day);
        if (!is_steady) begin -= one_day, end += one_day;
        begin = std::max(begin, from + Seconds{1});
        end = std::min(end, until + Seconds{1});
    }
    Date date;
    Instant begin, end;
    bool is_steady;
};

// One side, one date at a time.
class PlainSide {
   public:
    static Result<PlainSide> of(const Fires& fires) {
        PlainSide side;
        if (!fires.schedule) return side;
        auto judge = Judge::of(*fires.schedule, *fires.calendars);
        if (!judge) return tl::unexpected(std::move(judge.error()));
        side.judge_ = std::move(*judge);
        return side;
    }

    // Sets `due` to the instants of the date, and `fire` to its fire; at() then sets the fire's instant.
    Result<void> look_at(const Day& day) {
        due.clear();
        if (!judge_ || judge_->refuses(day.date)) return {};
        for (const Schedule& schedule : judge_->job().schedules) {
            if (const auto* cron = std::get_if<CronExpr>(&schedule)) add(*cron, day);
            if (const auto* every = std::get_if<Every>(&schedule)) add(*every, day);
        }
        const Zone& zone = *judge_->job().zone;
        if (!day.is_steady) std::erase_if(due, [&](Instant at) { return date_of(zone.to_wall(at)) != day.date; });
        if (judge_->job().schedules.size() > 1) {
            std::sort(due.begin(), due.end());
            due.erase(std::unique(due.begin(), due.end()), due.end());
        }
        if (due.empty()) return {};
        auto verdict = judge_->verdict({due.front(), day.date, due.front()});
        if (!verdict) return tl::unexpected(std::move(verdict.error()));
        if (auto* one = std::get_if<Fire>(&*verdict)) fire = std::move(*one);
        else due.clear();  // `when` is false, or the date is beyond coverage
        fire.key = {};
        return {};
    }
    const Fire& at(Instant instant) {
        fire.due = instant;
        return fire;
    }

    std::vector<Instant> due;  // in order
    Fire fire;

   private:
    void add(const Every& every, const Day& day) {
        const Seconds since = day.begin.time_since_epoch(), period = every.period;
        Seconds over = since % period;
        if (over < Seconds{0}) over += period;
        for (Instant at = over == Seconds{0} ? day.begin : day.begin + (period - over); at < day.end; at += period)
            due.push_back(at);
    }
    void add(const CronExpr& cron, const Day& day) {
        const JobSchedule& job = judge_->job();
        const auto next = [&](Instant after) {
            return next_cron(cron, *job.zone, after, job.dst_gap, job.dst_overlap);
        };
        for (auto at = next(day.begin - Seconds{1}); at && *at < day.end; at = next(*at)) due.push_back(*at);
    }

    std::optional<Judge> judge_;
};

void tell_day(PlainSide& was, PlainSide& is, const std::function<void(const FirePair&)>& take) {
    const bool one_each = was.due.size() == 1 && is.due.size() == 1;
    const bool alike = was.fire.session == is.fire.session;
    if (one_each && was.due != is.due) return take({was.at(was.due[0]), is.at(is.due[0]), false});
    FirePair dropped, added;
    dropped.before = was.fire;
    added.after = is.fire;
    auto a = was.due.begin(), b = is.due.begin();
    while (a != was.due.end() || b != is.due.end()) {
        if (b == is.due.end() || (a != was.due.end() && *a < *b)) {
            dropped.before->due = *a++;
            take(dropped);
        } else if (a == was.due.end() || *b < *a) {
            added.after->due = *b++;
            take(added);
        } else {
            if (!alike) take({was.at(*a), is.at(*b), true});
            ++a, ++b;
        }
    }
}

}  // namespace

bool are_plain(const Fires& before, const Fires& after) {
    if (!before.schedule && !after.schedule) return false;
    for (const Fires& side : {before, after})
        if (side.schedule && !is_plain(*side.schedule)) return false;
    return !before.schedule || !after.schedule || before.schedule->zone->name() == after.schedule->zone->name();
}

Result<void> each_plain_pair(const Fires& before, const Fires& after, Instant from, Instant until,
                             const std::function<void(const FirePair&)>& take) {
    auto was = PlainSide::of(before);
    if (!was) return tl::unexpected(std::move(was.error()));
    auto is = PlainSide::of(after);
    if (!is) return tl::unexpected(std::move(is.error()));
    const Zone& zone = *(before.schedule ? before : after).schedule->zone;
    const Date last = date_of(zone.to_wall(until));
    for (Date date = date_of(zone.to_wall(from)); date <= last; date += one_day) {
        const Day day{date, zone, from, until};
        for (PlainSide* side : {&*was, &*is})
            if (auto looked = side->look_at(day); !looked) return looked;
        tell_day(*was, *is, take);
    }
    return {};
}

}  // namespace mc
