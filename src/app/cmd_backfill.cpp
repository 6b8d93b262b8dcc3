// cmd_backfill.cpp — marketcron backfill: shows what it will run, asks, and hands it to the daemon.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/client.h"
#include "app/narrator.h"
#include "app/open.h"
#include "app/progress.h"
#include "app/table.h"
#include "engine/backfill.h"
#include "os/clock.h"

namespace mc::app {

namespace {

constexpr std::size_t shown_items = 30;

// A ledger that nobody has written yet: every fire is without a row.
class NoLedger : public Ledger {
   public:
    std::optional<Run> by_key(std::string_view, std::string_view) const override { return std::nullopt; }
    std::optional<Run> by_id(RunId) const override { return std::nullopt; }
    std::optional<Run> spanning(std::string_view, Instant) const override { return std::nullopt; }
    std::vector<Run> by_date(std::string_view, Date) const override { return {}; }
};

Result<BackfillAsked> asked_of(const Args& args) {
    BackfillAsked asked;
    asked.jobs = args.words;
    const auto from = args.date("--from"), to = args.date("--to");
    if (!from) return tl::unexpected(from.error());
    if (!to) return tl::unexpected(to.error());
    asked.from = *from;
    asked.to = *to;
    const std::string rerun = args.get("--rerun");
    if (rerun == "failed") asked.rerun = BackfillAsked::Rerun::failed;
    else if (rerun == "all") asked.rerun = BackfillAsked::Rerun::all;
    else if (args.has("--rerun"))
        return fail(Error::Kind::usage, fmt::format("--rerun `{}` is unknown", rerun), "write failed or all");
    if (args.has("--parallel")) {
        const auto n = args.number("--parallel", 1, 1000);
        if (!n) return tl::unexpected(n.error());
        asked.parallel = static_cast<int>(*n);
    }
    return asked;
}

Json item_json(const BackfillItem& item, const Job& job) {
    Run run;
    if (item.before) run = *item.before;
    run.job = job.shown();
    run.fire = item.fire.due;
    run.logical_date = item.fire.logical_date;
    run.session = item.fire.session;
    Json json = run_json(run);
    if (!item.before) json["run"] = nullptr;
    json["origin"] = "backfill";
    if (!item.before) json["state"] = "none";
    json["chosen"] = item.chosen;
    json["why"] = item.why;
    json["local"] = local_text(item.fire.due, *job.schedule.zone);
    return json;
}

void print_items(const std::vector<BackfillItem>& items, const Plan& plan) {
    Table table({"JOB", "DATE", "FIRE", "", ""});
    std::size_t rows = 0;
    for (const BackfillItem& item : items) {
        if (++rows > shown_items) break;
        table.add({plan.title(item.job), to_string(item.fire.logical_date),
                   clock_text(item.fire.due, *plan.jobs.at(item.job).schedule.zone),
                   item.chosen     ? "run"
                   : item.outdated ? "skip"
                                   : "leave",
                   item.why});
    }
    if (!table.empty()) table.print();
    if (items.size() > shown_items) fmt::print("... and {} more\n", items.size() - shown_items);
}

bool confirmed() {
    fmt::print("Run them? [y/N] ");
    std::fflush(stdout);
    std::string answer;
    return std::getline(std::cin, answer) && (answer == "y" || answer == "yes");
}

}  // namespace

int cmd_backfill(const Args& args) {
    const auto opened = open_plan(args);
    if (!opened) return report(opened.error());
    auto asked = asked_of(args);
    if (!asked) return report(asked.error());
    for (std::string& name : asked->jobs) {
        const auto job = known_job(*opened->plan, name);
        if (!job) return report(job.error());
        name = (*job)->name;
    }
    const auto store = open_ledger(*opened);
    if (!store) return report(store.error());
    const NoLedger none;
    const Ledger& ledger = *store ? static_cast<const Ledger&>(**store) : none;
    const auto items = plan_backfill(*opened->plan, ledger, *asked, os::instant_now());
    if (!items) return report(items.error());

    std::size_t chosen = 0, outdated = 0;
    for (const BackfillItem& item : *items) {
        chosen += item.chosen;
        outdated += item.outdated;
    }
    if (args.json)
        for (const BackfillItem& item : *items) print_line(item_json(item, opened->plan->jobs.at(item.job)));
    else print_items(*items, *opened->plan);
    if (!args.json) fmt::print("{} of {} fires to run, {} at once\n", chosen, items->size(), asked->parallel);
    if (args.has("--dry-run") || chosen + outdated == 0) return 0;
    if (!args.has("--yes")) {
        if (!isatty(STDIN_FILENO))
            return report(Error{
                Error::Kind::refused, "there is no terminal to ask on", "add --yes, or --dry-run to look only", {}});
        if (!confirmed()) return 1;
    }
    Json body{{"jobs", asked->jobs},
              {"from", to_string(asked->from)},
              {"to", to_string(asked->to)},
              {"rerun", args.get("--rerun")},
              {"parallel", asked->parallel}};
    const auto answer = ask_daemon(opened->socket, "POST", "/v1/backfill", body.dump());
    if (!answer) return report(answer.error());
    if (!answer->value("ok", false)) {
        fmt::print(stderr, "marketcron: {}\n", answer->value("text", std::string()));
        return answer->value("exit_code", 1);
    }
    if (!args.json) fmt::print("{}\n", answer->value("text", std::string()));
    const bool live = !args.json && isatty(STDERR_FILENO) != 0 && isatty(STDIN_FILENO) != 0;
    if (!live && !args.has("--wait")) return 0;
    if (live) fmt::print(stderr, "Ctrl-C leaves them to the daemon; marketcron status shows them\n");
    const auto code = follow_runs(*opened, answer->value("runs", std::vector<RunId>{}), live);
    return code ? *code : report(code.error());
}

}  // namespace mc::app
