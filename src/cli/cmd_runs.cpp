// cmd_runs.cpp — marketcron runs: prints the ledger, newest first.
#include <fmt/format.h>

#include "cli/table.h"
#include "desk/ledger_view.h"
#include "desk/narrator.h"

namespace mc::app {

namespace {

constexpr std::int64_t shown_runs = 20;

Result<RunFilter> filter_of(const Args& args) {
    RunFilter filter;
    filter.jobs = std::vector<JobName>(args.words.begin(), args.words.end());
    // Without -n: 20 rows as text, all rows as JSON.
    filter.limit = args.json ? SIZE_MAX : shown_runs;
    if (args.has("-n")) {
        const auto n = args.number("-n", 0, 100'000'000);
        if (!n) return tl::unexpected(n.error());
        filter.limit = static_cast<std::size_t>(*n);
    }
    for (const char* name : {"--from", "--to"}) {
        if (!args.has(name)) continue;
        const auto date = args.date(name);
        if (!date) return tl::unexpected(date.error());
        (std::string_view(name) == "--from" ? filter.from : filter.to) = *date;
    }
    if (filter.from && filter.to && *filter.to < *filter.from)
        return fail(Error::Kind::usage,
                    fmt::format("--from {} is after --to {}", to_string(*filter.from), to_string(*filter.to)),
                    "write the earlier date after --from");
    if (args.has("--state")) {
        filter.state = parse_state(args.get("--state"));
        if (!filter.state)
            return fail(Error::Kind::usage, fmt::format("unknown state `{}`", args.get("--state")),
                        "one of scheduled, waiting, queued, running, retrying, success, failed, timed_out, killed, "
                        "skipped, upstream_failed, missed, lost");
    }
    return filter;
}

std::string ending(const Run& run) {
    if (run.exit_code) return fmt::format("exit {}", *run.exit_code);
    if (run.signal) return fmt::format("signal {}", *run.signal);
    return {};
}

void print_table(const std::vector<Run>& runs, const LoadedConfig& opened) {
    Table table({"RUN", "JOB", "DATE", "FIRE", "STATE", "REASON", "TRY", "TOOK", "END"});
    for (const Run& run : runs) {
        const Job* job = opened.plan->find_job(run.job);
        const Zone& zone = job == nullptr ? *opened.context.host_zone : *job->schedule.zone;
        table.add({std::to_string(run.id), run.job, to_string(run.logical_date), clock_text(run.fire, zone),
                   std::string(to_text(run.state)) + (run.fires > 1 ? fmt::format(" x{}", run.fires) : ""),
                   std::string(to_text(run.reason)), run.attempt ? std::to_string(run.attempt) : "",
                   run.started && run.finished && run.attempt ? duration_text(*run.finished - *run.started) : "",
                   ending(run)});
    }
    table.print();
}

int print(const std::vector<Run>& runs, const LoadedConfig& opened, bool as_json) {
    if (as_json) {
        for (const Run& run : runs) print_line(run_json(run));
    } else if (!runs.empty()) {
        print_table(runs, opened);
    }
    return 0;
}

}  // namespace

int cmd_runs(const Args& args) {
    const auto opened = open_to_ask(args);
    if (!opened) return report(opened.error());
    const auto filter = filter_of(args);
    if (!filter) return report(filter.error());
    const auto runs = ledger_view(*opened)->runs(*filter);
    return runs ? print(*runs, *opened, args.json) : report(runs.error());
}

}  // namespace mc::app
