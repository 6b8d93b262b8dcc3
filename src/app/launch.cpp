#include "app/launch.h"

#include <fmt/format.h>

#include "app/http_action.h"
#include "app/http_child.h"
#include "app/secrets.h"
#include "app/trust.h"
#include "base/spelling.h"
#include "engine/engine.h"
#include "os/files.h"

namespace mc::app {

namespace {

constexpr std::size_t env_file_bytes_max = 1024 * 1024;
constexpr std::string_view export_word = "export";  // of a file that shells read too

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
    if (run.start_only)
        for (const auto& [name, value] : run.start_only->env) env[name] = value;
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

// All but what it executes and reads: environment, directory, user.
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

Result<std::map<std::string, std::string>> read_env_file(const std::string& path, const os::User* reader) {
    std::map<std::string, std::string> env;
    const auto file = os::read_owned_file(path, env_file_bytes_max);
    if (!file) return fail(file.error().kind, "env_file: " + file.error().what, file.error().hint);
    if (const std::string bad = reader ? objection_to_env_file(path, file->owner, *reader) : ""; !bad.empty())
        return fail(Error::Kind::process, fmt::format("env_file {}: {}", path, bad));
    const std::string* text = &file->text;
    std::size_t number = 0;
    for (std::size_t at = 0; at < text->size();) {
        const std::size_t end = std::min(text->find('\n', at), text->size());
        std::string line = text->substr(at, end - at);
        at = end + 1;
        ++number;
        const auto start = line.find_first_not_of(" \t\r");
        if (start == std::string::npos || line[start] == '#') continue;
        line.erase(0, start);
        line.erase(line.find_last_not_of(" \t\r") + 1);
        if (const auto word = line.find_first_not_of(" \t", export_word.size());
            line.starts_with(export_word) && word != std::string::npos && word > export_word.size())
            line.erase(0, word);
        const auto equals = std::min(line.find('='), line.size());
        const std::string name = line.substr(0, equals);
        if (equals == line.size() || !is_environment_name(name))
            return fail(Error::Kind::process, fmt::format("env_file {}:{} is not a NAME=value line", path, number),
                        "write NAME=value, without blanks around the `=`");
        std::string value = line.substr(equals + 1);
        if (line.find('\0') != std::string::npos)
            return fail(Error::Kind::process, fmt::format("env_file {}:{} has a NUL", path, number), "remove it");
        const bool is_quoted = !value.empty() && (value.front() == '"' || value.front() == '\'');
        if (is_quoted && (value.size() == 1 || value.back() != value.front()))
            return fail(Error::Kind::process, fmt::format("env_file {}:{}: the quote is not closed", path, number),
                        "close it, or put the whole value into the other kind of quotes");
        if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
            value = value.substr(1, value.size() - 2);
        env[name] = value;
    }
    return env;
}

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
        auto text = make_request(job, **call, facts, plan).and_then(os::request_json);
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
