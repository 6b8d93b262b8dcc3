#include "daemon/machine_warnings.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/mask.h"
#include "base/spelling.h"
#include "desk/env_file.h"
#include "desk/narrator.h"
#include "desk/secrets.h"
#include "desk/trust.h"
#include "notify/channels.h"
#include "os/user.h"

namespace mc::app {

namespace {

bool is_directory(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// Whether the text has no template: what a template gives is known only for a run.
bool plain(const Template& text) { return text.text().find("{{") == std::string::npos; }

std::string program_of(const Job& job) {
    if (std::holds_alternative<ShellCommand>(job.action)) return job.shell;
    const auto* exec = std::get_if<ExecCommand>(&job.action);
    const bool known = exec != nullptr && !exec->argv.empty() && plain(exec->argv.front());
    return known ? exec->argv.front().text() : "";
}

void look_at_ca(const std::string& file, std::vector<std::string>& found) {
    if (!file.empty() && ::access(file.c_str(), R_OK) != 0)
        found.push_back(fmt::format("ca_file {} cannot be read", file));
}

void look_at_sensor(const Sensor& sensor, std::vector<std::string>& found) {
    if (const auto* http = std::get_if<HttpSensor>(&sensor.kind)) look_at_ca(http->ca_file, found);
    const auto* s3 = std::get_if<S3Sensor>(&sensor.kind);
    if (!s3) return;
    look_at_ca(s3->ca_file, found);
    const AwsSigning& keys = s3->signing;
    for (const std::string* file : {&keys.access_key_file, &keys.secret_key_file, &keys.session_token_file})
        if (!file->empty())
            if (const auto secret = read_secret(*file); !secret) found.push_back("wait: " + secret.error().what);
}

std::vector<std::string> lacks(const Job& job) {
    std::vector<std::string> found;
    if (!job.user.empty())
        if (const auto user = os::find_user(job.user); !user) found.push_back(user.error().what);
    if (!job.env_file.empty())
        if (const auto variables = read_env_file(job.env_file); !variables) found.push_back(variables.error().what);
    const auto look_at = [&](const auto& secrets, const char* key) {
        if (!secrets) return found.push_back(secrets.error().what);
        for (const auto& [name, value] : *secrets)
            if (value.size() < Mask::shortest)
                found.push_back(fmt::format("{} {}: its value has {} bytes; fewer than {} are not masked", key, name,
                                            value.size(), Mask::shortest));
    };
    look_at(read_secrets(job), "secret_env");
    look_at(read_http_secrets(job), "http");
    if (const auto* call = std::get_if<HttpAction>(&job.action)) look_at_ca((*call)->ca_file, found);
    for (std::size_t i = 0; job.wait && i < job.wait->size(); ++i) look_at_sensor((*job.wait)[i], found);
    if (job.cwd && plain(*job.cwd) && !is_directory(job.cwd->text()))
        found.push_back(fmt::format("cwd {} is not a directory", job.cwd->text()));
    const std::string program = program_of(job);
    if (program.find('/') != std::string::npos && ::access(program.c_str(), X_OK) != 0)
        found.push_back(fmt::format("{} does not exist or is not executable", program));
    return found;
}

bool uses(const std::vector<Target>& targets, std::string_view kind) {
    return std::any_of(targets.begin(), targets.end(), [&](const Target& target) { return target.kind() == kind; });
}

bool uses(const NotifyRules& notify, std::string_view kind) {
    return uses(notify.failure, kind) || uses(notify.retry, kind) || uses(notify.success, kind) ||
           uses(notify.late, kind) || uses(notify.missed, kind) || uses(notify.recovery, kind) ||
           uses(notify.output, kind);
}

// The files of the job that contain a secret, each with the key that names it.
std::vector<std::pair<std::string, std::string>> files_of_secrets(const Job& job) {
    std::vector<std::pair<std::string, std::string>> files;
    for (const auto& [name, file] : job.secret_env) files.emplace_back("secret_env " + name, file);
    const auto add_signing = [&](const AwsSigning& keys, const char* key) {
        for (const std::string* file : {&keys.secret_key_file, &keys.session_token_file})
            if (!file->empty()) files.emplace_back(key, *file);
    };
    if (const auto* call = std::get_if<HttpAction>(&job.action)) {
        if (!(*call)->url.secret_file.empty()) files.emplace_back("http", (*call)->url.secret_file);
        for (const HttpHeader& header : (*call)->headers)
            if (!header.value.secret_file.empty()) files.emplace_back("http", header.value.secret_file);
        if ((*call)->sigv4) add_signing(*(*call)->sigv4, "http");
    }
    for (std::size_t i = 0; job.wait && i < job.wait->size(); ++i)
        if (const auto* s3 = std::get_if<S3Sensor>(&(*job.wait)[i].kind)) add_signing(s3->signing, "wait");
    return files;
}

bool others_read(const std::string& file) {
    struct stat status {};
    return ::stat(file.c_str(), &status) == 0 && (status.st_mode & 077) != 0;
}

std::string chmod_text(const std::string& file) {
    return fmt::format("other users can read {}, which contains a secret; run: chmod 600 {}", file, file);
}

// Warns of a kind of channel without sections, if it is used: "mails of 3 jobs, on this machine: ...".
void warn_of_shared(const Plan& plan, const notify::ChannelKind& kind, std::vector<Warning>& warnings) {
    std::size_t jobs = 0;
    for (const auto& [name, job] : plan.jobs) jobs += job.enabled && uses(job.rules(), kind.kind()) ? 1 : 0;
    if (jobs == 0 && !uses(plan.daemon.notify, kind.kind())) return;
    const auto channel = find_channel(plan.channels, Target(kind.kind(), ""));
    const std::string trouble = kind.trouble_here(channel);
    if (trouble.empty()) return;
    const std::string whose = jobs > 0 ? counted(jobs, "job") : "[daemon] notify";
    warnings.push_back({fmt::format("{}s of {}, on this machine: {}", kind.kind(), whose, trouble),
                        channel && channel->spot.line > 0 ? channel->spot : Spot{plan.files.front(), 0, 0}});
}

void warn_of_channels(const Plan& plan, std::vector<Warning>& warnings) {
    for (const notify::ChannelKind* kind : notify::channel_kinds()) {
        if (kind->has_free_names()) {
            warn_of_shared(plan, *kind, warnings);
            continue;
        }
        for (const auto& [target, channel] : plan.channels) {
            if (target.kind() != kind->kind()) continue;
            if (const std::string trouble = kind->trouble_here(channel); !trouble.empty())
                warnings.push_back({fmt::format("on this machine: {}", trouble), channel->spot});
        }
    }
}

}  // namespace

std::vector<Warning> open_secrets(const Plan& plan) {
    std::vector<Warning> warnings;
    for (const auto& [name, job] : plan.jobs) {
        if (!job.enabled) continue;
        for (const auto& [key, file] : files_of_secrets(job))
            if (others_read(file))
                warnings.push_back(
                    {fmt::format("job \"{}\", on this machine: {}: {}", job.shown(), key, chmod_text(file)), job.spot});
    }
    for (const auto& [target, channel] : plan.channels) {
        const notify::ChannelKind* kind = notify::find_kind(target.kind());
        if (!kind) continue;
        for (const auto& [key, file] : kind->secret_files(*channel))
            if (others_read(file))
                warnings.push_back({fmt::format("{} {}, on this machine: {}", target.section(), key, chmod_text(file)),
                                    channel->spot});
    }
    return warnings;
}

std::vector<Warning> machine_warnings(const Plan& plan) {
    std::vector<Warning> warnings;
    const Errors refused = untrusted_files(plan, ConfigPath::given);
    for (const Error& error : refused.empty() ? untrusted_files(plan, ConfigPath::usual) : refused)
        warnings.push_back({fmt::format("the daemon refuses this file{}: {}",
                                        refused.empty() ? " unless -c names it" : "", error.sentence()),
                            error.spot});
    for (const auto& [name, job] : plan.jobs) {
        if (!job.enabled) continue;
        for (const std::string& lack : lacks(job))
            warnings.push_back({fmt::format("job \"{}\", on this machine: {}", job.shown(), lack), job.spot});
    }
    for (Warning& warning : open_secrets(plan)) warnings.push_back(std::move(warning));
    warn_of_channels(plan, warnings);
    return warnings;
}

}  // namespace mc::app
