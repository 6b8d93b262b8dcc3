#include "engine/sensor_watch.h"

#include <algorithm>

#include "engine/sensor.h"

namespace mc {

namespace {

// How long the last probe, at the timeout, may take.
constexpr Seconds last_probe_patience{10};
// A probe for which the machine lacked the resources is repeated after this time, or with the next `poll`.
constexpr Seconds refused_pause{30};

// When the sensor times out, for a run that has waited since `since`.
std::optional<Instant> limit_of(const Sensor& sensor, const std::optional<Instant>& since) {
    return sensor.timeout && since ? std::optional(*since + *sensor.timeout) : std::nullopt;
}

}  // namespace

SensorWatch::SensorWatch(Step& step, const Definitions& jobs, RunBook& book, StepPast& past, Endings& endings)
    : step_(step), jobs_(jobs), book_(book), past_(past), endings_(endings) {}

bool SensorWatch::lets_start(const Job& job, const Run& run) {
    // The sensors of a run that has started have passed; an operator can bypass them.
    if (!job.wait || run.bypasses_gates || run.attempt > run.attempts_before) return true;
    // A run that was about to start when the machine lacked the resources does not check again, and does not time out.
    if (run.reason == Reason::resources) past_sensors_.insert(run.id);
    if (past_sensors_.contains(run.id)) return true;
    const auto [found, is_new] = runs_.try_emplace(run.id);
    OfRun& of_run = found->second;
    if (is_new && !begin(job, run, of_run)) return false;
    probe(job, run, of_run);
    const auto has_passed = [](const Known& known) { return known.passed; };
    if (std::all_of(of_run.sensors.begin(), of_run.sensors.end(), has_passed)) {
        if (!run.sensing_since) return true;
        book_.sense_since(run, std::nullopt);
        book_.queue(run);
        return true;
    }
    if (!times_out(job, run, of_run) && !std::exchange(of_run.told, true)) tell(job, run, of_run);
    return false;
}

void SensorWatch::tell(const Job& job, const Run& run, const OfRun& of_run) {
    const auto waits = [](const Known& known) { return !known.passed; };
    const auto first = std::find_if(of_run.sensors.begin(), of_run.sensors.end(), waits);
    const Sensor& sensor = (*job.wait)[static_cast<std::size_t>(first - of_run.sensors.begin())];
    SensorPending facts{sensor_title(sensor, first->what), sensor.poll, {}, first->trouble, {}};
    if (sensor.timeout && run.sensing_since) facts.until = *run.sensing_since + *sensor.timeout;
    for (std::size_t i = 0; i < of_run.sensors.size(); ++i)
        if (waits(of_run.sensors[i])) facts.pending.push_back(static_cast<int>(i));
    book_.wait(run, {Reason::sensor, std::move(facts), jobs_.wording(job)});
}

// False: a sensor's subject cannot be filled in, and the run has ended.
bool SensorWatch::begin(const Job& job, const Run& run, OfRun& begun) {
    if (endings_.finish_early(run, lacks_session(job, run, jobs_.calendars()))) return false;
    for (const Sensor& sensor : *job.wait) {
        auto subject = sensor_subject(sensor, facts_of(job, run), jobs_.calendars());
        if (!subject) {
            endings_.finish(run, State::failed, {reason_of_text(subject.error()), subject.error().sentence()});
            return false;
        }
        Known known;
        known.what = *std::move(subject);
        known.next_up = step_.now.up;
        begun.sensors.push_back(std::move(known));
    }
    if (!run.sensing_since) book_.sense_since(run, step_.now.wall);
    return true;
}

void SensorWatch::probe(const Job& job, const Run& run, OfRun& of_run) {
    for (std::size_t i = 0; i < of_run.sensors.size(); ++i) {
        Known& known = of_run.sensors[i];
        const Sensor& sensor = (*job.wait)[i];
        if (known.passed || known.probe != 0) continue;
        const auto limit = limit_of(sensor, run.sensing_since);
        const bool is_judged = known.refused || (known.seen && limit && *known.seen >= *limit);
        const bool once_more = limit && step_.now.wall >= *limit && !is_judged;
        if (!once_more && known.next_up && *known.next_up > step_.now.up) continue;
        if (const auto* other = std::get_if<JobSensor>(&sensor.kind)) {
            check_job(*other, sensor, run, known);
            of_run.told = false;
            continue;
        }
        known.probe = ++last_probe_;
        known.asked = step_.now.wall;
        known.asked_up = step_.now.up;
        known.next_up.reset();
        step_.effects.emplace_back(Probe{run.id, i, known.probe, known.what});
    }
}

void SensorWatch::check_job(const JobSensor& other, const Sensor& sensor, const Run& run, Known& known) {
    const UpstreamStatus look = status_of({other.job, other.previous}, run.logical_date, past_.history());
    known.passed = look.standing == UpstreamStatus::Standing::success;
    known.seen = step_.now.wall;
    known.trouble = text_of(look, &jobs_.plan());
    known.next_up = next_look(step_.now.up, sensor.poll, run.id);
}

// Each sensor is checked once more at its timeout, to find what came since the last check, also while no daemon ran. A
// probe that is not answered or is still queued after `last_probe_patience` counts as not passed. A probe for which the
// machine lacked the resources decides nothing.
bool SensorWatch::times_out(const Job& job, const Run& run, const OfRun& of_run) {
    const Now now = step_.now;
    for (std::size_t i = 0; i < of_run.sensors.size(); ++i) {
        const Sensor& sensor = (*job.wait)[i];
        const Known& known = of_run.sensors[i];
        const auto limit = limit_of(sensor, run.sensing_since);
        if (known.passed || !limit || now.wall < *limit) continue;
        const bool hangs = known.probe != 0 && now.wall >= *limit + last_probe_patience &&
                           now.up >= known.asked_up + last_probe_patience;
        if (!hangs && (!known.seen || *known.seen < *limit)) continue;
        SensorTimedOut facts{sensor_title(sensor, known.what), *sensor.timeout, known.trouble, {}};
        if (hangs) facts.unanswered_since = known.asked;
        const bool skips = sensor.on_timeout == Sensor::OnTimeout::skip;
        endings_.finish(run, skips ? State::skipped : State::failed,
                        {Reason::sensor_timeout, std::move(facts), jobs_.wording(job)});
        return true;
    }
    return false;
}

void SensorWatch::answered(const SensorsAnswered& answered) {
    for (const SensorAnswer& answer : answered.answers) take(answer);
}

void SensorWatch::take(const SensorAnswer& answer) {
    const auto of_run = runs_.find(answer.run);
    if (of_run == runs_.end()) return;
    // Found by the probe's number, because a reload may have moved the sensor; not found: the probe was given up.
    std::vector<Known>& sensors = of_run->second.sensors;
    const auto found =
        std::find_if(sensors.begin(), sensors.end(), [&](const Known& one) { return one.probe == answer.look; });
    if (found == sensors.end()) return;
    Known& known = *found;
    const Job* job = jobs_.of(book_.at(answer.run));
    const Sensor& sensor = (*job->wait)[static_cast<std::size_t>(found - sensors.begin())];
    of_run->second.told = false;
    known.probe = 0;
    known.refused = answer.refused;
    known.trouble = answer.text;
    known.next_up = next_look(step_.now.up, sensor.poll, answer.run);
    if (known.refused) {
        known.next_up = std::min(*known.next_up, after(step_.now, refused_pause));
        return;
    }
    known.seen = known.asked;
    known.passed = answer.passed;
    if (const auto* file = std::get_if<FileSensor>(&sensor.kind); file && file->stable)
        take_file(answer, *file->stable, known);
}

void SensorWatch::take_file(const SensorAnswer& answer, Seconds stable, Known& known) const {
    if (!answer.file || known.file != answer.file) {
        known.file = answer.file;
        known.file_up = step_.now.up;
    }
    known.passed = answer.file && has_stayed(known.file_up, known.asked_up, stable);
    if (!answer.file) return;
    known.trouble = "the file exists, but may still be changing";
    const Seconds is_stable_up = known.file_up + Seconds{1} + stable;
    known.next_up = std::min(*known.next_up, std::max(step_.now.up + Seconds{1}, is_stable_up));
}

void SensorWatch::stop(const Run& run) {
    forget(run.id);
    if (run.sensing_since) book_.sense_since(run, std::nullopt);
}

void SensorWatch::forget(RunId id) {
    runs_.erase(id);
    past_sensors_.erase(id);
}

void SensorWatch::check_succeeded_jobs() {
    for (const JobName& name : book_.take_succeeded_jobs()) {
        if (!sensed_jobs_.contains(name)) continue;
        for (auto& [id, of_run] : runs_) {
            const Job* job = jobs_.of(book_.at(id));
            for (std::size_t i = 0; job && job->wait && i < of_run.sensors.size(); ++i)
                if (const auto* other = std::get_if<JobSensor>(&(*job->wait)[i].kind); other && other->job == name)
                    of_run.sensors[i].next_up = step_.now.up;
        }
    }
}

void SensorWatch::add_wakes(Wake& wake) const {
    for (const auto& [id, of_run] : runs_) {
        const Run& run = book_.at(id);
        if (run.state == State::waiting && run.reason == Reason::sensor && run.sensing_since)
            add_wakes_of(run, of_run, wake);
    }
}

void SensorWatch::add_wakes_of(const Run& run, const OfRun& of_run, Wake& wake) const {
    const auto earlier = [](auto& best, const auto& other) {
        if (!best || other < *best) best = other;
    };
    const Now now = step_.now;
    const Job* job = jobs_.of(run);
    for (std::size_t i = 0; job && job->wait && i < of_run.sensors.size(); ++i) {
        const Known& known = of_run.sensors[i];
        if (known.passed) continue;
        if (known.next_up) earlier(wake.up, *known.next_up);
        const auto limit = limit_of((*job->wait)[i], run.sensing_since);
        if (!limit || (known.probe == 0 && known.refused && *limit <= now.wall)) continue;
        const Instant over = *limit + last_probe_patience;
        if (known.probe == 0) earlier(wake.wall, *limit);
        else if (over > now.wall) earlier(wake.wall, over);
        else earlier(wake.up, std::max(known.asked_up + last_probe_patience, now.up + Seconds{1}));
    }
}

std::map<std::string, std::string> SensorWatch::troubles() const {
    std::map<std::string, std::string> texts;
    for (const auto& [id, of_run] : runs_) {
        const auto is_refused = [](const Known& known) { return known.refused && !known.passed; };
        const auto found = std::find_if(of_run.sensors.begin(), of_run.sensors.end(), is_refused);
        const Job* job = found == of_run.sensors.end() ? nullptr : jobs_.of(book_.at(id));
        if (job) texts.emplace(job->shown(), "its sensor cannot be checked: " + found->trouble);
    }
    return texts;
}

}  // namespace mc
