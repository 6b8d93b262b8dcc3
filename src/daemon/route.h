// route.h — which endpoint a request is for. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/endpoint.h"

namespace mc::app {

struct Route {
    const Endpoint* endpoint = nullptr;  // null: no endpoint has that path and method
    std::string allow;                   // the methods of the path: "GET, POST"; "" if the path is unknown
};

// The table must outlive the result.
Route route(const std::vector<Endpoint>& table, std::string_view method, std::string_view path);

}  // namespace mc::app
