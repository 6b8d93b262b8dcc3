// coverage.cpp — once a week, while a calendar that jobs need is near its end, whoever hears of their
// failures is told.
#include "config/coverage.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/spelling.h"
#include "engine/body.h"

namespace mc {

namespace {

constexpr Seconds coverage_interval{7 * 86400};
constexpr std::size_t jobs_named = 3;

// "a, b, c and 4 more need it"
std::string needed_by(const std::vector<const Job*>& jobs) {
    std::vector<std::string> names;
    for (const Job* job : jobs) names.push_back(job->shown());
    return listed(names, jobs_named) + (jobs.size() == 1 ? " needs it" : " need it");
}

// Who is told, of which calendars, for which of the jobs.
std::map<std::string, std::vector<CalendarUse>> audience(const std::vector<CalendarUse>& uses,
                                                         const std::set<std::string>& told_by_daemon, Instant now) {
    std::map<std::string, std::vector<CalendarUse>> audience;
    for (const CalendarUse& use : uses) {
        if (now < use.near_from()) continue;
        std::map<std::string, CalendarUse> theirs;
        for (const Job* job : use.jobs)
            for (const std::string& target : job->rules().failure)
                if (!told_by_daemon.contains(target))
                    theirs.try_emplace(target, CalendarUse{use.calendar, use.last, {}})
                        .first->second.jobs.push_back(job);
        for (auto& [target, use_of_target] : theirs) audience[target].push_back(std::move(use_of_target));
    }
    return audience;
}

}  // namespace

// Looked for at each load, and then at its time: calendars do not end by surprise.
void Engine::Body::schedule_coverage_look() {
    coverage_look.reset();
    for (const CalendarUse& use : calendars_in_use(*plan)) {
        const bool heard =
            std::any_of(use.jobs.begin(), use.jobs.end(), [](const Job* job) { return !job->rules().failure.empty(); });
        if (heard && (!coverage_look || use.near_from() < *coverage_look)) coverage_look = use.near_from();
    }
    if (coverage_look && coverage_told) coverage_look = std::max(*coverage_look, *coverage_told + coverage_interval);
}

void Engine::Body::tell_coverage() {
    if (!coverage_look || now.wall < *coverage_look) return;
    const auto& own = plan->daemon.notify;  // they hear of it as trouble
    for (const auto& [target, uses] : audience(calendars_in_use(*plan), {own.begin(), own.end()}, now.wall)) {
        Notice notice;
        notice.id = ++last_notice;
        notice.target = target;
        notice.job = "calendars";
        notice.created = now.wall;
        notice.is_action = true;
        for (const CalendarUse& use : uses)
            notice.text += fmt::format("⚠️ {}; {}\n", end_text(use, now.wall), needed_by(use.jobs));
        notice.text +=
            "Beyond its end their fires fail, with calendar_ended. A newer marketcron, or a newer file in "
            "/etc/marketcron/calendars, goes on; `marketcron check` tells of it too.";
        batch.notices.push_back(std::move(notice));
    }
    coverage_told = now.wall;
    batch.coverage_told = now.wall;
    schedule_coverage_look();
}

}  // namespace mc
