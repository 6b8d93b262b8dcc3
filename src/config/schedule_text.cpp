#include <set>

#include "base/spelling.h"
#include "config/job_builder.h"
#include "config/job_parts.h"
#include "config/own_calendars.h"
#include "config/plan.h"

namespace mc {

namespace {

std::string_view roll_text(Roll roll) {
    switch (roll) {
        case Roll::none: return "none";
        case Roll::following: return "following";
        case Roll::preceding: return "preceding";
        case Roll::modified_following: return "modified_following";
        case Roll::modified_preceding: return "modified_preceding";
        case Roll::nearest: return "nearest";
    }
    return "none";
}

std::string run_for_text(const RunFor& run_for) {
    switch (run_for.kind) {
        case RunFor::Kind::date: return "date";
        case RunFor::Kind::session: return "session";
        case RunFor::Kind::session_offset: return fmt::format("session{:+}", run_for.offset);
        case RunFor::Kind::trading_session: return "trading_session";
    }
    return "date";
}

std::string_view gap_text(GapRule rule) { return rule == GapRule::shift ? "shift" : "skip"; }

std::string_view overlap_text(OverlapRule rule) {
    switch (rule) {
        case OverlapRule::first: return "first";
        case OverlapRule::second: return "second";
        case OverlapRule::both: return "both";
    }
    return "first";
}

// The configuration's own calendars that affect the job's fires, and the ones that they are made of.
std::set<CalendarName> own_calendars_named(const JobSchedule& schedule, const Plan& plan) {
    std::set<CalendarName> own;
    const auto names = calendars_named(schedule);
    std::vector<CalendarName> to_look_at(names.begin(), names.end());
    while (!to_look_at.empty()) {
        const Result<CalendarPtr> found = plan.calendars->find(to_look_at.back());
        to_look_at.pop_back();
        const auto text = found ? plan.own_calendars.find((*found)->name()) : plan.own_calendars.end();
        if (text == plan.own_calendars.end() || !own.insert(text->first).second) continue;
        to_look_at.insert(to_look_at.end(), text->second.made_of.begin(), text->second.made_of.end());
    }
    return own;
}

}  // namespace

std::string schedule_text(const Job& job, const Plan& plan) {
    const JobSchedule& schedule = job.schedule;
    std::string text = fmt::format("[job.{}]\nschedule = [", toml_quoted(job.name));
    for (std::size_t i = 0; i < schedule.texts.size(); ++i)
        text += (i == 0 ? "" : ", ") + toml_quoted(schedule.texts[i]);
    text += "]\n";
    const auto add = [&](std::string_view key, std::string_view value) {
        text += fmt::format("{} = {}\n", key, toml_quoted(value));
    };
    add("timezone", schedule.zone->name());
    if (!schedule.calendar.empty()) add("calendar", schedule.calendar);
    if (schedule.when) add("when", schedule.when->text());
    if (schedule.run_for_given) add("run_for", run_for_text(schedule.run_for));
    if (schedule.roll != Roll::none) add("roll", roll_text(schedule.roll));
    if (schedule.jitter != Seconds{0}) add("jitter", duration_text(schedule.jitter));
    if (schedule.dst_gap) add("dst_gap", gap_text(*schedule.dst_gap));
    if (schedule.dst_overlap) add("dst_overlap", overlap_text(*schedule.dst_overlap));

    for (const CalendarName& name : own_calendars_named(schedule, plan)) text += plan.own_calendars.at(name).text;
    return text;
}

Plan with_calendars(Plan plan, const ReadContext& context) {
    std::string text;
    for (const auto& [name, own] : plan.own_calendars) text += own.text;
    Problems problems;  // ignored: these texts were valid when stored
    const Document document = read_document({"calendars", text}, context, problems);
    plan.calendars = read_own_calendars(document, *context.calendars, problems, Checking::nothing).all;
    return plan;
}

Result<StoredSchedule> read_schedule(std::string_view text, const ReadContext& context) {
    Problems problems;
    const Document document = read_document({"ledger", std::string{text}}, context, problems);
    OwnCalendars calendars = read_own_calendars(document, *context.calendars, problems, Checking::nothing);
    const Channels no_channels;
    const std::map<std::string, int> no_pools;
    Scope scope{problems, *calendars.all, context.host_zone, context.working_directory, no_channels, {}, no_pools};

    StoredSchedule stored;
    stored.calendars = calendars.all;
    for (const auto& [name, section] : document.jobs) {
        JobDraft draft;
        draft.job.name = JobName(name);
        draft.job.spot = section.spot;
        lay_on(draft, *section.table, "a stored schedule", scope);
        stored.schedule = finish_schedule(draft, scope);
    }
    if (!problems.none()) return tl::unexpected(problems.sorted().front());
    if (document.jobs.size() != 1)
        return fail(Error::Kind::config, "a stored schedule must have exactly one job", "", {"ledger", 0, 0});
    return stored;
}

}  // namespace mc
