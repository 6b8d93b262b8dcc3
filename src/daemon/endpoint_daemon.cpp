// endpoint_daemon.cpp — POST /v1/reload, drain and notify-test, which concern the daemon itself.
#include "daemon/endpoint.h"

namespace mc::app {

ControlAnswer post_reload(const Call& call) { return action(call.daemon.hooks.reload()); }

ControlAnswer post_drain(const Call& call) { return action(call.daemon.shell.step(DrainAsked{})); }

ControlAnswer post_notify_test(const Call& call) {
    return action(call.daemon.hooks.notify_test(call.given.text("target")));
}

}  // namespace mc::app
