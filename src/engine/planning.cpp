// planning.cpp — the plan's schedules become fires on an agenda, and due fires become runs.
#include <fmt/format.h>

#include "engine/body.h"

namespace mc {

namespace {

// No job looks further ahead than this; a schedule that fires less often is planned again on the way.
constexpr Seconds agenda_ahead{400LL * 86400};

bool has_reboot(const JobSchedule& schedule) {
    for (const Schedule& s : schedule.schedules)
        if (std::holds_alternative<Reboot>(s)) return true;
    return false;
}

}  // namespace

void Engine::Body::reschedule(const Job& job) {
    auto& fires = next[job.name];
    if (!fires.empty()) agenda.erase({fires.front().due, job.name});
    fires.clear();
    if (!job.enabled) return;
    const Instant after = std::max(*planned_through, records.at(job.name).since);
    auto found = next_fires(job.schedule, *plan->calendars, after, after + agenda_ahead);
    if (!found || found->empty()) return;
    fires = std::move(*found);
    agenda.emplace(fires.front().due, job.name);
}

// Every fire up to now gets its run or its row. Fires already planned are never planned again, also when
// the clock was set back: time is taken up where it was left.
void Engine::Body::plan_due_fires() {
    if (planned_through && now.wall <= *planned_through) return;
    planned_through = now.wall;
    while (!agenda.empty() && agenda.begin()->first <= now.wall) {
        const std::string name = agenda.begin()->second;
        const Job& job = plan->jobs.at(name);
        std::vector<Fire> due = next[name];
        const Instant first = due.front().due;
        if (first < now.wall) {  // woken late: there may be more
            auto more = fires_between(job.schedule, *plan->calendars, first, now.wall);
            if (more) due.insert(due.end(), more->begin(), more->end());
        }
        settle(name, job.schedule, *plan->calendars, due);
        reschedule(job);
    }
    look_beyond_agenda();
}

// A job whose next fire lay beyond the agenda is looked at again every now and then.
void Engine::Body::look_beyond_agenda() {
    if (agenda_look && now.wall < *agenda_look) return;
    agenda_look = now.wall + agenda_ahead / 2;
    for (const auto& [name, job] : plan->jobs)
        if (next[name].empty()) reschedule(job);
}

// Judges the time up to now by the schedules that were loaded then, and goes on with the new ones.
void Engine::Body::load(const PlanLoaded& loaded) {
    const bool starting = !plan;
    const auto old = std::exchange(plan, loaded.plan);
    forget_gates();
    renew_sensors(old.get());
    const Instant since = planned_through.value_or(now.wall);
    planned_through = std::max(now.wall, since);
    if (starting) other_cron = loaded.other_cron;

    take_found(loaded.found);
    ended(loaded.ended);  // what it was in the way of is due now
    std::map<std::string, std::string> texts;
    for (const auto& [name, job] : plan->jobs) texts.emplace(name, schedule_text(job, *plan));
    if (starting) settle_down_time(since, texts);

    // Definitions that went away serve the runs that have already started.
    if (old)
        for (const auto& [name, job] : old->jobs)
            if (!plan->jobs.count(name) && !open_by_job[name].empty()) retired.insert_or_assign(name, job);
    record_schedules(texts);

    // Runs that have not begun, or wait for another attempt, obey the new file.
    for (auto& [id, run] : open) {
        if (run.state == State::running || finished(run.state)) continue;  // what has just ended stays so
        const auto job = plan->jobs.find(run.job);
        if (job == plan->jobs.end()) finish(run, State::skipped, Reason::removed);
        else if (!job->second.enabled) finish(run, State::skipped, Reason::disabled);
        else if (run.state != State::retrying && !run.past_gates && run.clearing == 0) ends_by_when(job->second, run);
    }

    drop_alerts(old.get());

    next.clear();
    agenda.clear();
    for (const auto& [name, job] : plan->jobs) reschedule(job);
    agenda_look = now.wall + agenda_ahead / 2;
    schedule_coverage_look();
    if (starting && first_of_boot) fire_reboots();
}

// Fires between `since` and now, of each job as it was when the daemon went down.
void Engine::Body::settle_down_time(Instant since, const std::map<std::string, std::string>& texts) {
    for (const auto& [name, record] : records) {
        if (!record.enabled) continue;
        const Instant from = std::max(since, record.since);
        const auto same = texts.find(name);
        if (same != texts.end() && same->second == record.schedule) {
            const JobSchedule& schedule = plan->jobs.at(name).schedule;
            if (auto fires = fires_between(schedule, *plan->calendars, from, now.wall))
                settle(name, schedule, *plan->calendars, *fires);
        } else if (auto stored = read_schedule(record.schedule, context)) {
            if (auto fires = fires_between(stored->schedule, *stored->calendars, from, now.wall))
                settle(name, stored->schedule, *stored->calendars, *fires);
        }
    }
}

// Records each job's schedule, from now on where it is new, changed or enabled again.
void Engine::Body::record_schedules(const std::map<std::string, std::string>& texts) {
    for (auto it = records.begin(); it != records.end();) {
        if (plan->jobs.count(it->first)) {
            ++it;
            continue;
        }
        if (it->second.held() || it->second.iced()) {  // it may come back, and must not start then
            if (std::exchange(it->second.enabled, false)) batch.jobs.push_back(it->second);
            ++it;
            continue;
        }
        batch.removed_jobs.push_back(it->first);
        it = records.erase(it);
    }
    for (const auto& [name, job] : plan->jobs) {
        const auto found = records.find(name);
        const bool known = found != records.end();
        if (known && found->second.schedule == texts.at(name) && found->second.enabled == job.enabled) continue;
        JobRecord record = known ? found->second : JobRecord{};
        record.job = name;
        record.schedule = texts.at(name);
        record.since = now.wall;  // loading never creates past fires
        record.enabled = job.enabled;
        if (!known && job.hold) {
            record.hold = Hold{now.wall, {}, "the configuration"};
        }
        this->record(record);
    }
}

// @reboot: one fire a boot, for the jobs of the plan that the boot's first daemon loads.
void Engine::Body::fire_reboots() {
    for (const auto& [name, job] : plan->jobs) {
        if (!job.enabled || !has_reboot(job.schedule)) continue;
        Fire fire;
        fire.due = now.wall;
        fire.key = "boot " + boot_id;
        fire.date = fire.logical_date = date_of(job.schedule.zone->to_wall(now.wall));
        settle(name, job.schedule, *plan->calendars, {fire});
    }
}

}  // namespace mc
