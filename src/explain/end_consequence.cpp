// end_consequence.cpp — what the end of a run means for its direct downstream runs. Uses the daemon's own code, on a
// ledger in which the run has already ended in that state (HypotheticalLedger).
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/spelling.h"
#include "config/order.h"
#include "engine/forecast.h"
#include "engine/upstream.h"
#include "explain/consequence.h"
#include "explain/hypothetical_ledger.h"

namespace mc {

namespace {

using Standing = UpstreamStatus::Standing;
using Basis = UpstreamStatus::Basis;

constexpr std::size_t names_shown = 10;

// A direct downstream job, and a date of it that depends on the run's date.
struct Behind {
    const Job* job = nullptr;
    Date date;
    std::vector<Run> runs;           // its rows, oldest fire first
    std::optional<Instant> to_come;  // its fire for that date, without a row
};

std::vector<Run> rows(Past& past, const Job& job, Date date) {
    std::vector<Run> runs = past.by_date(job.name, date);
    std::erase_if(runs, [](const Run& run) { return !seen_by_others(run) || run.fires > 1; });
    return runs;
}

Behind of_date(const Job& job, Date date, const History& history) {
    Behind behind{&job, date, rows(history.past, job, date), {}};
    // A job without a schedule gets its run with the first run of an upstream job.
    if (const auto fires = planned_fires(job, history.plan, date, date); fires && behind.runs.empty())
        for (const Fire& fire : *fires)
            if (fire.due > history.planned_through) behind.to_come = fire.due;
    return behind;
}

// For "@previous": adds the job's dates for which the run's date is the newest earlier one.
void add_later_dates(const Job& job, const Upstream& upstream, Date date, const History& history,
                     std::vector<Behind>& all) {
    const auto sees_it = [&](Date later) { return status_of(upstream, later, history).date == date; };
    const date::days off = days_off(job, history.plan) + date::days{1};
    const Date newest = date_of(job.schedule.zone->to_wall(history.planned_through)) + off;
    for (Date later = date + date::days{1}; later <= newest; later += date::days{1}) {
        auto runs = rows(history.past, job, later);
        if (runs.empty()) continue;
        if (!sees_it(later)) break;  // later dates do not depend on it either
        all.push_back({&job, later, std::move(runs), {}});
    }
    const auto next = next_to_come(job, history.plan, history.past, history.planned_through, far_ahead(job));
    if (!next || next->empty()) return;
    const Fire& fire = next->front();
    if (fire.logical_date <= date || !rows(history.past, job, fire.logical_date).empty()) return;
    if (sees_it(fire.logical_date)) all.push_back({&job, fire.logical_date, {}, fire.due});
}

std::vector<const Job*> right_after(const Plan& plan, const JobName& name) {
    const auto dependents = dependents_of(plan);
    const auto found = dependents.find(name);
    std::vector<const Job*> jobs;
    if (found == dependents.end()) return jobs;
    std::copy_if(found->second.begin(), found->second.end(), std::back_inserter(jobs),
                 [](const Job* job) { return job->enabled; });
    return jobs;
}

std::vector<Behind> behind(const Run& run, const History& history) {
    std::vector<Behind> all;
    for (const Job* job : right_after(history.plan, run.job))
        for (const Upstream& upstream : job->after->upstreams) {
            if (upstream.job != run.job) continue;
            if (upstream.previous) add_later_dates(*job, upstream, run.logical_date, history, all);
            else all.push_back(of_date(*job, run.logical_date, history));
        }
    return all;
}

// The states of the job's upstream jobs, and the decision of its trigger.
struct Judged {
    std::vector<UpstreamStatus> looks;
    TriggerVerdict verdict = TriggerVerdict::start;
};

Judged judged(const Job& job, Date date, const History& history, bool assume_upstream = false) {
    Judged all;
    for (const Upstream& upstream : job.after->upstreams) {
        UpstreamStatus& look = all.looks.emplace_back(status_of(upstream, date, history));
        if (assume_upstream && look.basis == Basis::no_run) look.standing = Standing::success;
    }
    all.verdict = judge(job.after->trigger, all.looks);
    return all;
}

// "(trigger all_done)", "(run 7, the latest for 2026-11-20, decides)": the cause, if it is not obvious.
std::string because(const Job& job, const Judged& judged, const Run& run) {
    std::string text;
    if (job.after->trigger != Trigger::all_success) text = fmt::format(" (trigger {})", to_text(job.after->trigger));
    for (const UpstreamStatus& look : judged.looks)
        if (look.basis == Basis::run && look.job == run.job && look.standing != Standing::pending && look.run != run.id)
            text += fmt::format(" (run {}, the latest for {}, decides)", look.run, to_string(look.date));
    return text;
}

std::string fate(const Job& job, const Judged& judged, const Run& run, const Plan& plan) {
    switch (judged.verdict) {
        case TriggerVerdict::skip: return "is skipped" + because(job, judged, run);
        case TriggerVerdict::upstream_failed: return "ends as upstream_failed" + because(job, judged, run);
        case TriggerVerdict::start: return "can start" + because(job, judged, run);
        case TriggerVerdict::wait: break;
    }
    for (const UpstreamStatus& look : judged.looks)
        if (look.standing == Standing::pending) return "still waits: " + text_of(look, &plan);
    return "still waits";
}

bool by_when(const Job& job, Date date, const Plan& plan) {
    return !when_holds(job, *plan.calendars, date).value_or(true);
}

std::string ended_and_stays(const Run& row) {
    return fmt::format("has already ended as {} and does not change", to_text(row.state));
}

// For a run that ended as upstream_failed and is judged again.
std::string fate_healed(const Run& row, const Job& job, const Run& run, const History& history) {
    const Judged again = judged(job, row.logical_date, history);
    if (again.verdict == TriggerVerdict::upstream_failed) return "stays upstream_failed" + because(job, again, run);
    const auto record = history.past.record_of(job.name);
    std::string fate = "waits again";
    if (record && record->iced()) fate = "is skipped (iced)";
    else if (by_when(job, row.logical_date, history.plan)) fate = "is skipped (when_false)";
    else if (again.verdict == TriggerVerdict::skip) fate = "is skipped" + because(job, again, run);
    return fmt::format("{}: its run {} had ended as upstream_failed", fate, row.id);
}

// `healing`: the run ends as success or skipped; then the daemon judges runs again that ended as upstream_failed.
std::string fate_of(const Run& row, const Job& job, const Run& run, const History& history, bool healing) {
    if (row.clearing != 0) return fmt::format("is being cleared, as run {}", row.id);
    if (row.state == State::upstream_failed && healing) return fate_healed(row, job, run, history);
    if (finished(row.state)) return ended_and_stays(row);
    if (row.state == State::running || row.state == State::retrying)
        return fmt::format("has already started as run {}, and continues", row.id);
    if (row.bypasses_gates) return fmt::format("starts as run {} without waiting", row.id);
    if (row.reason == Reason::held) return fmt::format("is held, as run {}", row.id);
    return fate(job, judged(job, row.logical_date, history, row.assume_upstream), run, history.plan);
}

bool may_wait(const Run& row) {
    return (row.state == State::waiting || row.state == State::queued) && !row.bypasses_gates && row.clearing == 0;
}

// "b can start", "b has already ended as success and does not change (3 runs)".
std::string sentence(const Behind& behind, const Run& run, const std::string& fate, int runs) {
    const std::string date = behind.date == run.logical_date ? "" : " " + to_string(behind.date);
    return fmt::format("{}{} {}{}", behind.job->shown(), date, fate, runs > 1 ? fmt::format(" ({} runs)", runs) : "");
}

std::vector<std::string> nobody_sees(const Plan& plan, const Run& run) {
    std::vector<std::string> names;
    for (const Job* job : right_after(plan, run.job)) names.push_back(job->shown());
    if (names.empty()) return {};
    return {fmt::format("{} {} this run: it was started without a date", listed(names, names_shown),
                        names.size() == 1 ? "ignores" : "ignore")};
}

// The downstream jobs, direct or indirect, that ended as upstream_failed because of the run and wait again once it has
// succeeded.
std::set<std::string> healed_by(const Run& run, HypotheticalLedger& then, const History& history) {
    std::set<std::string> healed;
    std::vector<Run> succeeded{run};
    for (std::size_t i = 0; i < succeeded.size(); ++i) {
        const Run upstream = succeeded[i];
        then.put(upstream, State::success);
        for (const Behind& one : behind(upstream, history))
            for (const Run& row : one.runs) {
                if (row.state != State::upstream_failed || row.clearing != 0) continue;
                const TriggerVerdict verdict = judged(*one.job, one.date, history).verdict;
                if (verdict == TriggerVerdict::upstream_failed || verdict == TriggerVerdict::skip) continue;
                if (by_when(*one.job, one.date, history.plan)) continue;
                then.put(row, State::success);
                healed.insert(one.job->shown());
                succeeded.push_back(row);
            }
    }
    return healed;
}

// "b and c wait for it"
std::string who_waits(const std::set<std::string>& names, std::string_view how) {
    return fmt::format("{} {} {}", listed({names.begin(), names.end()}, names_shown),
                       names.size() == 1 ? "waits" : "wait", how);
}

std::vector<std::string> lines_if_ended(const Run& run, State state, const History& history) {
    std::vector<std::string> lines;
    for (const Behind& one : behind(run, history)) {
        std::vector<std::pair<std::string, int>> fates;
        for (const Run& row : one.runs) {
            std::string text = fate_of(row, *one.job, run, history, state == State::success || state == State::skipped);
            if (!fates.empty() && fates.back().first == text) ++fates.back().second;
            else fates.emplace_back(std::move(text), 1);
        }
        if (one.runs.empty() && one.to_come && by_when(*one.job, one.date, history.plan))
            fates.emplace_back("is skipped (when_false)", 1);
        else if (one.runs.empty() && one.to_come)
            fates.emplace_back(fate(*one.job, judged(*one.job, one.date, history), run, history.plan), 1);
        else if (one.runs.empty()) fates.emplace_back(fmt::format("has no run for {}", to_string(one.date)), 1);
        for (const auto& [text, runs] : fates) lines.push_back(sentence(one, run, text, runs));
    }
    return lines;
}

std::vector<std::string> lines_if_rerun(const Run& run, const History& history) {
    std::vector<std::string> lines;
    std::set<std::string> waiting;
    for (const Behind& one : behind(run, history))
        for (const Run& row : one.runs) {
            if (row.clearing != 0 || row.state == State::upstream_failed) continue;
            if (finished(row.state)) lines.push_back(sentence(one, run, ended_and_stays(row), 1));
            else if (may_wait(row) && judged(*one.job, one.date, history).verdict == TriggerVerdict::wait)
                waiting.insert(one.job->shown());
        }
    lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
    if (!waiting.empty()) lines.push_back(who_waits(waiting, "for it"));
    return lines;
}

}  // namespace

Result<std::vector<std::string>> if_ended(const Plan& plan, const Run& run, State state, const Ledger& ledger,
                                          Instant now) {
    if (!seen_by_others(run)) return nobody_sees(plan, run);
    HypotheticalLedger then(ledger);
    then.put(run, state);
    return asking(then, [&](Past& past) { return lines_if_ended(run, state, {plan, past, now}); });
}

Result<std::vector<std::string>> if_rerun(const Plan& plan, const Run& run, const Ledger& ledger, Instant now) {
    if (!seen_by_others(run)) return nobody_sees(plan, run);
    HypotheticalLedger then(ledger), healing(ledger);
    then.put(run, State::running);
    auto lines = asking(then, [&](Past& past) { return lines_if_rerun(run, {plan, past, now}); });
    if (!lines) return lines;
    const auto healed = asking(healing, [&](Past& past) { return healed_by(run, healing, {plan, past, now}); });
    if (!healed) return tl::unexpected(healed.error());
    if (!healed->empty())
        lines->push_back("once it succeeds, " + who_waits(*healed, "again (upstream_failed until then)"));
    return lines;
}

}  // namespace mc
