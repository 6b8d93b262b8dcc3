#include "sim/sensing.h"

#include <fmt/format.h>

#include <algorithm>

namespace mc::sim {

namespace {

constexpr Seconds again_after_refusal{30}, last_check_takes{10};

bool is_of_job(const Sensor& sensor) { return std::holds_alternative<JobSensor>(sensor.kind); }

}  // namespace

const Sensing::Known* Sensing::find(RunId run, std::size_t sensor) const {
    const auto sensors = runs_.find(run);
    if (sensors == runs_.end()) return nullptr;
    const auto known = sensors->second.find(sensor);
    return known == sensors->second.end() ? nullptr : &known->second;
}

void Sensing::asked(const Probe& probe, Now now) {
    Known& known = runs_[probe.run][probe.sensor];
    known.look = probe.look;
    known.asked = now;
}

void Sensing::answered(const SensorAnswer& answer, const Job& job, Now now) {
    const auto run = runs_.find(answer.run);
    if (run == runs_.end()) return;
    const auto sensor = run->second.find(answer.sensor);
    if (sensor == run->second.end() || sensor->second.look != answer.look) return;
    Known& known = sensor->second;
    known.look = 0;
    known.answered = now;
    known.is_answered = true;
    known.was_refused = answer.refused;
    if (answer.refused) return;
    known.has_passed = answer.passed;
    const auto* file = std::get_if<FileSensor>(&job.wait->at(answer.sensor).kind);
    if (file && file->stable) {
        if (!answer.file || answer.file != known.file) known.file_up = now.up;
        known.file = answer.file;
        // The check may have read the file's facts up to one second after it was asked for.
        known.has_passed = answer.file && known.asked.up >= known.file_up + Seconds{1} + *file->stable;
    }
    if (known.has_passed) ever_[answer.run].insert(answer.sensor);
}

void Sensing::update(const std::map<RunId, Run>& unfinished) {
    std::erase_if(runs_, [&](const auto& entry) {
        const auto run = unfinished.find(entry.first);
        if (run == unfinished.end() || !run->second.sensing_since) return true;
        const auto since = since_.find(entry.first);
        return since != since_.end() && since->second != *run->second.sensing_since;
    });
    since_.clear();
    for (const auto& [id, run] : unfinished)
        if (run.sensing_since) since_.emplace(id, *run.sensing_since);
    std::erase_if(ever_, [&](const auto& entry) { return !unfinished.contains(entry.first); });
}

bool Sensing::has_passed(RunId run, std::size_t sensor) const {
    const Known* known = find(run, sensor);
    return known && known->has_passed;
}

bool Sensing::ever_passed(const Job& job, const Run& run) const {
    const auto ever = ever_.find(run.id);
    for (std::size_t i = 0; i < job.wait->size(); ++i)
        if (!is_of_job((*job.wait)[i]) && (ever == ever_.end() || !ever->second.contains(i))) return false;
    return true;
}

bool Sensing::may_time_out(const Run& run, const Sensor& sensor, std::size_t number, Now now) const {
    if (!sensor.timeout || !run.sensing_since || now.wall < *run.sensing_since + *sensor.timeout) return false;
    const Known* known = find(run.id, number);
    return is_of_job(sensor) || (known && !known->has_passed && (known->look != 0 || !known->was_refused));
}

std::string Sensing::check(const Job& job, const Run& run, Now now) const {
    if (!run.sensing_since) return "it has not begun to check its sensors";
    bool all = true;
    std::vector<int> pending;
    for (std::size_t i = 0; i < job.wait->size(); ++i) {
        const Sensor& sensor = (*job.wait)[i];
        if (is_of_job(sensor)) {
            all = false;
            continue;
        }
        const Known* known = find(run.id, i);
        if (!known) return fmt::format("its sensor {} was never checked", i);
        all = all && known->has_passed;
        if (known->has_passed) continue;
        pending.push_back(static_cast<int>(i));
        const Seconds pause = known->was_refused ? std::min(again_after_refusal, sensor.poll) : sensor.poll;
        if (known->look == 0 && now.up > known->answered.up + pause)
            return fmt::format("its sensor {} was not checked for {} s", i, (now.up - known->answered.up).count());
        const bool is_over = sensor.timeout && now.wall > *run.sensing_since + *sensor.timeout + last_check_takes;
        const bool hangs = known->look != 0 && now.up > known->asked.up + last_check_takes;
        if (is_over && hangs) return fmt::format("its sensor {} hangs, and has not timed out", i);
        if (is_over && known->look == 0 && !known->was_refused)
            return fmt::format("its sensor {} has not timed out", i);
    }
    if (all) return "all its sensors have passed";
    const auto* facts = run.reason_data ? std::get_if<SensorPending>(&*run.reason_data) : nullptr;
    if (!facts) return "its reason does not name a sensor";
    const bool has_jobs = std::any_of(job.wait->begin(), job.wait->end(), is_of_job);
    if (!has_jobs && facts->pending != pending) return "its reason names other sensors than those that it waits for";
    const Sensor& first = job.wait->at(static_cast<std::size_t>(facts->pending.front()));
    if (facts->poll != first.poll) return "its reason gives another sensor's `poll`";
    const auto until = first.timeout ? std::optional(*run.sensing_since + *first.timeout) : std::nullopt;
    return facts->until == until ? "" : "its reason gives another timeout";
}

}  // namespace mc::sim
