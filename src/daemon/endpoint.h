// endpoint.h — an endpoint of the control API: a row of the table that defines its route, its right and its parameters.
// docs/control-api.md shows the same table; a test compares them. Each group of endpoints has a file endpoint_NAME.cpp.
//
// Before a handler is called, Control has checked the caller's right, read the parameters, and found the jobs and the run
// that they name. A handler answers at once and reports errors in its answer, not by exceptions.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/answers.h"
#include "daemon/attempt_outputs.h"
#include "daemon/parameters.h"
#include "daemon/seen.h"
#include "daemon/troubles.h"
#include "desk/calendar_overrides.h"
#include "store/outbox.h"

namespace mc::app {

// Functions of the daemon that handlers need.
struct ControlHooks {
    std::function<Reply()> reload;
    std::function<Reply(const std::string& target)> notify_test;
    std::function<std::vector<Trouble>()> troubles;  // what is wrong with the daemon now
    std::function<void(const std::string&)> say;     // a line in the log
    std::function<Reply(const CalendarOverride&, const std::string& by)> override_calendar;
};

// The daemon that answers. All outlive it.
struct Answering {
    Shell& shell;
    const Outbox& outbox;
    AttemptOutputs& outputs;
    ControlHooks hooks;
    std::string config;  // path of the configuration file
    Instant started;
};

// A request, as it is passed to a handler.
struct Call {
    Answering& daemon;
    Seen seen;  // what the caller sees
    Given given;
    std::string by;               // the caller, for the ledger: "root", "uid 1000"
    std::optional<Run> run = {};  // named by the parameter of type run
    Instant now;
};

enum class Method { get, post };
std::string_view to_text(Method method);

// What a request does; the limits on requests depend on it.
enum class Work {
    reads_always,  // also while the ledger cannot be used
    reads,
    changes,    // limited in number per second for each user (request_rate.h)
    adds_runs,  // also limited by the user's number of unfinished runs
};

struct Endpoint {
    Method method;
    std::string_view path;  // "/v1/runs"
    Right right;
    Work work;
    std::string_view help;  // what it does, without a full stop
    Parameters parameters;
    ControlAnswer (*answer)(const Call& call);
};

// All endpoints, in the order of the documentation.
const std::vector<Endpoint>& endpoints();

ControlAnswer get_alerts(const Call& call);
ControlAnswer get_calendar_overrides(const Call& call);
ControlAnswer get_logs(const Call& call);
ControlAnswer get_next(const Call& call);
ControlAnswer get_runs(const Call& call);
ControlAnswer get_status(const Call& call);
ControlAnswer get_why(const Call& call);
ControlAnswer post_alert(const Call& call);
ControlAnswer post_backfill(const Call& call);
ControlAnswer post_calendar_override(const Call& call);
ControlAnswer post_clear(const Call& call);
ControlAnswer post_drain(const Call& call);
ControlAnswer post_hold(const Call& call);
ControlAnswer post_ice(const Call& call);
ControlAnswer post_mark(const Call& call);
ControlAnswer post_notify_test(const Call& call);
ControlAnswer post_release(const Call& call);
ControlAnswer post_reload(const Call& call);
ControlAnswer post_rerun(const Call& call);
ControlAnswer post_start(const Call& call);
ControlAnswer post_stop(const Call& call);

}  // namespace mc::app
