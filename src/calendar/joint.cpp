#include "calendar/joint.h"

#include <fmt/format.h>

#include <algorithm>

namespace mc {

namespace {

using Sessions = std::vector<const Session*>;

// Breaks in order, with touching ones merged, limited to the hours.
std::vector<Span> within(std::vector<Span> breaks, Instant open, Instant close) {
    std::sort(breaks.begin(), breaks.end(), [](const Span& a, const Span& b) { return a.from < b.from; });
    std::vector<Span> merged;
    for (Span span : breaks) {
        span = {std::max(span.from, open), std::min(span.to, close)};
        if (span.from >= span.to) continue;
        if (!merged.empty() && span.from <= merged.back().to) merged.back().to = std::max(merged.back().to, span.to);
        else merged.push_back(span);
    }
    return merged;
}

std::optional<Session> all_of(const Sessions& sessions) {
    Session joint = *sessions.front();
    std::vector<Span> breaks;
    for (const Session* session : sessions) {
        joint.open = std::max(joint.open, session->open);
        joint.close = std::min(joint.close, session->close);
        breaks.insert(breaks.end(), session->breaks.begin(), session->breaks.end());
    }
    if (joint.open >= joint.close) return {};
    joint.breaks = within(std::move(breaks), joint.open, joint.close);
    // A break at either end does not belong to the hours.
    if (!joint.breaks.empty() && joint.breaks.front().from == joint.open) {
        joint.open = joint.breaks.front().to;
        joint.breaks.erase(joint.breaks.begin());
    }
    if (!joint.breaks.empty() && joint.breaks.back().to == joint.close) {
        joint.close = joint.breaks.back().from;
        joint.breaks.pop_back();
    }
    if (joint.open >= joint.close) return {};
    return joint;
}

Session any_of(const Sessions& sessions) {
    Session joint = *sessions.front();
    for (const Session* session : sessions) {
        joint.open = std::min(joint.open, session->open);
        joint.close = std::max(joint.close, session->close);
    }
    joint.breaks.clear();
    return joint;
}

class JointDays final : public DaySource {
   public:
    explicit JointDays(JointCalendar joint) : joint_(std::move(joint)) {
        coverage_ = joint_.parts.front()->coverage();
        for (const CalendarPtr& part : joint_.parts) {
            const Coverage other = part->coverage();
            coverage_.from = std::max(coverage_.from, other.from);
            coverage_.to = std::min(coverage_.to, other.to);
            coverage_.trusted_to = std::min(coverage_.trusted_to, other.trusted_to);
        }
        // Calendars without a common day cover nothing; one day is the shortest coverage.
        coverage_.to = std::max(coverage_.from, coverage_.to);
    }

    const CalendarName& name() const override { return joint_.name; }
    const std::string& description() const override { return joint_.description; }
    const std::vector<std::string>& aliases() const override { return aliases_; }
    Coverage coverage() const override { return coverage_; }

    YearOfSessions year(int number) const override {
        std::vector<Session> sessions;
        std::map<Date, Reason> reasons;
        const Date last = std::min(make_date(number, 12, 31), coverage_.to);
        for (Date d = std::max(make_date(number, 1, 1), coverage_.from); d <= last; d += date::days{1}) {
            auto session = joined(d);
            if (auto why = reason(d, session.has_value()); !why.name.empty()) reasons.emplace(d, std::move(why));
            if (session) sessions.push_back(*std::move(session));
        }
        return {number, std::move(sessions), std::move(reasons)};
    }

    bool week_has(Date d) const override {
        const auto has = [d](const CalendarPtr& part) { return part->week_has(d); };
        if (joint_.how == Joining::any_of) return std::any_of(joint_.parts.begin(), joint_.parts.end(), has);
        return std::all_of(joint_.parts.begin(), joint_.parts.end(), has) && regular_hours(d);
    }

    unsigned first_weekday(Date d) const override {
        constexpr unsigned monday = 1;
        for (int i = 0; i < 7; ++i) {
            const Date day = d - date::days{i};
            if (week_has(day) && !week_has(day - date::days{1})) return weekday_of(day);
        }
        return monday;
    }

    Session regular(Date d) const override {
        auto joint = regular_hours(d);
        return joint ? *std::move(joint) : joint_.parts.front()->regular(d);
    }

    std::string doubt(Date d) const override {
        std::string all;
        for (const CalendarPtr& part : joint_.parts)
            if (const auto facts = part->facts(d); facts && !facts->doubt.empty())
                all += fmt::format("{}{}: {}", all.empty() ? "" : "; ", part->name(), facts->doubt);
        return all;
    }

   private:
    // None if the regular hours of all do not overlap.
    std::optional<Session> regular_hours(Date d) const {
        std::vector<Session> each;
        Sessions pointers;
        for (const CalendarPtr& part : joint_.parts) each.push_back(part->regular(d));
        for (const Session& session : each) pointers.push_back(&session);
        auto joint = joint_.how == Joining::any_of ? std::optional(any_of(pointers)) : all_of(pointers);
        if (joint) make_plain(*joint);
        return joint;
    }
    static void make_plain(Session& session) {
        session.early_close = session.late_open = false;
        session.pre.reset();
        session.post.reset();
    }

    // The session of a covered date.
    std::optional<Session> joined(Date d) const {
        Sessions sessions;
        for (const CalendarPtr& part : joint_.parts)
            if (const auto session = part->session(d); session && *session) sessions.push_back(*session);
        if (sessions.empty()) return {};
        if (joint_.how == Joining::all_of && sessions.size() < joint_.parts.size()) return {};
        auto joint = joint_.how == Joining::all_of ? all_of(sessions) : any_of(sessions);
        if (!joint) return {};
        make_plain(*joint);
        const Session usual = regular(d);
        joint->early_close = joint->close < usual.close;
        joint->late_open = joint->open > usual.open;
        return joint;
    }

    // The reasons of the parts, each with its part's name; or that the hours do not overlap.
    Reason reason(Date d, bool is_session) const {
        Reason all;
        bool open_everywhere = true;
        for (const CalendarPtr& part : joint_.parts) {
            const auto facts = part->facts(d);
            if (!facts) continue;
            open_everywhere = open_everywhere && facts->session != nullptr;
            if (facts->reason.empty()) continue;
            all.name += fmt::format("{}{}: {}", all.name.empty() ? "" : "; ", part->name(), facts->reason);
            all.unscheduled = all.unscheduled || facts->unscheduled;
            all.tentative = all.tentative || facts->tentative;
            if (facts->declared) all.declared = std::max(all.declared.value_or(*facts->declared), *facts->declared);
        }
        all.apart = !is_session && open_everywhere;
        if (all.apart) all.name = "their hours do not overlap";
        return all;
    }

    JointCalendar joint_;
    std::vector<std::string> aliases_;
    Coverage coverage_;
};

}  // namespace

std::unique_ptr<DaySource> joint_days(JointCalendar joint) { return std::make_unique<JointDays>(std::move(joint)); }

}  // namespace mc
