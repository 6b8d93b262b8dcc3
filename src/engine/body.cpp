#include "engine/body.h"

#include <algorithm>
#include <cstdlib>

namespace mc {

Engine::Body::Body(Recovered recovered, const Ledger& ledger_, const ReadContext& context_, std::string boot)
    : ledger(ledger_),
      context(context_),
      boot_id(std::move(boot)),
      first_of_boot(recovered.boot_id != boot_id),
      planned_through(recovered.planned_through),
      last_run(recovered.last_run),
      last_notice(recovered.last_notice),
      last_batch(recovered.last_batch),
      coverage_told(recovered.coverage_told) {
    for (Run& run : recovered.unfinished) {
        const RunId id = run.id;
        index(open.emplace(id, std::move(run)).first->second);
    }
    for (Run& run : recovered.owed) owed.emplace(run.id, std::move(run));
    for (const Run& run : recovered.clearing) clears[std::abs(run.clearing)].insert(run.id);
    for (Alert& alert : recovered.alerts) alerts.emplace(alert.job, std::move(alert));
    for (JobRecord& record : recovered.jobs) {
        if (record.held()) held.insert(record.job);
        if (record.iced()) iced.insert(record.job);
        records.emplace(record.job, std::move(record));
    }
}

const Job* Engine::Body::job_of(const Run& run) const {
    if (const auto it = plan->jobs.find(run.job); it != plan->jobs.end()) return &it->second;
    if (const auto it = retired.find(run.job); it != retired.end()) return &it->second;
    return nullptr;
}

Run& Engine::Body::insert(Run made) {
    made.id = ++last_run;
    Run& run = open.emplace(made.id, std::move(made)).first->second;
    touched[run.id] = true;
    index(run);
    note_change(run);
    if (run.fires > 1) shared.push_back(run.id);
    return run;
}

void Engine::Body::index(const Run& run) {
    standing.try_emplace(run.id, std::pair{run.state, run.reason});
    rouse(run.id);
    open_by_job[run.job].insert(run.id);
    open_by_date[{run.job, run.logical_date}].insert(run.id);
    open_by_key[run.job].insert_or_assign(run.key, run.id);
}

void Engine::Body::touch(const Run& run) {
    touched.emplace(run.id, false);
    rouse(run.id);
}

void Engine::Body::reply(bool ok, std::string text, std::vector<RunId> runs) {
    effects.emplace_back(Reply{ok, std::move(text), std::move(runs), Error::Kind::refused});
}

void Engine::Body::refuse(const Error& error) { effects.emplace_back(Reply{false, error.sentence(), {}, error.kind}); }

std::vector<Action> Engine::Body::finish_step() {
    tell_fallen();
    for (const std::string& job : std::exchange(changed_alerts, {})) batch.alerts.push_back(alerts.at(job));
    const auto fresh = std::count_if(touched.begin(), touched.end(), [](const auto& one) { return one.second; });
    batch.inserted.reserve(static_cast<std::size_t>(fresh));
    batch.updated.reserve(touched.size() - static_cast<std::size_t>(fresh));
    for (const auto& [id, is_new] : touched) {
        const auto it = open.find(id);
        Run& run = it->second;
        const std::pair stands{run.state, run.reason};
        if (std::exchange(standing.at(id), stands) != stands || is_new) run.since = now.wall;
        std::vector<Run>& rows = is_new ? batch.inserted : batch.updated;
        if (!finished(run.state)) {
            rows.push_back(run);
            continue;
        }
        open_by_job[run.job].erase(id);
        open_by_key[run.job].erase(run.key);
        const auto day = open_by_date.find({run.job, run.logical_date});
        day->second.erase(id);
        if (day->second.empty()) open_by_date.erase(day);
        unwatch(id);
        sensing.erase(id);
        past_sensors.erase(id);
        if (run.deadline) owed.insert_or_assign(id, run);
        awake.erase(id);
        standing.erase(id);
        rows.push_back(std::move(run));
        open.erase(it);
    }
    touched.clear();
    shared.clear();
    // An idle step is not written: the mark may lag, for every fire before it has its row.
    if (!batch.empty()) batch.planned_through = planned_through;

    std::vector<Action> actions;
    if (!batch.empty()) actions.emplace_back(Write{std::exchange(batch, {})});
    std::move(effects.begin(), effects.end(), std::back_inserter(actions));
    effects.clear();
    return actions;
}

namespace {

template <class T>
void earlier(std::optional<T>& best, const std::optional<T>& other) {
    if (other && (!best || *other < *best)) best = other;
}

bool not_begun(State state) { return state == State::waiting || state == State::queued || state == State::retrying; }

}  // namespace

Wake Engine::Body::wake() const {
    Wake wake;
    if (!agenda.empty()) wake.wall = agenda.begin()->first;
    earlier(wake.wall, coverage_look);
    earlier(wake.wall, agenda_look);
    for (const std::string& name : held) earlier(wake.wall, records.at(name).hold->until);
    for (const std::string& name : iced) earlier(wake.wall, records.at(name).ice->until);
    for (const auto& [id, run] : owed) earlier(wake.wall, run.deadline);
    for (const auto& [name, alert] : alerts) {
        const auto job = plan->jobs.find(name);
        if (alert.acked || job == plan->jobs.end() || !job->second.rules().repeat) continue;
        earlier(wake.wall, std::optional(alert.told + *job->second.rules().repeat));
    }
    if (!alarms.empty()) earlier(wake.wall, std::optional(alarms.begin()->first));
    for (const auto& [id, run] : awake) {
        earlier(wake.wall, run->deadline);
        if (not_begun(run->state)) {
            if (run->not_before && *run->not_before > now.wall && !draining) earlier(wake.wall, run->not_before);
            if (!run->forced) earlier(wake.wall, run->not_after);
        }
        if (run->state == State::running) {
            earlier(wake.up, run->timeout_up);
            earlier(wake.up, run->kill_up);
        }
    }
    add_sensor_wakes(wake);
    add_start_wakes(wake);
    return wake;
}

bool started(const Run& run) { return run.state == State::running || run.state == State::retrying; }

}  // namespace mc
