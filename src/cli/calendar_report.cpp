#include "cli/calendar_report.h"

#include <fmt/format.h>

#include <map>

#include "base/spelling.h"
#include "calendar/day_rule.h"
#include "desk/json.h"
#include "desk/narrator.h"
#include "desk/say.h"

namespace mc::app {

namespace {

// Lines for each calendar without --all.
constexpr std::size_t lines_shown = 12;

const char* change_word(const SessionChange& change) {
    return !change.before.session ? "added" : !change.after.session ? "removed" : "changed";
}

Json time_json(const std::optional<Instant>& time) { return time ? Json(to_string(*time)) : Json(nullptr); }

void put_hours(Json& json, const std::string& prefix, const Session* session) {
    const Json hours =
        session ? session_json(*session) : Json{{"open", nullptr}, {"close", nullptr}, {"breaks", Json::array()}};
    for (const auto& [key, value] : hours.items()) json[prefix + key] = value;
    json[prefix + "pre"] = session ? time_json(session->pre) : Json(nullptr);
    json[prefix + "post"] = session ? time_json(session->post) : Json(nullptr);
}

Json reason_json(const DayFacts& facts) { return facts.reason.empty() ? Json(nullptr) : Json(facts.reason); }

void print_json(const CalendarDiff& diff) {
    const auto date = [](const CalendarPtr& calendar, Date Coverage::*end) {
        return calendar ? Json(to_string(calendar->coverage().*end)) : Json(nullptr);
    };
    if (!diff.same_coverage())
        print_line(Json{{"calendar", diff.name},
                        {"change", !diff.before  ? "new"
                                   : !diff.after ? "gone"
                                                 : "coverage"},
                        {"from", date(diff.after, &Coverage::from)},
                        {"trusted_to", date(diff.after, &Coverage::trusted_to)},
                        {"to", date(diff.after, &Coverage::to)},
                        {"old_from", date(diff.before, &Coverage::from)},
                        {"old_trusted_to", date(diff.before, &Coverage::trusted_to)},
                        {"old_to", date(diff.before, &Coverage::to)}});
    for (const SessionChange& change : diff.sessions) {
        Json json{{"calendar", diff.name}, {"date", to_string(change.after.date)}, {"change", change_word(change)}};
        put_hours(json, "", change.after.session);
        put_hours(json, "old_", change.before.session);
        json["reason"] = reason_json(change.after);
        json["old_reason"] = reason_json(change.before);
        json["unscheduled"] = change.after.unscheduled;
        print_line(json);
    }
}

// Times of a session in its exchange's time zone: "09:30", "17:00-1d" on the day before.
class Clock {
   public:
    Clock(const Calendar& calendar, Date date) : zone_(*calendar.zone()), date_(date) {}
    std::string text(Instant t) const { return day_time_text(zone_.to_wall(t) - WallTime{date_}); }
    std::string text(const std::optional<Instant>& t) const { return t ? text(*t) : "none"; }
    std::string breaks(const Session& session) const {
        std::string all;
        for (const Span& span : session.breaks)
            all += fmt::format("{}{}-{}", all.empty() ? "" : ", ", text(span.from), text(span.to));
        return all.empty() ? "none" : all;
    }

   private:
    const Zone& zone_;
    Date date_;
};

std::string hours_text(const Session& session, const Clock& clock) {
    std::string text = fmt::format("open {} to {}", clock.text(session.open), clock.text(session.close));
    if (!session.breaks.empty()) text += ", break " + clock.breaks(session);
    return text;
}

// The hours that have changed.
std::string new_hours_text(const Session& was, const Session& is, const Clock& old_clock, const Clock& clock) {
    std::string text;
    const auto add = [&](const char* what, const std::string& from, const std::string& to) {
        if (from != to) text += fmt::format("{}{} {}, was {}", text.empty() ? "" : "; ", what, to, from);
    };
    add("opens", old_clock.text(was.open), clock.text(is.open));
    add("closes", old_clock.text(was.close), clock.text(is.close));
    add("breaks", old_clock.breaks(was), clock.breaks(is));
    add("pre-market", old_clock.text(was.pre), clock.text(is.pre));
    add("post-market", old_clock.text(was.post), clock.text(is.post));
    return text.empty() ? "the same local hours, at other instants" : text;
}

std::string change_text(const SessionChange& change, const CalendarDiff& diff) {
    const Clock old_clock{*diff.before, change.before.date}, clock{*diff.after, change.after.date};
    const auto because = [](const DayFacts& facts) {
        if (facts.reason.empty()) return std::string();
        return fmt::format(" ({}{}{})", facts.reason, facts.unscheduled ? ", unscheduled" : "",
                           facts.tentative ? ", tentative" : "");
    };
    const Session* was = change.before.session;
    const Session* is = change.after.session;
    if (was && is)
        return new_hours_text(*was, *is, old_clock, clock) +
               because(change.after.reason.empty() ? change.before : change.after);
    const std::string now = is ? hours_text(*is, clock) : "closed", then = was ? hours_text(*was, old_clock) : "closed";
    return fmt::format("{}{}, was {}{}", now, because(change.after), then, because(change.before));
}

std::string coverage_text(const Calendar& calendar) {
    const Coverage coverage = calendar.coverage();
    return fmt::format("{} to {}, checked to {}", to_string(coverage.from), to_string(coverage.to),
                       to_string(coverage.trusted_to));
}

std::string counts_text(const CalendarDiff& diff) {
    std::map<std::string, std::size_t> counts;
    for (const SessionChange& change : diff.sessions) ++counts[change_word(change)];
    std::string text;
    for (const char* word : {"added", "removed", "changed"})
        if (const auto count = counts.find(word); count != counts.end())
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", counted(count->second, "session"), word);
    return text.empty() ? "no session differs" : text;
}

// One line for each change. Without `each`, equal changes on consecutive dates share a line.
void print_sessions(const CalendarDiff& diff, bool each) {
    std::size_t lines = 0, told = 0;
    while (told < diff.sessions.size() && (each || lines < lines_shown)) {
        const Date first = diff.sessions[told].after.date;
        const std::string text = change_text(diff.sessions[told], diff);
        const std::size_t begin = told++;
        while (!each && told < diff.sessions.size() && change_text(diff.sessions[told], diff) == text) ++told;
        std::string dates = to_string(first);
        if (told - begin > 1)
            dates += fmt::format(" to {}, {} sessions", to_string(diff.sessions[told - 1].after.date), told - begin);
        say("  {}  {}\n", dates, text);
        ++lines;
    }
    if (told < diff.sessions.size()) say("  ... and {} more\n", diff.sessions.size() - told);
}

void print_text(const CalendarDiff& diff, bool each) {
    if (!diff.before) return say("{} is new: {}\n", diff.name, coverage_text(*diff.after));
    if (!diff.after) return say("{} is removed\n", diff.name);
    if (diff.to < diff.from) say("{}: no date is covered by both versions\n", diff.name);
    else say("{}: {}, {} to {}\n", diff.name, counts_text(diff), to_string(diff.from), to_string(diff.to));
    if (!diff.same_coverage()) say("  covers {},\n  was {}\n", coverage_text(*diff.after), coverage_text(*diff.before));
    print_sessions(diff, each);
}

}  // namespace

void print_calendar_diff(const CalendarDiff& diff, Telling telling) {
    if (telling == Telling::json) print_json(diff);
    else print_text(diff, telling == Telling::each);
}

}  // namespace mc::app
