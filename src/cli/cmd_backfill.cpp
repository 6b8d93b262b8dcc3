// cmd_backfill.cpp — marketcron backfill: lists what it will run, asks, and sends it to the daemon.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "base/spelling.h"
#include "cli/confirm.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "desk/client.h"
#include "desk/ledger_view.h"
#include "desk/narrator.h"
#include "desk/say.h"

namespace mc::app {

namespace {

constexpr std::size_t shown_items = 30;

Result<BackfillAsked> asked_of(const Args& args) {
    BackfillAsked asked;
    asked.jobs = std::vector<JobName>(args.words.begin(), args.words.end());
    const auto from = args.date("--from"), to = args.date("--to");
    if (!from) return tl::unexpected(from.error());
    if (!to) return tl::unexpected(to.error());
    asked.from = *from;
    asked.to = *to;
    const std::string rerun = args.get("--rerun");
    if (rerun == "failed") asked.rerun = BackfillAsked::Rerun::failed;
    else if (rerun == "all") asked.rerun = BackfillAsked::Rerun::all;
    else if (args.has("--rerun"))
        return fail(Error::Kind::usage, fmt::format("unknown value `{}` of --rerun", rerun), "write failed or all");
    if (args.has("--parallel")) {
        const auto n = args.number("--parallel", 1, 1000);
        if (!n) return tl::unexpected(n.error());
        asked.parallel = static_cast<int>(*n);
    }
    if (args.has("--upstream") && args.has("--assume-upstream"))
        return fail(Error::Kind::usage, "--upstream cannot be combined with --assume-upstream",
                    "leave one of them out");
    if (args.has("--upstream")) asked.upstreams = BackfillAsked::Upstreams::run;
    if (args.has("--assume-upstream")) asked.upstreams = BackfillAsked::Upstreams::assumed;
    return asked;
}

void print_items(const std::vector<Json>& items, const LoadedConfig& opened) {
    Table table({"JOB", "DATE", "FIRE", "", ""});
    std::size_t rows = 0;
    for (const Json& item : items) {
        if (++rows > shown_items) break;
        const auto name = item.at("job").get<std::string>();
        const Job* job = opened.plan->find_job(name);
        const auto due = parse_instant(item.at("fire").get<std::string>());
        table.add({name, item.at("logical_date").get<std::string>(),
                   job && due ? clock_text(*due, *job->schedule.zone) : item.at("local").get<std::string>(),
                   item.at("chosen").get<bool>()  ? "run"
                   : item.at("skipped").is_null() ? "unchanged"
                                                  : "skip",
                   item.at("why").get<std::string>()});
    }
    if (!table.empty()) table.print();
    if (items.size() > shown_items) say("... and {} more\n", items.size() - shown_items);
}

}  // namespace

int cmd_backfill(const Args& args) {
    const auto opened = open_plan(args);
    if (!opened) return report(opened.error());
    const auto asked = asked_of(args);
    if (!asked) return report(asked.error());
    const Json body = backfill_body(*asked);
    const auto items = ledger_view(*opened)->would_backfill(*asked);
    if (!items) return report(items.error());

    std::size_t chosen = 0, skipped = 0;
    for (const Json& item : *items) {
        chosen += item.value("chosen", false) ? 1 : 0;
        skipped += item.at("skipped").is_null() ? 0 : 1;
        if (args.json) print_line(item);
    }
    if (!args.json) print_items(*items, *opened);
    if (!args.json) say("{} of {} to run, {} at a time\n", chosen, counted(items->size(), "fire"), asked->parallel);
    if (args.has("--dry-run") || chosen + skipped == 0) return 0;
    const auto yes = confirmed(args, "Run them?");
    if (!yes) return report(yes.error());
    if (!*yes) return 1;
    const auto answer = ask_daemon(opened->socket, "POST", "/v1/backfill", sent(body));
    if (!answer) return report(answer.error());
    if (!answer->value("ok", false)) {
        say(stderr, "marketcron: {}\n", answer->value("text", std::string()));
        return answer->value("exit_code", 1);
    }
    if (!args.json) say("{}\n", answer->value("text", std::string()));
    const bool live = !args.json && isatty(STDERR_FILENO) != 0 && isatty(STDIN_FILENO) != 0;
    if (!live && !args.has("--wait")) return 0;
    if (live) say(stderr, "Ctrl-C stops watching; the daemon continues the runs, and marketcron status shows them\n");
    const auto code = follow_runs(*opened, answer->value("runs", std::vector<RunId>{}), *asked,
                                  live ? Counting::in_place : Counting::at_the_end);
    return code ? *code : report(code.error());
}

}  // namespace mc::app
