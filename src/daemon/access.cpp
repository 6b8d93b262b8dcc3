#include "daemon/access.h"

#include <algorithm>
#include <array>

namespace mc::app {

bool Access::may(std::string_view path) const {
    constexpr std::array own_paths{"/v1/status", "/v1/runs",     "/v1/next",   "/v1/why",     "/v1/logs", "/v1/start",
                                   "/v1/stop",   "/v1/backfill", "/v1/hold",   "/v1/release", "/v1/ice",  "/v1/rerun",
                                   "/v1/mark",   "/v1/clear",    "/v1/alerts", "/v1/alert"};
    switch (role) {
        case Role::all: return true;
        case Role::operate: return path != "/v1/drain";
        case Role::own: return std::find(own_paths.begin(), own_paths.end(), path) != own_paths.end();
    }
    return false;
}

Access access_of(const Caller& caller) {
    if (caller.root_or_self) return {Access::Role::all, caller.user};
    if (caller.in_group) return {Access::Role::operate, caller.user};
    return {Access::Role::own, caller.user};
}

}  // namespace mc::app
