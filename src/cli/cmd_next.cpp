// cmd_next.cpp — marketcron next: shows the next fires of a configuration's jobs, or of a schedule on the command line.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "base/spelling.h"
#include "cli/table.h"
#include "desk/first_fires.h"
#include "desk/ledger_view.h"
#include "desk/narrator.h"
#include "desk/say.h"
#include "engine/no_ledger.h"
#include "os/clock.h"

namespace mc::app {

namespace {

// The only job of the plan that is made for --schedule. The output shows no job for its fires.
constexpr const char* given_job = "schedule";

std::string text_or_dash(const Json& value) { return value.is_string() ? value.get<std::string>() : "-"; }

// In the time zone of the fire's job. If the plan does not have the job, the fire has the text.
std::string when_text(const Json& fire, const Plan& plan) {
    const std::string name = fire["job"].is_string() ? fire["job"].get<std::string>() : given_job;
    const Job* job = plan.find_job(name);
    const auto due = parse_instant(fire.value("fire", ""));
    return job && due ? clock_text(*due, *job->schedule.zone) : fire.value("local", "");
}

// The exit status.
int print(const ComingFires& coming, const Plan& plan, bool json) {
    for (const std::string& sentence : coming.horizons) say(stderr, "marketcron: {}\n", sentence);
    Table table({"JOB", "FIRE", "UTC", "SESSION", "CALENDAR"});
    for (const Json& fire : coming.fires) {
        if (json) print_line(fire);
        else
            table.add({text_or_dash(fire["job"]), when_text(fire, plan) + fails_text(fire), text_or_dash(fire["fire"]),
                       text_or_dash(fire["session"]), text_or_dash(fire["calendar"])});
    }
    if (!json && !table.empty()) table.print();
    if (!coming.fires.empty()) return 0;
    return coming.horizons.empty() ? 1 : 2;  // no further fire; or it is not known, because a calendar ends
}

// Writes the schedule as a configuration with one job, so that all rules of a configuration apply to it. `own`: the
// calendars that a configuration defines. Error: usage.
Result<Plan> plan_of_schedule(const Args& args, const ReadContext& context, const OwnCalendarTexts& own) {
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
    JobSchedule& schedule = plan->jobs.at(JobName(given_job)).schedule;
    schedule.job = JobName(args.get("--schedule"));  // without a job, the value of `~` depends on the schedule's text
    auto drawn = parse_schedule(schedule.job, schedule.job);
    if (!drawn) return tl::unexpected(drawn.error());
    schedule.schedules = {std::move(*drawn)};
    return *std::move(plan);
}

// With the calendars of the configuration of -c. Without -c: with the machine's calendars; if these are not enough,
// also with those of the default configuration.
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

// Error: usage, if a word or an option would have no effect: jobs with --schedule, or its options without it.
Result<void> asks_one_thing(const Args& args) {
    if (args.has("--schedule")) {
        if (!args.words.empty())
            return fail(Error::Kind::usage,
                        fmt::format("--schedule cannot be combined with the job `{}`", args.words.front()),
                        "leave one of them out");
        return {};
    }
    for (const char* option : {"--timezone", "--calendar", "--when", "--roll", "--run-for"})
        if (args.has(option))
            return fail(Error::Kind::usage, fmt::format("{} is only for --schedule", option),
                        "add --schedule TEXT, or leave out this option");
    return {};
}

// The instant after which fires are shown: --from; for a date, the last second before it begins in `zone`; or now.
Result<Instant> start_of(const Args& args, const Zone& zone) {
    if (!args.has("--from")) return os::instant_now();
    const std::string text = args.get("--from");
    if (const auto date = parse_date(text)) return zone.wall(WallTime{*date}).first - Seconds{1};
    return parse_instant(text);
}

int next_of_schedule(const Args& args, std::size_t n) {
    const auto given = given_schedule(args);
    if (!given) return report(given.error());
    const Job& job = given->jobs.at(JobName(given_job));
    const auto from = start_of(args, *job.schedule.zone);
    if (!from) return report(from.error());
    const auto first = first_fires({&job}, *given, NoLedger(), *from, n);
    if (!first) return report(first.error());
    ComingFires coming;
    for (const auto& [fire, of] : first->fires) coming.fires.push_back(fire_json(fire, of->schedule, ""));
    coming.horizons = first->horizons;
    return print(coming, *given, args.json);
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
    if (args.has("--schedule")) return next_of_schedule(args, n);
    // The daemon answers only for fires after now; for other times the files are read.
    const bool is_from_now = !args.has("--from");
    const auto opened = is_from_now ? open_plan_or_ask(args) : open_plan(args);
    if (!opened) return report(opened.error());
    const auto from = start_of(args, *opened->context.host_zone);
    if (!from) return report(from.error());
    const auto coming = is_from_now ? ledger_view(*opened, Needs::plan)->next(args.words, n)
                                    : view_of_files(*opened)->next(args.words, n, *from);
    return coming ? print(*coming, *opened->plan, args.json) : report(coming.error());
}

}  // namespace mc::app
