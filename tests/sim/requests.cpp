#include "sim/requests.h"

#include <fmt/format.h>

#include <algorithm>

namespace mc::sim {

namespace {

bool contains(const std::vector<RunId>& runs, RunId id) {
    return std::find(runs.begin(), runs.end(), id) != runs.end();
}

std::optional<Instant> latest_start(const Job& job, Instant fire) {
    const auto* after = job.not_after ? std::get_if<LimitAfter>(&job.not_after->rule) : nullptr;
    return after ? std::optional(fire + after->length) : std::nullopt;
}

class Requests {
   public:
    Requests(const Reply& reply, const Before& before, const World& world)
        : reply_(reply), before_(before), world_(world), now_(world.now.wall) {}

    std::string of(const StopAsked& asked) const {
        const Run* old = find(asked.run);
        if (!old || (finished(old->state) && old->clearing == 0)) return refused("there is nothing to stop");
        if (!reply_.ok) return "it is refused";
        const Run run = row(asked.run);
        if (finished(old->state))
            return run.clearing == 0 && run.state == old->state ? "" : "it is still being cleared";
        if (run.state == State::running) return run.ending ? "" : "it goes on";
        return finished(run.state) ? "" : "it may still start";
    }

    std::string of(const RerunAsked& asked) const {
        const Run* old = find(asked.run);
        if (!old || !finished(old->state) || old->clearing != 0 || old->fires > 1)
            return refused("it cannot run again");
        const Job& job = world_.plan.jobs.at(old->job);
        const auto limit = latest_start(job, old->fire);
        if (!asked.force && limit && *limit <= now_) return refused("it is too late");
        const bool when = when_holds(job, *world_.plan.calendars, old->logical_date).value_or(true);
        const Run run = row(asked.run);
        if (!asked.force && !when && !old->bypasses_gates)
            return run.reason == Reason::when_false ? "" : "its `when` is false";
        if (!reply_.ok) return "it is refused";
        if (run.attempts_before != old->attempt) return "its attempts are not counted anew";
        if (run.forced != asked.force || run.batch != 0) return "it runs again with other limits";
        if (!finished(run.state) && (run.deadline || run.not_before || !run.bypasses_gates))
            return "something holds it back";
        if (!finished(run.state) && run.not_after != (asked.force ? std::nullopt : limit))
            return "its not_after is another";
        return contains(reply_.runs, asked.run) ? "" : "the answer does not name it";
    }

    std::string of(const MarkAsked& asked) const {
        const Run* old = find(asked.run);
        if (!old || old->state == State::running || old->clearing != 0) return refused("it cannot be marked");
        if (!reply_.ok) return "it is refused";
        const Run run = row(asked.run);
        const auto* facts = run.reason_data ? std::get_if<MarkedBy>(&*run.reason_data) : nullptr;
        if (run.state != asked.state || run.reason != Reason::marked || !facts) return "it is not marked";
        if (run.deadline) return "it can still be late";
        return facts->by == asked.by && facts->comment == asked.reason && facts->was == old->state
                   ? ""
                   : "it is marked otherwise";
    }

    std::string of(const HoldAsked& asked) const {
        if (asked.until && *asked.until <= now_) return refused("its end is in the past");
        const auto record = record_of(asked.job);
        if (!reply_.ok || !record || !record->held()) return "the job is not held";
        const JobRecord* old = old_record(asked.job);
        const Instant since = old && old->held() ? old->hold->since : now_;
        const Hold& hold = *record->hold;
        if (hold.since != since || hold.until != asked.until || hold.by != asked.by) return "it is held otherwise";
        return none_of_job(asked.job,
                           [](const Run& run) {
                               return (run.state == State::waiting || run.state == State::queued) && run.bypasses_gates;
                           })
                   ? ""
                   : "a run that was started by hand is not held";
    }

