#include "engine/run_book.h"

#include <algorithm>
#include <cstdlib>

namespace mc {

RunBook::RunBook(Recovered& recovered, Step& step)
    : step_(step), last_run_(recovered.last_run), last_batch_(recovered.last_batch) {
    for (Run& run : recovered.unfinished) {
        const RunId id = run.id;
        index(runs_.emplace(id, std::move(run)).first->second);
    }
    for (Run& run : recovered.owed) late_untold_.emplace(run.id, std::move(run));
}

// ---- reading

const Run* RunBook::find(RunId id) const {
    const auto found = runs_.find(id);
    return found == runs_.end() ? nullptr : &found->second;
}

const std::set<RunId>& RunBook::of_job(const JobName& job) const {
    static const std::set<RunId> none;
    const auto found = by_job_.find(job);
    return found == by_job_.end() ? none : found->second;
}

const Run* RunBook::by_key(const JobName& job, const FireKey& key) const {
    const auto keys = by_key_.find(job);
    if (keys == by_key_.end()) return nullptr;
    const auto id = keys->second.find(key);
    return id == keys->second.end() ? nullptr : &runs_.at(id->second);
}

// ---- adding rows

const Run& RunBook::insert(Run made) {
    made.id = last_run_ + 1;
    return insert_found(std::move(made));
}

const Run& RunBook::insert_found(Run found) {
    last_run_ = std::max(last_run_, found.id);
    const Run& run = runs_.emplace(found.id, std::move(found)).first->second;
    changed_[run.id] = true;
    index(run);
    note_change(run);
    if (run.fires > 1) shared_rows_.push_back(run.id);
    return run;
}

const Run& RunBook::bring(const Run& row) {
    late_untold_.erase(row.id);
    const auto [at, is_new] = runs_.emplace(row.id, row);
    if (is_new) index(at->second);
    return changing(at->second);
}

void RunBook::know_batch(std::int64_t number) { last_batch_ = std::max(last_batch_, number); }

void RunBook::index(const Run& run) {
    written_.try_emplace(run.id, std::pair{run.state, run.reason});
    active_.try_emplace(run.id, &run);
    by_job_[run.job].insert(run.id);
    by_date_[{run.job, run.logical_date}].insert(run.id);
    by_key_[run.job].insert_or_assign(run.key, run.id);
}

void RunBook::unindex(const Run& run) {
    by_job_[run.job].erase(run.id);
    by_key_[run.job].erase(run.key);
    const auto day = by_date_.find({run.job, run.logical_date});
    day->second.erase(run.id);
    if (day->second.empty()) by_date_.erase(day);
    active_.erase(run.id);
    written_.erase(run.id);
}

Run& RunBook::changing(const Run& run) {
    changed_.emplace(run.id, false);
    activate(run.id);
    return own(run);
}

// ---- parked runs

void RunBook::park(const Run& run, std::optional<Instant> until) {
    if (until) {
        alarm_of_.emplace(run.id, *until);
        alarms_.emplace(*until, run.id);
    }
    active_.erase(run.id);
}

void RunBook::activate(RunId id) {
    if (!active_.emplace(id, &runs_.at(id)).second) return;
    const auto alarm = alarm_of_.find(id);
    if (alarm == alarm_of_.end()) return;
    alarms_.erase({alarm->second, id});
    alarm_of_.erase(alarm);
}

void RunBook::activate_due() {
    while (!alarms_.empty() && alarms_.begin()->first <= step_.now.wall) activate(alarms_.begin()->second);
}

std::optional<Instant> RunBook::next_alarm() const {
    return alarms_.empty() ? std::nullopt : std::optional(alarms_.begin()->first);
}

// ---- changes

void RunBook::note_change(const Run& run) {
    if (followed_ && followed_->contains(run.job)) changed_days_.insert({run.job, run.logical_date});
}

void RunBook::heal(const Run& run) {
    if (!followed_ || !followed_->contains(run.job)) return;
    healed_.push_back({{run.job, run.logical_date}, run.fire, run.fires > 1 ? run.last_fire : std::nullopt});
}

// ---- the end of a step

void RunBook::write() {
    StepWrites& batch = step_.batch;
    const auto fresh = std::count_if(changed_.begin(), changed_.end(), [](const auto& one) { return one.second; });
    batch.inserted.reserve(static_cast<std::size_t>(fresh));
    batch.updated.reserve(changed_.size() - static_cast<std::size_t>(fresh));
    for (const auto& [id, is_new] : changed_) {
        const auto it = runs_.find(id);
        Run& run = it->second;
        const std::pair stands{run.state, run.reason};
        if (std::exchange(written_.at(id), stands) != stands || is_new) run.since = step_.now.wall;
        std::vector<Run>& rows = is_new ? batch.inserted : batch.updated;
        if (!finished(run.state)) {
            rows.push_back(run);
            continue;
        }
        unindex(run);
        if (run.deadline) late_untold_.insert_or_assign(id, run);
        rows.push_back(std::move(run));
        runs_.erase(it);
    }
    changed_.clear();
    shared_rows_.clear();
}

bool started(const Run& run) { return run.state == State::running || run.state == State::retrying; }

}  // namespace mc
