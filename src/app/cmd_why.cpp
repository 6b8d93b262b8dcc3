// cmd_why.cpp — marketcron why JOB [DATE]: from the file and the ledger; no daemon needed.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/json.h"
#include "app/narrator.h"
#include "app/open.h"
#include "os/clock.h"

namespace mc::app {

int cmd_why(const Args& args) {
    const auto opened = open_plan(args);
    if (!opened) return report(opened.error());
    const auto job = known_job(*opened->plan, args.words[0]);
    if (!job) return report(job.error());
    const Instant now = os::instant_now();
    Date date = date_of((*job)->schedule.zone->to_wall(now));
    if (args.words.size() > 1) {
        const auto given = parse_date(args.words[1]);
        if (!given) return report(given.error());
        date = *given;
    }
    const auto store = open_ledger(*opened);
    if (!store) return report(store.error());
    const auto lines = why(*opened->plan, (*job)->name, date, store->get(), now);
    if (!lines) return report(lines.error());
    for (const WhyLine& line : *lines) {
        if (args.json) {
            print_line(why_json(line));
            continue;
        }
        fmt::print("{} for {}: {}{}{}\n", line.job, to_string(line.date), line.state,
                   line.run ? fmt::format(", run {}", *line.run) : "",
                   line.fire ? ", due " + clock_text(*line.fire, *(*job)->schedule.zone) : "");
        for (const WhyReason& reason : line.reasons)
            fmt::print("  {} {:<16} {}\n", reason.holds ? "yes" : "no ", reason.check, reason.text);
    }
    return 0;
}

}  // namespace mc::app
