#include "config/order_warnings.h"

#include <fmt/format.h>

#include <map>

#include "config/order.h"

namespace mc {

namespace {

constexpr date::days look_ahead{400};

std::string more_dates(int count) {
    return count == 0 ? "" : fmt::format(" and {} more date{}", count, count == 1 ? "" : "s");
}

// Dates beyond coverage are reported elsewhere.
DatesAhead dates_of(const Job& job, const Plan& plan, Instant now) {
    const Date today = date_of(job.schedule.zone->to_wall(now));
    auto ahead = planned_dates(job, plan, today, today + look_ahead);
    return ahead ? *std::move(ahead) : DatesAhead{{}, today + look_ahead};
}

// The last date that was checked for both. A shorter check is reported, because the absence of a warning is an answer
// too.
Date end_of_look(const Job& job, const DatesAhead& mine, const Job& other, const DatesAhead& theirs, Instant now,
                 std::vector<Warning>& warnings) {
    const Date end = std::min(mine.reached, theirs.reached);
    if (end < date_of(job.schedule.zone->to_wall(now)) + look_ahead - date::days{1})
        warnings.push_back({fmt::format("job \"{}\" is compared with \"{}\" up to {} only, not for 400 days: they have "
                                        "too many fires with jitter",
                                        job.shown(), other.shown(), to_string(end)),
                            job.spot});
    return end;
}

void look_at(const Job& job, const DatesAhead& mine, const Job& before, const DatesAhead& theirs, Instant now,
             std::vector<Warning>& warnings) {
    const auto warn = [&](std::string what) { warnings.push_back({std::move(what), job.spot}); };
    if (!before.enabled)
        return warn(fmt::format("job \"{}\": its upstream job \"{}\" is disabled and counts as skipped", job.shown(),
                                before.shown()));
    if (mine.dates.empty() || theirs.dates.empty()) return;
    const Date end = end_of_look(job, mine, before, theirs, now, warnings);
    std::optional<Date> missing, late;
    int how_many = 0;
    for (const auto& [date, due] : mine.dates) {
        if (date > end) break;
        if (due.first <= now) continue;
        const auto found = theirs.dates.find(date);
        if (found == theirs.dates.end()) {
            if (!missing) missing = date;
            ++how_many;
        } else if (!late && job.has_schedule() && due.first < found->second.last) {
            late = date;
        }
    }
    if (missing)
        warn(
            fmt::format("job \"{}\" has a fire for {}{}, and its upstream job \"{}\" has none, which counts as skipped",
                        job.shown(), to_string(*missing), more_dates(how_many - 1), before.shown()));
    if (late)
        warn(fmt::format("job \"{}\" is due at {}, and its upstream job \"{}\" only at {}: it waits", job.shown(),
                         local_text(mine.dates.at(*late).first, *job.schedule.zone), before.shown(),
                         local_text(theirs.dates.at(*late).last, *before.schedule.zone)));
}

// A sensor waits for a success, which a date without a fire never has.
void look_at_sensor(const Job& job, const Sensor& sensor, const DatesAhead& mine, const Job& other,
                    const DatesAhead& theirs, Instant now, std::vector<Warning>& warnings) {
    const std::string until = sensor.timeout ? "until its timeout" : "forever";
    const auto warn = [&](std::string what) { warnings.push_back({std::move(what), job.spot}); };
    if (!other.enabled)
        return warn(fmt::format("a sensor of job \"{}\" waits for \"{}\", which is disabled: it waits {}", job.shown(),
                                other.shown(), until));
    if (mine.dates.empty() || theirs.dates.empty()) return;
    const Date end = end_of_look(job, mine, other, theirs, now, warnings);
    std::optional<Date> missing;
    int how_many = 0;
    for (const auto& [date, due] : mine.dates) {
        if (date > end) break;
        if (due.first <= now || theirs.dates.contains(date)) continue;
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
    std::map<std::string, DatesAhead> known;
    const auto due = [&](const Job& job) -> const DatesAhead& {
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
