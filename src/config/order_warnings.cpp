#include "config/order_warnings.h"

#include <fmt/format.h>

#include <map>

#include "config/order.h"

namespace mc {

namespace {

constexpr date::days look_ahead{400};
constexpr std::size_t fires_max = 20'000;

using Dates = std::map<Date, DueSpan>;

std::string more_dates(int count) {
    return count == 0 ? "" : fmt::format(" and {} more date{}", count, count == 1 ? "" : "s");
}

// What lies beyond coverage is told elsewhere.
Dates dates_of(const Job& job, const Plan& plan, Instant now) {
    const Date today = date_of(job.schedule.zone->to_wall(now));
    auto dates = planned_dates(job, plan, today, today + look_ahead, fires_max);
    if (!dates) return {};
    return *std::move(dates);
}

void look_at(const Job& job, const Dates& mine, const Job& before, const Dates& theirs, Instant now,
             std::vector<Warning>& warnings) {
    const auto warn = [&](std::string what) { warnings.push_back({std::move(what), job.spot}); };
    if (!before.enabled)
        return warn(fmt::format("job \"{}\" is after \"{}\", which is disabled and counts as skipped", job.shown(),
                                before.shown()));
    if (mine.empty() || theirs.empty()) return;
    const Date end = std::min(mine.rbegin()->first, theirs.rbegin()->first);  // what was looked at of both
    std::optional<Date> missing, late;
    int how_many = 0;
    for (const auto& [date, due] : mine) {
        if (date > end) break;
        if (due.first <= now) continue;
        const auto found = theirs.find(date);
        if (found == theirs.end()) {
            if (!missing) missing = date;
            ++how_many;
        } else if (!late && job.has_schedule() && due.first < found->second.last) {
            late = date;
        }
    }
    if (missing)
        warn(fmt::format("job \"{}\" has a fire for {}{}, and \"{}\" before it has none, which counts as skipped",
                         job.shown(), to_string(*missing), more_dates(how_many - 1), before.shown()));
    if (late)
        warn(fmt::format("job \"{}\" is due at {}, and \"{}\" before it only at {}: it waits", job.shown(),
                         local_text(mine.at(*late).first, *job.schedule.zone), before.shown(),
                         local_text(theirs.at(*late).last, *before.schedule.zone)));
}

// A sensor waits for a success, and a date without a fire brings none.
void look_at_sensor(const Job& job, const Sensor& sensor, const Dates& mine, const Job& other, const Dates& theirs,
                    Instant now, std::vector<Warning>& warnings) {
    const std::string until = sensor.timeout ? "until its timeout" : "for ever";
    const auto warn = [&](std::string what) { warnings.push_back({std::move(what), job.spot}); };
    if (!other.enabled)
        return warn(fmt::format("a sensor of job \"{}\" waits for \"{}\", which is disabled: it waits {}", job.shown(),
                                other.shown(), until));
    if (mine.empty() || theirs.empty()) return;
    const Date end = std::min(mine.rbegin()->first, theirs.rbegin()->first);  // what was looked at of both
    std::optional<Date> missing;
    int how_many = 0;
    for (const auto& [date, due] : mine) {
        if (date > end) break;
        if (due.first <= now || theirs.contains(date)) continue;
        if (!missing) missing = date;
        ++how_many;
    }
    if (missing)
        warn(
            fmt::format("job \"{}\" has a fire for {}{}, and \"{}\", which its sensor waits for, has none: it waits {}",
                        job.shown(), to_string(*missing), more_dates(how_many - 1), other.shown(), until));
}

}  // namespace

void warn_of_order(const Plan& plan, Instant now, std::vector<Warning>& warnings) {
    std::map<std::string, Dates> known;
    const auto due = [&](const Job& job) -> const Dates& {
        const auto [found, is_new] = known.try_emplace(job.name);
        if (is_new) found->second = dates_of(job, plan, now);
        return found->second;
    };
    for (const auto& [name, job] : plan.jobs) {
        if (!job.enabled) continue;
        for (std::size_t i = 0; job.after && i < job.after->upstreams.size(); ++i) {
            const Upstream& upstream = job.after->upstreams[i];
            if (upstream.previous) continue;
            const Job& before = plan.jobs.at(upstream.job);
            look_at(job, due(job), before, due(before), now, warnings);
        }
        for (std::size_t i = 0; job.wait && i < job.wait->size(); ++i) {
            const auto* sensor = std::get_if<JobSensor>(&(*job.wait)[i].kind);
            if (sensor == nullptr || sensor->previous) continue;
            const Job& other = plan.jobs.at(sensor->job);
            look_at_sensor(job, (*job.wait)[i], due(job), other, due(other), now, warnings);
        }
    }
}

}  // namespace mc
