// kinds.h — a channel of any kind, read from its section, and its requests for notices.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "config/plan.h"
#include "notify/channel_readers.h"
#include "notify/channels.h"

namespace mc::notify {

// The plan of that text; fails the test with its errors, one on each line.
inline ResultAll<Plan> read_channels_of(const std::string& text) {
    ReadContext context;
    context.calendars =
        std::make_shared<const CalendarSet>([](std::string_view) { return Result<ZonePtr>(Zone::utc()); });
    context.host_zone = Zone::utc();
    context.channels = channel_readers();
    return read_plan({"desk.toml", text}, context);
}

inline std::string errors_in(const std::string& text) {
    const ResultAll<Plan> plan = read_channels_of(text);
    std::string all;
    if (!plan)
        for (const Error& error : plan.error()) all += error.text() + "\n";
    return all;
}

// Renders these notices on desk-1 for that target, which the section in `text` declares.
inline std::vector<Request> requests_of(const std::string& text, const std::string& name, std::vector<Notice> notices) {
    const ResultAll<Plan> plan = read_channels_of(text);
    REQUIRE(plan);
    const Target target = *Target::parse(name);
    const ChannelKind& kind = *find_kind(target.kind());
    const Result<Place> place =
        kind.place(plan->channels.at(target), [](const std::string&) { return std::optional<std::string>(); });
    REQUIRE(place);
    for (Notice& notice : notices) notice.target = name;
    const Post post{1, name, kind.pace(), std::move(notices), false};
    return kind.requests(post, *place, {"desk-1", parse_instant("2026-11-20T21:00:00Z").value()});
}

}  // namespace mc::notify
