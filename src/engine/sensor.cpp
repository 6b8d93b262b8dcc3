// sensor.cpp — a due run looks at its sensors until all of them have passed.
//
// The engine decides when to look and what it means; looking is the shell's. What has passed is kept in memory
// alone: after a restart it is looked at again, which harms nothing. Since when a run waits stands in the ledger.
#include "engine/sensor.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/overloaded.h"
#include "config/s3_address.h"
#include "engine/body.h"
#include "engine/present.h"

namespace mc {

namespace {

constexpr std::size_t command_shown_max = 80;
// What a look that was asked for when the time was over has to answer.
constexpr Seconds last_look_patience{10};
// A look that the machine had no room for is made again by then, or with the next `poll`.
constexpr Seconds refused_pause{30};

std::string shortened(std::string text) {
    for (char& c : text)
        if (c == '\n' || c == '\t') c = ' ';
    if (text.size() <= command_shown_max) return text;
    text.resize(command_shown_max);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.pop_back();
    if (!text.empty() && (static_cast<unsigned char>(text.back()) & 0x80) != 0) text.pop_back();
    return text + "...";
}

Result<std::string> filled_path(const Template& path, const RunFacts& facts, const CalendarSet& calendars) {
    auto text = path.fill(facts, calendars);
    if (!text) return text;
    if (text->empty())
        return fail(Error::Kind::config, fmt::format("wait: the file `{}` is an empty path for this run", path.text()));
    if (text->front() != '/')
        return fail(Error::Kind::config,
                    fmt::format("wait: the file `{}` is \"{}\", which is no absolute path", path.text(), *text));
    if (text->find_first_of(std::string_view("\0\n", 2)) != std::string::npos)
        return fail(Error::Kind::config,
                    fmt::format("wait: the file `{}` has a line break or a NUL for this run", path.text()));
    return text;
}

Result<std::string> filled_url(const Template& url, const RunFacts& facts, const CalendarSet& calendars) {
    auto text = url.fill(facts, calendars);
    if (!text) return text;
    if (auto good = check_http_url(*text, "http"); !good)
        return fail(Error::Kind::config, fmt::format("wait: {} for this run", good.error().what), good.error().hint);
    return text;
}

Result<std::string> filled_object(const Template& address, const RunFacts& facts, const CalendarSet& calendars) {
    auto text = address.fill(facts, calendars);
    if (!text) return text;
    if (const auto good = parse_s3_address(*text); !good)
        return fail(Error::Kind::config, fmt::format("wait: {} for this run", good.error().what), good.error().hint);
    return text;
}

Result<std::string> filled_command(const CommandSensor& sensor, const RunFacts& facts, const CalendarSet& calendars) {
    if (const auto* shell = std::get_if<ShellCommand>(&sensor.command)) return shell->text.fill(facts, calendars);
    std::string all;
    for (const Template& argument : std::get<ExecCommand>(sensor.command).argv) {
        auto text = argument.fill(facts, calendars);
        if (!text) return text;
        all += (all.empty() ? "" : " ") + *text;
    }
    return all;
}

// Whether what is known of a look at the one holds for the other, if they look at the same.
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

// When the time of a sensor is over, for a run that waits since `since`.
std::optional<Instant> limit_of(const Sensor& sensor, const std::optional<Instant>& since) {
    return sensor.timeout && since ? std::optional(*since + *sensor.timeout) : std::nullopt;
}

// "looked at every 30s, until 2026-11-20T18:15:00-05:00"
std::string waits_for(const Sensor& sensor, const std::string& subject, const Run& run, const Job& job) {
    std::string text =
        fmt::format("waits for {}, looked at every {}", sensor_title(sensor, subject), duration_text(sensor.poll));
    if (sensor.timeout && run.sensing_since)
        text += fmt::format(", until {}", local_text(*run.sensing_since + *sensor.timeout, *job.schedule.zone));
    return text;
}

}  // namespace

Result<std::string> sensor_subject(const Sensor& sensor, const RunFacts& facts, const CalendarSet& calendars) {
    return std::visit(Overloaded{[&](const FileSensor& s) { return filled_path(s.path, facts, calendars); },
                                 [&](const HttpSensor& s) { return filled_url(s.url, facts, calendars); },
                                 [&](const CommandSensor& s) { return filled_command(s, facts, calendars); },
                                 [&](const JobSensor& s) { return Result<std::string>(s.job); },
                                 [&](const S3Sensor& s) { return filled_object(s.address, facts, calendars); }},
                      sensor.kind);
}

std::string sensor_title(const Sensor& sensor, const std::string& subject) {
    const auto url = [&] {
        const std::size_t query = subject.find('?');
        return query == std::string::npos ? subject : subject.substr(0, query) + "?...";
    };
    return std::visit(Overloaded{[&](const FileSensor& s) {
                                     return s.stable ? fmt::format("file {} to stay the same for {}", subject,
                                                                   duration_text(*s.stable))
                                                     : "file " + subject;
                                 },
                                 [&](const HttpSensor&) { return url(); },
                                 [&](const CommandSensor&) { return fmt::format("`{}`", shortened(subject)); },
                                 [&](const JobSensor& s) {
                                     return fmt::format("job {}{}", subject, s.previous ? " of the date before" : "");
                                 },
                                 [&](const S3Sensor&) { return subject; }},
                      sensor.kind);
}

std::string timed_out_text(const Sensor& sensor, const std::string& title) {
    return fmt::format("waited {} for {}", duration_text(*sensor.timeout), title);
}

Seconds next_look(Seconds up, Seconds poll, RunId run) {
    constexpr std::uint64_t spread = 0x9E3779B97F4A7C15;  // neighbouring ids lie far apart
    const auto every = static_cast<std::uint64_t>(poll.count());
    const std::uint64_t phase = ((static_cast<std::uint64_t>(run) * spread) >> 32) % every;
    const auto first = static_cast<std::uint64_t>(up.count()) + 1;
    return Seconds{static_cast<std::int64_t>(first + (phase + every - first % every) % every)};
}

bool has_stayed(Seconds since_up, Seconds looked_up, Seconds stable) {
    return looked_up >= since_up + Seconds{1} + stable;
}

bool Engine::Body::sense(const Job& job, Run& run) {
    // Who has begun has seen them pass; a person's word opens all gates.
    if (!job.wait || run.past_gates || run.attempt > run.attempts_before) return true;
    // Nor does one look again, or run out of time, that was about to start when the machine had no room.
    if (run.reason == Reason::resources) past_sensors.insert(run.id);
    if (past_sensors.contains(run.id)) return true;
    const auto [found, is_new] = sensing.try_emplace(run.id);
    Sensing& of_run = found->second;
    const std::vector<SensorState>& states = of_run.states;
    if (is_new && !begin_sensing(job, run, of_run)) return false;
    look_at_sensors(job, run, of_run);
    const auto waits = [](const SensorState& state) { return !state.passed; };
    const auto pending = std::count_if(states.begin(), states.end(), waits);
    if (pending == 0) {
        if (run.sensing_since) {
            run.sensing_since.reset();
            run.state = State::queued;
            run.reason = Reason::none;
            run.detail.clear();
            touch(run);
        }
        return true;
    }
    if (sensor_timed_out(job, run, states) || std::exchange(of_run.told, true)) return false;
    const auto first = static_cast<std::size_t>(std::find_if(states.begin(), states.end(), waits) - states.begin());
    std::string detail = waits_for((*job.wait)[first], states[first].what, run, job);
    if (!states[first].trouble.empty()) detail += ": " + states[first].trouble;
    if (pending > 1) detail += fmt::format("; and for {} more", pending - 1);
    if (run.state == State::waiting && run.reason == Reason::sensor && run.detail == detail) return false;
    run.state = State::waiting;
    run.reason = Reason::sensor;
    run.detail = std::move(detail);
    touched.emplace(run.id, false);  // nobody waits for how it waits
    return false;
}

// False: it cannot be said what to look at, and the run has ended.
bool Engine::Body::begin_sensing(const Job& job, Run& run, Sensing& begun) {
    if (ends_early(run, lacks_session(job, run, *plan->calendars))) return false;
    for (const Sensor& sensor : *job.wait) {
        auto subject = sensor_subject(sensor, facts_of(job, run), *plan->calendars);
        if (!subject) {
            finish(run, State::failed, reason_of_text(subject.error()), subject.error().sentence());
            return false;
        }
        SensorState state;
        state.what = *std::move(subject);
        state.next_up = now.up;
        begun.states.push_back(std::move(state));
    }
    if (!run.sensing_since) {
        run.sensing_since = now.wall;
        touch(run);
    }
    return true;
}

void Engine::Body::look_at_sensors(const Job& job, const Run& run, Sensing& of_run) {
    std::vector<SensorState>& states = of_run.states;
    for (std::size_t i = 0; i < states.size(); ++i) {
        SensorState& state = states[i];
        const Sensor& sensor = (*job.wait)[i];
        if (state.passed || state.look != 0) continue;
        const auto limit = limit_of(sensor, run.sensing_since);
        const bool is_judged = state.refused || (state.seen && limit && *state.seen >= *limit);
        const bool once_more = limit && now.wall >= *limit && !is_judged;
        if (!once_more && state.next_up && *state.next_up > now.up) continue;
        if (const auto* other = std::get_if<JobSensor>(&sensor.kind)) {
            const Present present(*this);
            const UpstreamLook look = look_at({other->job, other->previous}, run.logical_date, history_by(present));
            state.passed = look.is == UpstreamLook::Is::success;
            state.seen = now.wall;
            of_run.told = false;
            state.trouble = text_of(look, *plan);
            state.next_up = next_look(now.up, sensor.poll, run.id);
            continue;
        }
        state.look = ++last_look;
        state.asked = now.wall;
        state.asked_up = now.up;
        state.next_up.reset();
        effects.emplace_back(Probe{run.id, i, state.look, state.what});
    }
}

// Each is looked at once more when its time is over: what came since the last look is found, also while no daemon ran.
// A look that does not answer then, or still stands in a queue after `last_look_patience`, is not waited for; one that the
// machine had no room for decides nothing.
bool Engine::Body::sensor_timed_out(const Job& job, Run& run, const std::vector<SensorState>& states) {
    for (std::size_t i = 0; i < states.size(); ++i) {
        const Sensor& sensor = (*job.wait)[i];
        const SensorState& state = states[i];
        const auto limit = limit_of(sensor, run.sensing_since);
        if (state.passed || !limit || now.wall < *limit) continue;
        const bool hangs =
            state.look != 0 && now.wall >= *limit + last_look_patience && now.up >= state.asked_up + last_look_patience;
        if (!hangs && (!state.seen || *state.seen < *limit)) continue;
        std::string detail = timed_out_text(sensor, sensor_title(sensor, state.what));
        if (hangs)
            detail += fmt::format(": the look of {} is not answered", local_text(state.asked, *job.schedule.zone));
        else if (!state.trouble.empty()) detail += ": " + state.trouble;
        const bool skip = sensor.on_timeout == Sensor::OnTimeout::skip;
        finish(run, skip ? State::skipped : State::failed, Reason::sensor_timeout, std::move(detail));
        return true;
    }
    return false;
}

void Engine::Body::sensors_answered(const SensorsAnswered& answered) {
    for (const SensorAnswer& answer : answered.answers) {
        const auto of_run = sensing.find(answer.run);
        if (of_run == sensing.end()) continue;
        std::vector<SensorState>& states = of_run->second.states;
        // By the look, for its sensor may have another number since; none: the look was given up.
        const auto found =
            std::find_if(states.begin(), states.end(), [&](const SensorState& one) { return one.look == answer.look; });
        if (found == states.end()) continue;
        SensorState& state = *found;
        const Job* job = job_of(open.at(answer.run));
        const Sensor& sensor = (*job->wait)[static_cast<std::size_t>(found - states.begin())];
        of_run->second.told = false;
        state.look = 0;
        state.refused = answer.refused;
        if (state.refused) {
            state.trouble = answer.text;
            state.next_up = std::min(next_look(now.up, sensor.poll, answer.run), after(now, refused_pause));
            continue;
        }
        state.seen = state.asked;
        state.passed = answer.passed;
        state.trouble = answer.text;
        state.next_up = next_look(now.up, sensor.poll, answer.run);
        const auto* file = std::get_if<FileSensor>(&sensor.kind);
        if (file == nullptr || !file->stable) continue;
        if (!answer.file || state.file != answer.file) {
            state.file = answer.file;
            state.file_up = now.up;
        }
        state.passed = answer.file && has_stayed(state.file_up, state.asked_up, *file->stable);
        if (answer.file) {
            state.trouble = "it is there, and may still be written";
            state.next_up =
                std::min(*state.next_up, std::max(now.up + Seconds{1}, state.file_up + Seconds{1} + *file->stable));
        }
    }
}

void Engine::Body::stop_sensing(Run& run) {
    sensing.erase(run.id);
    past_sensors.erase(run.id);
    if (!run.sensing_since) return;
    run.sensing_since.reset();
    touch(run);
}

// What is known of a sensor outlasts a load that leaves it as it is, looks under way included.
void Engine::Body::renew_sensors(const Plan* old) {
    for (auto it = sensing.begin(); it != sensing.end();) {
        const Run& run = open.at(it->first);
        const auto job = plan->jobs.find(run.job);
        const bool known = old != nullptr && old->jobs.contains(run.job) && job != plan->jobs.end();
        if (known && renew_sensing(old->jobs.at(run.job), job->second, run, it->second)) ++it;
        else it = sensing.erase(it);
    }
    sensed_jobs.clear();
    for (const auto& [name, job] : plan->jobs)
        if (job.wait)
            for (const Sensor& sensor : *job.wait)
                if (const auto* other = std::get_if<JobSensor>(&sensor.kind)) sensed_jobs.insert(other->job);
    last_look = std::max(last_look, static_cast<std::int64_t>(now.wall.time_since_epoch().count()) << 20);
}

// False: all is to begin anew.
bool Engine::Body::renew_sensing(const Job& before, const Job& job, const Run& run, Sensing& of_run) {
    if (!job.wait || !before.wait || before.user != job.user) return false;
    std::vector<SensorState> states;
    for (const Sensor& sensor : *job.wait) {
        auto subject = sensor_subject(sensor, facts_of(job, run), *plan->calendars);
        if (!subject) return false;
        SensorState state;
        state.next_up = now.up;
        for (std::size_t i = 0; i < of_run.states.size(); ++i) {
            if (of_run.states[i].what != *subject || !look_alike((*before.wait)[i], sensor)) continue;
            state = std::exchange(of_run.states[i], {});
            if (state.next_up) state.next_up = std::min(*state.next_up, next_look(now.up, sensor.poll, run.id));
            break;
        }
        state.what = *std::move(subject);
        states.push_back(std::move(state));
    }
    of_run = {std::move(states), false};
    return true;
}

void Engine::Body::look_soon(const std::string& name) {
    if (!sensed_jobs.contains(name)) return;
    for (auto& [id, of_run] : sensing) {
        const Job* job = job_of(open.at(id));
        std::vector<SensorState>& states = of_run.states;
        for (std::size_t i = 0; job && job->wait && i < states.size(); ++i)
            if (const auto* other = std::get_if<JobSensor>(&(*job->wait)[i].kind); other && other->job == name)
                states[i].next_up = now.up;
    }
}

void Engine::Body::add_sensor_wakes(Wake& wake) const {
    if (draining) return;
    const auto earlier = [](auto& best, const auto& other) {
        if (!best || other < *best) best = other;
    };
    for (const auto& [id, of_run] : sensing) {
        const Run& run = open.at(id);
        const std::vector<SensorState>& states = of_run.states;
        if (run.state != State::waiting || run.reason != Reason::sensor || !run.sensing_since) continue;
        const Job* job = job_of(run);
        for (std::size_t i = 0; job && job->wait && i < states.size(); ++i) {
            if (states[i].passed) continue;
            if (states[i].next_up) earlier(wake.up, *states[i].next_up);
            const auto& timeout = (*job->wait)[i].timeout;
            if (!timeout) continue;
            const Instant limit = *run.sensing_since + *timeout, over = limit + last_look_patience;
            if (states[i].look == 0 && states[i].refused && limit <= now.wall) continue;
            if (states[i].look == 0) earlier(wake.wall, limit);
            else if (over > now.wall) earlier(wake.wall, over);
            else earlier(wake.up, std::max(states[i].asked_up + last_look_patience, now.up + Seconds{1}));
        }
    }
}

}  // namespace mc
