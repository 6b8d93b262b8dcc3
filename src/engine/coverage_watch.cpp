#include "engine/coverage_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/spelling.h"
#include "config/coverage.h"

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

// By target: the calendars of its warning, each with the jobs that need it.
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

CoverageWatch::CoverageWatch(std::optional<Instant> told, Step& step, const Definitions& jobs, Notices& notices)
    : step_(step), jobs_(jobs), notices_(notices), told_(told) {}

void CoverageWatch::schedule() {
    next_.reset();
    for (const CalendarUse& use : calendars_in_use(jobs_.plan())) {
        const bool heard =
            std::any_of(use.jobs.begin(), use.jobs.end(), [](const Job* job) { return !job->rules().failure.empty(); });
        if (heard && (!next_ || use.near_from() < *next_)) next_ = use.near_from();
    }
    if (next_ && told_) next_ = std::max(*next_, *told_ + coverage_interval);
}

void CoverageWatch::tell() {
    const Instant now = step_.now.wall;
    if (!next_ || now < *next_) return;
    const auto& own = jobs_.plan().daemon.notify;  // these targets get it as a trouble of the daemon
    for (const auto& [target, uses] : audience(calendars_in_use(jobs_.plan()), {own.begin(), own.end()}, now)) {
        std::string text;
        for (const CalendarUse& use : uses)
            text += fmt::format("⚠️ {}; {}\n", end_text(use, now), needed_by(use.jobs));
        text +=
            "Later fires fail with calendar_ended. Install a newer marketcron or a newer file in "
            "/etc/marketcron/calendars; `marketcron check` lists these calendars too.";
        notices_.write(notices_.of_text("calendars", target, std::move(text)));
    }
    told_ = now;
    step_.batch.coverage_told = now;
    schedule();
}

}  // namespace mc
