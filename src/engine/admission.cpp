// admission.cpp — what may start, starts: in order, within limits, each wait with its reason.
#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <cmath>
#include <string_view>
#include <tuple>

#include "config/job_parts.h"
#include "config/size.h"
#include "engine/body.h"

namespace mc {

namespace {

bool by_hand_or_live(const Run& run) { return run.origin == Origin::live || run.origin == Origin::start; }

// A start by hand may claim its own.
std::optional<std::uint64_t> claimed_memory(const Job& job, const Run& run) {
    return run.start_only && run.start_only->memory ? run.start_only->memory : job.memory;
}

// Counted in millionths, for sums of fractions are a little more or less than what was written:
// 2.2 and 0.6 and 0.2 would not fit into 3. More than a million cpus are a million.
std::uint64_t millionths(double cpus) { return static_cast<std::uint64_t>(std::llround(std::min(cpus, 1e6) * 1e6)); }

// A claim larger than the whole capacity starts alone, rather than never.
bool fits(std::uint64_t claim, std::uint64_t used, std::uint64_t capacity) {
    return used == 0 || (used <= capacity && claim <= capacity - used);
}

// What is in use now, of what has a limit.
struct InUse {
    std::map<std::string, int> pools;
    std::map<std::int64_t, int> batches;
    std::uint64_t memory = 0;
    std::uint64_t cpu_millionths = 0;

    void add(const Job& job, const Run& run) {
        if (!job.pool.empty()) ++pools[job.pool];
        if (run.batch != 0) ++batches[run.batch];
        // `start --memory` may claim as much as can be counted.
        memory += std::min(claimed_memory(job, run).value_or(0), UINT64_MAX - memory);
        cpu_millionths += millionths(job.cpus.value_or(0));
    }
};

// What may start now, in the order in which it does: live before backfilled, then the larger priority,
// then the older fire.
struct Candidate {
    bool backfilled = false;
    int minus_priority = 0;
    Instant fire;
    RunId id = 0;
    Run* run = nullptr;
    const Job* job = nullptr;
    bool operator<(const Candidate& other) const {
        return std::tie(backfilled, minus_priority, fire, id) <
               std::tie(other.backfilled, other.minus_priority, other.fire, other.id);
    }
};

// What has waited for a pool or a claim as long as that goes before all: a stream of larger priorities starves nobody.
constexpr Seconds longest_overtaken{3600};

int minus_priority(const Job& job, const Run& run, Instant now) {
    const bool waits = run.state == State::queued && (run.reason == Reason::pool || run.reason == Reason::claim);
    return waits && run.since && now - *run.since >= longest_overtaken ? INT_MIN : -job.priority;
}

// Whether the other run of the same job must end before this one starts. A live run waits for (or is skipped,
// or kills) live ones; caught-up and backfilled ones wait for any, and never make a live one wait.
bool must_end_first(const Run& other, const Run& run) {
    // A run between two attempts keeps its turn; only what really runs makes it wait.
    const bool in_the_way = run.state == State::retrying ? other.state == State::running : started(other);
    if (other.id == run.id || !in_the_way) return false;
    if (run.batch != 0 && run.batch == other.batch) return false;  // its width is their limit
    return !by_hand_or_live(run) || by_hand_or_live(other);
}

// The runs that have started, by job: thousands may wait for a few.
class Started {
   public:
    void add(const Run& run) {
        if (started(run)) by_job_[run.job].push_back(&run);
    }
    bool stands_against(const Run& run) const {
        const auto found = by_job_.find(run.job);
        return found != by_job_.end() && std::any_of(found->second.begin(), found->second.end(),
                                                     [&](const Run* other) { return must_end_first(*other, run); });
    }