    std::string of(const IceAsked& asked) const {
        if (asked.until && *asked.until <= now_) return refused("its end is in the past");
        const auto record = record_of(asked.job);
        if (!reply_.ok || !record || !record->iced()) return "the job is not iced";
        if (record->ice->until != asked.until || record->ice->by != asked.by) return "it is iced otherwise";
        return none_of_job(asked.job,
                           [](const Run& run) {
                               const bool is_due = run.origin == Origin::live || run.origin == Origin::catch_up;
                               const bool waits = run.state == State::waiting || run.state == State::queued;
                               return is_due && waits && !run.bypasses_gates && run.clearing == 0;
                           })
                   ? ""
                   : "a due run of it still waits";
    }

    std::string of(const ReleaseAsked& asked) const {
        const JobRecord* old = old_record(asked.job);
        if (!old || (!old->held() && !old->iced())) return refused("it is neither held nor iced");
        const auto record = record_of(asked.job);
        if (!reply_.ok || !record || record->held() || record->iced()) return "it is not released";
        return none_of_job(asked.job,
                           [](const Run& run) { return run.state != State::retrying && run.reason == Reason::held; })
                   ? ""
                   : "a run is still held";
    }

    std::string of(const AlertAsked& asked) const {
        const Alert* old = nullptr;
        for (const auto& [job, alert] : before_.alerts)
            if (alert.run == asked.alert) old = &alert;
        if (!old) return refused("there is no such alert");
        if (!reply_.ok) return "it is refused";
        for (const Alert& alert : world_.ledger.alerts(AlertsAsked::all).value_or(std::vector<Alert>{})) {
            if (alert.run != asked.alert || alert.job != old->job || alert.opened != old->opened) continue;
            if (asked.close)
                return alert.closed == now_ && alert.closed_by == asked.by && alert.close_reason == asked.reason
                           ? ""
                           : "it is not closed";
            return alert.acked == now_ && alert.acked_by == asked.by && alert.ack_reason == asked.reason
                       ? ""
                       : "it is not acknowledged";
        }
        return "the alert is gone";
    }

    std::string of(const StartAsked& asked) const {
        const auto& capacity = world_.plan.daemon.capacity_memory;
        if (asked.only.memory && capacity && *asked.only.memory > *capacity)
            return refused("it claims more than there is");
        const Job& job = world_.plan.jobs.at(asked.job);
        if (!asked.date) {
            const auto limit = latest_start(job, now_);
            const bool too_late = limit && *limit <= now_ && !asked.force;
            if (!reply_.ok) return reply_.runs.empty() && !too_late ? "it is refused" : "";
        } else if (const Run* waits = waiting(asked); waits && waits->clearing == 0) {
            const bool too_late = waits->not_after && *waits->not_after <= now_ && !asked.force;
            if (too_late) return refused("it is too late");
            if (!reply_.ok) return reply_.runs.empty() ? "it is refused" : "";
            if (!contains(reply_.runs, waits->id)) return "another run starts";
        } else if (!reply_.ok) {
            return "";
        }
        if (reply_.runs.size() != 1) return "it does not start one run";
        const Run run = row(reply_.runs.front());
        if (run.job != asked.job || (asked.date && run.logical_date != *asked.date)) return "it starts another run";
        if (asked.date && run.key.is_start()) return "it starts a run beside that date's";
        if (!asked.date && (!run.key.is_start() || run.origin != Origin::start || run.fire != now_ || find(run.id)))
            return "it is no new run";
        if (!asked.date && run.deadline) return "it has a deadline";
        if (run.forced != asked.force || run.bypasses_gates == asked.gates) return "it starts otherwise than asked";
        const auto options = run.start_options ? *run.start_options : StartOptions{};
        if (asked.only != StartOptions{} && options != asked.only) return "its options are lost";
        if (asked.gates || finished(run.state)) return "";
        const bool waits = run.state == State::waiting && run.reason != Reason::resources;
        return run.not_before && run.state != State::retrying ? "it waits for its time" : waits ? "it waits" : "";
    }

