#include "calendar/changed_days.h"

#include <algorithm>

#include "calendar/day_source.h"
#include "calendar/rules.h"

namespace mc {

namespace {

class ChangedDays final : public DaySource {
   public:
    ChangedDays(CalendarPtr base, CalendarRules changes) : base_(std::move(base)), changes_(std::move(changes)) {}

    const CalendarName& name() const override { return base_->name(); }
    const std::string& description() const override { return base_->description(); }
    const std::vector<std::string>& aliases() const override { return base_->aliases(); }
    Coverage coverage() const override { return base_->coverage(); }

    YearOfSessions year(int number) const override {
        std::vector<Session> sessions;
        std::map<Date, Reason> reasons;
        const Date last = std::min(make_date(number, 12, 31), coverage().to);
        for (Date d = std::max(make_date(number, 1, 1), coverage().from); d <= last; d += date::days{1}) {
            auto [session, reason] = day(d);
            if (!reason.name.empty()) reasons.emplace(d, std::move(reason));
            if (session) sessions.push_back(*std::move(session));
        }
        return {number, std::move(sessions), std::move(reasons)};
    }

    std::string doubt(Date d) const override {
        const bool is_changed = changes_.closed.contains(d) || changes_.extra_sessions.contains(d);
        const auto facts = base_->facts(d);
        return is_changed || !facts ? "" : facts->doubt;
    }

    bool week_has(Date d) const override { return base_->week_has(d); }
    unsigned first_weekday(Date d) const override { return base_->first_weekday(d); }
    Session regular(Date d) const override { return base_->regular(d); }

   private:
    std::pair<std::optional<Session>, Reason> day(Date d) const {
        if (const auto closed = changes_.closed.find(d); closed != changes_.closed.end())
            return {std::nullopt, closed->second.reason};
        if (const auto extra = changes_.extra_sessions.find(d); extra != changes_.extra_sessions.end())
            return {with_hours(d, extra->second.change), extra->second.reason};
        const auto facts = base_->facts(d);
        if (!facts) return {};
        Reason reason;
        reason.name = facts->reason;
        reason.unscheduled = facts->unscheduled;
        reason.declared = facts->declared;
        reason.tentative = facts->tentative;
        reason.apart = facts->apart;
        return {facts->session ? std::optional(*facts->session) : std::nullopt, std::move(reason)};
    }

    Session with_hours(Date d, const HoursChange& change) const {
        Session usual = base_->regular(d);
        if (change.empty()) return usual;
        const LocalHours hours = changes_.changed_hours(d, change);
        Session session = session_at(d, hours, hours, *base_->zone());
        session.early_close = session.close < usual.close;
        session.late_open = session.open > usual.open;
        return session;
    }

    CalendarPtr base_;
    CalendarRules changes_;
};

}  // namespace

std::shared_ptr<const CalendarRules> rules_to_change(const Calendar& calendar) {
    if (calendar.rules()) return calendar.rules();
    CalendarRules rules;
    rules.name = calendar.name();
    rules.timezone = calendar.zone()->name();
    rules.coverage = calendar.coverage();
    rules.weeks.emplace_back().days = Weekdays::none();
    HoursRule whole_day;
    whole_day.hours.close = std::chrono::hours{24};
    rules.hours.push_back(whole_day);
    return std::make_shared<const CalendarRules>(std::move(rules));
}

CalendarPtr with_changed_days(CalendarPtr base, CalendarRules changes) {
    const ZonePtr zone = base->zone();
    return std::make_shared<const Calendar>(std::make_unique<ChangedDays>(std::move(base), std::move(changes)), zone);
}

}  // namespace mc
