// made.h — small calendars for tests, each from the part of its file that a test is about.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "calendar/rules.h"
#include "support/zones.h"

namespace mc::test {

// A whole file: New York, weekdays 09:30-16:00, 2020-2030, unless the body says otherwise.
inline std::string calendar_file(const std::string& body, const std::string& hours = "") {
    const std::string regular = hours.empty() ? "[[hours]]\nopen = \"09:30\"\nclose = \"16:00\"\n" : hours;
    return "name = \"TEST\"\naliases = [\"try\"]\ntimezone = \"America/New_York\"\nchecked = 2026-11-22\n"
           "coverage = { from = 2020-01-01, trusted_to = 2027-12-31, to = 2030-12-31 }\n" +
           regular + body;
}

inline Calendar made(const std::string& file) {
    auto rules = read_calendar_rules(file, "test.toml");
    if (!rules) FAIL(rules.error().front().text());
    const ZonePtr calendar_zone = zone(rules->timezone).value();
    return Calendar(std::make_shared<const CalendarRules>(std::move(*rules)), calendar_zone);
}

inline Date day(const char* text) { return parse_date(text).value(); }
inline Instant at(const char* text) { return parse_instant(text).value(); }

// A session's hours in the exchange's time zone: "09:30 16:00 12:00/13:00", or "closed".
inline std::string hours_on(const Calendar& calendar, const char* date) {
    const Date d = day(date);
    const Session* session = calendar.session(d).value();
    if (!session) return "closed";
    const auto local = [&](Instant t) { return day_time_text(calendar.zone()->to_wall(t) - WallTime{d}); };
    std::string text = local(session->open) + " " + local(session->close);
    for (const Span& span : session->breaks) text += " " + local(span.from) + "/" + local(span.to);
    return text;
}

}  // namespace mc::test
