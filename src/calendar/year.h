// year.h — one calendar year of sessions, computed from a calendar's rules.
//
// Pure: the same rules, zone and year give the same sessions. Does not consider coverage.
// Memory   about 250 sessions; reasons point into the rules, which must outlive the object. Moving keeps
//          internal pointers valid.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "calendar/rules.h"

namespace mc {

class YearOfSessions {
   public:
    YearOfSessions(const CalendarRules& rules, const Zone& zone, int year);
    // From existing sessions, in order of their dates, and their reasons, which are kept.
    YearOfSessions(int year, std::vector<Session> sessions, std::map<Date, Reason> reasons);

    const std::vector<Session>& sessions() const { return sessions_; }
    // The index of the first session on or after a date of this year; sessions().size() if there is none.
    std::size_t index_from(Date d) const { return first_from_[day(d)]; }
    const Session* session(Date d) const {
        const std::size_t index = index_from(d);
        return index < sessions_.size() && sessions_[index].date == d ? &sessions_[index] : nullptr;
    }
    // The hours of that date in the exchange's local time, if it is a session.
    LocalHours local_hours(const CalendarRules& rules, Date d) const;
    // Why that date is closed or has special hours; null for a plain day.
    const Reason* reason(Date d) const { return reasons_[day(d)]; }
    // The [[holiday]] that closes that date, ignoring single dates; null if there is none.
    const Reason* holiday(Date d) const { return holidays_[day(d)]; }

   private:
    static constexpr std::size_t days_at_most = 366;
    std::size_t day(Date d) const { return static_cast<std::size_t>((d - first_day_).count()); }
    void apply_holidays(const CalendarRules& rules);
    void apply_special_hours(const CalendarRules& rules, int year);
    void apply_single_days(const CalendarRules& rules);
    void add_sessions(const CalendarRules& rules, const Zone& zone);

    Date first_day_, last_day_;
    std::vector<Session> sessions_;
    std::map<Date, Reason> own_reasons_;
    std::array<std::uint16_t, days_at_most> first_from_{};
    std::array<const Reason*, days_at_most> reasons_{}, holidays_{};
    enum class Kind : std::uint8_t { by_week, closed, extra };
    std::array<Kind, days_at_most> kinds_{};
    std::array<const HoursChange*, days_at_most> changes_{};
};

// Local hours of a date as instants. A local time that does not exist is the first instant after the gap; a time that
// exists twice is the first one.
Session session_at(Date d, const LocalHours& hours, const LocalHours& regular, const Zone& zone);

}  // namespace mc
