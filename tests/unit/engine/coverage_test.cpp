// Calendars that end: the failure targets of their jobs are notified once a week.
#include <catch2/catch.hpp>

#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

const std::string fair = R"(
[defaults]
command = "true"
[slack.ops]
webhook = "https://hooks.example.com/ops"
[slack.desk]
webhook = "https://hooks.example.com/desk"
[calendar.FAIR]
timezone = "UTC"
coverage = { from = 2026-01-01, to = 2026-12-31 }
[[calendar.FAIR.hours]]
open = "09:00"
close = "17:00"
)";
const std::string loader =
    "[job.loader]\ncalendar = 'FAIR'\nschedule = '@open'\nnotify = { failure = ['slack:ops'] }\n";

std::vector<std::string> told(const World& w) {
    std::vector<std::string> lines;
    for (const Notice& notice : w.notices())
        if (notice.job == "calendars")
            lines.push_back(to_string(notice.created) + " " + notice.target + " " +
                            notice.text.substr(0, notice.text.find('\n')));
    return lines;
}

const std::string calendar_ends = "⚠️ calendar FAIR ends on 2026-12-31; ";

}  // namespace

TEST_CASE("the end of a calendar is announced from 90 days before, each week") {
    World w{"2026-09-20T00:00:00Z"};
    w.plan(fair + loader);
    w.run_until("2026-10-02T23:59:59Z");
    CHECK(told(w).empty());
    w.run_until("2026-10-18T00:00:00Z");
    CHECK(told(w) == std::vector<std::string>{"2026-10-03T00:00:00Z slack:ops " + calendar_ends + "loader needs it",
                                              "2026-10-10T00:00:00Z slack:ops " + calendar_ends + "loader needs it",
                                              "2026-10-17T00:00:00Z slack:ops " + calendar_ends + "loader needs it"});
}

TEST_CASE("neither a reload nor a new daemon sends it twice in a week") {
    World w{"2026-11-20T00:00:00Z"};
    w.plan(fair + loader);
    CHECK(told(w).size() == 1);
    w.plan(fair + loader + "retries = 1\n");
    w.crash();
    w.restart();
    w.run_until("2026-11-26T23:59:59Z");
    CHECK(told(w).size() == 1);
    w.run_until("2026-11-27T00:00:00Z");
    CHECK(told(w).size() == 2);
}

TEST_CASE("each target gets its own jobs, and after the end the calendar is reported as ended") {
    World w{"2027-01-05T12:00:00Z"};
    std::string toml = fair + loader;
    for (const char* name : {"p", "q", "r", "s"})
        toml += "[job." + std::string(name) +
                "]\nschedule = '0 6 * * *'\ntimezone = 'UTC'\nwhen = 'FAIR.session'\n"
                "notify = { failure = ['slack:desk'] }\n";
    toml += "[job.t]\nschedule = '0 6 * * *'\nwhen = 'FAIR.session'\ntimezone = 'UTC'\n";  // notifies no target
    w.plan(toml);
    CHECK(told(w) ==
          std::vector<std::string>{
              "2027-01-05T12:00:00Z slack:desk ⚠️ calendar FAIR ended on 2026-12-31; p, q, r and 1 more need it",
              "2027-01-05T12:00:00Z slack:ops ⚠️ calendar FAIR ended on 2026-12-31; loader needs it"});
}

TEST_CASE("a newer file ends the notifications") {
    World w{"2026-11-20T00:00:00Z"};
    w.plan(fair + loader);
    std::string longer = fair;
    longer.replace(longer.find("to = 2026-12-31"), 15, "to = 2027-12-31");
    w.plan(longer + loader);
    w.run_until("2027-01-10T00:00:00Z");
    CHECK(told(w).size() == 1);
}

TEST_CASE("`start` for a date that the calendar does not cover is refused, with a hint about the date") {
    World w{"2026-11-20T05:30:00Z"};
    w.plan(fair + loader);
    const Reply reply = w.ask(StartAsked{JobName("loader"), day("2027-01-04"), false, "root"});
    CHECK_FALSE(reply.ok);
    CHECK(reply.kind == Error::Kind::calendar);
    CHECK(reply.text.find("choose a date that the calendar covers") != std::string::npos);
    CHECK(w.runs("loader").empty());
}
