#include "sim/calendar_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "config/job_parts.h"
#include "support/context.h"

namespace mc::sim {

namespace {

constexpr Seconds half_hour{1800}, week{7 * 86400};

std::string time_text(Seconds time) {
    const auto minutes = time.count() / 60;
    return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
}

// A file as `calendar override` writes it.
std::string text_of(const std::string& calendar, const std::map<Date, ChangedDay>& days) {
    std::string closed = "[closed]\n", sessions = "[extra_sessions]\n";
    for (const auto& [date, hours] : days) {
        const std::string day = to_string(date) + " = { name = \"changed\", unscheduled = true, declared = 2024-01-02";
        if (!hours) closed += day + " }\n";
        else
            sessions += fmt::format("{}, open = \"{}\", close = \"{}\", breaks = [] }}\n", day, time_text(hours->open),
                                    time_text(hours->close));
    }
    return fmt::format("name = \"{0}\"\nextends = \"{0}\"\n{1}{2}", calendar, closed, sessions);
}

// Near now: earlier closes have passed, later ones are to come.
ChangedDay draw_hours(Random& random, const Session& session, const Zone& zone, Instant now) {
    if (random.one_in(3)) return {};
    const WallTime midnight{session.date};
    const Seconds open = zone.to_wall(session.open) - midnight;
    const Seconds wish = (zone.to_wall(now) - midnight) / half_hour * half_hour + half_hour * (random.below(9) - 4);
    const Seconds noon{12 * 3600}, evening{21 * 3600};
    return ChangedHours{open, wish > open && wish < evening ? wish : noon + half_hour * random.below(8)};
}

// The jobs' fires in the weeks around now, by key.
std::map<FireKey, Fire> fires_near(const Job& job, const Plan& plan, Instant now) {
    std::map<FireKey, Fire> near;
    if (job.enabled && job.has_schedule())
        for (Fire& fire :
             fires_between(job.schedule, *plan.calendars, now - week, now + week).value_or(std::vector<Fire>{}))
            near.emplace(fire.key, fire);
    return near;
}

struct Moves {
    std::set<FireKey> overdue;  // were to come, and are due now
    std::size_t moved = 0, dropped = 0, added = 0;
};

struct Change {
    const Job& job;
    std::map<FireKey, Fire> before, after;

    Change(const Job& of, const Plan& old, const World& world)
        : job(of),
          before(fires_near(old.jobs.at(of.name), old, world.now.wall)),
          after(fires_near(of, world.plan, world.now.wall)) {}

