// endpoint_calendars.cpp — GET /v1/calendar-overrides, and POST /v1/calendar-override.

#include "daemon/endpoint.h"

namespace mc::app {

ControlAnswer get_calendar_overrides(const Call& call) {
    const auto sources = read_overrides(call.daemon.outputs.state(), "");
    if (!sources) return error(503, sources.error().what, sources.error().hint);
    Json files = Json::array();
    for (const CalendarSource& source : *sources) files.push_back({{"calendar", source.name}, {"text", *source.owned}});
    return good(Json{{"files", files}});
}

ControlAnswer post_calendar_override(const Call& call) {
    auto asked = parse_override(CalendarName(call.given.text("calendar")), *call.given.date("date"),
                                call.given.text("what"), call.given.text("time"));
    if (!asked) return error(400, asked.error().what, asked.error().hint);
    asked->reason = call.given.text("reason");
    return action(call.daemon.hooks.override_calendar(*asked, call.by));
}

}  // namespace mc::app
