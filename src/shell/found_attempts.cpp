#include "shell/found_attempts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace mc::app {

namespace {

constexpr Seconds mtime_slack{3600};   // the clock may have been set back by this much
constexpr Seconds told_within{86400};  // runs that ended earlier go directly into the ledger
constexpr std::size_t at_once = 1000;  // rows per transaction
constexpr std::int64_t numbers_at_once = 1000;
constexpr std::size_t ledger_name_shown = 8;

// Two lines: the ledger's name, and the identity of the directory.
std::string home_text(const os::Executor& executor, const std::string& ledger) {
    return fmt::format("{}\n{}\n", ledger, executor.place());
}

std::string name_of(os::AttemptId id) { return fmt::format("{}.{}", id.run, id.attempt); }

Outcome outcome_of(const os::AttemptState& files) {
    Outcome outcome;
    outcome.run = files.ended.run;
    outcome.attempt = files.ended.attempt;
    outcome.started = files.ended.started;
    outcome.finished = files.ended.finished;
    outcome.exit_code = files.ended.exit_code;
    outcome.signal = files.ended.signal;
    outcome.spawn_error = files.ended.spawn_error;
    outcome.lost = files.kind != os::AttemptState::Kind::ended || files.ended.lost();
    outcome.max_rss_bytes = files.ended.max_rss_bytes;
    outcome.cpu_seconds = files.ended.cpu_seconds;
    return outcome;
}

Attempt attempt_of(const Run& run, const Outcome& outcome, const Ending& ending) {
    const Instant started = outcome.started != Instant{} ? outcome.started : run.started.value_or(run.fire);
    const Instant finished = outcome.finished != Instant{} ? outcome.finished : started;
    return {run.id,   run.attempt,       ending.state,   ending.why.reason,     started,
            finished, outcome.exit_code, outcome.signal, outcome.max_rss_bytes, outcome.cpu_seconds};
}

class Search {
   public:
    Search(os::Executor& executor, const Recovered& recovered, RunStore& store, const Plan& plan, Instant now)
        : executor_(executor), ledger_(recovered.ledger), store_(store), plan_(plan), now_(now) {
        home_ = home_of(executor, ledger_);
        std::optional<Instant> since;
        if ((home_ == Home::same || home_ == Home::moved) && recovered.planned_through)
            since = *recovered.planned_through - mtime_slack;
        disk_ = executor.records(since);
        last_run_ = std::max(recovered.last_run, disk_.largest_run);
    }

    Result<FoundAttempts> run() {
        for (auto at = disk_.records.begin(); at != disk_.records.end();) {
            const RunId first = at->run - at->run % numbers_at_once, last = first + numbers_at_once - 1;
            const auto begun = store_.begun(first, last);
            if (!begun) return tl::unexpected(begun.error());
            for (; at != disk_.records.end() && at->run <= last; ++at) {
                const auto row = begun->find(at->run);
                const auto attempts = row == begun->end() ? std::nullopt : std::optional(row->second);
                if (auto done = look(*at, attempts); !done) return tl::unexpected(done.error());
            }
        }
        for (auto& [key, one] : rows_)
            if (auto done = sort(one); !done) return tl::unexpected(done.error());
        if (auto done = write(); !done) return tl::unexpected(done.error());
        all_.largest_run = last_run_;
        return std::move(all_);
    }

   private:
    struct Found {
        FoundRun row;
        os::AttemptId files;  // the present place of the latest attempt's files
        os::AttemptState state;
    };

    const Job* job_of(const Run& run) const {
        const auto job = plan_.jobs.find(run.job);
        return job == plan_.jobs.end() ? nullptr : &job->second;
    }

    // `begun`: the number of attempts that the ledger's run of that number has started; nullopt: there is no such run.
    Result<void> look(os::AttemptId id, std::optional<int> begun) {
        const bool is_known = begun && *begun >= id.attempt;
        if (is_known && home_ != Home::other) return {};
        os::AttemptState files = executor_.state(id);
        auto owner = read_owner(files.owner, id);
        if (!owner && files.kind == os::AttemptState::Kind::unclear) {
            if (!is_known) all_.others.push_back(fmt::format("{} ({})", name_of(id), files.trouble));
            return {};
        }
        if (!owner) {
            // A record of version 0.1. If the ledger has the run as running, reconcile() compares the record with it.
            if (!is_known) move_aside(id, files);
            return {};
        }
        const bool is_foreign = owner->ledger != ledger_;
        auto known = store_.by_key(owner->run.job, owner->run.key);
        if (known && *known && is_foreign && owner->run.key.is_start()) {
            // Its key is a run number of the other ledger and has no meaning in this one.
            owner->run.key = owner->run.key.in_ledger_of(owner->ledger.substr(0, ledger_name_shown));
            known = store_.by_key(owner->run.job, owner->run.key);
        }
        if (!known) return tl::unexpected(known.error());
        const std::optional<Run>& row = *known;
        if (row && row->attempt >= id.attempt) {
            if (row->id != id.run || is_foreign) move_aside(id, files);
            return {};
        }
        return keep(id, *std::move(owner), std::move(files), row);
    }

    // `row`: the ledger's row for the same fire, if there is one.
    Result<void> keep(os::AttemptId id, AttemptOwner owner, os::AttemptState files, const std::optional<Run>& row) {
        const auto [at, is_first] = rows_.try_emplace({owner.run.job, owner.run.key});
        Found& found = at->second;
        Result<RunId> number = row ? row->id : found.row.run.id;
        if (!row && is_first) number = free_number(id.run);
        if (!number) return tl::unexpected(number.error());
        // Two numbers for one fire: an earlier version restored the ledger and gave numbers a second time.
        if (!is_first && from_.at(*number) != id.run) {
            move_aside(id, files);
            return {};
        }
        from_.try_emplace(*number, id.run);
        const os::AttemptId place{*number, id.attempt};
        if (!take(id, place, owner, files)) {
            if (is_first) rows_.erase(at);
            return {};
        }
        if (!is_first) add_attempt(found);
        else if (row && row->state == State::running) end_known(*row, found);
        owner.run.id = *number;
        found.row.run = std::move(owner.run);
        found.files = place;
        found.state = std::move(files);
        return {};
    }

