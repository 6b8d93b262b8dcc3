// control.h — the control API: what may be asked of a running daemon, as HTTP with JSON over the Unix socket.
//
// docs/control-api.md is its contract. Every answer is a JSON object; an error is {"error": "...", "hint": "..."}.
// Root and the daemon's own user may ask everything; others get 403.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "app/shell.h"

namespace mc::app {

struct ControlRequest {
    std::string method, path, body;
    std::map<std::string, std::string> query;
    std::uint32_t uid = 0;
};

struct ControlAnswer {
    int status = 200;
    std::string body;  // JSON
};

// What only the daemon itself can do.
struct ControlHooks {
    std::function<Reply()> reload;
    std::function<Reply(const std::string& target)> notify_test;
};

class Control {
   public:
    Control(Shell& shell, ControlHooks hooks, std::string config, std::uint32_t own_uid, Instant started);
    ControlAnswer answer(const ControlRequest& request, Instant now);

   private:
    ControlAnswer status(Instant now) const;
    ControlAnswer runs(const ControlRequest& request) const;
    ControlAnswer next(const ControlRequest& request, Instant now) const;
    ControlAnswer why_answer(const ControlRequest& request, Instant now) const;
    // A job's name, for its name or its title; what is neither stays as it is.
    std::string name_of(const std::string& shown) const;
    ControlAnswer act(const ControlRequest& request);

    Shell& shell_;
    ControlHooks hooks_;
    std::string config_;
    std::uint32_t own_uid_;
    Instant started_;
};

}  // namespace mc::app
