// sensor_reload.cpp — the state of sensors that SensorWatch keeps when a new plan is loaded.
#include <algorithm>

#include "base/overloaded.h"
#include "engine/sensor.h"
#include "engine/sensor_watch.h"

namespace mc {

namespace {

// Whether the state of one sensor applies to the other, if both check the same subject.
bool look_alike(const Sensor& a, const Sensor& b) {
    if (a.kind.index() != b.kind.index()) return false;
    return std::visit(Overloaded{[&](const FileSensor& s) { return s.stable == std::get<FileSensor>(b.kind).stable; },
                                 [&](const HttpSensor& s) { return s.status == std::get<HttpSensor>(b.kind).status; },
                                 [&](const CommandSensor& s) {
                                     return s.command.index() == std::get<CommandSensor>(b.kind).command.index();
                                 },
                                 [&](const JobSensor& s) { return s.previous == std::get<JobSensor>(b.kind).previous; },
                                 [&](const S3Sensor& s) {
                                     const auto& other = std::get<S3Sensor>(b.kind);
                                     return s.endpoint == other.endpoint && s.signing.region == other.signing.region;
                                 }},
                      a.kind);
}

}  // namespace

void SensorWatch::load(const Plan* old) {
    for (auto it = runs_.begin(); it != runs_.end();) {
        const Run& run = book_.at(it->first);
        const Job* job = jobs_.planned(run.job);
        const bool known = old != nullptr && old->jobs.contains(run.job) && job;
        if (known && renew(old->jobs.at(run.job), *job, run, it->second)) ++it;
        else it = runs_.erase(it);
    }
    sensed_jobs_.clear();
    for (const auto& [name, job] : jobs_.plan().jobs)
        if (job.wait)
            for (const Sensor& sensor : *job.wait)
                if (const auto* other = std::get_if<JobSensor>(&sensor.kind)) sensed_jobs_.insert(other->job);
    // Numbers of probes of an earlier daemon must not be used again.
    last_probe_ = std::max(last_probe_, static_cast<std::int64_t>(step_.now.wall.time_since_epoch().count()) << 20);
}

// False: nothing can be kept, and all sensors are checked again.
bool SensorWatch::renew(const Job& before, const Job& job, const Run& run, OfRun& of_run) {
    if (!job.wait || !before.wait || before.user != job.user) return false;
    std::vector<Known> sensors;
    for (const Sensor& sensor : *job.wait) {
        auto subject = sensor_subject(sensor, facts_of(job, run), jobs_.calendars());
        if (!subject) return false;
        Known known;
        known.next_up = step_.now.up;
        for (std::size_t i = 0; i < of_run.sensors.size(); ++i) {
            if (of_run.sensors[i].what != *subject || !look_alike((*before.wait)[i], sensor)) continue;
            known = std::exchange(of_run.sensors[i], {});
            if (known.next_up) known.next_up = std::min(*known.next_up, next_look(step_.now.up, sensor.poll, run.id));
            break;
        }
        known.what = *std::move(subject);
        sensors.push_back(std::move(known));
    }
    of_run = {std::move(sensors), false};
    return true;
}

}  // namespace mc
