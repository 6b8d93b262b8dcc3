#include "config/coverage.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "config/job_parts.h"

namespace mc {

Instant CalendarUse::near_from() const { return calendar->zone()->wall(WallTime{near()}).first; }

std::vector<CalendarUse> calendars_in_use(const Plan& plan) {
    std::map<CalendarName, CalendarUse> in_use;  // by the calendar's own name
    std::map<CalendarName, CalendarUse*> known;  // by the names that jobs use
    for (const auto& [name, job] : plan.jobs) {
        if (!job.enabled) continue;
        for (const CalendarName& word : calendars_used(job)) {
            CalendarUse*& use = known[word];
            if (!use) {
                const Result<CalendarPtr> found = plan.calendars->find(word);
                if (!found) continue;
                use = &in_use.try_emplace((*found)->name(), CalendarUse{*found, (*found)->coverage().to, {}})
                           .first->second;
            }
            if (use->jobs.empty() || use->jobs.back() != &job) use->jobs.push_back(&job);
        }
    }
    std::vector<CalendarUse> uses;
    for (auto& [name, use] : in_use) uses.push_back(std::move(use));
    return uses;
}

std::string end_text(const CalendarUse& use, Instant now) {
    const Date today = date_of(use.calendar->zone()->to_wall(now));
    return fmt::format("calendar {} {} {}", use.calendar->name(), use.last < today ? "ended on" : "ends on",
                       to_string(use.last));
}

}  // namespace mc
