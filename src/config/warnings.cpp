#include "config/warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "base/spelling.h"
#include "config/coverage.h"
#include "config/job_parts.h"
#include "config/order.h"
#include "config/order_warnings.h"
#include "config/rolled.h"

namespace mc {

namespace {

constexpr date::days look_ahead{400}, one_year{365};

bool has_reboot(const JobSchedule& schedule) {
    return std::any_of(schedule.schedules.begin(), schedule.schedules.end(),
                       [](const Schedule& one) { return std::holds_alternative<Reboot>(one); });
}

// Checks one job, day by day for questions with one answer a day.
class JobLook {
   public:
    JobLook(const Job& job, const Plan& plan, Instant now)
        : job_(job), plan_(plan), calendars_(*plan.calendars), now_(now) {}

    std::vector<Warning> warnings() {
        if (!job_.enabled) return {};
        if (!job_.has_schedule()) {
            look_without_schedule();
            return warnings_;
        }
        if (!first_fire(now_, now_ + look_ahead)) {
            if (!has_reboot(job_.schedule))
                warn(fmt::format("job \"{}\" has no fire in the next 400 days", job_.shown()));
            return warnings_;
        }
        look_for_sessions();
        look_for_days_without_session();
        look_for_rolled_away();
        look_at_limit("not_after", job_.not_after);
        look_at_limit("deadline", job_.deadline);
        look_at_gates();
        look_at_wait_until();
        return warnings_;
    }

   private:
    void warn(std::string what) { warnings_.push_back({std::move(what), job_.spot}); }

    // A job without a schedule is due when an upstream job is.
    void look_without_schedule() {
        const Date today = date_of(job_.schedule.zone->to_wall(now_));
        const auto ahead = planned_dates(job_, plan_, today, today + look_ahead);
        if (!ahead) return;
        if (ahead->dates.empty())
            return warn(
                fmt::format("job \"{}\" has no fire in the next 400 days: no upstream job has one", job_.shown()));
        if (!needs_session(job_)) return;
        for (const auto& [date, due] : ahead->dates) {
            const Fire fire = fire_of_date(job_, date, due.last, calendars_);
            if (!fire.session) return warn_of_no_session(fire);
        }
    }

    void warn_of_no_session(const Fire& fire) {
        warn(
            fmt::format("job \"{}\" needs a session, and its run for {} has none: it will fail with no_session; "
                        "write when = \"session\"",
                        job_.shown(), to_string(fire.logical_date)));
    }

    std::optional<Fire> first_fire(Instant after, Instant until) const {
        const Result<std::vector<Fire>> fires = next_fires(job_.schedule, calendars_, after, until);
        if (!fires || fires->empty()) return {};
        return fires->front();
    }

    // Calls `look` with each of the next 400 days of the job's zone, until it returns true.
    template <class Look>
    void each_day(Look look) const {
        const Date today = date_of(job_.schedule.zone->to_wall(now_));
        for (Date day = today; day < today + look_ahead; day += date::days{1}) {
            if (look(day)) return;
        }
    }

    Instant start_of(Date day) const { return job_.schedule.zone->wall(WallTime{day}).first; }

    // All fires of a day agree on whether they are for a session, so the first one is enough.
    void look_for_sessions() {
        if (!needs_session(job_)) return;
        each_day([&](Date day) {
            const Instant before = std::max(now_, start_of(day) - Seconds{1});
            const std::optional<Fire> fire = first_fire(before, start_of(day + date::days{1}) - Seconds{1});
            if (!fire || fire->session || fire->calendar_ended) return false;
            warn_of_no_session(*fire);
            return true;
        });
    }

    // Cron also fires on days without a session. A job that has a calendar, but neither `when` nor `roll`, may not be
    // meant to.
    void look_for_days_without_session() {
        const JobSchedule& schedule = job_.schedule;
        if (schedule.calendar.empty() || schedule.when || schedule.roll != Roll::none) return;
        const auto calendar = calendars_.find(schedule.calendar);
        if (!calendar) return;
        const Date today = date_of(schedule.zone->to_wall(now_));
        int days = 0;
        Date first{};
        for (Date day = today; day < today + one_year; day += date::days{1}) {
            const auto session = (*calendar)->session(day);
            if (!session || *session != nullptr || !cron_fires_on(day)) continue;
            if (days++ == 0) first = day;
        }
        if (days == 0) return;
        warn(fmt::format(
            "job \"{}\" fires on {} day{} of the next year on which {} has no session, first on {}; write when "
            "= \"session\", or when = \"true\" if this is intended",
            job_.shown(), days, days == 1 ? "" : "s", (*calendar)->name(), to_string(first)));
    }