    std::string of(const ClearAsked& asked) const {
        if (!reply_.ok) return "";
        const std::set<JobName> downstream = downstream_of(asked.jobs);
        for (const auto& [id, old] : before_.runs) {
            const bool is_asked = std::find(asked.jobs.begin(), asked.jobs.end(), old.job) != asked.jobs.end() &&
                                  old.logical_date >= asked.from && old.logical_date <= asked.to;
            if (contains(reply_.runs, id) && (old.key.is_start() || old.fires > 1))
                return fmt::format("run {} is cleared", id);
            if (is_asked && !old.key.is_start() && old.fires == 1 && !contains(reply_.runs, id))
                return fmt::format("run {} is not cleared", id);
            if (is_asked || !contains(reply_.runs, id)) continue;
            if (!downstream.contains(old.job)) return fmt::format("run {} of another job is cleared", id);
            if (!asked.downstream && finished(old.state)) return fmt::format("run {} had ended, and is cleared", id);
        }
        for (const RunId id : reply_.runs) {
            const Run run = row(id);
            const bool is_reset = run.attempts_before == before_attempt(id) && (!finished(run.state) || !ran(run));
            if (run.clearing == 0 && !is_reset) return fmt::format("run {} is not reset", id);
        }
        return "";
    }

    std::string of(const BackfillAsked& asked) const {
        if (!reply_.ok) return reply_.kind == Error::Kind::refused ? "it is refused" : "";
        const Job& job = world_.plan.jobs.at(asked.jobs.front());
        std::int64_t batch = 0;
        for (const RunId id : reply_.runs) {
            const Run run = row(id);
            const Run* old = find(id);
            if (old && !finished(old->state)) return fmt::format("run {} had not ended", id);
            if (run.origin != Origin::backfill || run.batch == 0 || run.batch_width != std::max(asked.parallel, 1))
                return fmt::format("run {} is no part of it", id);
            if (batch != 0 && run.batch != batch) return "it has two numbers";
            batch = run.batch;
            const bool is_own = run.job == job.name && run.logical_date >= asked.from && run.logical_date <= asked.to;
            if (!is_own && asked.upstreams != BackfillAsked::Upstreams::run)
                return fmt::format("run {} was not asked for", id);
            if (run.not_after || run.deadline) return fmt::format("run {} has a limit", id);
            const bool assumes = asked.upstreams == BackfillAsked::Upstreams::assumed;
            if (run.assume_upstream != assumes) return fmt::format("run {} treats its upstream jobs otherwise", id);
        }
        for (Date date = asked.from; date <= asked.to; date += date::days{1})
            for (const Fire& fire : world_.fires.of(world_.plan, job, date))
                if (auto what = of_fire(asked, job, fire); !what.empty()) return what;
        return "";
    }

   private:
    // The jobs that depend on these, directly or not; themselves only with depends_on_past.
    std::set<JobName> downstream_of(const std::vector<JobName>& jobs) const {
        std::vector<JobName> open = jobs;
        std::set<JobName> found;
        while (!open.empty()) {
            const JobName upstream = open.back();
            open.pop_back();
            for (const auto& [name, job] : world_.plan.jobs) {
                bool depends = name == upstream && job.depends_on_past;
                for (std::size_t i = 0; job.after && i < job.after->upstreams.size(); ++i)
                    depends = depends || job.after->upstreams[i].job == upstream;
                for (std::size_t i = 0; job.wait && i < job.wait->size(); ++i) {
                    const auto* sensor = std::get_if<JobSensor>(&(*job.wait)[i].kind);
                    depends = depends || (sensor && sensor->job == upstream);
                }
                if (depends && found.insert(name).second) open.push_back(name);
            }
        }
        return found;
    }

