#include "app/rival_cron.h"

#include <fmt/format.h>

#include "os/other_cron.h"

namespace mc::app {

std::optional<Error> rival_cron(const Plan& plan) {
    if (!plan.crontab.any()) return std::nullopt;
    const auto other = os::other_cron();
    if (!other) return std::nullopt;
    return Error{Error::Kind::refused, fmt::format("{} runs the crontabs already: each job would run twice", *other),
                 "stop it first, as with `systemctl disable --now cron`, or take [crontab] out", plan.crontab.spot};
}

}  // namespace mc::app
