// fire_search.h — finds the next fires of a job, over all its schedules.
//
// Fires are found by their moments (before jitter). Jitter only delays, so a search ends once moments are later than
// the earliest due fire found. Dates for which `when` is false are skipped as a whole.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "schedule/judge.h"
#include "schedule/session_moments.h"

namespace mc {

// The length of a search without an end: every cron expression matches within this time.
inline constexpr date::days longest_search{41 * 366};

class FireSearch {
   public:
    // Error: config or calendar, if a schedule's calendar is missing or unknown. `job` and `calendars` must outlive the
    // search.
    static Result<FireSearch> of(const JobSchedule& job, const CalendarSet& calendars);

    // All fires at the earliest instant in (after, until], in order of key.
    Result<std::vector<Fire>> next(Instant after, Instant until);
    // The last covered date, if next() met a date beyond coverage.
    std::optional<Date> horizon() const { return horizon_; }

   private:
    using PointSource = std::variant<const CronExpr*, const Every*>;
    using Source = std::variant<PointSource, SessionSource>;

    // The fires at the earliest due instant found so far.
    struct Earliest {
        Instant after, until;
        std::vector<Fire> fires{};
        Instant bound() const { return fires.empty() ? until : fires.front().due; }
        void offer(Fire fire);
    };

    // The moments that roll to one date. Of moments that roll to the same instant, the earliest determines the key.
    struct RolledDay {
        std::map<Instant, Moment> moments{};
    };

    explicit FireSearch(Judge judge) : judge_(std::move(judge)) {}
    Result<void> add(const Schedule& schedule);
    const JobSchedule& job() const { return judge_.job(); }

    Result<void> search_sessions(const SessionSource& source, Earliest& earliest);
    Result<void> search_session(const SessionSource& source, const Session& session, Earliest& earliest);
    Result<void> search_points(const PointSource& source, Earliest& earliest);
    // All expressions together: two moments that roll to the same instant are one fire.
    Result<void> search_rolled(const std::vector<const CronExpr*>& exprs, Earliest& earliest);
    Result<Date> rolled(Date date) const;
    Date earliest_roll(Date date) const;
    void roll_day(const CronExpr& expr, Date date, Date to, RolledDay& day) const;
    Result<void> offer_rolled(const RolledDay& day, Earliest& earliest);

    // Offers the one fire that reports a date beyond coverage.
    Result<void> offer_ended(Date date, Earliest& earliest);
    Result<std::optional<Fire>> ended_of(const Source& source, Date date);
    Result<std::optional<Fire>> ended_session(const SessionSource& source, Date date);
    Result<std::optional<Fire>> ended_point(const PointSource& source, Date date);
    // The moment's fire, if it reports a date beyond coverage.
    Result<std::optional<Fire>> ended_moment(const Moment& moment);

    std::optional<Instant> next_point(const PointSource& source, Instant after) const;
    Date date_at(Instant at) const;
    Instant start_of(Date date) const;

    // Whether the date beyond coverage is a trading day of the week of the calendar that does not cover it.
    Result<bool> week_has(Date date, const CalendarPtr& event);

    Judge judge_;
    std::vector<Source> sources_;
    std::optional<Date> horizon_;
};

}  // namespace mc
