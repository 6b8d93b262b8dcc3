#include "engine/engine.h"

#include "base/overloaded.h"
#include "config/crontab_jobs.h"
#include "engine/forecast.h"
#include "engine/parts.h"

namespace mc {

namespace {

constexpr Seconds look_ahead{40LL * 366 * 86400};

}  // namespace

struct Engine::Impl : EngineParts {
    using EngineParts::EngineParts;
    void take(const Event& event);
    std::vector<Action> decide(const Event& event);
    std::vector<Action> finish_step();
    Wake wake() const;
};

void Engine::Impl::take(const Event& event) {
    std::visit(Overloaded{
                   [](const Woke&) {},
                   [&](const PlanLoaded& loaded) { planner.load(loaded); },
                   [&](const AttemptsEnded& ended) { endings.ended(ended.outcomes); },
                   [&](const AttemptsNotBegun& late) { endings.not_begun(late.runs); },
                   [&](const StartAsked& asked) { operators.asked(asked); },
                   [&](const StopAsked& asked) { operators.asked(asked); },
                   [&](const RerunAsked& asked) { operators.asked(asked); },
                   [&](const MarkAsked& asked) { operators.asked(asked); },
                   [&](const BackfillAsked& asked) { backfills.asked(asked); },
                   [&](const ClearAsked& asked) { clears.asked(asked); },
                   [&](const HoldAsked& asked) { holds.asked(asked); },
                   [&](const ReleaseAsked& asked) { holds.asked(asked); },
                   [&](const IceAsked& asked) { holds.asked(asked); },
                   [&](const CalendarChanged& changed) { planner.calendar_changed(changed); },
                   [&](const MessageAsked& asked) { notices.message_asked(asked); },
                   [&](const OtherCron& seen) { planner.other_cron_seen(seen.who); },
                   [&](const TroubleTold& told) { notices.trouble_told(told); },
                   [&](const AlertAsked& asked) { alerts.asked(asked); },
                   [&](const SensorsAnswered& answered) { sensors.answered(answered); },
                   [&](const DrainAsked&) {
                       admission.drain();
                       step.done("draining: no run starts; the daemon ends when the last running job has ended");
                   },
               },
               event);
}

std::vector<Action> Engine::Impl::finish_step() {
    causes.tell();
    alerts.write();
    for (const auto& [id, is_new] : book.changed()) {
        if (!finished(book.at(id).state)) continue;
        gates.forget(id);
        sensors.forget(id);
    }
    book.write();
    return step.take_actions(agenda.planned_through());
}

Wake Engine::Impl::wake() const {
    Wake wake;
    const auto earlier = [&](const std::optional<Instant>& at) {
        if (at && (!wake.wall || *at < *wake.wall)) wake.wall = at;
    };
    earlier(agenda.wake());
    earlier(coverage.wake());
    earlier(holds.wake());
    earlier(alerts.next_repeat());
    earlier(book.next_alarm());
    for (const auto& [id, run] : book.late_untold()) earlier(run.deadline);
    admission.add_wakes(wake);
    if (!admission.draining()) sensors.add_wakes(wake);
    troubles.add_wakes(wake);
    return wake;
}

Engine::Engine(Recovered recovered, const Ledger& ledger, const ReadContext& context, std::string boot_id)
    : impl_(std::make_unique<Impl>(std::move(recovered), ledger, context, boot_id)) {}
Engine::~Engine() = default;

std::vector<Action> Engine::Impl::decide(const Event& event) {
    // The other cron daemon already runs the lines that are due at this instant.
    const auto* other = std::get_if<OtherCron>(&event);
    if (other && !other->who.empty()) planner.other_cron_seen(other->who);
    if (jobs.loaded()) planner.plan_due_fires();
    take(event);
    coverage.tell();
    holds.expire();
    endings.expire();
    clears.finish();
    admission.admit_all();
    alerts.repeat();  // last: an alert for which this step sends a notification gets no reminder
    return finish_step();
}

Result<std::vector<Action>> Engine::step(const Event& event, Now now) {
    Impl& e = *impl_;
    e.step.now = now;
    check(e.jobs.loaded() || std::holds_alternative<PlanLoaded>(event), "the first event is PlanLoaded");
    std::vector<Action> actions;
    if (!e.past.failure()) actions = e.decide(event);
    if (e.past.failure()) return tl::unexpected(*e.past.failure());
    return actions;
}

Wake Engine::next_wake() const { return impl_->wake(); }

const std::map<RunId, Run>& Engine::unfinished() const { return impl_->book.runs(); }

const Job* Engine::job_of(const Run& run) const { return impl_->jobs.of(run); }

Result<std::optional<Fire>> Engine::next_fire(const JobName& job) const {
    const std::vector<Fire>& next = impl_->agenda.next(job);
    if (next.empty()) return std::nullopt;
    const Job& planned = *impl_->jobs.planned(job);
    return asking(impl_->ledger.stored(), [&](Past& past) -> std::optional<Fire> {
        for (const Fire& fire : next)
            if (!has_run(planned, fire, past)) return fire;
        const auto later = next_to_come(planned, impl_->jobs.plan(), past, next.front().due, look_ahead);
        return !later || later->empty() ? std::nullopt : std::optional(later->front());
    });
}

std::optional<Instant> Engine::next_machine_line() const {
    for (const auto& [due, name] : impl_->agenda.entries())
        if (is_machines_line(*impl_->jobs.planned(name))) return due;
    return std::nullopt;
}

const OpenAlerts& Engine::alerts() const { return impl_->alerts.open(); }

std::vector<JobRecord> Engine::held() const {
    std::vector<JobRecord> held;
    for (const auto& [name, record] : impl_->records.all())
        if (record.held() || record.iced()) held.push_back(record);
    return held;
}

std::map<std::string, std::string> Engine::start_troubles() const {
    std::map<std::string, std::string> texts = impl_->troubles.texts();
    texts.merge(impl_->sensors.troubles());
    return texts;
}

bool Engine::draining() const { return impl_->admission.draining(); }

bool Engine::idle() const {
    for (const auto& [id, run] : impl_->book.runs())
        if (run.state == State::running) return false;
    return true;
}

}  // namespace mc
