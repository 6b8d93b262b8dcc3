#include "store/start_options.h"

#include "base/json.h"

namespace mc::store {

std::string start_options_text(const BoxedOptional<StartOptions>& only) {
    if (!only) return {};
    Json body = Json::object();
    if (only->memory) body["memory"] = *only->memory;
    if (only->timeout) body["timeout_seconds"] = only->timeout->count();
    if (!only->env.empty()) body["env"] = only->env;
    return body.dump(Json::Names::sorted);
}

BoxedOptional<StartOptions> read_start_options(std::string_view text) {
    if (text.empty()) return {};
    const auto body = Json::parse(text);
    if (!body) return {};
    try {
        StartOptions only;
        if (const Json* memory = body->find("memory")) only.memory = memory->get<std::uint64_t>();
        if (const Json* timeout = body->find("timeout_seconds")) only.timeout = Seconds{timeout->get<std::int64_t>()};
        if (const Json* env = body->find("env")) only.env = env->get<std::map<std::string, std::string>>();
        return only;
    } catch (const JsonError&) {
        return {};
    }
}

}  // namespace mc::store
