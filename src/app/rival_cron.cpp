#include "app/rival_cron.h"

#include <fmt/format.h>

#include <algorithm>

#include "os/other_cron.h"

namespace mc::app {

namespace {

// Whether any of it is where other crons look: a table elsewhere is ours alone.
bool shares_tables(const CrontabSettings& settings) {
    std::vector<std::string> paths = settings.files;
    paths.insert(paths.end(), settings.dirs.begin(), settings.dirs.end());
    paths.push_back(settings.spool);
    return std::any_of(paths.begin(), paths.end(), [](const std::string& path) {
        return path.starts_with("/etc/") || path.starts_with("/var/spool/");
    });
}

}  // namespace

std::optional<Error> rival_cron(const Plan& plan) {
    if (!shares_tables(plan.crontab)) return std::nullopt;
    const auto other = os::other_cron();
    if (!other) return std::nullopt;
    return Error{Error::Kind::refused, fmt::format("{} runs the crontabs already: each job would run twice", *other),
                 "stop it first, as with `systemctl disable --now cron`, or take [crontab] out", plan.crontab.spot};
}

}  // namespace mc::app
