#include "store/start_only.h"

#include <nlohmann/json.hpp>

namespace mc::store {

using nlohmann::json;

std::string start_only_text(const Rare<StartOnly>& only) {
    if (!only) return {};
    json body = json::object();
    if (only->memory) body["memory"] = *only->memory;
    if (only->timeout) body["timeout_seconds"] = only->timeout->count();
    if (!only->env.empty()) body["env"] = only->env;
    return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

Rare<StartOnly> read_start_only(std::string_view text) {
    if (text.empty()) return {};
    try {
        const json body = json::parse(text);
        StartOnly only;
        if (body.contains("memory")) only.memory = body["memory"].get<std::uint64_t>();
        if (body.contains("timeout_seconds")) only.timeout = Seconds{body["timeout_seconds"].get<std::int64_t>()};
        if (body.contains("env")) only.env = body["env"].get<std::map<std::string, std::string>>();
        return only;
    } catch (const json::exception&) {
        return {};
    }
}

}  // namespace mc::store
