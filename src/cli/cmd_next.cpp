// cmd_next.cpp — marketcron next: the coming fires of a file's jobs, or of one schedule given on the spot.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "base/spelling.h"
#include "cli/table.h"
#include "config/job_parts.h"
#include "desk/json.h"
#include "desk/narrator.h"
#include "desk/open.h"
#include "desk/remote_ledger.h"
#include "desk/say.h"
#include "engine/forecast.h"
#include "engine/no_ledger.h"
#include "os/clock.h"

namespace mc::app {

namespace {

constexpr Seconds look_ahead{40LL * 366 * 86400};

// What is asked about: a job of the plan, shown so; "" for the one made of a schedule on the command line.
struct Asked {
    std::string shown;
    const Job* job;
};

struct Coming {
    std::vector<std::pair<Fire, Asked>> fires;
    std::vector<std::string> horizons;  // sentences for stderr
};

// The calendars that have a say in the job's fires: of one without a schedule those of the jobs before it too.
std::set<std::string> calendars_behind(const Job& job, const Plan& plan) {
    std::set<std::string> names = calendars_named(job.schedule);
    if (!job.has_schedule() && job.after)
        for (const Upstream& upstream : job.after->upstreams)
            if (!upstream.previous) names.merge(calendars_behind(plan.jobs.at(upstream.job), plan));
    return names;
}

// Of them the one that ends first, and when: "XNYS is known to 2050-12-31".
std::string horizon_text(const Job& job, const Plan& plan, Date horizon) {
    std::string first = "the calendar";
    std::optional<Date> end;
    for (const std::string& name : calendars_behind(job, plan)) {
        const auto calendar = plan.calendars->find(name);
        if (!calendar || (end && *end <= (*calendar)->coverage().to)) continue;
        end = (*calendar)->coverage().to;
        first = name;
    }
    return fmt::format("{} is known to {}", first, to_string(job.has_schedule() || !end ? horizon : *end));
}

// The first n fires in all, by the same planner as the daemon's.
Result<Coming> first_fires(const std::vector<Asked>& jobs, const Plan& plan, const Ledger& ledger, Instant from,
                           std::size_t n) {
    struct Cursor {
        Asked asked;
        std::vector<Fire> fires;
        std::optional<Date> horizon;
    };
    Coming coming;
    std::vector<Cursor> cursors;
    const auto advance = [&](Cursor& cursor, Instant after) -> Result<void> {
        auto fires = next_to_come(*cursor.asked.job, plan, ledger, after, look_ahead, &cursor.horizon);
        if (!fires) return tl::unexpected(fires.error());
        cursor.fires = std::move(*fires);
        std::erase_if(cursor.fires, [](const Fire& fire) { return fire.calendar_ended; });
        if (cursor.fires.empty() && cursor.horizon)
            coming.horizons.push_back(horizon_text(*cursor.asked.job, plan, *cursor.horizon));
        return {};
    };
    for (const Asked& asked : jobs) {
        cursors.push_back({asked, {}, {}});
        if (auto done = advance(cursors.back(), from); !done) return tl::unexpected(done.error());
    }
    while (coming.fires.size() < n) {
        Cursor* first = nullptr;
        for (Cursor& cursor : cursors)
            if (!cursor.fires.empty() && (!first || cursor.fires.front().due < first->fires.front().due))
                first = &cursor;
        if (!first) break;
        const Instant due = first->fires.front().due;
        for (const Fire& fire : first->fires)
            if (coming.fires.size() < n) coming.fires.emplace_back(fire, first->asked);
        if (auto done = advance(*first, due); !done) return tl::unexpected(done.error());
    }
    return coming;
}

int print(const Coming& coming, const Plan& plan, bool json) {
    for (const std::string& sentence : coming.horizons) say(stderr, "marketcron: {}\n", sentence);
    Table table({"JOB", "FIRE", "UTC", "SESSION", "CALENDAR"});
    for (const auto& [fire, asked] : coming.fires) {
        const JobSchedule& schedule = asked.job->schedule;
        const std::string calendar = session_calendar(schedule, fire.key);
        const Json line = asked.shown.empty() ? fire_json(fire, schedule, "") : coming_json(fire, *asked.job, plan);
        if (json) print_line(line);
        else
            table.add({asked.shown.empty() ? "-" : asked.shown, clock_text(fire.due, *schedule.zone) + fails_text(line),
                       to_string(fire.due), fire.session ? to_string(*fire.session) : "-",
                       calendar.empty() ? "-" : calendar});
    }
    if (!json && !table.empty()) table.print();
    if (!coming.fires.empty()) return 0;
    return coming.horizons.empty() ? 1 : 2;  // nothing comes, or nobody can know
}

// A schedule without a file becomes a file of one job, `schedule`, so that every rule of the file holds for it. `own`
// are the calendars that a configuration makes.
Result<Plan> plan_of_schedule(const Args& args, const ReadContext& context,
                              const std::map<std::string, OwnCalendarText>& own) {
    std::string toml =
        fmt::format("[job.schedule]\ncommand = \"true\"\nschedule = {}\n", toml_quoted(args.get("--schedule")));
    for (const auto& [option, key] :
         std::initializer_list<std::pair<const char*, const char*>>{{"--timezone", "timezone"},
                                                                    {"--calendar", "calendar"},
                                                                    {"--when", "when"},
                                                                    {"--roll", "roll"},
                                                                    {"--run-for", "run_for"}})
        if (args.has(option)) toml += fmt::format("{} = {}\n", key, toml_quoted(args.get(option)));
    for (const auto& [name, calendar] : own) toml += calendar.text;
    auto plan = read_plan({"", toml}, context);
    if (!plan) {
        Error first = plan.error().front();
        first.spot = {};
        first.kind = Error::Kind::usage;
        return tl::unexpected(first);
    }
    JobSchedule& schedule = plan->jobs.at("schedule").schedule;
    schedule.job = args.get("--schedule");  // without a job `~` is drawn from the text
    auto drawn = parse_schedule(schedule.job, schedule.job);
    if (!drawn) return tl::unexpected(drawn.error());
    schedule.schedules = {std::move(*drawn)};
    return *std::move(plan);
}

// By the calendars of the configuration that is named; of the usual one where the machine's alone do not do.
ResultAll<Plan> given_schedule(const Args& args) {
    const auto all = [](Result<Plan> given) {
        return given.map_error([](Error error) { return Errors{std::move(error)}; });
    };
    if (args.config.empty()) {
        const auto context = context_without_file();
        if (!context) return tl::unexpected(context.error());
        auto given = plan_of_schedule(args, *context, {});
        if (given) return all(std::move(given));
        const auto opened = open_plan(args);
        if (!opened || opened->plan->own_calendars.empty()) return all(std::move(given));
        return all(plan_of_schedule(args, opened->context, opened->plan->own_calendars));
    }
    const auto opened = open_plan(args);
    if (!opened) return tl::unexpected(opened.error());
    return all(plan_of_schedule(args, opened->context, opened->plan->own_calendars));
}

// A schedule on the command line, or a file's jobs: what belongs to the other would be passed over in silence.
Result<void> asks_one_thing(const Args& args) {
    if (args.has("--schedule")) {
        if (!args.words.empty())
            return fail(Error::Kind::usage,
                        fmt::format("--schedule and the job `{}` ask two things", args.words.front()), "leave one out");
        return {};
    }
    for (const char* option : {"--timezone", "--calendar", "--when", "--roll", "--run-for"})
        if (args.has(option))
            return fail(Error::Kind::usage, fmt::format("{} belongs to --schedule", option),
                        "write --schedule TEXT too, or leave it out");
    return {};
}

// Fires come strictly after it: an instant as given, or the last one before a date begins in the zone.
Result<Instant> start_of(const Args& args, const Zone& zone) {
    if (!args.has("--from")) return os::instant_now();
    const std::string text = args.get("--from");
    if (const auto date = parse_date(text)) return zone.wall(WallTime{*date}).first - Seconds{1};
    return parse_instant(text);
}

// Who may not read the ledger may not read every table either: the daemon knows what is his.
int print_far(const LoadedConfig& opened, const Args& args, std::size_t n) {
    const auto fires = remote_next(opened, args.words, n);
    if (!fires) return report(fires.error());
    Table table({"JOB", "FIRE", "SESSION"});
    for (const Json& fire : *fires) {
        if (args.json) print_line(fire);
        table.add({fire.value("job", ""), fire.value("local", "") + fails_text(fire),
                   fire["session"].is_null() ? "-" : fire["session"].get<std::string>()});
    }
    if (!args.json && !fires->empty()) table.print();
    return fires->empty() ? 1 : 0;
}

}  // namespace

int cmd_next(const Args& args) {
    std::size_t n = 10;
    if (args.has("-n")) {
        const auto given = args.number("-n", 1, 10'000'000);
        if (!given) return report(given.error());
        n = static_cast<std::size_t>(*given);
    }
    if (const auto asked = asks_one_thing(args); !asked) return report(asked.error());
    if (args.has("--schedule")) {
        const auto given = given_schedule(args);
        if (!given) return report(given.error());
        const Job& job = given->jobs.at("schedule");
        const auto from = start_of(args, *job.schedule.zone);
        if (!from) return report(from.error());
        const auto coming = first_fires({{"", &job}}, *given, NoLedger(), *from, n);
        return coming ? print(*coming, *given, args.json) : report(coming.error());
    }
    const auto opened = args.has("--from") ? open_plan(args) : open_plan_or_ask(args);
    if (!opened) return report(opened.error());
    if (must_ask(*opened) && !args.has("--from")) return print_far(*opened, args, n);
    std::vector<Asked> jobs;
    for (const std::string& name : args.words) {
        const auto job = known_job(*opened->plan, name);
        if (!job) return report(job.error());
        jobs.push_back({(*job)->shown(), *job});
    }
    if (args.words.empty())
        for (const auto& [name, job] : opened->plan->jobs)
            if (job.enabled) jobs.push_back({job.shown(), &job});
    const auto from = start_of(args, *opened->context.host_zone);
    if (!from) return report(from.error());
    const auto ledger = ledger_of_fires(*opened);
    const auto coming = first_fires(jobs, *opened->plan, *ledger, *from, n);
    return coming ? print(*coming, *opened->plan, args.json) : report(coming.error());
}

}  // namespace mc::app
