// checkers.cpp — the checks at the end of a simulation, with the numbers of docs/architecture.md.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "sim/sim.h"

namespace mc::sim {

namespace {

// 2, for a job without a schedule: a row for each date on which an upstream job had a live or caught-up run.
std::string check_dates(const Past& past, const Job& job) {
    std::map<Date, const Run*> rows;
    for (const Run& run : past.runs)
        if (run.job == job.name && !run.key.is_start()) rows.emplace(run.logical_date, &run);
    for (const Upstream& upstream : job.after->upstreams)
        for (const Run& run : past.runs) {
            // A backfilled run creates none, and a later clear looks like a backfill. Neither does a missed run, even
            // if an operator has changed it since.
            const bool was_run = run.origin != Origin::backfill && run.state != State::missed &&
                                 !past.stillborn.contains(run.id) && run.fires == 1;
            const bool gives = run.job == upstream.job && !upstream.previous && !run.key.is_start() && was_run;
            if (gives && !rows.contains(run.logical_date))
                return fmt::format("checker 2: {} has no row for {}, but {} has one", job.name,
                                   to_string(run.logical_date), upstream.job);
        }
    for (const auto& [date, run] : rows)
        if (run->key != FireKey::of_date(date))
            return fmt::format("checker 2: {} has a row without a date: {}", job.name, run->key.text());
    return {};
}

// A fire before the story began, requested by an operator. A backfill removes its jitter.
bool from_before(const Past& past, const Run& run) {
    const JobSchedule& schedule = past.story.plan->jobs.at(run.job).schedule;
    return run.origin == Origin::backfill && run.fire + jitter_of(schedule, run.key) <= past.story.start;
}

// The job's fires that became due.
std::vector<Fire> due_fires(const Past& past, const std::string& name) {
    std::vector<Fire> fires;
    std::set<FireKey> known;
    for (std::size_t i = 0; i < past.epochs.size(); ++i) {
        const auto& [from, plan] = past.epochs[i];
        const Instant until = i + 1 < past.epochs.size() ? past.epochs[i + 1].from : past.planned_through;
        const auto job = plan->jobs.find(name);
        if (from >= until || job == plan->jobs.end() || !job->second.enabled) continue;
        const auto of_epoch = fires_between(job->second.schedule, *plan->calendars, from, until).value();
        for (const Fire& fire : of_epoch)
            if (known.insert(fire.key).second && !past.moved_here.contains({name, fire.key})) fires.push_back(fire);
    }
    return fires;
}

// When each fire of the job may have been due, by its key: also fires that were moved, or added for the past.
std::map<FireKey, std::set<Instant>> possible_fires(const Past& past, const std::string& name) {
    std::map<FireKey, std::set<Instant>> possible;
    for (const Epoch& epoch : past.epochs) {
        const auto job = epoch.plan->jobs.find(name);
        if (job == epoch.plan->jobs.end() || !job->second.has_schedule()) continue;
        Instant after = past.story.start;
        while (true) {
            const auto fires = next_fires(job->second.schedule, *epoch.plan->calendars, after, past.planned_through);
            if (!fires || fires->empty()) break;
            for (const Fire& fire : *fires) possible[fire.key].insert(fire.due);
            after = fires->front().due;
        }
    }
    return possible;
}

}  // namespace

// 1. A fire's command starts at most once for each allowed attempt, and one fire has one run.
std::string check_starts(const Past& past) {
    std::map<std::pair<std::string, FireKey>, std::set<RunId>> ids;
    std::map<std::pair<std::string, FireKey>, int> counts;
    for (const Start& start : past.starts) {
        ids[{start.job, start.key}].insert(start.run);
        const int count = ++counts[{start.job, start.key}];
        const auto again = past.again.find({start.job, start.key});
        const int lives = 1 + (again == past.again.end() ? 0 : again->second);
        const int allowed = lives * (1 + past.story.plan->jobs.at(start.job).retries);
        if (count > allowed)
            return fmt::format("checker 1: the fire {} of {} started {} times, as runs {}", start.key.text(), start.job,
                               count, fmt::join(ids[{start.job, start.key}], ", "));
    }
    for (const auto& [key, runs] : ids)
        if (runs.size() > 1)
            return fmt::format("checker 1: the fire {} of {} started as runs {}", key.second.text(), key.first,
                               fmt::join(runs, ", "));
    return {};
}

// 2. Each due fire ends as exactly one of run, skipped or missed, with its row.
std::string check_every_fire(const Past& past) {
    for (const auto& [name, job] : past.story.plan->jobs) {
        if (!job.has_schedule()) {
            if (auto what = check_dates(past, job); !what.empty()) return what;
            continue;
        }
        std::map<FireKey, const Run*> rows;
        std::vector<const Run*> spans;
        for (const Run& run : past.runs) {
            if (run.job != name || run.key.is_start()) continue;
            if (from_before(past, run)) continue;
            (run.fires > 1 ? (void)spans.push_back(&run) : (void)rows.emplace(run.key, &run));
        }
        std::map<const Run*, int> counted;
        for (const Fire& fire : due_fires(past, name)) {
            const bool own = rows.erase(fire.key) > 0;
            const Run* shared = nullptr;
            for (const Run* span : spans)
                if (span->fire <= fire.due && fire.due <= *span->last_fire) shared = span;
            if (!own && !shared)
                return fmt::format("checker 2: {} has no row for its fire {}", name, to_string(fire.due));
            if (shared) ++counted[shared];  // also for one that a backfill has filled in
        }
        const auto possible = possible_fires(past, name);
        std::erase_if(rows, [&](const auto& row) {
            const bool is_added = row.second->origin == Origin::backfill && possible.contains(row.first);
            return is_added || past.moved_here.contains({name, row.first});
        });
        if (!rows.empty())
            return fmt::format("checker 2: {} has a row without a fire: {}", name, rows.begin()->first.text());
        for (const Run* span : spans)
            if (counted[span] != span->fires)
                return fmt::format("checker 2: run {} counts {} fires of {}", span->id, span->fires, counted[span]);
    }
    return {};
}

// In the message of a failure of its date, or in one sent when the run became upstream_failed.
bool stands_behind(const Past& past, const Run& fallen) {
    const auto names_it = [&](const Notice& notice) {
        const auto at = notice.behind.find(fallen.job);  // no job's name is the beginning of another's
        const bool in_time = notice.created <= *fallen.finished || past.clock_was_set;
        return at != notice.behind.npos && in_time &&
               (notice.created == *fallen.finished || notice.logical_date == to_string(fallen.logical_date));
    };
    return std::any_of(past.notices.begin(), past.notices.end(), names_it);
}

// 5. There is one message for each run that failed, and a blocked job is named in the failure's message.
std::string check_told(const Past& past) {
    std::set<std::tuple<RunId, int, std::string>> told;
    for (const Notice& notice : past.notices) {
        if (notice.kind != NoticeKind::failure && notice.kind != NoticeKind::missed) continue;
        const bool is_new = told.emplace(notice.run.value_or(0), notice.attempt_number, to_text(notice.state)).second;
        if (!is_new && !notice.open_since && notice.behind.empty() && !past.reopened.contains(*notice.run))
            return fmt::format("checker 5: run {} of {} has two messages", *notice.run, notice.job);
    }
    for (const Run& run : past.runs) {
        if (run.reason == Reason::marked) continue;
        const bool bad = run.state == State::failed || run.state == State::timed_out || run.state == State::lost ||
                         run.state == State::missed;
        if (bad && !told.contains({run.id, run.attempt, std::string(to_text(run.state))}))
            return fmt::format("checker 5: no message about run {} of {}: {}", run.id, run.job, to_text(run.state));
        if (run.state == State::upstream_failed && !stands_behind(past, run))
            return fmt::format("checker 5: no message says that {} could not run", run.job);
    }
    return {};
}

// A run that took longer than its deadline has one late message; a run that was in time has none. Not checked if the
// clock was set or the run was rerun by hand.
std::string check_late(const Past& past) {
    std::map<std::pair<RunId, std::string>, int> told;
    for (const Notice& notice : past.notices)
        if (notice.kind == NoticeKind::late && !notice.open_since) ++told[{notice.run.value_or(0), notice.target}];
    for (const Run& run : past.runs) {
        const Job& job = past.story.plan->jobs.at(run.job);
        const int count = told[{run.id, "slack:ops"}];
        if (past.reopened.contains(run.id) || run.reason == Reason::marked) continue;
        if (count > 1) return fmt::format("late: run {} of {} is told {} times", run.id, run.job, count);
        const bool is_counted = run.origin == Origin::live || run.origin == Origin::catch_up;
        if (past.clock_was_set || !job.deadline || !is_counted || run.state != State::success) continue;
        const Instant due = run.fire + deadline_drawn;
        if (*run.finished > due && count == 0)
            return fmt::format("late: no message about run {} of {}", run.id, run.job);
        if (*run.finished < due && count > 0) return fmt::format("late: run {} of {} was in time", run.id, run.job);
    }
    return {};
}

// If a run that sends a message succeeded, its message arrived.
std::string check_messages(const Past& past) {
    std::set<RunId> said;
    for (const Notice& notice : past.notices)
        if (notice.is_action && past.arrived.contains(notice.id)) said.insert(*notice.run);
    for (const Run& run : past.runs) {
        const bool is_message = std::holds_alternative<SlackPost>(past.story.plan->jobs.at(run.job).action);
        const bool succeeded = run.state == State::success && run.reason != Reason::marked;
        if (is_message && succeeded && !said.contains(run.id))
            return fmt::format("message: run {} of {} has succeeded, but its message did not arrive", run.id, run.job);
    }
    return {};
}

// An alert closes when the run that opened it succeeds.
std::string check_alerts(const Past& past) {
    for (const Alert& alert : past.alerts)
        for (const Run& run : past.runs)
            if (run.id == alert.run && run.state == State::success)
                return fmt::format("alert: that of run {} of {} is open, but the run has succeeded", run.id, run.job);
    return {};
}

// 7. The ledger at the end has the fires that `next` showed at the start.
std::string check_promised(const Past& past) {
    for (const auto& [name, job] : past.story.plan->jobs) {
        const auto promised = possible_fires(past, name);
        for (const Run& run : past.runs) {
            if (run.job != name || run.key.is_start() || run.fires > 1 || !job.has_schedule()) continue;
            if (from_before(past, run)) continue;
            const auto it = promised.find(run.key);
            // A cleared run keeps its instant; a backfilled run has no jitter.
            const bool is_plain = run.origin == Origin::backfill && it != promised.end() &&
                                  it->second.contains(run.fire + jitter_of(job.schedule, run.key));
            if (it == promised.end() || (!it->second.contains(run.fire) && !is_plain))
                return fmt::format("checker 7: {} ran for {}, which `next` did not show", name, to_string(run.fire));
        }
    }
    return {};
}

}  // namespace mc::sim
