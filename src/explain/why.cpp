#include "explain/why.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/order.h"
#include "engine/early_end.h"
#include "engine/forecast.h"
#include "engine/fresh_run.h"
#include "engine/no_ledger.h"
#include "engine/upstream.h"
#include "explain/why_reasons.h"

namespace mc {

namespace {

// The rows of one job and date; the row of a fire is found by its key.
class Rows {
   public:
    // Null: there is no ledger.
    Rows(const JobName& job, Date date, Past* past) : job_(job), past_(past) {
        if (!past) return;
        shared_.emplace(job, *past);
        for (Run& run : past->by_date(job, date)) by_key_.emplace(run.key, std::move(run));
    }

    // Null: the ledger has no row for the fire.
    const Run* of(const Fire& fire, Instant now) {
        if (!past_) return nullptr;
        const Run* row = nullptr;
        if (const auto known = by_key_.find(fire.key); known != by_key_.end()) row = &known->second;
        else if ((elsewhere_ = past_->by_key(job_, fire.key))) row = &*elsewhere_;
        else if (fire.due <= now) row = shared_->of(fire.due);
        if (row) told_.insert(row->id);
        return row;
    }

    // Oldest first.
    std::vector<const Run*> not_told() const {
        std::vector<const Run*> rest;
        for (const auto& [key, run] : by_key_)
            if (!told_.contains(run.id)) rest.push_back(&run);
        std::sort(rest.begin(), rest.end(), [](const Run* a, const Run* b) {
            return std::pair{a->fire, a->id} < std::pair{b->fire, b->id};
        });
        return rest;
    }
    std::size_t size() const { return by_key_.size(); }

   private:
    JobName job_;
    Past* past_;
    std::map<FireKey, Run> by_key_;
    std::optional<Run> elsewhere_;  // a row with another logical date: the fire had that date when it ran
    std::optional<SharedRows> shared_;
    std::set<RunId> told_;
};

// The lines for a date's fires. Facts that all fires of a date share are worked out once.
class Lines {
   public:
    Lines(const Job& job, const Plan& plan, Past& past, Instant now)
        : job_(job), plan_(plan), past_(past), now_(now), words_(schedule_words(job)) {
        record_ = past.record_of(job.name);
    }

    WhyLine of_fire(const Fire& fire, const Run* row) {
        WhyLine line{job_.shown(), fire.logical_date, fire.due, {}, "scheduled", {}};
        line.reasons.push_back({"schedule", true,
                                fmt::format("{} is due at {}{}", words_, zoned_text(fire.due, *job_.schedule.zone),
                                            rolled_text(job_, fire))});
        tell_date(line.reasons, fire, row && has_begun(*row) ? Gates::have_decided : Gates::decide);
        const bool comes = !row && job_.enabled && fire.due > now_;
        if (!fire.calendar_ended && (row || comes)) tell_run(line.reasons, fire, row);
        if (!fire.calendar_ended && comes) tell_early_end(line.reasons, early_end(job_, fire, *plan_.calendars));
        if (row && !finished(row->state) && !has_begun(*row))
            tell_early_end(line.reasons, early_end(job_, *row, *plan_.calendars));
        if (row) {
            tell_row(line, *row);
        } else if (!job_.enabled) {
            line.state = "none";
            line.reasons.push_back({"disabled", false, "the job is disabled"});
        } else if (!comes) {
            line.state = "none";
            // A backfill would not run it either.
            if (when_holds(job_, *plan_.calendars, fire.logical_date).value_or(true))
                line.reasons.push_back(of_no_row(record_, fire, job_));
            else tell_when_false(line.reasons, job_, {fire.logical_date, fire.logical_date, std::nullopt}, plan_);
        } else {
            // A job without a schedule gets a run anyway, which is skipped.
            if (!job_.has_schedule())
                tell_when_false(line.reasons, job_, {fire.logical_date, fire.logical_date, std::nullopt}, plan_);
            tell_admission(line.reasons, job_, plan_);
            if (record_) tell_word(line.reasons, job_, *record_, fire);
        }
        return line;
    }

    // For a row that does not belong to a fire.
    WhyLine of_row_alone(const Run& row) {
        WhyLine line{job_.shown(), row.logical_date, {}, {}, {}, {}};
        tell_sensors(line.reasons, job_, row, Known::row, plan_);
        tell_row(line, row);
        return line;
    }

    WhyLine of_nothing(Date date) const {
        WhyLine line{job_.shown(), date, {}, {}, "none", of_no_fire(job_, date, plan_)};
        constexpr Seconds day{86400}, ahead = 800 * day;
        const Instant before_date = job_.schedule.zone->wall(WallTime{date}).first - Seconds{1};
        const auto next = next_to_come(job_, plan_, past_, std::max(now_, before_date), ahead);
        if (!next) return line;
        if (next->empty()) {
            line.reasons.push_back({"schedule", false, fmt::format("no fire in the {} days after that", ahead / day)});
            return line;
        }
        const Fire& fire = next->front();
        if (fire.calendar_ended) line.reasons.push_back({"schedule", false, "later fires are not known: " + fire.note});
        else
            line.reasons.push_back(
                {"schedule", true, fmt::format("the next fire is at {}", zoned_text(fire.due, *job_.schedule.zone))});
        return line;
    }

