// cmd_act.cpp — the commands that send one request to the daemon: start, stop, rerun, mark, reload, drain.
#include <fmt/format.h>

#include <algorithm>

#include "base/spelling.h"
#include "cli/confirm.h"
#include "cli/run_asked.h"
#include "config/size.h"
#include "desk/client.h"
#include "desk/open.h"
#include "desk/say.h"
#include "desk/start_env.h"
#include "engine/backfill.h"
#include "engine/upstream.h"
#include "explain/consequence.h"
#include "os/clock.h"

namespace mc::app {

namespace {

constexpr Seconds timeout_max{366LL * 86400};
constexpr std::uint64_t memory_min = 1'000'000;  // no process needs less

// Copies the options that apply to this run only into `body`. Error: usage.
Result<void> read_only_for(const Args& args, Json& body) {
    if (args.has("--memory")) {
        const auto bytes = parse_size(args.get("--memory"));
        if (!bytes) return tl::unexpected(bytes.error());
        if (*bytes < memory_min)
            return fail(Error::Kind::usage, fmt::format("--memory {} is {} bytes", args.get("--memory"), *bytes),
                        "write a unit, such as --memory 5G");
        body["memory"] = *bytes;
    }
    if (args.has("--timeout")) {
        const auto time = parse_duration(args.get("--timeout"));
        if (!time) return tl::unexpected(time.error());
        if (*time < Seconds{1} || *time > timeout_max)
            return fail(Error::Kind::usage, fmt::format("--timeout {} must be from 1s to 366d", args.get("--timeout")),
                        "write --timeout 2h");
        body["timeout"] = time->count();
    }
    std::map<std::string, std::string> env;
    for (const std::string& entry : args.all("--env")) {
        const std::size_t equals = entry.find('=');
        if (equals == std::string::npos || !is_environment_name(entry.substr(0, equals)))
            return fail(Error::Kind::usage,
                        equals == 0 ? "--env needs NAME=VALUE: NAME is empty"
                                    : fmt::format("--env needs NAME=VALUE, not `{}`", entry.substr(0, equals)),
                        "write --env DEPTH=full");
        env[entry.substr(0, equals)] = entry.substr(equals + 1);
    }
    if (auto fits = check_start_env(env); !fits) return fits;
    if (!env.empty()) body["env"] = env;
    return {};
}

// What the operator is asked to confirm.
struct Asking {
    std::string verb;              // "Stop"
    std::optional<State> ends_as;  // the run's state afterwards; absent: a rerun
};

// What happens to other jobs, one line each. Empty if the daemon will refuse the request: its answer gives the reason.
Result<std::vector<std::string>> meaning(const Plan& plan, const Run& run, const Asking& asking, const Ledger& ledger) {
    const auto job = plan.jobs.find(run.job);
    if (job == plan.jobs.end() || run.clearing != 0) return std::vector<std::string>{};
    const bool is_rerun = !asking.ends_as, is_stop = asking.ends_as == State::killed;
    const bool is_refused = is_rerun  ? !finished(run.state) || !job->second.enabled
                            : is_stop ? finished(run.state)
                                      : run.state == State::running;
    if (is_refused) return std::vector<std::string>{};
    if (is_rerun) return if_rerun(plan, run, ledger, os::instant_now());
    return if_ended(plan, run, *asking.ends_as, ledger, os::instant_now());
}

// False if an operator at a terminal answers no.
bool agreed_on(const Args& args, const RunStore& store, const Run& run, const Asking& asking) {
    const auto opened = open_plan(args);
    if (!opened) return true;
    const std::string question = fmt::format("{} run {} of {} for {}?", asking.verb, run.id,
                                             titled(run, *opened->plan).job, to_string(run.logical_date));
    const auto meant = meaning(*opened->plan, run, asking, store);
    return agreed(args, meant ? *meant : what_is_not_known(meant.error()), question);
}

// Whether a run for that date can start, as far as the ledger can be read: an unfinished run, or a new one as in a
// backfill.
bool may_start(const LoadedConfig& opened, const Job& job, Date date) {
    const auto store = open_ledger(opened);
    if (!store || !*store) return true;
    const auto runs = (*store)->by_date(job.name, date);
    if (!runs) return true;  // the daemon reports the error
    for (const Run& run : *runs)
        if (seen_by_others(run) && !finished(run.state) && run.state != State::running) return true;
    const BackfillAsked asked{{job.name}, date, date, {}, 1, "", BackfillAsked::Upstreams::assumed};
    const auto items = plan_backfill(*opened.plan, **store, asked, os::instant_now());
    if (!items && is_of_ledger(items.error().kind)) return true;
    return items && std::any_of(items->begin(), items->end(), [](const BackfillItem& item) {
               return item.chosen || item.skipped == Reason::when_false;
           });
}

// Asks for confirmation and sends `body`, with the run's number, to `path`. The exit status.
int act_on_run(const Args& args, const std::string& path, Json body, const Asking& asking) {
    const auto run = run_asked(args, args.words[0]);
    if (!run) return report(run.error());
    const auto place = locate_daemon(args);
    if (!place) return report(place.error());
    // If the ledger cannot be read, the daemon checks the run's number.
    const auto store = open_ledger(*place);
    const auto row = store && *store ? (*store)->by_id(*run) : Result<std::optional<Run>>(tl::unexpected(Error{}));
    if (row && !*row) return report(no_run(*run));
    if (row && !agreed_on(args, **store, **row, asking)) return 1;
    body["run"] = *run;
    return act_and_tell(place->socket, path, sent(body));
}

}  // namespace

int cmd_start(const Args& args) {
    Json body{{"job", args.words[0]}, {"force", args.has("--force")}, {"gates", args.has("--gates")}};
    if (const auto read = read_only_for(args, body); !read) return report(read.error());
    std::optional<Date> date;
    if (args.has("--session")) {
        const auto read = args.date("--session");
        if (!read) return report(read.error());
        date = *read;
        body["session"] = to_string(*date);
    }
    const auto opened = open_to_ask(args);
    if (!opened) return report(opened.error());
    // A user who cannot read the ledger cannot read all crontabs either: then the daemon checks the job's name.
    const bool know_all = opened->whole && !ledger_is_closed(*opened);
    if (const auto job = known_job(*opened->plan, args.words[0]); know_all && !job) return report(job.error());
    if (args.has("--memory") && opened->whole && !opened->plan->daemon.capacity_memory)
        say(stderr, "marketcron: --memory has no effect: [daemon] has no capacity = {{ memory = ... }}\n");
    // A start that will be refused needs no question: the daemon's answer gives the reason.
    const Job* job = opened->plan->find_job(args.words[0]);
    if (job && (!date || may_start(*opened, *job, *date))) {
        const std::string what = date ? fmt::format("{} for {}", job->shown(), to_string(*date)) : job->shown();
        if (!agreed(args, if_started(*opened->plan, *job, date), fmt::format("Start {}?", what))) return 1;
    }
    return act_and_tell(opened->socket, "/v1/start", sent(body));
}

int cmd_stop(const Args& args) { return act_on_run(args, "/v1/stop", Json::object(), {"Stop", State::killed}); }

int cmd_rerun(const Args& args) {
    return act_on_run(args, "/v1/rerun", Json{{"force", args.has("--force")}}, {"Rerun", {}});
}

int cmd_mark(const Args& args) {
    const std::string& state = args.words[1];
    if (state != "success" && state != "failed" && state != "skipped")
        return report(Error{Error::Kind::usage,
                            fmt::format("a run cannot be marked `{}`", state),
                            "write success, failed or skipped",
                            {}});
    if (is_blank(args.get("--reason")))
        return report(Error{Error::Kind::usage,
                            "--reason is missing",
                            "give the reason, for the ledger: --reason 'loaded by hand'",
                            {}});
    return act_on_run(args, "/v1/mark", Json{{"state", state}, {"reason", args.get("--reason")}},
                      {"Mark", *parse_state(state)});
}

int cmd_reload(const Args& args) { return act_and_tell(args, "/v1/reload", "{}"); }

int cmd_drain(const Args& args) { return act_and_tell(args, "/v1/drain", "{}"); }

}  // namespace mc::app
