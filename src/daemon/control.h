// control.h — the control API of a running daemon: HTTP with JSON over the Unix socket.
//
// docs/control-api.md is its contract, endpoint.h the table of its endpoints. The checks here apply to all endpoints:
// which endpoint the request is for, whether the caller has the right (access.h), whether the parameters are
// valid, whether the caller sees the jobs and runs that they name, and how often the user may make requests. The
// first check that fails gives the answer; otherwise the endpoint does.
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
    std::string bad_query;  // "", or what is wrong with the query
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
    // The answer to a user who has too many unfinished runs, or makes too many requests; nullopt if neither. `kept`: the
    // number of bytes of the request that the ledger would keep.
    std::optional<ControlAnswer> too_many_unfinished(const ControlRequest& request, const Seen& seen) const;
    std::optional<ControlAnswer> too_often(const ControlRequest& request, std::size_t kept);

    Answering daemon_;
    RequestRate rate_;
    TimeBudget budget_;
};

}  // namespace mc::app
