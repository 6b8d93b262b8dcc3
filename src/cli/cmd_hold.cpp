// cmd_hold.cpp — marketcron hold, ice, release: due runs of a job wait, or are skipped, until the job is released.
#include <fmt/format.h>

#include "base/spelling.h"
#include "cli/confirm.h"
#include "desk/client.h"
#include "desk/coming.h"
#include "desk/open.h"
#include "engine/no_ledger.h"
#include "explain/consequence.h"
#include "os/clock.h"

namespace mc::app {

namespace {

// What happens to other jobs, one line each. Empty if the configuration cannot be read, because the daemon acts anyway.
// Error: usage, if --until, in the job's time zone, is not a time.
Result<std::vector<std::string>> meaning(const Args& args, bool ice) {
    const auto opened = open_plan(args);
    const Job* job = opened ? opened->plan->find_job(args.words[0]) : nullptr;
    if (!job) return std::vector<std::string>{};
    if (args.has("--until")) {
        const auto end = parse_future_time(args.get("--until"), *job->schedule.zone, os::instant_now());
        if (!end) return tl::unexpected(end.error());
        if (*end <= os::instant_now()) return std::vector<std::string>{};  // the daemon reports that it is in the past
    }
    if (!ice) return if_held(*opened->plan, *job);
    const auto store = open_ledger(*opened);
    const NoLedger none;  // without a ledger, every fire counts as a future one
    const Ledger& ledger = store && *store ? static_cast<const Ledger&>(**store) : none;
    const auto meant = if_iced(*opened->plan, *job, ledger, os::instant_now());
    return meant ? *meant : what_is_not_known(meant.error());
}

// The same for a release; also empty if the ledger cannot be opened.
std::vector<std::string> meaning_of_release(const Args& args) {
    const auto opened = open_plan(args);
    const Job* job = opened ? opened->plan->find_job(args.words[0]) : nullptr;
    if (!job) return {};
    const auto ledger = open_ledger(*opened);
    if (!ledger || !*ledger) return {};
    const auto found = (*ledger)->record_of(job->name);
    if (!found) return what_is_not_known(found.error());
    const std::optional<JobRecord>& record = *found;
    if (!record || (!record->held() && !record->iced())) return {};
    std::vector<Run> waiting;
    for (const State state : {State::waiting, State::retrying})
        if (const auto runs = (*ledger)->runs({.jobs = {job->name}, .state = state}))
            waiting.insert(waiting.end(), runs->begin(), runs->end());
    return if_released(*opened->plan, *job, *record, waiting, os::instant_now());
}

int hold_or_ice(const Args& args, bool ice) {
    const auto place = locate_daemon(args);
    if (!place) return report(place.error());
    const std::string question = fmt::format("{} {}?", ice ? "Ice" : "Hold", args.words[0]);
    const auto meant = meaning(args, ice);
    if (!meant) return report(meant.error());
    if (!agreed(args, *meant, question)) return 1;
    Json body{{"job", args.words[0]}};
    if (args.has("--until")) body["until"] = args.get("--until");
    return act_and_tell(place->socket, ice ? "/v1/ice" : "/v1/hold", sent(body));
}

}  // namespace

int cmd_hold(const Args& args) { return hold_or_ice(args, false); }

int cmd_ice(const Args& args) { return hold_or_ice(args, true); }

int cmd_release(const Args& args) {
    const auto place = locate_daemon(args);
    if (!place) return report(place.error());
    if (!agreed(args, meaning_of_release(args), fmt::format("Release {}?", args.words[0]))) return 1;
    return act_and_tell(place->socket, "/v1/release", sent(Json{{"job", args.words[0]}}));
}

}  // namespace mc::app