    Moves moves(const World& world) const {
        Moves moves;
        const Instant now = world.now.wall, planned = std::max(now, world.planned_through);
        const auto has_row = [&](const FireKey& key) { return world.ledger.by_key(job.name, key).value().has_value(); };
        for (const auto& [key, fire] : before) {
            if (fire.due <= now || has_row(key)) continue;
            const auto now_due = after.find(key);
            if (now_due == after.end()) ++moves.dropped;
            else if (now_due->second.due != fire.due) ++moves.moved;
            if (now_due != after.end() && now_due->second.due <= planned) moves.overdue.insert(key);
        }
        for (const auto& [key, fire] : after) moves.added += !before.contains(key) && fire.due > now && !has_row(key);
        return moves;
    }
};

bool uses_calendars(const Job& job) { return job.enabled && !calendars_named(job.schedule).empty(); }

const Run* row_in(const std::vector<Run>& rows, const JobName& job, const FireKey& key) {
    const auto is_it = [&](const Run& run) { return run.job == job && run.key == key; };
    const auto found = std::find_if(rows.begin(), rows.end(), is_it);
    return found == rows.end() ? nullptr : &*found;
}

std::string of_overdue(const Change& change, const StepWrites& batch, const World& world) {
    const std::set<FireKey> overdue = change.moves(world).overdue;
    const auto record = world.ledger.record_of(change.job.name).value();
    for (const FireKey& key : overdue) {
        const Run* row = row_in(batch.inserted, change.job.name, key);
        const Fire& fire = change.after.at(key);
        if (!row) return fmt::format("its fire moves to {}, and does not run", to_string(fire.due));
        if (row->fire != fire.due || row->origin != Origin::live) return fmt::format("run {} is no live run", row->id);
        if ((record && record->iced()) != (row->reason == Reason::iced)) return "an iced job runs";
        if (row->reason == Reason::down || row->reason == Reason::superseded) return "its fire is left out";
    }
    for (const Run& run : batch.inserted)
        if (run.job == change.job.name && !overdue.contains(run.key))
            return fmt::format("run {} starts for a fire that did not move into the past", run.id);
    return "";
}

// Runs that have not started and lose their fire end; the others stay.
std::string of_runs(const Change& change, const StepWrites& batch, const std::vector<Run>& unfinished) {
    for (const Run& run : unfinished) {
        const bool is_scheduled = run.origin == Origin::live || run.origin == Origin::catch_up;
        if (run.job != change.job.name) continue;
        const bool loses = is_scheduled && !is_active(run) && !run.bypasses_gates && change.before.contains(run.key) &&
                           !change.after.contains(run.key);
        const Run* row = row_in(batch.updated, run.job, run.key);
        const bool ends = row && row->state == State::skipped && row->reason == Reason::no_fire;
        if (loses != ends)
            return fmt::format("run {} {} its fire", run.id, loses ? "goes on without" : "ends, and has");
    }
    return "";
}

}  // namespace

std::shared_ptr<const Plan> with_days(const Plan& plan, const ChangedDays& days) {
    ReadContext context = test::read_context();
    auto calendars = std::make_shared<CalendarSet>(*context.calendars);
    for (const auto& [name, changed] : days) {
        if (changed.empty()) continue;
        auto text = std::make_shared<const std::string>(text_of(name, changed));
        calendars->add_override({CalendarName(name), {}, "the override", *text, text});
    }
    context.calendars = std::move(calendars);
    return std::make_shared<const Plan>(with_calendars(plan, context));
}

std::optional<DrawnDay> draw_changed_day(Random& random, const Plan& plan, const ChangedDays& days, Instant now) {
    std::set<CalendarName> used;
    for (const auto& [name, job] : plan.jobs) used.merge(calendars_named(job.schedule));
    if (used.empty()) return {};
    const CalendarName name = *std::next(used.begin(), random.below(static_cast<std::int64_t>(used.size())));
    const CalendarPtr calendar = plan.calendars->find(name).value();
    DrawnDay drawn{days, date_of(calendar->zone()->to_wall(now)) + date::days{random.below(3) / 2}};
    auto& changed = drawn.days[std::string(name.text())];
    if (!changed.empty() && random.one_in(2)) {
        drawn.date = changed.begin()->first;
        changed.erase(changed.begin());
        return drawn;
    }
    const auto session = calendar->session(drawn.date);
    if (!session || !*session) return {};
    changed[drawn.date] = draw_hours(random, **session, *calendar->zone(), now);
    return drawn;
}

std::string check_moved_fires(const StepWrites& batch, const Plan& before, const World& world) {
    const std::vector<Run> unfinished = world.ledger.recover().value().unfinished;
    for (const auto& [name, job] : world.plan.jobs) {
        if (!uses_calendars(job)) continue;
        const Change change(job, before, world);
        std::string what = job.has_schedule() ? of_overdue(change, batch, world) : "";
        if (what.empty()) what = of_runs(change, batch, unfinished);
        if (!what.empty()) return fmt::format("checker 17: a calendar changes, and of {} {}", name, what);
    }
    return "";
}

ChangeAnswer answer_to_change(const StepWrites& batch, const Plan& before, const World& world) {
    Moves all;
    ChangeAnswer answer;
    for (const auto& [name, job] : world.plan.jobs) {
        if (!uses_calendars(job)) continue;
        const Moves moves = Change(job, before, world).moves(world);
        all.moved += moves.moved;
        all.dropped += moves.dropped;
        all.added += moves.added;
        for (const FireKey& key : moves.overdue)
            if (const Run* row = row_in(batch.inserted, name, key); row && row->reason != Reason::iced)
                answer.due.insert(row->id);
    }
    const bool any = all.moved + all.dropped + all.added > 0;
    answer.counts =
        any ? fmt::format(": {} moved, {} dropped, {} added (", all.moved, all.dropped, all.added) : ": no fire in ";
    return answer;
}

std::string check_answer(const Reply& reply, const ChangeAnswer& expected) {
    if (reply.text.find(expected.counts) == reply.text.npos)
        return fmt::format("checker 17: \"{}\" is the answer, but it should have \"{}\"", reply.text, expected.counts);
    const bool is_so = std::set<RunId>(reply.runs.begin(), reply.runs.end()) == expected.due;
    return is_so ? "" : fmt::format("checker 17: \"{}\" names other runs than those that are due", reply.text);
}

}  // namespace mc::sim
