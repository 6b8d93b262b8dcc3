#include "daemon/launch.h"

#include <fmt/format.h>

#include "daemon/http_action.h"
#include "daemon/http_child.h"
#include "desk/env_file.h"
#include "desk/secrets.h"
#include "engine/engine.h"

namespace mc::app {

namespace {

using Environment = std::map<std::string, std::string>;

Result<Environment> environment(const Job& job, const Run& run, const RunFacts& facts, const Plan& plan,
                                const os::User& user) {
    Environment env{{"PATH", "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"},
                    {"HOME", user.home},
                    {"SHELL", job.shell},
                    {"USER", user.name},
                    {"LOGNAME", user.name},
                    {"LANG", "C.UTF-8"}};
    auto own = run_environment(facts, *plan.calendars);
    if (!own) return tl::unexpected(own.error());
    for (auto& [name, value] : *own) env[name] = std::move(value);
    if (!job.env_file.empty()) {
        auto file = read_env_file(job.env_file, &user);
        if (!file) return tl::unexpected(file.error());
        for (auto& [name, value] : *file) env[name] = std::move(value);
    }
    for (const auto& [name, text] : job.env) {
        auto value = text.fill(facts, *plan.calendars);
        if (!value) return tl::unexpected(value.error());
        env[name] = std::move(*value);
    }
    auto secrets = read_secrets(job);
    if (!secrets) return tl::unexpected(secrets.error());
    for (auto& [name, value] : *secrets) env[name] = std::move(value);
    if (run.start_options)
        for (const auto& [name, value] : run.start_options->env) env[name] = value;
    return env;
}

using Arguments = std::vector<std::string>;

Result<Arguments> arguments(const ShellCommand& command, const Job& job, const RunFacts& facts, const Plan& plan) {
    auto text = command.text.fill(facts, *plan.calendars);
    if (!text) return tl::unexpected(text.error());
    return Arguments{job.shell, "-c", std::move(*text)};
}

Result<Arguments> arguments(const ExecCommand& command, const RunFacts& facts, const Plan& plan) {
    Arguments argv;
    for (const Template& part : command.argv) {
        auto text = part.fill(facts, *plan.calendars);
        if (!text) return tl::unexpected(text.error());
        argv.push_back(std::move(*text));
    }
    return argv;
}

Result<Arguments> arguments(const Job& job, const RunFacts& facts, const Plan& plan) {
    if (const auto* shell = std::get_if<ShellCommand>(&job.action)) return arguments(*shell, job, facts, plan);
    if (std::holds_alternative<HttpAction>(job.action)) return Arguments{request_program(), http_child_word};
    return arguments(std::get<ExecCommand>(job.action), facts, plan);
}

// Everything except its argv and standard input: environment, directory, user.
Result<os::Launch> make_place(const Job& job, const Run& run, const RunFacts& facts, const Plan& plan,
                              os::Users& users) {
    const Result<os::User>& user = users.named(job.user);
    if (!user) return tl::unexpected(user.error());
    os::Launch launch;
    auto env = environment(job, run, facts, plan, *user);
    if (!env) return tl::unexpected(env.error());
    for (const auto& [name, value] : *env) launch.env.push_back(fmt::format("{}={}", name, value));
    launch.cwd = user->home;
    if (job.cwd) {
        auto cwd = job.cwd->fill(facts, *plan.calendars);
        if (!cwd) return tl::unexpected(cwd.error());
        launch.cwd = std::move(*cwd);
    }
    if (!job.user.empty() && user->uid != users.named("")->uid) {
        launch.uid = user->uid;
        launch.gid = user->gid;
        launch.groups = user->groups;
    }
    launch.umask = job.umask.value_or(022);
    launch.nice = job.nice;
    launch.max_output = plan.daemon.max_output;
    return launch;
}

}  // namespace

Result<os::Launch> make_launch(const Job& job, const Run& run, const Plan& plan, os::Users& users) {
    const RunFacts facts = facts_of(job, run);
    auto launch = make_place(job, run, facts, plan, users);
    if (!launch) return launch;
    launch->run = run.id;
    launch->attempt = run.attempt;
    auto argv = arguments(job, facts, plan);
    if (!argv) return tl::unexpected(argv.error());
    launch->argv = std::move(*argv);
    if (const auto* call = std::get_if<HttpAction>(&job.action)) {
        const auto request = make_request(job, **call, facts, plan);
        if (!request) return tl::unexpected(request.error());
        auto text = os::request_json(*request);
        if (!text) return tl::unexpected(text.error());
        launch->stdin_text = std::move(*text);
    }
    if (job.stdin_text) {
        auto text = job.stdin_text->fill(facts, *plan.calendars);
        if (!text) return tl::unexpected(text.error());
        launch->stdin_text = std::move(*text);
    }
    return launch;
}

Result<std::map<std::string, std::string>> make_environment(const Job& job, const Run& run, const Plan& plan,
                                                            os::Users& users) {
    const Result<os::User>& user = users.named(job.user);
    if (!user) return tl::unexpected(user.error());
    return environment(job, run, facts_of(job, run), plan, *user);
}

Result<os::Launch> make_look(const Job& job, const CommandSensor& sensor, const Run& run, const Plan& plan,
                             os::Users& users) {
    const RunFacts facts = facts_of(job, run);
    auto launch = make_place(job, run, facts, plan, users);
    if (!launch) return launch;
    const auto* shell = std::get_if<ShellCommand>(&sensor.command);
    auto argv =
        shell ? arguments(*shell, job, facts, plan) : arguments(std::get<ExecCommand>(sensor.command), facts, plan);
    if (!argv) return tl::unexpected(argv.error());
    launch->argv = std::move(*argv);
    return launch;
}

}  // namespace mc::app
