#include "daemon/route.h"

namespace mc::app {

Route route(const std::vector<Endpoint>& table, std::string_view method, std::string_view path) {
    Route found;
    for (const Endpoint& endpoint : table) {
        if (endpoint.path != path) continue;
        if (!found.allow.empty()) found.allow += ", ";
        found.allow += to_text(endpoint.method);
        if (to_text(endpoint.method) == method) found.endpoint = &endpoint;
    }
    return found;
}

}  // namespace mc::app
