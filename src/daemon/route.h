// route.h — which endpoint a request is for. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/endpoint.h"

namespace mc::app {

struct Route {
    const Endpoint* endpoint = nullptr;  // null: there is none of that path and method
    std::string allow;                   // the methods that the path has: "GET, POST"; "" when there is no such path
};

// The table outlives the answer.
Route route(const std::vector<Endpoint>& table, std::string_view method, std::string_view path);

}  // namespace mc::app
