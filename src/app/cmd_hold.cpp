// cmd_hold.cpp — marketcron hold, release: nothing of a job starts, until it may again.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/client.h"
#include "app/open.h"
#include "os/clock.h"
#include "schedule/words.h"

namespace mc::app {

namespace {

// The coming moment that a person means: in "90m", at the next "17:30", when a date begins, an instant.
Result<Instant> coming(const std::string& text, const Zone& zone, Instant now) {
    if (const auto length = parse_duration(text)) return now + *length;
    if (const auto date = parse_date(text)) return zone.wall(WallTime{*date}).first;
    if (const auto time = parse_time_on_day(text); time && time->days == 0) {
        const Date today = date_of(zone.to_wall(now));
        const Instant at = zone.wall(WallTime{today} + time->time_of_day).first;
        return at > now ? at : zone.wall(WallTime{today + date::days{1}} + time->time_of_day).first;
    }
    if (auto instant = parse_instant(text)) return instant;
    return fail(Error::Kind::usage, fmt::format("--until: `{}` is no time", text),
                "write 90m, 17:30, 2026-11-23 or 2026-11-23T14:00:00Z");
}

int ask(const Args& args, const char* path) {
    const auto opened = open_to_ask(args);
    if (!opened) return report(opened.error());
    Json body{{"job", args.words[0]}};
    if (args.has("--until")) {
        const Job* job = opened->plan->find_job(args.words[0]);
        const auto until =
            coming(args.get("--until"), job ? *job->schedule.zone : *opened->context.host_zone, os::instant_now());
        if (!until) return report(until.error());
        body["until"] = to_string(*until);
    }
    return act_and_tell(opened->socket, path, body.dump());
}

}  // namespace

int cmd_hold(const Args& args) { return ask(args, "/v1/hold"); }

int cmd_release(const Args& args) { return ask(args, "/v1/release"); }

}  // namespace mc::app
