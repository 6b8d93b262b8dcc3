#include "app/open.h"

#include <fmt/format.h>

#include <filesystem>

#include "app/plan_files.h"
#include "base/suggest.h"
#include "base/toml.h"
#include "os/files.h"

namespace mc::app {

namespace {

std::string beside(const std::string& path, const std::string& config) {
    return (std::filesystem::path(config).parent_path() / path).lexically_normal().string();
}

}  // namespace

ResultAll<Opened> open_plan(const Args& args) {
    const auto all = [](const Error& error) { return tl::unexpected<Errors>(Errors{error}); };
    const auto path = config_path(args.config);
    if (!path) return all(path.error());
    const auto text = read_source(*path);
    if (!text) return all(text.error());
    Opened opened;
    opened.path = *path;
    Errors problems;
    opened.context = make_read_context(&problems);
    if (!problems.empty()) return tl::unexpected(std::move(problems));
    auto plan = read_plan(*text, opened.context);
    if (!plan) return tl::unexpected(plan.error());
    if (Errors errors = check_modes(*plan); !errors.empty()) return tl::unexpected(std::move(errors));
    opened.state = plan->daemon.state.empty() ? default_state() : plan->daemon.state;
    opened.socket = plan->daemon.socket.empty() ? default_socket() : plan->daemon.socket;
    opened.plan = std::make_shared<const Plan>(std::move(*plan));
    return opened;
}

Result<Opened> open_place(const Args& args) {
    const auto path = config_path(args.config);
    if (!path) return tl::unexpected(path.error());
    const auto text = read_source(*path);
    if (!text) return tl::unexpected(text.error());
    Opened opened;
    opened.path = *path;
    opened.state = default_state();
    opened.socket = default_socket();
    const toml::parse_result file = toml::parse(text->text, *path);
    if (!file) return opened;
    if (const auto state = file["daemon"]["state"].value<std::string>()) opened.state = beside(*state, *path);
    if (const auto socket = file["daemon"]["socket"].value<std::string>()) opened.socket = beside(*socket, *path);
    return opened;
}

Result<std::unique_ptr<RunStore>> open_ledger(const Opened& opened) {
    const std::string path = opened.state + "/ledger.db";
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
        if (!error || error == std::errc::no_such_file_or_directory) return std::unique_ptr<RunStore>();
        return fail(Error::Kind::store, fmt::format("cannot look at {}: {}", path, error.message()),
                    "ask as root or as the daemon's user");
    }
    return open_sqlite_store(path, OpenMode::read_only);
}

Result<const Job*> known_job(const Plan& plan, const std::string& name) {
    if (const auto found = plan.jobs.find(name); found != plan.jobs.end()) return &found->second;
    std::vector<std::string> names;
    for (const auto& [known, job] : plan.jobs) names.push_back(known);
    return fail(Error::Kind::usage, fmt::format("unknown job `{}`", name), did_you_mean(name, names));
}

}  // namespace mc::app
