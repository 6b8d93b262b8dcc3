// control.h — the control API: what may be asked of a running daemon, as HTTP with JSON over the Unix socket.
//
// docs/control-api.md is its contract. Every answer is a JSON object; an error is {"error": "...", "hint": "..."}.
// What a caller may ask, and which jobs he sees: access.h. To him the others are not there.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "daemon/access.h"
#include "daemon/attempt_outputs.h"
#include "daemon/request_rate.h"
#include "daemon/troubles.h"
#include "desk/calendar_overrides.h"
#include "desk/json.h"
#include "shell/shell.h"
#include "store/outbox.h"

namespace mc::app {

struct ControlRequest {
    std::string method, path, body;
    std::map<std::string, std::string> query;
    std::string bad_query;  // "" or what is wrong with it
    std::uint32_t uid = 0;
    Access access;
};

struct ControlAnswer {
    int status = 200;
    std::string body;  // JSON
};

// What only the daemon itself can do.
struct ControlHooks {
    std::function<Reply()> reload;
    std::function<Reply(const std::string& target)> notify_test;
    std::function<std::vector<Trouble>()> troubles;  // what is wrong with the daemon now
    std::function<void(const std::string&)> say;     // a line in the log
    std::function<Reply(const CalendarOverride&, const std::string& by)> override_calendar;
};

class Control {
   public:
    Control(Shell& shell, const Outbox& outbox, AttemptOutputs& outputs, ControlHooks hooks, std::string config,
            Instant started);
    ControlAnswer answer(const ControlRequest& request, Instant now);

   private:
    ControlAnswer status(const ControlRequest& request, Instant now) const;
    Json outbox(const std::vector<Trouble>& troubles) const;
    ControlAnswer calendar_overrides() const;
    ControlAnswer runs(const ControlRequest& request) const;
    ControlAnswer alerts(const ControlRequest& request) const;
    ControlAnswer next(const ControlRequest& request, Instant now) const;
    ControlAnswer answer_at_once(const ControlRequest& request, Instant now);
    ControlAnswer why_answer(const ControlRequest& request, Instant now) const;
    ControlAnswer logs(const ControlRequest& request) const;
    // The job of that name or title, if the caller sees it.
    const Job* job_seen(const std::string& shown, const Access& access) const;
    // The name of the job shown so; what is none stays as it is. Error: the caller may see no other.
    Result<std::string> name_of(const std::string& shown, const Access& access) const;
    bool sees(const Access& access, const Run& run) const;
    // The names of the jobs that the caller sees.
    std::vector<std::string> names_seen(const Access& access) const;
    ControlAnswer would_backfill(const BackfillAsked& asked, Instant now) const;
    ControlAnswer hold_ice_or_release(const ControlRequest& request, const std::string& shown, const Json& until,
                                      Instant now);
    ControlAnswer told(const Reply& reply) const;
    std::optional<ControlAnswer> needs_foreign(const Access& access, const BackfillAsked& asked) const;
    ControlAnswer backfill(const ControlRequest& request, const Json& body, Instant now);
    ControlAnswer act_on_run(const ControlRequest& request, const Json& body);
    ControlAnswer act_on_alert(const ControlRequest& request, const Json& body);
    ControlAnswer clear(const ControlRequest& request, const Json& body);
    std::optional<ControlAnswer> read_jobs_and_dates(const ControlRequest& request, const Json& body,
                                                     std::vector<std::string>& jobs, Date& first, Date& last) const;
    ControlAnswer start(const ControlRequest& request, const Json& body);
    ControlAnswer override_calendar(const ControlRequest& request, const Json& body);
    ControlAnswer act(const ControlRequest& request, Instant now);
    ControlAnswer change(const ControlRequest& request, const Json& body, Instant now);
    // The answer to a user who asks too often; `kept`: how many bytes of the request the ledger would keep.
    std::optional<ControlAnswer> too_many_unfinished(const ControlRequest& request) const;
    std::optional<ControlAnswer> too_often(const ControlRequest& request, std::size_t kept);

    Shell& shell_;
    const Outbox& outbox_;
    AttemptOutputs& outputs_;
    ControlHooks hooks_;
    std::string config_;
    Instant started_;
    RequestRate rate_;
    TimeBudget budget_;
};

}  // namespace mc::app
