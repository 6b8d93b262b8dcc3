// control.h — the control API: what may be asked of a running daemon, as HTTP with JSON over the Unix socket.
//
// docs/control-api.md is its contract, endpoint.h the table of its endpoints. What is decided here is decided for all of
// them: which endpoint is asked, whether the caller may (access.h), what the parameters are, that the jobs and runs that
// they name are the caller's to see, and how often a user may ask. What comes out is 200, or the first of these that failed.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "daemon/endpoint.h"
#include "daemon/request_rate.h"

namespace mc::app {

struct ControlRequest {
    std::string method, path, body;
    std::map<std::string, std::string> query;
    std::string bad_query;  // "" or what is wrong with it
    std::uint32_t uid = 0;
    Access access;
};

class Control {
   public:
    Control(Shell& shell, const Outbox& outbox, AttemptOutputs& outputs, ControlHooks hooks, std::string config,
            Instant started);
    ControlAnswer answer(const ControlRequest& request, Instant now);

   private:
    ControlAnswer answer_at_once(const ControlRequest& request, Instant now);
    ControlAnswer answer(const Endpoint& endpoint, const ControlRequest& request, Instant now);
    ControlAnswer change(const Endpoint& endpoint, const ControlRequest& request, const Call& call);
    // The answer to a user who has too many runs that have not ended, or asks too often; `kept`: how many bytes of the
    // request the ledger would keep.
    std::optional<ControlAnswer> too_many_unfinished(const ControlRequest& request, const Seen& seen) const;
    std::optional<ControlAnswer> too_often(const ControlRequest& request, std::size_t kept);

    Answering daemon_;
    RequestRate rate_;
    TimeBudget budget_;
};

}  // namespace mc::app
