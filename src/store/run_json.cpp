#include "store/run_json.h"

#include <nlohmann/json.hpp>

namespace mc {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(std::string_view text) { return text.empty() ? Json() : Json(text); }

template <class Time>
Json time_or_null(const std::optional<Time>& time) {
    return time ? Json(to_string(*time)) : Json();
}

template <class Number>
Json number_or_null(const std::optional<Number>& number) {
    return number ? Json(*number) : Json();
}

}  // namespace

std::string run_json(const Run& run) {
    const Json object{
        {"run", run.id == 0 ? Json() : Json(run.id)},
        {"job", run.job},
        {"fire", to_string(run.fire)},
        {"logical_date", to_string(run.logical_date)},
        {"session", time_or_null(run.session)},
        {"origin", to_text(run.origin)},
        {"state", to_text(run.state)},
        {"reason", text_or_null(to_text(run.reason))},
        {"attempt", run.attempt},
        {"started", time_or_null(run.started)},
        {"finished", time_or_null(run.finished)},
        {"exit_code", number_or_null(run.exit_code)},
        {"signal", number_or_null(run.signal)},
        {"max_rss_bytes", number_or_null(run.max_rss_bytes)},
        {"cpu_seconds", number_or_null(run.cpu_seconds)},
        {"fires", run.fires},
        {"last_fire", time_or_null(run.last_fire)},
    };
    return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace mc
