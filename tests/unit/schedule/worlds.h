// worlds.h — zones, calendars and jobs for the tests of schedules.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "schedule/schedule.h"
#include "support/zones.h"

namespace mc::test {

inline ZonePtr zone_named(const std::string& name) { return zone(name).value(); }

inline Instant at(const std::string& text) { return parse_instant(text).value(); }
inline Date day(const std::string& text) { return parse_date(text).value(); }

// The real calendars of New York, London and Tokyo, and small ones that end soon.
inline CalendarSet markets() {
    CalendarSet set{zone};
    const auto add = [&](const std::string& name, std::vector<std::string> aliases, std::string text) {
        CalendarSource source{CalendarName(name),
                              std::move(aliases),
                              name + ".toml",
                              {},
                              std::make_shared<const std::string>(std::move(text))};
        set.add(std::move(source));
    };
    const std::string folder = std::string(MARKETCRON_ROOT) + "/calendars/";
    add("XNYS", {"NYSE"}, text_of(folder + "xnys.toml"));
    add("XLON", {"LSE"}, text_of(folder + "xlon.toml"));
    add("XTKS", {}, text_of(folder + "xtks.toml"));
    add("CME_Globex_Equity", {}, text_of(folder + "cme_globex_equity.toml"));
    add("SHORT", {},
        "name = \"SHORT\"\ntimezone = \"America/New_York\"\nchecked = 2026-11-22\n"
        "coverage = { from = 2026-01-01, trusted_to = 2026-12-31, to = 2026-12-31 }\n"
        "[[hours]]\nopen = \"09:30\"\nclose = \"16:00\"\n");
    add("LUNCH", {},
        "name = \"LUNCH\"\ntimezone = \"Asia/Tokyo\"\nchecked = 2026-11-22\n"
        "coverage = { from = 2020-01-01, trusted_to = 2027-12-31, to = 2030-12-31 }\n"
        "[[hours]]\nopen = \"09:00\"\nclose = \"15:00\"\nbreaks = [[\"10:15\", \"10:30\"], [\"11:30\", \"12:30\"]]\n");
    return set;
}

// A job with New York's calendar and zone, or with others.
inline JobSchedule job(const std::vector<std::string>& schedules, const std::string& calendar = "XNYS",
                       const std::string& zone = "America/New_York") {
    JobSchedule made;
    made.job = JobName("report");
    made.zone = zone_named(zone);
    made.calendar = CalendarName(calendar);
    for (const auto& text : schedules) {
        auto schedule = parse_schedule(text, made.job);
        if (!schedule) FAIL(schedule.error().text());
        made.schedules.push_back(*schedule);
        made.texts.push_back(text);
    }
    return made;
}

inline JobSchedule with_when(JobSchedule made, const std::string& when) {
    auto predicate = Predicate::parse(when);
    if (!predicate) FAIL(predicate.error().text());
    made.when = *predicate;
    return made;
}

// The fires' instants in the job's zone, "2026-11-27 13:15", joined by ", ".
inline std::string local_times(const std::vector<Fire>& fires, const Zone& zone) {
    std::string all;
    for (const auto& fire : fires)
        all += (all.empty() ? "" : ", ") + date::format("%F %H:%M", zone.to_wall(fire.due)) +
               (fire.calendar_ended ? " ended" : "");
    return all;
}

inline std::vector<Fire> fires(const JobSchedule& made, const std::string& after, const std::string& until,
                               std::size_t limit = SIZE_MAX) {
    static const CalendarSet set = markets();
    auto found = fires_between(made, set, at(after), at(until), limit);
    if (!found) FAIL(found.error().text());
    return *found;
}

inline std::string times(const JobSchedule& made, const std::string& after, const std::string& until,
                         std::size_t limit = SIZE_MAX) {
    return local_times(fires(made, after, until, limit), *made.zone);
}

inline std::string keys(const std::vector<Fire>& found) {
    std::string all;
    for (const auto& fire : found) all += (all.empty() ? "" : ", ") + fire.key.text();
    return all;
}

}  // namespace mc::test
