// endpoint_start.cpp — POST /v1/start.
#include <fmt/format.h>

#include "daemon/endpoint.h"
#include "desk/start_env.h"

namespace mc::app {

namespace {

constexpr std::uint64_t year_seconds = 366 * 86400;

// The options of a start, which apply to its run only.
Result<StartOptions> start_only_in(const Given& given) {
    StartOptions only;
    only.memory = given.positive("memory");
    if (const auto timeout = given.positive("timeout")) {
        if (*timeout > year_seconds) return fail(Error::Kind::usage, "`timeout` is longer than a year", "send seconds");
        only.timeout = Seconds{static_cast<std::int64_t>(*timeout)};
    }
    only.env = given.texts("env");
    if (const auto good = check_start_env(only.env); !good) return tl::unexpected(good.error());
    return only;
}

}  // namespace

ControlAnswer post_start(const Call& call) {
    auto only = start_only_in(call.given);
    if (!only) return error(only.error());
    const JobName name = call.given.job("job");
    // An environment variable can make a program execute another one, as the job's user.
    const Job* job = call.seen.job(name);
    const Access& access = call.seen.access();
    if (job && access.role == Access::Role::operate && !only->env.empty() && !access.is_user_of(*job))
        return error(403, fmt::format("only root and the user that {} runs as can use --env", job->shown()),
                     "ask one of them, or omit --env");
    return action(call.daemon.shell.step(StartAsked{name, call.given.date("session"), call.given.flag("force"), call.by,
                                                    call.given.flag("gates"), *std::move(only)}));
}

}  // namespace mc::app