    std::string of_fire(const BackfillAsked& asked, const Job& job, const Fire& fire) const {
        const Run* old = nullptr;
        bool is_shared = false;
        for (const auto& [id, run] : before_.runs) {
            if (run.job != job.name) continue;
            if (run.key == fire.key) old = &run;
            is_shared =
                is_shared || (run.fires > 1 && run.fire <= fire.due && fire.due <= run.last_fire.value_or(run.fire));
        }
        // A fire that became due in this step has its row since.
        if (!old && !is_shared && fire.due > world_.planned_through - job.grace) return "";
        if (job.latest_only || is_shared || !when_holds(job, *world_.plan.calendars, fire.logical_date).value_or(false))
            return "";
        const bool has_ended = old && finished(old->state) && old->clearing == 0;
        const bool is_failed = has_ended && old->state != State::success && old->state != State::skipped;
        const bool is_missing =
            !old || (has_ended && (old->state == State::missed || old->reason == Reason::calendar_ended));
        const bool is_chosen = is_missing || (is_failed && asked.rerun == BackfillAsked::Rerun::failed);
        const auto now = world_.ledger.by_key(job.name, fire.key).value();
        const bool runs = now && contains(reply_.runs, now->id);
        if (is_chosen && fire.due <= now_ && !runs) return fmt::format("the fire {} does not run", to_string(fire.due));
        if (old && !is_chosen && runs) return fmt::format("the fire {} runs again", to_string(fire.due));
        if (runs && now->fire != fire.due - jitter_of(job.schedule, fire.key) && job.has_schedule())
            return fmt::format("the fire {} has jitter", to_string(fire.due));
        return "";
    }

    // The job's earliest run for the date that has not started.
    const Run* waiting(const StartAsked& asked) const {
        for (const auto& [id, run] : before_.runs)
            if (run.job == asked.job && run.logical_date == *asked.date && !run.key.is_start() &&
                run.state != State::running && !finished(run.state))
                return &run;
        return nullptr;
    }

    static bool ran(const Run& run) { return run.state == State::success || run.state == State::failed; }
    int before_attempt(RunId id) const { return find(id) ? find(id)->attempt : 0; }
    std::string refused(std::string_view why) const {
        return reply_.ok ? fmt::format("it is not refused, although {}", why) : "";
    }
    const Run* find(RunId id) const {
        const auto run = before_.runs.find(id);
        return run == before_.runs.end() ? nullptr : &run->second;
    }
    const JobRecord* old_record(const JobName& job) const {
        const auto record = before_.records.find(job);
        return record == before_.records.end() ? nullptr : &record->second;
    }
    Run row(RunId id) const { return world_.ledger.by_id(id).value().value_or(Run{}); }
    std::optional<JobRecord> record_of(const JobName& job) const { return world_.ledger.record_of(job).value(); }
    template <class Is>
    bool none_of_job(const JobName& job, Is is) const {
        for (const Run& run : world_.ledger.recover().value_or(Recovered{}).unfinished)
            if (run.job == job && is(run)) return false;
        return true;
    }

    const Reply& reply_;
    const Before& before_;
    const World& world_;
    Instant now_;
};

}  // namespace

Before look_before(const World& world) {
    Before before;
    const std::vector<Run> runs = world.ledger.runs({}).value();
    for (const Run& run : runs) before.runs.emplace(run.id, run);
    const Recovered stored = world.ledger.recover().value();
    for (const JobRecord& record : stored.jobs) before.records.emplace(record.job, record);
    for (const Alert& alert : stored.alerts) before.alerts.emplace(alert.job, alert);
    return before;
}

std::string check_request(const Event& event, const Reply& reply, const Before& before, const World& world) {
    if (!reply.ok && reply.kind == Error::Kind::store) return "";  // the ledger could not be used: nothing was done
    const Requests requests(reply, before, world);
    const std::string what = std::visit(
        [&](const auto& asked) -> std::string {
            if constexpr (requires { requests.of(asked); }) return requests.of(asked);
            else return "";
        },
        event);
    const bool is_said = std::holds_alternative<Woke>(event) || std::holds_alternative<PlanLoaded>(event) ||
                         (!reply.text.empty() && reply.text.back() != ' ');
    if (!is_said) return fmt::format("checker 16: \"{}\" is no answer", reply.text);
    return what.empty() ? "" : fmt::format("checker 16: \"{}\" is the answer, but {}", reply.text, what);
}

}  // namespace mc::sim
