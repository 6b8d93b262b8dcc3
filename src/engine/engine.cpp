#include "engine/engine.h"

#include "base/overloaded.h"
#include "config/crontab_jobs.h"
#include "engine/body.h"
#include "engine/forecast.h"

namespace mc {

namespace {

constexpr Seconds look_ahead{40LL * 366 * 86400};

}  // namespace

Engine::Engine(Recovered recovered, const Ledger& ledger, const ReadContext& context, std::string boot_id)
    : body_(std::make_unique<Body>(std::move(recovered), ledger, context, std::move(boot_id))) {}
Engine::~Engine() = default;

std::vector<Action> Engine::step(const Event& event, Now now) {
    Body& b = *body_;
    b.now = now;
    check(b.plan || std::holds_alternative<PlanLoaded>(event), "the first event is PlanLoaded");
    const auto* other = std::get_if<OtherCron>(&event);
    if (other && !other->who.empty()) b.other_cron = other->who;
    if (b.plan) b.plan_due_fires();
    std::visit(Overloaded{
                   [](const Woke&) {},
                   [&](const PlanLoaded& loaded) { b.load(loaded); },
                   [&](const AttemptsEnded& ended) { b.ended(ended.outcomes); },
                   [&](const StartAsked& asked) { b.start_asked(asked); },
                   [&](const StopAsked& asked) { b.stop_asked(asked); },
                   [&](const BackfillAsked& asked) { b.backfill_asked(asked); },
                   [&](const HoldAsked& asked) { b.hold_asked(asked); },
                   [&](const ReleaseAsked& asked) { b.release_asked(asked); },
                   [&](const IceAsked& asked) { b.ice_asked(asked); },
                   [&](const RerunAsked& asked) { b.rerun_asked(asked); },
                   [&](const MarkAsked& asked) { b.mark_asked(asked); },
                   [&](const ClearAsked& asked) { b.clear_asked(asked); },
                   [&](const CalendarChanged& changed) { b.calendar_changed(changed); },
                   [&](const MessageAsked& asked) { b.message_asked(asked); },
                   [&](const OtherCron& seen) { b.other_cron = seen.who; },
                   [&](const TroubleTold& told) { b.trouble_told(told); },
                   [&](const AlertAsked& asked) { b.alert_asked(asked); },
                   [&](const SensorsAnswered& answered) { b.sensors_answered(answered); },
                   [&](const DrainAsked&) {
                       b.draining = true;
                       b.reply(true, "draining: nothing new starts; the daemon ends with the last running job");
                   },
               },
               event);
    b.tell_coverage();
    b.end_holds();
    b.end_ices();
    b.expire();
    b.finish_clears();
    b.admit();
    // Some may have ended in that, and each may be what another one waits for.
    while (!b.draining && !b.changed_days.empty()) b.admit();
    b.repeat_alerts();  // what has just been told need not be told again
    return b.finish_step();
}

Wake Engine::next_wake() const { return body_->wake(); }

const std::map<RunId, Run>& Engine::unfinished() const { return body_->open; }

const Job* Engine::job_of(const Run& run) const { return body_->job_of(run); }

std::optional<Fire> Engine::next_fire(const std::string& job) const {
    const auto it = body_->next.find(job);
    if (it == body_->next.end() || it->second.empty()) return std::nullopt;
    const Job& planned = body_->plan->jobs.at(job);
    for (const Fire& fire : it->second)
        if (!has_run(planned, fire, body_->ledger)) return fire;
    const auto later = next_to_come(planned, *body_->plan, body_->ledger, it->second.front().due, look_ahead);
    return !later || later->empty() ? std::nullopt : std::optional(later->front());
}

std::optional<Instant> Engine::next_machine_line() const {
    for (const auto& [due, name] : body_->agenda)
        if (is_machines_line(body_->plan->jobs.at(name))) return due;
    return std::nullopt;
}

const std::map<std::string, Alert>& Engine::alerts() const { return body_->alerts; }

std::vector<JobRecord> Engine::held() const {
    std::vector<JobRecord> held;
    for (const auto& [name, record] : body_->records)
        if (record.held() || record.iced()) held.push_back(record);
    return held;
}

bool Engine::draining() const { return body_->draining; }

bool Engine::idle() const {
    for (const auto& [id, run] : body_->open)
        if (run.state == State::running) return false;
    return true;
}

}  // namespace mc