   private:
    // Adds what is the same for all fires of a date: the calendar, `when` unless it depends on the instant, and the
    // upstream jobs.
    void tell_date(WhyReasons& reasons, const Fire& fire, Gates gates) {
        const auto& when = job_.schedule.when;
        const CalendarName calendar = session_calendar(job_.schedule, fire.key);
        const std::tuple common{fire.date, fire.logical_date, calendar, gates};
        if (dates_ != common || fire.calendar_ended) {
            dates_ = common;
            of_calendar_.clear();
            of_when_.clear();
            of_gates_.clear();
            if (fire.calendar_ended) of_calendar_.push_back({"calendar_ended", false, fire.note});
            else tell_calendar(of_calendar_, calendar, fire.date, plan_);
            tell_when(of_when_, job_, {fire.date, fire.logical_date, fire.due}, plan_);
            tell_gates(of_gates_, job_, fire, History{plan_, past_, now_}, gates);
        } else if (when && when->asks_instant()) {
            of_when_.clear();
            tell_when(of_when_, job_, {fire.date, fire.logical_date, fire.due}, plan_);
        }
        for (const WhyReasons* part : {&of_calendar_, &of_when_, &of_gates_})
            reasons.insert(reasons.end(), part->begin(), part->end());
    }

    void tell_run(WhyReasons& reasons, const Fire& fire, const Run* row) const {
        if (!job_.wait && !job_.wait_until && !job_.not_after && !job_.deadline) return;
        const Run planned = make_run(job_, fire, row ? row->origin : Origin::live, *plan_.calendars);
        Run run = row ? *row : planned;
        const Known known = row ? Known::row : Known::planned;
        if (row && finished(row->state)) {
            tell_limits_kept(reasons, job_, run, planned);
        } else {
            if (row && row->origin != Origin::start)
                run.deadline = planned.deadline;  // the row's is empty once the late notification was sent
            tell_limits(reasons, job_, run, known, now_);
        }
        tell_sensors(reasons, job_, run, known, plan_);
    }

    static void tell_early_end(WhyReasons& reasons, const std::optional<Because>& end) {
        if (!end) return;
        reasons.push_back(
            {std::string(to_text(end->reason)), false, end->detail + ": the run will end as failed", end->data});
    }

    void tell_row(WhyLine& line, const Run& row) const {
        line.run = row.id;
        line.fire = row.fire;
        line.state = std::string(to_text(row.state));
        line.reasons.push_back(of_row(row, *job_.schedule.zone));
        if (row.reason == Reason::held && !finished(row.state))
            line.reasons.back().text += fmt::format("; `marketcron release {}` lets it start", job_.shown());
    }

    const Job& job_;
    const Plan& plan_;
    Past& past_;
    Instant now_;
    std::string words_;
    std::optional<JobRecord> record_;
    std::optional<std::tuple<Date, Date, std::string, Gates>> dates_;  // the key of the cached reasons below
    WhyReasons of_calendar_, of_when_, of_gates_;
};

Error too_many(const std::string& job, Date date, std::size_t lines_max) {
    return {Error::Kind::refused,
            fmt::format("{} has more than {} fires for {}, too many for one answer", job, lines_max, to_string(date)),
            fmt::format("`marketcron runs {} --from {} --to {}` lists the runs so far", job, to_string(date),
                        to_string(date)),
            {}};
}

}  // namespace

Result<std::vector<WhyLine>> why(const Plan& plan, const JobName& name, Date date, const Ledger* ledger, Instant now,
                                 std::size_t lines_max) {
    const Job& job = plan.jobs.at(name);
    const auto fires = planned_fires(job, plan, date, date, lines_max == SIZE_MAX ? lines_max : lines_max + 1);
    if (!fires) return tl::unexpected(fires.error());
    if (fires->size() > lines_max) return tl::unexpected(too_many(job.shown(), date, lines_max));

    const NoLedger nothing;
    return asking(ledger ? *ledger : nothing, [&](Past& past) -> Result<std::vector<WhyLine>> {
        Rows rows(name, date, ledger ? &past : nullptr);
        if (rows.size() > lines_max) return tl::unexpected(too_many(job.shown(), date, lines_max));
        Lines of(job, plan, past, now);
        std::vector<WhyLine> lines;
        for (const Fire& fire : *fires) lines.push_back(of.of_fire(fire, rows.of(fire, now)));
        for (const Run* row : rows.not_told()) lines.push_back(of.of_row_alone(*row));
        if (lines.empty()) lines.push_back(of.of_nothing(date));
        std::stable_sort(lines.begin(), lines.end(),
                         [](const WhyLine& a, const WhyLine& b) { return a.fire < b.fire; });
        return lines;
    });
}

Result<std::vector<WhyLine>> why_gone(const JobName& job, Date date, const Ledger& ledger, const Zone& zone,
                                      std::size_t lines_max) {
    const auto gone = [](std::string text) { return WhyReason{"removed", false, std::move(text)}; };
    std::vector<WhyLine> lines;
    const auto rows = ledger.by_date(job, date);
    if (!rows) return tl::unexpected(rows.error());
    if (rows->size() > lines_max) return tl::unexpected(too_many(job, date, lines_max));
    for (const Run& row : *rows)
        lines.push_back({job,
                         date,
                         row.fire,
                         row.id,
                         std::string(to_text(row.state)),
                         {gone("the job is no longer in the configuration"), of_row(row, zone)}});
    if (!lines.empty()) return lines;
    constexpr date::days ever{2'932'896};  // 9999-12-31
    const auto newest = ledger.newest_before(job, Date{ever}, Instant{ever});
    if (!newest) return tl::unexpected(newest.error());
    if (!*newest) return lines;
    lines.push_back(
        {job,
         date,
         {},
         {},
         "none",
         {gone(fmt::format("the job is no longer in the configuration, and the ledger has no run of it for {}; its "
                           "newest is for {}",
                           to_string(date), to_string((*newest)->logical_date)))}});
    return lines;
}

}  // namespace mc
