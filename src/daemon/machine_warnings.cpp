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
#include "notify/mail.h"
#include "notify/secret.h"
#include "os/user.h"

namespace mc::app {

namespace {

bool is_directory(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// A text that stands for itself: what a template gives is known only to its runs.
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
                found.push_back(fmt::format("{} {}: its value has {} bytes; less than {} are not masked", key, name,
                                            value.size(), Mask::shortest));
    };
    look_at(read_secrets(job), "secret_env");
    look_at(read_http_secrets(job), "http");
    if (const auto* call = std::get_if<HttpAction>(&job.action)) look_at_ca((*call)->ca_file, found);
    for (std::size_t i = 0; job.wait && i < job.wait->size(); ++i) look_at_sensor((*job.wait)[i], found);
    if (job.cwd && plain(*job.cwd) && !is_directory(job.cwd->text()))
        found.push_back(fmt::format("cwd {} is no directory", job.cwd->text()));
    const std::string program = program_of(job);
    if (program.find('/') != std::string::npos && ::access(program.c_str(), X_OK) != 0)
        found.push_back(fmt::format("{} is no program that can be executed", program));
    return found;
}

bool mails(const NotifyRules& notify) {
    for (const auto* targets : {&notify.failure, &notify.retry, &notify.success, &notify.late, &notify.missed,
                                &notify.recovery, &notify.output})
        for (const std::string& target : *targets)
            if (target.starts_with("mail:")) return true;
    return false;
}

// Each file of the job's that holds a secret, and the key that names it.
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
    return fmt::format("others can read {}, which holds a secret; chmod 600 {}", file, file);
}

// "" or why nothing can be mailed.
std::string mail_trouble(const MailSettings& mail) {
    // Of a mode that others can read: open_secrets.
    const bool known = !mail.login_file.empty() && others_read(mail.login_file);
    if (const auto login = notify::read_login(mail); !login && !known) return login.error().what;
    if (!mail.smtp.empty()) return "";
    const std::string program = notify::mailer(mail).front();
    if (program.find('/') == std::string::npos || ::access(program.c_str(), X_OK) == 0) return "";
    return program + " is no program that can be executed; install a mailer, or write [mail]";
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
    if (!plan.mail.login_file.empty() && others_read(plan.mail.login_file))
        warnings.push_back(
            {fmt::format("[mail] login_file, on this machine: {}", chmod_text(plan.mail.login_file)), plan.mail.spot});
    return warnings;
}

std::vector<Warning> machine_warnings(const Plan& plan) {
    std::vector<Warning> warnings;
    const Errors refused = files_of_others(plan, true);
    for (const Error& error : refused.empty() ? files_of_others(plan, false) : refused)
        warnings.push_back(
            {fmt::format("the daemon will refuse it{}: {}", refused.empty() ? " as /etc's" : "", error.sentence()),
             error.spot});
    for (const auto& [name, job] : plan.jobs) {
        if (!job.enabled) continue;
        for (const std::string& lack : lacks(job))
            warnings.push_back({fmt::format("job \"{}\", on this machine: {}", job.shown(), lack), job.spot});
    }
    for (Warning& warning : open_secrets(plan)) warnings.push_back(std::move(warning));
    std::size_t mailing = 0;
    for (const auto& [name, job] : plan.jobs) mailing += job.enabled && mails(job.rules()) ? 1 : 0;
    const auto& own = plan.daemon.notify;
    const bool daemon_mails =
        std::any_of(own.begin(), own.end(), [](const std::string& target) { return target.starts_with("mail:"); });
    if (const std::string trouble = mailing > 0 || daemon_mails ? mail_trouble(plan.mail) : ""; !trouble.empty())
        warnings.push_back({fmt::format("mails of {}, on this machine: {}",
                                        mailing > 0 ? counted(mailing, "job") : "[daemon] notify", trouble),
                            plan.mail.spot.line > 0 ? plan.mail.spot : Spot{plan.files.front(), 0, 0}});
    for (const auto& [name, slack] : plan.slack) {
        // The environment is the daemon's, and nobody here knows it.
        if (slack.webhook_file.empty() && slack.token_file.empty()) continue;
        if (const auto place = notify::read_place(slack, notify::from_environment); !place)
            warnings.push_back({fmt::format("on this machine: {}", place.error().what), slack.spot});
    }
    return warnings;
}

}  // namespace mc::app
