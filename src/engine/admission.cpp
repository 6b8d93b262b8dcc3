#include "engine/admission.h"

#include <algorithm>
#include <climits>
#include <tuple>

#include "engine/limits.h"
#include "engine/turn.h"

namespace mc {

namespace {

// A run that has waited this long for a pool or a claim starts before all others, so that a stream of runs with larger
// priorities cannot keep it waiting forever.
constexpr Seconds longest_overtaken{3600};

int minus_priority(const Job& job, const Run& run, Instant now) {
    const bool waits = run.state == State::queued && (run.reason == Reason::pool || run.reason == Reason::claim);
    return waits && run.since && now - *run.since >= longest_overtaken ? INT_MIN : -job.priority;
}

}  // namespace

// A run that may start now. Order: live before backfilled, then the larger priority, then the older fire.
struct Admission::Candidate {
    bool backfilled = false;
    int minus_priority = 0;
    Instant fire;
    RunId id = 0;
    const Run* run = nullptr;
    const Job* job = nullptr;
    bool operator<(const Candidate& other) const {
        return std::tie(backfilled, minus_priority, fire, id) <
               std::tie(other.backfilled, other.minus_priority, other.fire, other.id);
    }
};

Admission::Admission(Step& step, const Definitions& jobs, RunBook& book, const JobRecords& records, Gates& gates,
                     Holds& holds, SensorWatch& sensors, StartTroubles& troubles, Endings& endings, Notices& notices)
    : step_(step),
      jobs_(jobs),
      book_(book),
      records_(records),
      gates_(gates),
      holds_(holds),
      sensors_(sensors),
      troubles_(troubles),
      endings_(endings),
      notices_(notices) {}

void Admission::arrive(const Job& job, const Run& run, Follows follows) {
    if (records_.holds_back(run)) return holds_.wait_for_release(run);  // it does not start, so overlap does not apply
    if (const Run* earlier = holds_.running_against(run)) {
        if (job.overlap == Overlap::skip)
            return endings_.finish(run, State::skipped, {Reason::overlap, OverlappedRun{earlier->id}});
        if (job.overlap == Overlap::kill)
            for (const RunId id : book_.of_job(job.name))
                if (const Run& other = book_.at(id); id != run.id && started(other) && by_hand_or_live(other))
                    endings_.stop(other, State::killed, {Reason::overlap, KilledFor{run.id}});
    }
    if (follows == Follows::another_fire) admit();
}

void Admission::admit_all() {
    admit();
    while (!draining_ && gates_.has_news()) admit();
}

bool Admission::is_candidate(const Job& job, const Run& run) {
    const bool too_early = run.not_before && *run.not_before > step_.now.wall;
    if (records_.holds_back(run)) holds_.wait_for_release(run);
    else if (gates_.keeps_waiting(run)) gates_.park(run);
    else if (too_early) wait_for_time(job, run);
    else return sensors_.lets_start(job, run);
    return false;
}

std::vector<Admission::Candidate> Admission::candidates() {
    std::vector<Candidate> candidates;
    for (auto it = book_.active().begin(); it != book_.active().end();) {
        const Run& run = *(it++)->second;  // advanced first: the run may be parked
        if (run.state == State::running || finished(run.state) || run.clearing != 0) continue;
        const bool too_early = run.not_before && *run.not_before > step_.now.wall;
        if (too_early && run.state == State::retrying) continue;
        const Job* job = jobs_.of(run);
        if (!job || !is_candidate(*job, run)) continue;
        candidates.push_back(
            {run.origin == Origin::backfill, minus_priority(*job, run, step_.now.wall), run.fire, run.id, &run, job});
    }
    std::sort(candidates.begin(), candidates.end());
    return candidates;
}

void Admission::admit() {
    troubles_.judge_trial();
    if (draining_) return;
    sensors_.check_succeeded_jobs();
    gates_.judge();
    const std::vector<Candidate> in_order = candidates();
    if (in_order.empty()) return;
    InUse used;
    StartedRuns started_runs;
    for (const auto& [id, run] : book_.active()) {
        // A held run between two attempts blocks no other run.
        if (run->state == State::running || !records_.holds_back(*run)) started_runs.add(*run);
        const Job* job = run->state == State::running ? jobs_.of(*run) : nullptr;
        if (job) used.add(*job, *run);
    }
    RunId claim_waits = 0;  // later claims do not overtake a waiting claim, so that a large claim can start
    for (const Candidate& candidate : in_order) {
        const Run& run = *candidate.run;
        const Job& job = *candidate.job;
        if (run.not_after && step_.now.wall >= *run.not_after && !run.forced) continue;  // Endings::expire() ends it
        const Run* earlier = job.overlap == Overlap::allow ? nullptr : started_runs.blocking(run);
        Because why;
        if (earlier) why = {Reason::overlap, EarlierRun{earlier->id}};
        else if (claim_waits != 0 && has_claim(job, run)) why = {Reason::claim, EarlierClaim{claim_waits}};
        else why = used.in_the_way(job, run, jobs_.plan());
        if (why.reason == Reason::none)
            if (auto refused = troubles_.hindrance_of(job, run)) why = {Reason::resources, *std::move(refused)};
        if (why.reason == Reason::none) {
            start(job, run);
            if (run.state == State::running) used.add(job, run);
            started_runs.add(run);
            continue;
        }
        if (claim_waits == 0 && why.reason == Reason::claim) claim_waits = run.id;
        if (why.reason == Reason::resources) book_.wait(run, std::move(why));
        else book_.queue(run, std::move(why));
    }
}

void Admission::wait_for_time(const Job& job, const Run& run) {
    book_.wait(run, {Reason::sensor, WaitUntil{*run.not_before}, jobs_.wording(job)});
}

void Admission::start(const Job& job, const Run& run) {
    if (endings_.finish_early(run, lacks_session(job, run, jobs_.calendars()))) return;
    // Such a run ends without an attempt and without retries. The texts of its sensors were filled in before.
    if (endings_.finish_early(run, lacks_dates(job, run, jobs_.calendars(), Texts::but_sensors))) return;
    gates_.forget(run.id);
    sensors_.forget(run.id);
    const auto timeout = timeout_of(run, job);
    book_.begin(run, {step_.now.wall, timeout ? std::optional(after(step_.now, *timeout)) : std::nullopt,
                      jobs_.plan().generation, job.user});
    if (const auto* action = std::get_if<SlackPost>(&job.action)) {
        if (const auto posted = notices_.post(*action, job, run); !posted)
            endings_.finish(run, State::failed, {reason_of_text(posted.error()), posted.error().what});
    } else {
        step_.effects.emplace_back(Spawn{run});
    }
    if (run.state == State::running) troubles_.note_start(job, run);
}

void Admission::add_wakes(Wake& wake) const {
    const auto earlier = [](auto& best, const auto& other) {
        if (other && (!best || *other < *best)) best = other;
    };
    for (const auto& [id, run] : book_.active()) {
        earlier(wake.wall, run->deadline);
        if (run->state == State::waiting || run->state == State::queued || run->state == State::retrying) {
            const bool is_early = run->not_before && *run->not_before > step_.now.wall;
            if (is_early && !draining_) earlier(wake.wall, run->not_before);
            if (!run->forced) earlier(wake.wall, run->not_after);
        }
        if (run->state == State::running) {
            earlier(wake.up, run->timeout_up);
            earlier(wake.up, run->kill_up);
        }
    }
}

}  // namespace mc
