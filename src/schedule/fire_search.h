// fire_search.h — looks for a job's next fires, over all its schedules.
//
// Fires are found by their moments (before jitter); as jitter only delays, a search ends once moments
// lie beyond the earliest due fire found. Dates that `when` refuses are passed over whole.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "schedule/judge.h"
#include "schedule/session_moments.h"

namespace mc {

// A search without a bound of its own ends after so long: every cron expression has matched by then.
inline constexpr date::days longest_search{41 * 366};

class FireSearch {
   public:
    // Error: config or calendar, when a schedule's calendar is missing or unknown. `job` and
    // `calendars` must outlive the search.
    static Result<FireSearch> of(const JobSchedule& job, const CalendarSet& calendars);

    // All fires at the earliest instant in (after, until], in order of key.
    Result<std::vector<Fire>> next(Instant after, Instant until);
    // The last date that the calendars know, if next() met one beyond it.
    std::optional<Date> horizon() const { return horizon_; }

   private:
    using PointSource = std::variant<const CronExpr*, const Every*>;
    using Source = std::variant<PointSource, SessionSource>;

    // The fires at the earliest due instant offered so far.
    struct Earliest {
        Instant after, until;
        std::vector<Fire> fires{};
        Instant bound() const { return fires.empty() ? until : fires.front().due; }
        void offer(Fire fire);
    };

    // What has rolled to one date. Of moments rolled to one instant the earliest gives the key.
    struct RolledDay {
        std::map<Instant, Moment> moments{};
    };

    explicit FireSearch(Judge judge) : judge_(std::move(judge)) {}
    Result<void> add(const Schedule& schedule);
    const JobSchedule& job() const { return judge_.job(); }

    Result<void> search_sessions(const SessionSource& source, Earliest& earliest);
    Result<void> search_session(const SessionSource& source, const Session& session, Earliest& earliest);
    Result<void> search_points(const PointSource& source, Earliest& earliest);
    // All at once: what two of them roll to one instant is one fire.
    Result<void> search_rolled(const std::vector<const CronExpr*>& exprs, Earliest& earliest);
    Result<Date> rolled(Date date) const;
    Date earliest_roll(Date date) const;
    void roll_day(const CronExpr& expr, Date date, Date to, RolledDay& day) const;
    Result<void> offer_rolled(const RolledDay& day, Earliest& earliest);

    // The one fire that tells of a date which no calendar knows, offered.
    Result<void> offer_ended(Date date, Earliest& earliest);
    Result<std::optional<Fire>> ended_of(const Source& source, Date date);
    Result<std::optional<Fire>> ended_session(const SessionSource& source, Date date);
    Result<std::optional<Fire>> ended_point(const PointSource& source, Date date);
    // The moment's fire if it is one that tells of an unknown date.
    Result<std::optional<Fire>> ended_moment(const Moment& moment);

    std::optional<Instant> next_point(const PointSource& source, Instant after) const;
    Date date_at(Instant at) const;
    Instant start_of(Date date) const;

    // True where the calendar to blame for an unknown date has its week open on it.
    Result<bool> week_has(Date date, const CalendarPtr& event);

    Judge judge_;
    std::vector<Source> sources_;
    std::optional<Date> horizon_;
};

}  // namespace mc