   private:
    std::map<std::string_view, std::vector<const Run*>> by_job_;
};

struct Wait {
    Reason reason = Reason::none;
    std::string detail;
};

// What keeps the run from starting, among the limits that it shares with others.
Wait limit_in_the_way(const Job& job, const Run& run, const InUse& used, const Plan& plan) {
    if (run.batch != 0) {
        const auto it = used.batches.find(run.batch);
        if (it != used.batches.end() && it->second >= run.batch_width)
            return {Reason::pool, run.batch_width == 1 ? "the backfill runs one at a time"
                                                       : fmt::format("the backfill runs {} at once", run.batch_width)};
    }
    if (!job.pool.empty()) {
        const int slots = plan.pools.at(job.pool);
        const auto it = used.pools.find(job.pool);
        if (it != used.pools.end() && run.batch != 0 && slots > 1 && it->second == slots - 1)
            return {Reason::pool, fmt::format("the last of the {} slots of pool {} is left to others than backfills",
                                              slots, job.pool)};
        if (it != used.pools.end() && it->second >= slots)
            return {Reason::pool, slots == 1 ? fmt::format("the one slot of pool {} is taken", job.pool)
                                             : fmt::format("all {} slots of pool {} are taken", slots, job.pool)};
    }
    const auto& capacity = plan.daemon;
    const auto memory = claimed_memory(job, run);
    if (memory && capacity.capacity_memory && !fits(*memory, used.memory, *capacity.capacity_memory))
        return {Reason::claim,
                fmt::format("it asks for {} of memory; {} of {} are claimed", rounded_size_text(*memory),
                            rounded_size_text(used.memory), rounded_size_text(*capacity.capacity_memory))};
    const double cpus_used = static_cast<double>(used.cpu_millionths) / 1e6;
    if (job.cpus && capacity.capacity_cpus &&
        !fits(millionths(*job.cpus), used.cpu_millionths, millionths(*capacity.capacity_cpus)))
        return {Reason::claim, fmt::format("it asks for {} cpu{}; {} of {} are claimed", *job.cpus,
                                           *job.cpus == 1 ? "" : "s", cpus_used, *capacity.capacity_cpus)};
    return {};
}

}  // namespace

Reason reason_of_text(const Error& error) {
    if (error.kind == Error::Kind::calendar) return Reason::calendar_ended;
    return error.kind == Error::Kind::refused ? Reason::no_session : Reason::spawn_failed;
}

const Run* Engine::Body::running_against(const Run& run) const {
    for (const RunId id : open_by_job.at(run.job))
        if (const Run& other = open.at(id); must_end_first(other, run)) return &other;
    return nullptr;
}

void Engine::Body::live_fire(const Job& job, Run& run, bool more_follow) {
    if (holds_back(run)) return wait_for_release(run);  // nothing need make way for it
    if (const Run* earlier = running_against(run)) {
        if (job.overlap == Overlap::skip)
            return finish(run, State::skipped, Reason::overlap, fmt::format("run {} of the job went on", earlier->id));
        if (job.overlap == Overlap::kill)
            for (const RunId id : open_by_job.at(job.name))
                if (Run& other = open.at(id); id != run.id && started(other) && by_hand_or_live(other))
                    stop(other, State::killed, Reason::overlap);
    }
    // Of several fires that come at once the first has started when the second is judged.
    if (more_follow) admit();
}

void Engine::Body::admit() {
    judge_trial();
    if (draining) return;
    judge_gates();
    std::vector<Candidate> candidates;
    for (auto it = awake.begin(); it != awake.end();) {
        Run& run = *(it++)->second;
        if (run.state == State::running || finished(run.state) || run.clearing != 0) continue;
        const bool too_early = run.not_before && *run.not_before > now.wall;
        if (too_early && run.state == State::retrying) continue;
        const Job* job = job_of(run);
        if (!job) continue;
        if (holds_back(run)) wait_for_release(run);
        else if (blocked(run)) sleep(run);
        else if (too_early) wait_for_time(*job, run);
        else if (sense(*job, run))
            candidates.push_back(
                {run.origin == Origin::backfill, minus_priority(*job, run, now.wall), run.fire, run.id, &run, job});
    }
    if (candidates.empty()) return;
    std::sort(candidates.begin(), candidates.end());
    InUse used;
    Started busy;
    for (const auto& [id, run] : awake) {
        // A held run between two attempts is in nobody's way.
        if (run->state == State::running || !holds_back(*run)) busy.add(*run);
        const Job* job = run->state == State::running ? job_of(*run) : nullptr;
        if (job) used.add(*job, *run);
    }

    bool claims_wait = false;  // nobody overtakes a waiting claim, so that a large one is not starved
    for (const Candidate& candidate : candidates) {
        Run& run = *candidate.run;
        const Job& job = *candidate.job;
        if (run.not_after && now.wall >= *run.not_after && !run.forced) continue;  // expire() ends it
        Wait wait;
        if (job.overlap != Overlap::allow && busy.stands_against(run))
            wait = {Reason::overlap, "an earlier run of the job goes on"};
        else if (claims_wait && (claimed_memory(job, run) || job.cpus))
            wait = {Reason::claim, "an earlier claim waits"};
        else wait = limit_in_the_way(job, run, used, *plan);
        if (wait.reason == Reason::none)
            if (auto why = hindrance_of(job, run)) wait = {Reason::resources, *std::move(why)};
        if (wait.reason == Reason::none) {
            start(job, run);
            if (run.state == State::running) used.add(job, run);
            if (run.state == State::running) note_start(job, run);
            busy.add(run);
            continue;
        }
        claims_wait = claims_wait || wait.reason == Reason::claim;
        const State waits = wait.reason == Reason::resources ? State::waiting : State::queued;
        const State state = run.state == State::retrying ? State::retrying : waits;
        if (run.state == state && run.reason == wait.reason && run.detail == wait.detail) continue;
        run.state = state;
        run.reason = wait.reason;
        run.detail = wait.detail;
        touch(run);
    }
}

void Engine::Body::wait_for_time(const Job& job, Run& run) {
    std::string detail = fmt::format("wait_until {}", local_text(*run.not_before, *job.schedule.zone));
    if (run.state == State::waiting && run.reason == Reason::sensor && run.detail == detail) return;
    run.state = State::waiting;
    run.reason = Reason::sensor;
    run.detail = std::move(detail);
    touch(run);
}

bool Engine::Body::ends_early(Run& run, const std::optional<EarlyEnd>& end) {
    if (end) finish(run, State::failed, end->reason, end->text);
    return end.has_value();
}

void set_running(Run& run, std::optional<Instant> started) {
    run.state = State::running;
    run.reason = Reason::none;
    run.detail.clear();
    run.started = started;
    run.finished.reset();
    run.exit_code.reset();
    run.signal.reset();
    run.max_rss_bytes.reset();
    run.cpu_seconds.reset();
    run.not_before.reset();
    run.ending = State::running;
    run.kill_up.reset();
}

void Engine::Body::start(const Job& job, Run& run) {
    if (ends_early(run, lacks_session(job, run, *plan->calendars))) return;
    // No attempt is begun, and none after it. What its sensors look at was asked before.
    if (ends_early(run, lacks_dates(job, run, *plan->calendars, Texts::but_sensors))) return;
    touch(run);
    unwatch(run.id);
    sensing.erase(run.id);
    run.sensing_since.reset();
    ++run.attempt;
    set_running(run, now.wall);
    const auto timeout = run.start_only && run.start_only->timeout ? run.start_only->timeout : job.timeout;
    run.timeout_up = timeout ? std::optional(after(now, *timeout)) : std::nullopt;
    run.generation = plan->generation;
    run.user = job.user;
    if (const auto* action = std::get_if<SlackPost>(&job.action)) post(*action, job, run);
    else effects.emplace_back(Spawn{run});
}

}  // namespace mc
