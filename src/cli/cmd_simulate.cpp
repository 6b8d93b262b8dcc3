// cmd_simulate.cpp — marketcron simulate: shows what would run between two dates. Executes and writes nothing.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "cli/simulation_report.h"
#include "desk/open.h"
#include "desk/say.h"

namespace mc::app {

namespace {

// A job's usual duration is the median of this many of its latest successes.
constexpr std::size_t successes_looked_at = 20;

constexpr const char* fail_example = "write --fail ingest_bars@2026-11-24";
constexpr const char* down_example = "write --down 2026-11-24T16:00..2026-11-24T18:30";
constexpr const char* duration_example = "write --duration ingest_bars=5m";

// Splits "JOB@DATE" or "JOB=TIME" at the last sign, because the job's name may contain the sign too. Error: usage.
Result<std::pair<const Job*, std::string>> job_and_more(const std::string& option, const std::string& text, char sign,
                                                        const std::string& example, const Plan& plan) {
    const auto at = text.rfind(sign);
    if (at == std::string::npos || at == 0)
        return fail(Error::Kind::usage, fmt::format("{} `{}` is incomplete", option, text), example);
    const auto job = known_job(plan, text.substr(0, at));
    if (!job) {
        Error error = job.error();
        error.what = fmt::format("{} `{}`: {}", option, text, error.what);
        return tl::unexpected(std::move(error));
    }
    return std::pair{*job, text.substr(at + 1)};
}

Result<void> take_failures(const Args& args, const Plan& plan, SimulationAsked& asked) {
    for (const std::string& text : args.all("--fail")) {
        const auto split = job_and_more("--fail", text, '@', fail_example, plan);
        if (!split) return tl::unexpected(split.error());
        const auto date = parse_date(split->second);
        if (!date)
            return fail(Error::Kind::usage, fmt::format("--fail `{}`: {}", text, date.error().what), fail_example);
        if (*date < asked.from || asked.to < *date)
            return fail(Error::Kind::usage, fmt::format("--fail `{}`: that date is not simulated", text),
                        fmt::format("choose one from {} to {}", to_string(asked.from), to_string(asked.to)));
        asked.failing.emplace(split->first->name, *date);
    }
    return {};
}

// Reads an instant, a date (the beginning of that day), or a local time in `zone`. Absent: none of these.
std::optional<Instant> moment(std::string text, const Zone& zone) {
    if (const auto instant = parse_instant(text)) return *instant;
    if (const auto date = parse_date(text)) return zone.wall(WallTime{*date}).first;
    if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
    if (text.size() == 16) text += ":00";
    if (const auto wall = parse_instant(text + "Z")) return zone.wall(WallTime{wall->time_since_epoch()}).first;
    return std::nullopt;
}

Result<void> take_down_times(const Args& args, const Zone& host, SimulationAsked& asked) {
    for (const std::string& text : args.all("--down")) {
        const auto dots = text.find("..");
        const auto from = dots == std::string::npos ? std::nullopt : moment(text.substr(0, dots), host);
        const auto to = dots == std::string::npos ? std::nullopt : moment(text.substr(dots + 2), host);
        if (!from || !to)
            return fail(Error::Kind::usage, fmt::format("--down `{}` is not a time range", text), down_example);
        if (*to <= *from)
            return fail(Error::Kind::usage, fmt::format("--down `{}` ends before it begins", text),
                        "write the earlier time first");
        asked.down.push_back({*from, *to});
    }
    return {};
}

Result<void> take_durations(const Args& args, const Plan& plan, SimulationAsked& asked) {
    for (const std::string& text : args.all("--duration")) {
        const auto split = job_and_more("--duration", text, '=', duration_example, plan);
        if (!split) return tl::unexpected(split.error());
        const auto length = parse_duration(split->second);
        if (!length)
            return fail(Error::Kind::usage, fmt::format("--duration `{}`: {}", text, length.error().what),
                        duration_example);
        asked.durations.insert_or_assign(split->first->name, *length);
    }
    return {};
}

Result<SimulationAsked> asked_of(const Args& args, const LoadedConfig& opened) {
    SimulationAsked asked;
    const auto from = args.date("--from"), to = args.date("--to");
    if (!from) return tl::unexpected(from.error());
    if (!to) return tl::unexpected(to.error());
    asked.from = *from;
    asked.to = *to;
    if (*from <= *to)  // otherwise simulate() reports it
        if (const auto good = take_failures(args, *opened.plan, asked); !good) return tl::unexpected(good.error());
    if (const auto good = take_down_times(args, *opened.context.host_zone, asked); !good)
        return tl::unexpected(good.error());
    return asked;
}

std::optional<Seconds> usual(const RunStore& ledger, const JobName& job) {
    RunFilter filter;
    filter.jobs = {job};
    filter.state = State::success;
    filter.limit = successes_looked_at;
    const auto runs = ledger.runs(filter);
    std::vector<Seconds> lengths;
    if (runs)
        for (const Run& run : *runs)
            if (run.started && run.finished) lengths.push_back(std::max(*run.finished - *run.started, Seconds{0}));
    if (lengths.empty()) return std::nullopt;
    const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2);
    std::nth_element(lengths.begin(), middle, lengths.end());
    return *middle;
}

// If the ledger does not exist or cannot be read, no job has a usual duration.
void take_usual_durations(const LoadedConfig& opened, SimulationAsked& asked) {
    if (ledger_is_closed(opened)) {
        say(stderr, "marketcron: no permission to read the ledger: every job is assumed to take {}\n",
            duration_text(usual_duration));
        return;
    }
    const auto ledger = open_ledger(opened);
    if (!ledger) (void)report(ledger.error());
    if (!ledger || !*ledger) return;
    for (const auto& [name, job] : opened.plan->jobs)
        if (const auto length = usual(**ledger, name)) asked.durations.emplace(name, *length);
}

// Reports each --fail that has no effect.
void tell_unused(const Simulated& found, const Plan& plan, const SimulationAsked& asked) {
    for (const auto& [job, date] : asked.failing) {
        const auto it =
            std::find_if(found.runs.begin(), found.runs.end(), [&, name = job, day = date](const auto& one) {
                return one.run.job == name && one.run.logical_date == day && one.run.attempt > 0;
            });
        if (it == found.runs.end())
            say(stderr, "marketcron: --fail {}@{} has no effect: no run of the job started for that date\n",
                plan.title(job), to_string(date));
    }
}

}  // namespace

int cmd_simulate(const Args& args) {
    const auto opened = open_plan(args);
    if (!opened) return report(opened.error());
    auto asked = asked_of(args, *opened);
    if (!asked) return report(asked.error());
    take_usual_durations(*opened, *asked);
    if (const auto good = take_durations(args, *opened->plan, *asked); !good) return report(good.error());
    const auto found = simulate(*opened->plan, opened->context, *asked);
    if (!found) return report(found.error());
    report_simulation(*found, *opened->plan, *asked, telling_of(args));
    std::fflush(stdout);
    tell_unused(*found, *opened->plan, *asked);
    return 0;
}

}  // namespace mc::app
