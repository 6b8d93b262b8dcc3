#include "sim/planning.h"

#include <fmt/format.h>

#include <algorithm>

namespace mc::sim {

namespace {

// What becomes of a fire.
struct Decided {
    State state = State::queued;  // queued: it runs, or waits
    Reason reason = Reason::none;
    Origin origin = Origin::live;
};

class DueFires {
   public:
    DueFires(const Job& job, std::vector<Fire> fires, const World& world) : job_(job), fires_(std::move(fires)) {
        now_ = world.now.wall;
        const auto record = world.ledger.record_of(job.name).value();
        is_held_ = record && record->held();
        is_iced_ = record && record->iced();
        for (const Fire& fire : fires_) {
            any_on_time_ = any_on_time_ || is_on_time(fire);
            newest_ = std::max(newest_, fire.logical_date);
            if (!is_on_time(fire)) newest_late_ = fire.due;
        }
    }

    const std::vector<Fire>& fires() const { return fires_; }

    Decided decided(const Fire& fire) const {
        const Origin origin = is_on_time(fire) ? Origin::live : Origin::catch_up;
        if (is_iced_) return {State::skipped, Reason::iced, origin};
        if (!is_on_time(fire)) {
            if (!is_held_ && (job_.catch_up == CatchUp::none || is_too_old(fire)))
                return {State::missed, Reason::down, Origin::live};
            if (!is_kept(fire)) return {State::skipped, Reason::superseded, Origin::live};
        }
        if (fire.calendar_ended) return {State::failed, Reason::calendar_ended, origin};
        if (job_.latest_only && !is_on_time(fire) && fire.logical_date < newest_)
            return {State::skipped, Reason::latest_only, origin};
        return {State::queued, Reason::none, origin};
    }

   private:
    bool is_on_time(const Fire& fire) const { return now_ - fire.due <= job_.grace; }
    bool is_too_old(const Fire& fire) const { return now_ - fire.due > job_.catch_up_within; }

    // Of the overdue fires: all, or only the newest one if no fire on time replaces it. A hold misses none, and keeps
    // the newest.
    bool is_kept(const Fire& fire) const {
        const bool is_newest = !any_on_time_ && fire.due == newest_late_ && fire.key == last_late().key;
        if (job_.catch_up == CatchUp::all) return !is_too_old(fire) || (is_held_ && is_newest);
        return is_newest;
    }
    const Fire& last_late() const {
        const auto on_time = [&](const Fire& fire) { return is_on_time(fire); };
        return *std::prev(std::find_if(fires_.begin(), fires_.end(), on_time));
    }

    const Job& job_;
    std::vector<Fire> fires_;
    Instant now_, newest_late_;
    Date newest_{};
    bool is_held_ = false, is_iced_ = false, any_on_time_ = false;
};

const Run* row_of(const Job& job, const Fire& fire, const StepWrites& batch) {
    for (const Run& run : batch.inserted) {
        const bool covers = run.fires > 1 && run.fire <= fire.due && fire.due <= run.last_fire.value_or(run.fire);
        if (run.job == job.name && (run.key == fire.key || covers)) return &run;
    }
    return nullptr;
}

std::string wrong(const Run& row, const Fire& fire, const Decided& decided) {
    if (row.fires == 1 &&
        (row.fire != fire.due || row.logical_date != fire.logical_date || row.session != fire.session))
        return "its row has another fire";
    if (row.origin != decided.origin) return fmt::format("it is {}", to_text(row.origin));
    if (decided.state != State::queued)
        return row.state == decided.state && row.reason == decided.reason ? "" : "it should have ended";
    const bool is_left_out = row.reason == Reason::down || row.reason == Reason::superseded ||
                             row.reason == Reason::iced || row.reason == Reason::latest_only;
    return is_left_out && finished(row.state) ? "it should run" : "";
}

}  // namespace

std::string check_due_fires(const StepWrites& batch, const World& world) {
    if (!batch.planned_through || *batch.planned_through <= world.planned_through) return "";
    for (const auto& [name, job] : world.plan.jobs) {
        if (!job.has_schedule() || !job.enabled) continue;
        auto fires =
            fires_between(job.schedule, *world.plan.calendars, world.planned_through, *batch.planned_through).value();
        std::erase_if(fires,
                      [&](const Fire& fire) { return world.ledger.by_key(job.name, fire.key).value().has_value(); });
        if (fires.empty()) continue;
        const DueFires due(job, std::move(fires), world);
        for (const Fire& fire : due.fires()) {
            const Run* row = row_of(job, fire, batch);
            const Decided decided = due.decided(fire);
            const std::string what = row ? wrong(*row, fire, decided) : "it has no row";
            if (!what.empty())
                return fmt::format("checker 14: the fire {} of {} is {} {} as {}, but becomes {} {}: {}",
                                   to_string(fire.due), name, to_text(decided.state), to_text(decided.reason),
                                   to_text(decided.origin), row ? to_text(row->state) : "nothing",
                                   row ? to_text(row->reason) : "", what);
        }
    }
    return "";
}

}  // namespace mc::sim