    // `when` is evaluated on the date to which `roll` moves a fire. If it is true only on the first date, the fire is
    // lost.
    void look_for_rolled_away() {
        const JobSchedule& schedule = job_.schedule;
        if (schedule.roll == Roll::none || !schedule.when) return;
        JobSchedule bare = schedule;
        bare.when.reset();
        std::vector<std::string> dropped;
        constexpr int enough = 200;  // fires of one date: the later ones are moved in the same way
        Instant after = now_;
        for (int of_date = 0; true;) {
            const auto fires = next_fires(bare, calendars_, after, now_ + look_ahead);
            if (!fires || fires->empty()) break;
            for (const Fire& fire : *fires)
                if (const auto from = rolled_from(job_, fire); from && is_dropped(fire, *from))
                    if (std::string move = fmt::format("from {} to {}", to_string(*from), to_string(fire.date));
                        dropped.empty() || dropped.back() != move)
                        dropped.push_back(std::move(move));
            const Date date = fires->back().date, before = date_of(schedule.zone->to_wall(after));
            of_date = date == before ? of_date + 1 : 0;
            after = of_date < enough ? fires->back().due : start_of(date + date::days{1}) - Seconds{1};
        }
        if (dropped.empty()) return;
        constexpr std::size_t most = 4;
        warn(fmt::format(
            "job \"{}\": `roll` moves {} fire{} of the next 400 days to a date on which `when` is false, so "
            "none of them runs: {}; write the day only in `schedule`, or make `when` true on both dates",
            job_.shown(), dropped.size(), dropped.size() == 1 ? "" : "s", listed(dropped, most)));
    }

    bool is_dropped(const Fire& fire, Date from) const {
        const Predicate& when = *job_.schedule.when;
        const auto was = when.holds({from, from, fire.due}, calendars_, job_.schedule.calendar);
        const auto is = when.holds({fire.date, fire.logical_date, fire.due}, calendars_, job_.schedule.calendar);
        return was && *was && is && !*is;
    }

    bool cron_fires_on(Date day) const {
        const JobSchedule& schedule = job_.schedule;
        const Instant before = std::max(now_, start_of(day) - Seconds{1}), end = start_of(day + date::days{1});
        return std::any_of(schedule.schedules.begin(), schedule.schedules.end(), [&](const Schedule& one) {
            const auto* cron = std::get_if<CronExpr>(&one);
            if (cron == nullptr) return false;
            const auto at = next_cron(*cron, *schedule.zone, before, schedule.dst_gap, schedule.dst_overlap);
            return at && *at < end;
        });
    }

    // Of the three forms of a limit, only a time on the fire's own day can be before the fire.
    void look_at_limit(std::string_view key, const BoxedOptional<Limit>& limit) {
        if (!limit) return;
        if (const auto* after = std::get_if<LimitAfter>(&limit->rule)) {
            if (after->length == Seconds{0}) warn_of_limit(key, *limit, *first_fire(now_, now_ + look_ahead));
            return;
        }
        const auto* time = std::get_if<LimitTime>(&limit->rule);
        if (!time) return;
        each_day([&](Date day) {
            const WallTime wall = WallTime{day + date::days{time->days}} + time->time_of_day;
            const Instant from =
                std::max({now_, start_of(day) - Seconds{1}, job_.schedule.zone->wall(wall).first - Seconds{1}});
            const std::optional<Fire> fire = first_fire(from, start_of(day + date::days{1}) - Seconds{1});
            if (fire) warn_of_limit(key, *limit, *fire);
            return fire.has_value();
        });
    }

    // Warns about a time that is before each fire. A time that is after some fire has an effect.
    void look_at_wait_until() {
        if (!job_.wait_until || !std::holds_alternative<LimitTime>(job_.wait_until->rule)) return;
        bool any = false, waits = false;
        each_day([&](Date day) {
            const Instant before = std::max(now_, start_of(day) - Seconds{1});
            const auto fire = first_fire(before, start_of(day + date::days{1}) - Seconds{1});
            if (!fire || fire->calendar_ended) return false;
            const auto opens = resolve_limit(*job_.wait_until, *fire, LimitOf::own_session, job_.schedule, calendars_);
            any = true;
            waits = !opens || *opens > fire->due;
            return waits;
        });
        if (any && !waits)
            warn(
                fmt::format("job \"{}\": `wait_until` \"{}\" has no effect: it is never after the fire; write a later "
                            "time, or remove it",
                            job_.shown(), job_.wait_until->text));
    }