    // `wanted`, or the next free number if another run in the ledger or on disk has it.
    Result<RunId> free_number(RunId wanted) {
        const auto other = store_.by_id(wanted);
        if (!other) return tl::unexpected(other.error());
        if (!*other && !from_.contains(wanted)) return wanted;
        return ++last_run_;
    }

    // Makes the files belong to this ledger. False: that failed, and they stay.
    bool take(os::AttemptId id, os::AttemptId place, const AttemptOwner& owner, const os::AttemptState& files) {
        const bool lives = files.kind == os::AttemptState::Kind::running;
        Result<void> done;
        if (place != id) done = executor_.give(id, place, lives ? os::Give::link : os::Give::move);
        if (done && owner.ledger != ledger_) done = executor_.name_owner(place, owner_text(ledger_, owner.run));
        if (!done) all_.others.push_back(fmt::format("{} ({})", name_of(id), done.error().what));
        return done.has_value();
    }

    void move_aside(os::AttemptId id, const os::AttemptState& files) {
        if (files.kind == os::AttemptState::Kind::running) {
            all_.others.push_back(fmt::format("{} (its process is still running)", name_of(id)));
            return;
        }
        auto moved = executor_.set_aside(id, now_);
        if (moved) all_.moved.push_back(*moved);
        else all_.others.push_back(fmt::format("{} ({})", name_of(id), moved.error().what));
    }

    // The attempt in `found` is not the latest: adds it to its run's attempts.
    void add_attempt(Found& found) const {
        const Outcome outcome = outcome_of(found.state);
        const Run& run = found.row.run;
        found.row.attempts.push_back(attempt_of(run, outcome, ending_of(run, outcome, job_of(run))));
    }

    // The ledger has this attempt as running, but a later attempt exists, so it has ended.
    void end_known(const Run& row, Found& found) const {
        const os::AttemptState files = executor_.state({row.id, row.attempt});
        if (files.kind == os::AttemptState::Kind::absent) return;
        const Outcome outcome = outcome_of(files);
        found.row.attempts.push_back(attempt_of(row, outcome, ending_of(row, outcome, job_of(row))));
    }

    // Recent and running attempts go to the engine, older ones into the ledger.
    Result<void> sort(Found& found) {
        Run& run = found.row.run;
        const bool lives = found.state.kind == os::AttemptState::Kind::running;
        const Instant end = found.state.ended.finished != Instant{} ? found.state.ended.finished : found.state.claimed;
        if (lives || now_ - end < told_within) {
            all_.runs.push_back(std::move(found.row));
            return {};
        }
        const Outcome outcome = outcome_of(found.state);
        const Ending ending = ending_of(run, outcome, job_of(run));
        add_attempt(found);
        const Attempt& latest = found.row.attempts.back();
        const auto known = store_.by_id(run.id);
        if (!known) return tl::unexpected(known.error());
        if (*known) {
            Run row = **known;
            row.attempt = run.attempt;
            row.attempts_before = run.attempts_before;
            row.user = run.user;
            row.generation = run.generation;
            row.not_before.reset();
            run = std::move(row);
        }
        run.state = ending.state;
        run.reason = ending.why.reason;
        run.reason_data = ending.why.data;
        run.detail = ending.why.detail;
        run.started = latest.started;
        run.finished = latest.finished;
        run.exit_code = outcome.exit_code;
        run.signal = outcome.signal;
        if (!outcome.lost) {
            run.max_rss_bytes = outcome.max_rss_bytes;
            run.cpu_seconds = outcome.cpu_seconds;
        }
        run.deadline.reset();
        run.timeout_up.reset();
        run.since = now_;
        std::vector<Run>& rows = *known ? batch_.updated : batch_.inserted;
        batch_.attempts.insert(batch_.attempts.end(), found.row.attempts.begin(), found.row.attempts.end());
        rows.push_back(std::move(run));
        ++all_.settled;
        return batch_.inserted.size() + batch_.updated.size() >= at_once ? write() : Result<void>{};
    }

    Result<void> write() { return store_.commit(std::exchange(batch_, {})); }

    os::Executor& executor_;
    const std::string& ledger_;
    RunStore& store_;
    const Plan& plan_;
    Instant now_;
    Home home_;
    os::AttemptsOnDisk disk_;
    RunId last_run_ = 0;
    std::map<std::pair<JobName, FireKey>, Found> rows_;  // by job and key
    std::map<RunId, RunId> from_;                        // for each row: the number under which its files were found
    StepWrites batch_;
    FoundAttempts all_;
};

}  // namespace

Home home_of(const os::Executor& executor, const std::string& ledger) {
    const auto text = executor.mark();
    if (!text) return Home::unknown;
    if (*text == home_text(executor, ledger)) return Home::same;
    return text->starts_with(ledger + "\n") ? Home::moved : Home::other;
}

Result<void> settle_home(os::Executor& executor, const std::string& ledger) {
    if (home_of(executor, ledger) == Home::same) return {};
    return executor.write_mark(home_text(executor, ledger));
}

Result<FoundAttempts> find_attempts(os::Executor& executor, const Recovered& recovered, RunStore& store,
                                    const Plan& plan, Instant now) {
    return Search(executor, recovered, store, plan, now).run();
}

}  // namespace mc::app
