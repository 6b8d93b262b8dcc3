#include "daemon/rival_cron.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/crontab_jobs.h"

namespace mc::app {

bool shares_tables(const Plan& plan) {
    const CrontabSettings& settings = plan.crontab;
    std::vector<std::string> paths = settings.files;
    paths.insert(paths.end(), settings.dirs.begin(), settings.dirs.end());
    paths.push_back(settings.spool);
    return std::any_of(paths.begin(), paths.end(), [](const std::string& path) { return is_machines_table(path); });
}

std::optional<os::CronProcess> rival_of(const Plan& plan) {
    return shares_tables(plan) ? os::other_cron() : std::nullopt;
}

std::optional<Error> rival_cron(const Plan& plan) {
    const auto other = rival_of(plan);
    if (!other) return std::nullopt;
    return Error{
        Error::Kind::refused, fmt::format("{} runs the crontabs already: each job would run twice", other->text()),
        "stop it first, for example with `systemctl disable --now cron`, or remove [crontab]", plan.crontab.spot};
}

}  // namespace mc::app
