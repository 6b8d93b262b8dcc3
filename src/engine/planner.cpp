#include "engine/planner.h"

#include <algorithm>

namespace mc {

namespace {

bool has_reboot(const JobSchedule& schedule) {
    const auto is_reboot = [](const Schedule& one) { return std::holds_alternative<Reboot>(one); };
    return std::any_of(schedule.schedules.begin(), schedule.schedules.end(), is_reboot);
}

}  // namespace

Planner::Planner(Step& step, Definitions& jobs, RunBook& book, JobRecords& records, Agenda& agenda, Past& past,
                 Gates& gates, Endings& endings, Admission& admission, Alerts& alerts, SensorWatch& sensors,
                 CoverageWatch& coverage, const ReadContext& context, Boot boot)
    : step_(step),
      jobs_(jobs),
      book_(book),
      records_(records),
      agenda_(agenda),
      past_(past),
      gates_(gates),
      endings_(endings),
      admission_(admission),
      alerts_(alerts),
      sensors_(sensors),
      coverage_(coverage),
      context_(context),
      boot_(std::move(boot)) {}

void Planner::plan_due_fires() {
    const Instant now = step_.now.wall;
    if (agenda_.planned_through() && now <= *agenda_.planned_through()) return;
    agenda_.advance(now);
    for (Agenda::Due due = agenda_.take_due(now); due.job; due = agenda_.take_due(now))
        apply_catch_up({due.job->name, due.job->schedule, jobs_.calendars(), std::move(due.fires)});
    agenda_.ask_again(now);
}

void Planner::load(const PlanLoaded& loaded) {
    const bool starting = !jobs_.loaded();
    const Instant now = step_.now.wall, since = agenda_.planned_through().value_or(now);
    const auto old = jobs_.replace(loaded.plan);
    gates_.judge_all_again();
    sensors_.load(old.get());
    agenda_.advance(now);
    if (starting) other_cron_ = loaded.other_cron;

    take_found(loaded.found);
    endings_.ended(loaded.ended);  // first, because runs that these attempts blocked are due now
    std::map<JobName, std::string> texts;
    for (const auto& [name, job] : jobs_.plan().jobs) texts.emplace(name, schedule_text(job, jobs_.plan()));
    if (starting) settle_down_time(since, texts);
    if (old) retire_removed_jobs(*old);
    record_schedules(texts);
    end_runs_of_removed_jobs();
    alerts_.drop_removed(old.get());
    agenda_.rebuild(now);
    coverage_.schedule();
    if (starting && boot_.first_daemon) fire_reboots();
}

// Keeps the definitions of removed jobs for runs that have already started.
void Planner::retire_removed_jobs(const Plan& old) {
    for (const auto& [name, job] : old.jobs)
        if (!jobs_.planned(name) && !book_.of_job(name).empty()) jobs_.retire(job);
}

// Runs that have not started, or wait for a retry, follow the new plan.
void Planner::end_runs_of_removed_jobs() {
    for (const auto& [id, run] : book_.runs()) {
        if (run.state == State::running || finished(run.state)) continue;  // runs that have just ended stay as they are
        if (endings_.finish_without_job(run)) continue;
        if (run.state != State::retrying && !run.bypasses_gates && run.clearing == 0)
            endings_.finish_by_when(*jobs_.planned(run.job), run);
    }
}

// Settles the fires between `since` and now, with each job's schedule of that time.
void Planner::settle_down_time(Instant since, const std::map<JobName, std::string>& texts) {
    const Instant now = step_.now.wall;
    for (const auto& [name, record] : records_.all()) {
        if (!record.enabled) continue;
        const Instant from = std::max(since, record.since);
        const auto same = texts.find(name);
        if (same != texts.end() && same->second == record.schedule) {
            const JobSchedule& schedule = jobs_.planned(name)->schedule;
            if (auto fires = fires_between(schedule, jobs_.calendars(), from, now))
                apply_catch_up({name, schedule, jobs_.calendars(), *std::move(fires)});
        } else if (auto stored = read_schedule(record.schedule, context_)) {
            if (auto fires = fires_between(stored->schedule, *stored->calendars, from, now))
                apply_catch_up({name, stored->schedule, *stored->calendars, *std::move(fires)});
        }
    }
}

// The record of a held or iced job stays: if the job comes back to the configuration, it must not start.
void Planner::drop_removed_records() {
    std::vector<JobRecord> removed;
    for (const auto& [name, record] : records_.all())
        if (!jobs_.planned(name)) removed.push_back(record);
    for (JobRecord& record : removed) {
        if (!record.held() && !record.iced()) records_.remove(record.job);
        else if (std::exchange(record.enabled, false)) records_.put(record);
    }
}

// Records each job's schedule; `since` is now if the schedule is new, changed or enabled again.
void Planner::record_schedules(const std::map<JobName, std::string>& texts) {
    drop_removed_records();
    for (const auto& [name, job] : jobs_.plan().jobs) {
        const JobRecord* known = records_.find(name);
        if (known && known->schedule == texts.at(name) && known->enabled == job.enabled) continue;
        JobRecord record = known ? *known : JobRecord{};
        record.job = name;
        record.schedule = texts.at(name);
        record.since = step_.now.wall;  // loading never creates past fires
        record.enabled = job.enabled;
        if (!known && job.hold) record.hold = Hold{step_.now.wall, {}, "the configuration"};
        records_.put(record);
    }
}

// @reboot: one fire per boot, for the jobs of the plan that the first daemon of the boot loads.
void Planner::fire_reboots() {
    for (const auto& [name, job] : jobs_.plan().jobs) {
        if (!job.enabled || !has_reboot(job.schedule)) continue;
        Fire fire;
        fire.due = step_.now.wall;
        fire.key = FireKey::of_boot(boot_.id);
        fire.date = fire.logical_date = date_of(job.schedule.zone->to_wall(fire.due));
        apply_catch_up({name, job.schedule, jobs_.calendars(), {fire}});
    }
}

}  // namespace mc
