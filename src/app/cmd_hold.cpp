// cmd_hold.cpp — marketcron hold, ice, release: nothing of a job starts, or it is passed over, until it may again.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/client.h"
#include "app/confirm.h"
#include "app/far_ledger.h"
#include "app/open.h"
#include "base/spelling.h"
#include "engine/consequence.h"
#include "os/clock.h"

namespace mc::app {

namespace {

constexpr std::size_t jobs_named = 10;

// What it means for the jobs after it; nothing where the file cannot be read, for the daemon acts all the same.
std::vector<std::string> meaning(const Args& args, bool ice) {
    const auto opened = open_plan(args);
    const Job* job = opened ? opened->plan->find_job(args.words[0]) : nullptr;
    if (!job) return {};
    if (ice) return if_iced(*opened->plan, *job, os::instant_now());
    const auto behind = jobs_behind(*opened->plan, *job);
    if (behind.empty()) return {};
    return {fmt::format("{} {} for it", listed(behind, jobs_named), behind.size() == 1 ? "waits" : "wait")};
}

int hold_or_ice(const Args& args, bool ice) {
    const auto place = open_place(args);
    if (!place) return report(place.error());
    const std::string question = fmt::format("{} {}?", ice ? "Ice" : "Hold", args.words[0]);
    if (!agreed(args, meaning(args, ice), question)) return 1;
    Json body{{"job", args.words[0]}};
    if (args.has("--until")) body["until"] = args.get("--until");
    return act_and_tell(place->socket, ice ? "/v1/ice" : "/v1/hold", sent(body));
}

}  // namespace

int cmd_hold(const Args& args) { return hold_or_ice(args, false); }

int cmd_ice(const Args& args) { return hold_or_ice(args, true); }

int cmd_release(const Args& args) {
    const auto place = open_place(args);
    if (!place) return report(place.error());
    return act_and_tell(place->socket, "/v1/release", sent(Json{{"job", args.words[0]}}));
}

}  // namespace mc::app
