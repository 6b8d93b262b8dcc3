// endpoint_hold.cpp — POST /v1/hold, ice and release.
#include <fmt/format.h>

#include "daemon/endpoint.h"
#include "desk/coming.h"

namespace mc::app {

namespace {

// A user cannot end or change another user's hold or ice. Error: refused; of the ledger, for any caller, because a record
// that cannot be read must not be changed.
Result<void> check_owner(const Call& call, const JobName& job) {
    const auto found = call.daemon.shell.store().record_of(job);
    if (!found) return tl::unexpected(found.error());
    const std::optional<JobRecord>& record = *found;
    if (!record || call.seen.is_all()) return {};
    for (const auto& [hold, word] : {std::pair{record->hold, "held"}, std::pair{record->ice, "iced"}})
        if (hold && hold->by != call.by)
            return fail(Error::Kind::refused, fmt::format("{} is {} by {}", job, word, hold->by),
                        "ask that user, or root");
    return {};
}

// The time `until`, in the job's time zone; absent: until the job is released. Error: usage.
Result<std::optional<Instant>> end_of(const Call& call, const JobName& job) {
    if (!call.given.has("until")) return std::optional<Instant>{};
    const Job* known = call.seen.job(job);
    return parse_future_time(call.given.text("until"), known ? *known->schedule.zone : *Zone::utc(), call.now)
        .map([](Instant end) { return std::optional(end); });
}

// Also writes the change to the log, because it concerns all users of the job.
ControlAnswer told(const Call& call, const Reply& reply) {
    if (reply.ok) call.daemon.hooks.say(reply.text);
    return action(reply);
}

template <class Asked>
ControlAnswer hold_or_ice(const Call& call) {
    const JobName job = call.given.job("job");
    if (const auto may = check_owner(call, job); !may) return error(may.error());
    const auto end = end_of(call, job);
    if (!end) return error(end.error());
    return told(call, call.daemon.shell.step(Asked{job, *end, call.by}));
}

}  // namespace

ControlAnswer post_hold(const Call& call) { return hold_or_ice<HoldAsked>(call); }

ControlAnswer post_ice(const Call& call) { return hold_or_ice<IceAsked>(call); }

ControlAnswer post_release(const Call& call) {
    const JobName job = call.given.job("job");
    if (const auto may = check_owner(call, job); !may) return error(may.error());
    return told(call, call.daemon.shell.step(ReleaseAsked{job, call.by}));
}

}  // namespace mc::app
