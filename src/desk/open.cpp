#include "desk/open.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "base/suggest.h"
#include "base/toml.h"
#include "desk/calendar_overrides.h"
#include "desk/client.h"
#include "desk/command.h"
#include "desk/crontab_files.h"
#include "desk/host_zone.h"
#include "desk/plan_files.h"
#include "desk/say.h"
#include "engine/no_ledger.h"
#include "os/files.h"
#include "store/open_store.h"

namespace mc::app {

namespace {

std::string beside(const std::string& path, const std::string& config) {
    return (std::filesystem::path(config).parent_path() / path).lexically_normal().string();
}

// The complete TOML tables before the one with the mistake.
std::string before_mistake(const std::string& text, const Spot& mistake) {
    std::size_t end = 0;
    for (auto line = mistake.line; line > 0 && end != std::string::npos; --line)
        end = text.find('\n', end ? end + 1 : 0);
    const std::size_t header = text.rfind("\n[", end);
    return header == std::string::npos ? std::string() : text.substr(0, header + 1);
}

}  // namespace

ResultAll<LoadedConfig> open_plan(const Args& args) {
    return open_plan(args, [](const Error& problem) { report(problem); });
}

ResultAll<LoadedConfig> open_plan(const Args& args, const std::function<void(const Error&)>& tell) {
    const auto all = [](const Error& error) { return tl::unexpected<Errors>(Errors{error}); };
    const auto path = config_path(args.config);
    if (!path) return all(path.error());
    const auto text = read_source(*path);
    if (!text) return all(text.error());
    LoadedConfig opened;
    opened.path = *path;
    Errors problems;
    opened.context = make_read_context(&problems);
    if (!problems.empty()) return tl::unexpected(std::move(problems));
    opened.of_files = opened.context.calendars;
    auto plan = read_plan(*text, opened.context);
    if (!plan) return tl::unexpected(plan.error());
    if (Errors errors = check_modes(*plan); !errors.empty()) return tl::unexpected(std::move(errors));
    opened.state = plan->daemon.state.empty() ? default_state(*path) : plan->daemon.state;
    opened.socket = plan->daemon.socket.empty() ? default_socket(*path) : plan->daemon.socket;
    // Only now, after the check of the file's own changes of days: an override may make the same change.
    if (add_overrides(opened.context, opened.state, opened.socket, problems))
        plan = with_calendars(*std::move(plan), opened.context);
    for (const Error& problem : problems) {
        if (problem.kind != Error::Kind::process) return tl::unexpected(std::move(problems));
        tell(problem);
    }
    warn_of_host_zone(*plan, opened.context.host_zone);
    opened.plan = std::make_shared<const Plan>(std::move(*plan));
    if (!opened.plan->crontab.any()) return opened;
    opened.file_plan = opened.plan;
    auto files = read_crontab_files(opened.plan->crontab);
    if (!files) return tl::unexpected(Errors{files.error()});
    opened.plan = with_crontabs(*opened.file_plan, *files, opened.context);
    opened.tables = std::move(*files);
    return opened;
}

ResultAll<std::shared_ptr<const Plan>> plan_of(const std::string& file, const ReadContext& context) {
    const auto path = config_path(file);
    if (!path) return tl::unexpected(Errors{path.error()});
    const auto text = read_source(*path);
    if (!text) return tl::unexpected(Errors{text.error()});
    auto plan = read_plan(*text, context);
    if (!plan) return tl::unexpected(plan.error());
    if (Errors errors = check_modes(*plan); !errors.empty()) return tl::unexpected(std::move(errors));
    if (plan->crontab.any()) {
        const auto files = read_crontab_files(plan->crontab);
        if (!files) return tl::unexpected(Errors{files.error()});
        return with_crontabs(*plan, *files, context);
    }
    return std::make_shared<const Plan>(std::move(*plan));
}

ResultAll<ReadContext> context_without_file() {
    Errors problems;
    ReadContext context = make_read_context(&problems);
    if (!problems.empty()) return tl::unexpected(std::move(problems));
    if (const auto path = config_path(""))
        (void)add_overrides(context, default_state(*path), default_socket(*path), problems);
    for (const Error& problem : problems) report(problem);
    return context;
}

std::shared_ptr<const Plan> with_crontabs(const Plan& file_plan, const std::vector<CrontabFile>& files,
                                          const ReadContext& context) {
    auto plan = std::make_shared<Plan>(file_plan);
    add_crontab_jobs(*plan, files, context.host_zone);
    return plan;
}

ResultAll<LoadedConfig> locate_daemon(const Args& args) {
    const auto all = [](const Error& error) { return tl::unexpected<Errors>(Errors{error}); };
    const auto path = config_path(args.config);
    if (!path) return all(path.error());
    const auto text = read_source(*path);
    // The system's daemon also answers users who may not read its file.
    if (!text && is_systems_file_closed(*path)) {
        LoadedConfig opened;
        opened.path = *path;
        opened.state = default_state(*path);
        opened.socket = default_socket(*path);
        return opened;
    }
    if (!text) return all(text.error());
    Result<toml::table> file = parse_toml(text->text, *path);
    const bool broken = !file;
    if (broken) file = parse_toml(before_mistake(text->text, file.error().spot), *path);
    // [daemon] may be in an include, or after the mistake. The default paths could be those of another daemon.
    if (!file || (!file->contains("daemon") && (broken || file->contains("include")))) return open_plan(args);
    LoadedConfig opened;
    opened.path = *path;
    opened.state = default_state(*path);
    opened.socket = default_socket(*path);
    if (const auto state = (*file)["daemon"]["state"].value<std::string>()) opened.state = beside(*state, *path);
    if (const auto socket = (*file)["daemon"]["socket"].value<std::string>()) opened.socket = beside(*socket, *path);
    return opened;
}

ResultAll<LoadedConfig> open_to_ask(const Args& args) {
    auto opened = open_plan(args);
    if (opened) return opened;
    auto place = locate_daemon(args);
    if (!place) return tl::unexpected(opened.error());
    if (!is_systems_file_closed(place->path)) {
        for (const Error& error : opened.error()) report(error);
        say(stderr, "marketcron: the file has errors; the daemon in {} is asked instead\n", place->state);
    }
    place->context = make_read_context();
    place->whole = false;
    Plan empty;
    empty.calendars = place->context.calendars;
    place->plan = std::make_shared<const Plan>(std::move(empty));
    return place;
}

ResultAll<LoadedConfig> open_plan_or_ask(const Args& args) {
    const auto path = config_path(args.config);
    if (path && is_systems_file_closed(*path)) return open_to_ask(args);
    auto opened = open_plan(args);
    return opened || !daemon_answers(args) ? opened : open_to_ask(args);
}

bool ledger_is_closed(const LoadedConfig& opened) { return is_store_closed(ledger_address(opened)); }

bool must_ask(const LoadedConfig& opened) { return !opened.whole || ledger_is_closed(opened); }

std::string ledger_address(const LoadedConfig& opened) { return opened.state + "/ledger.db"; }

Result<std::unique_ptr<RunStore>> open_ledger(const LoadedConfig& opened) {
    // If a ledger was created and is missing now, opening it is an error.
    const auto was_made = store_was_made(ledger_address(opened));
    if (!was_made) return tl::unexpected(was_made.error());
    if (!*was_made) return std::unique_ptr<RunStore>();
    return open_store(ledger_address(opened), OpenMode::read_only);
}

std::unique_ptr<Ledger> ledger_of_fires(const LoadedConfig& opened) {
    auto store = open_ledger(opened);
    if (store && *store) return *std::move(store);
    if (!store) say(stderr, "marketcron: {}; fires that already have a run are listed too\n", store.error().sentence());
    return std::make_unique<NoLedger>();
}

Result<const Job*> known_job(const Plan& plan, const std::string& name) {
    if (const Job* found = plan.find_job(name)) return found;
    std::vector<std::string> names, ends;  // `ends`: crontab jobs (FILE:LINE) of which the user typed the end
    for (const auto& [known, job] : plan.jobs) {
        names.push_back(job.shown());
        if (!name.empty() && job.shown().ends_with("/" + name)) ends.push_back(job.shown());
    }
    return fail(Error::Kind::usage, fmt::format("unknown job `{}`", name),
                ends.size() == 1 ? fmt::format("did you mean {}?", ends.front()) : did_you_mean(name, names));
}

Error no_run(RunId id) {
    return {Error::Kind::usage, fmt::format("there is no run {}", id), "marketcron runs lists them", {}};
}

Error no_attempt(const Run& run, std::int64_t attempt) {
    const std::string hint =
        run.attempt == 0 ? "it has not started" : fmt::format("its latest attempt is {}", run.attempt);
    return {Error::Kind::usage, fmt::format("run {} has no attempt {}", run.id, attempt), hint, {}};
}

bool daemon_answers(const Args& args) {
    const auto place = locate_daemon(args);
    return place && ask_daemon(place->socket, "GET", "/v1/status");
}

}  // namespace mc::app