    // Warns about a run that can never start: its `wait_until` is not before its `not_after`.
    void look_at_gates() {
        if (!job_.wait_until || !job_.not_after) return;
        each_day([&](Date day) {
            const Instant before = std::max(now_, start_of(day) - Seconds{1});
            const auto fire = first_fire(before, start_of(day + date::days{1}) - Seconds{1});
            if (!fire || fire->calendar_ended) return false;
            const auto opens = resolve_limit(*job_.wait_until, *fire, LimitOf::own_session, job_.schedule, calendars_);
            const auto closes =
                resolve_limit(*job_.not_after, *fire, LimitOf::jobs_calendar, job_.schedule, calendars_);
            if (!opens || !closes || *opens < *closes || *closes <= fire->due) return false;
            warn(fmt::format(
                "job \"{}\" never starts at its fire at {}: `wait_until` \"{}\" is not before `not_after` "
                "\"{}\"",
                job_.shown(), local_text(fire->due, *job_.schedule.zone), job_.wait_until->text, job_.not_after->text));
            return true;
        });
    }

    void warn_of_limit(std::string_view key, const Limit& limit, const Fire& fire) {
        warn(fmt::format("`{}` \"{}\" of job \"{}\" is not after its fire at {}", key, limit.text, job_.shown(),
                         local_text(fire.due, *job_.schedule.zone)));
    }

    const Job& job_;
    const Plan& plan_;
    const CalendarSet& calendars_;
    Instant now_;
    std::vector<Warning> warnings_;
};

// Reported once for each calendar, at the first job that uses it.
void warn_of_coverage(const Plan& plan, Instant now, std::vector<Warning>& warnings) {
    for (const CalendarUse& use : calendars_in_use(plan)) {
        if (now < use.near_from()) continue;
        const Job& job = *use.jobs.front();
        warnings.push_back({fmt::format("{}; job \"{}\" needs it", end_text(use, now), job.shown()), job.spot});
    }
}

// A target that jobs already use; "" if no job has one. Mails of crontabs do not count: cron sends them too.
std::string target_in_use(const Plan& plan) {
    const auto first_of = [](const NotifyRules& rules) -> std::string {
        for (const auto* targets :
             {&rules.failure, &rules.missed, &rules.late, &rules.retry, &rules.recovery, &rules.success})
            if (!targets->empty()) return targets->front().text();
        return "";
    };
    for (const auto& [name, job] : plan.jobs)
        if (std::string target = first_of(job.rules()); !target.empty()) return target;
    return first_of(plan.crontab.notify);
}

// Only if some job has a target: a first configuration without any needs no such warning.
void warn_of_no_daemon_notify(const Plan& plan, std::vector<Warning>& warnings) {
    if (!plan.daemon.notify.empty()) return;
    const std::string target = target_in_use(plan);
    if (target.empty()) return;
    warnings.push_back(
        {fmt::format("trouble with the daemon itself (a full disk, another cron daemon) is not sent to any "
                     "target; write notify = [\"{}\"] in [daemon]",
                     target),
         {plan.files.front(), 0, 0}});
}

// Warns about incidents that are opened elsewhere and that only a recovery closes. Crontab jobs have their rules in
// [crontab].
void warn_of_open_incidents(const Plan& plan, std::vector<Warning>& warnings) {
    const auto look = [&](const NotifyRules& rules, const std::string& whose, const Spot& spot) {
        std::set<Target> told;
        for (const auto* targets : {&rules.failure, &rules.late, &rules.missed})
            for (const Target& target : *targets) {
                const auto channel = find_channel(plan.channels, target);
                const bool ends =
                    std::find(rules.recovery.begin(), rules.recovery.end(), target) != rules.recovery.end();
                if (!channel || !channel->needs_recovery || ends || !told.insert(target).second) continue;
                warnings.push_back(
                    {fmt::format("{} opens incidents in {} that nothing resolves; write recovery = [\"{}\"]", whose,
                                 target.text(), target.text()),
                     spot});
            }
    };
    for (const auto& [name, job] : plan.jobs)
        if (!job.title) look(job.rules(), fmt::format("job \"{}\"", name), job.spot);
    look(plan.crontab.notify, "[crontab]", plan.crontab.spot);
}

}  // namespace

std::vector<Warning> plan_warnings(const Plan& plan, Instant now) {
    std::vector<Warning> warnings = plan.warnings;
    warnings.insert(warnings.end(), plan.of_keys.begin(), plan.of_keys.end());
    for (const auto& [name, job] : plan.jobs) {
        for (Warning& warning : JobLook(job, plan, now).warnings()) warnings.push_back(std::move(warning));
    }
    warn_of_coverage(plan, now, warnings);
    warn_of_order(plan, now, warnings);
    warn_of_no_daemon_notify(plan, warnings);
    warn_of_open_incidents(plan, warnings);
    const auto place = [&](const Warning& w) {
        const auto file = std::find(plan.files.begin(), plan.files.end(), w.spot.file);
        return std::tuple(file - plan.files.begin(), w.spot.line, w.spot.column);
    };
    std::stable_sort(warnings.begin(), warnings.end(),
                     [&](const Warning& a, const Warning& b) { return place(a) < place(b); });
    return warnings;
}

}  // namespace mc
