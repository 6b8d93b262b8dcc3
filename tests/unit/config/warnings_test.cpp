#include "config/warnings.h"

#include <catch2/catch.hpp>

#include "world.h"

using namespace mc;
using namespace mc::test;

namespace {

std::string warnings_of(const std::string& text, const char* now = "2026-11-20T12:00:00Z") {
    const ResultAll<Plan> plan = read(text);
    INFO(errors_of(plan));
    REQUIRE(plan);
    std::string out;
    for (const Warning& warning : plan_warnings(*plan, *parse_instant(now))) out += warning.text() + "\n";
    return out;
}

const std::string head = "[job.a]\ncalendar = 'XNYS'\n";

}  // namespace

TEST_CASE("jobs have targets and the daemon has none: one warning, with a line that works") {
    const auto warned = [](const std::string& daemon, const std::string& keys) {
        return warnings_of(daemon + "[slack.ops]\nwebhook_env = 'X'\n[defaults]\nschedule = '@every 1h'\n" +
                           "command = 'x'\n[job.a]\n" + keys + "[job.b]\n" + keys);
    };
    const std::string failure = "notify = { failure = ['slack:ops'] }\n";
    CHECK(warned("", failure) ==
          "jobs.toml: warning: trouble with the daemon itself (a full disk, another cron daemon) is not sent to any "
          "target; "
          "write notify = [\"slack:ops\"] in [daemon]\n");
    CHECK(warned("[daemon]\nnotify = ['slack:ops']\n", failure) == "");
    CHECK(warned("", "") == "");
    CHECK(warned("", "notify = { output = ['slack:ops'] }\n") == "");
}

TEST_CASE("a run that needs a session and will have none") {
    CHECK(warnings_of(head + "schedule = '0 6 * * *'\nwhen = 'true'\ncommand = 'x {{session}}'\n") ==
          "jobs.toml:1:1: warning: job \"a\" needs a session, and its run for 2026-11-21 has none: it will fail with "
          "no_session; write when = \"session\"\n");
    CHECK(warnings_of(head + "schedule = '0 6 * * *'\ncommand = 'x {{session}}'\n")
              .find("days of the next year on which XNYS has no session") != std::string::npos);
    CHECK(warnings_of(head + "schedule = '0 6 * * *'\nwhen = 'session'\ncommand = 'x {{session}}'\n") == "");
    CHECK(warnings_of(head + "schedule = '@close'\ncommand = 'x {{close}}'\n") == "");
    CHECK(warnings_of(head + "schedule = '0 6 * * *'\nwhen = 'true'\ncommand = 'x {{session-1}}'\n") == "");
    CHECK(warnings_of(
              head +
              "schedule = '0 6 * * *'\nwhen = 'true'\nrun_for = 'trading_session'\ncommand = 'x {{session}}'\n") == "");
    // Weekdays are not enough: Thanksgiving.
    CHECK(warnings_of(head + "schedule = '0 6 * * 1-5'\nenv = { S = '{{session}}' }\ncommand = 'x'\n")
              .find("2026-11-26") != std::string::npos);
}

TEST_CASE("a limit at or before its fire") {
    CHECK(warnings_of(head + "schedule = '@close+15m'\ncommand = 'x'\ndeadline = '16:15'\n") ==
          "jobs.toml:1:1: warning: `deadline` \"16:15\" of job \"a\" is not after its fire at "
          "2026-11-20T16:15:00-05:00\n");
    CHECK(warnings_of(head + "schedule = '@close+15m'\ncommand = 'x'\nnot_after = '14:00'\n").find("not_after") !=
          std::string::npos);
    CHECK(warnings_of(head + "schedule = '@close+15m'\ncommand = 'x'\nnot_after = '16:16'\n") == "");
    CHECK(warnings_of(head + "schedule = '@close+15m'\ncommand = 'x'\ndeadline = '06:00+1d'\n") == "");
    CHECK(warnings_of(head + "schedule = '@close+15m'\ncommand = 'x'\ndeadline = '+0s'\n").find("deadline") !=
          std::string::npos);
    // Only one fire of many is late enough, half a year from now.
    CHECK(warnings_of(
              "[job.a]\nschedule = ['0 6 * * *', '0 20 1 5 *']\ntimezone = 'UTC'\ncommand = 'x'\ndeadline = '12:00'\n")
              .find("2027-05-01T20:00:00") != std::string::npos);
}

TEST_CASE("a job that never fires, and a calendar that ends") {
    CHECK(
        warnings_of("[job.a]\ncalendar = 'XNYS'\nschedule = '0 6 * * *'\nwhen = 'date(2020-01-01)'\ncommand = 'x'\n") ==
        "jobs.toml:1:1: warning: job \"a\" has no fire in the next 400 days\n");
    CHECK(warnings_of("[job.a]\nschedule = '@reboot'\ncommand = 'x'\n") == "");
    CHECK(warnings_of("[job.a]\nschedule = '0 6 * * *'\nwhen = 'date(2020-01-01)'\nenabled = false\ncommand = 'x'\n") ==
          "");
    const std::string ends =
        "[calendar.FAIR]\ntimezone = 'UTC'\ncoverage = { from = 2026-01-01, to = 2026-12-31 }\n"
        "[[calendar.FAIR.hours]]\nopen = '09:00'\nclose = '17:00'\n"
        "[job.a]\ncalendar = 'FAIR'\nschedule = '@open'\ncommand = 'x'\n";
    CHECK(warnings_of(ends) == "jobs.toml:7:1: warning: calendar FAIR ends on 2026-12-31; job \"a\" needs it\n");
    CHECK(warnings_of(ends, "2026-06-01T00:00:00Z") == "");
    // Exactly from the 90th day before its end.
    CHECK(warnings_of(ends, "2026-10-02T23:59:59Z") == "");
    CHECK(warnings_of(ends, "2026-10-03T00:00:00Z") != "");
    // Also if only `when`, a text or a limit uses it, or a calendar made from it; not for disabled jobs.
    const std::string fair = ends.substr(0, ends.find("[job.a]"));
    const std::string daily = "[job.a]\nschedule = '0 6 * * *'\ntimezone = 'UTC'\ncommand = 'x'\n";
    CHECK(warnings_of(fair + daily) == "");
    CHECK(warnings_of(fair + daily + "when = 'FAIR.session'\n") != "");
    CHECK(warnings_of(fair + daily + "env = { NEXT = '{{FAIR.session+1}}' }\n") != "");
    CHECK(warnings_of(fair + daily + "deadline = '@FAIR.close+1d'\n") != "");
    CHECK(warnings_of(ends + "enabled = false\n") == "");
    CHECK(warnings_of("[calendar.BOTH]\nall_of = ['XNYS', 'FAIR']\ntimezone = 'UTC'\n" + fair + daily +
                      "when = 'BOTH.session'\n")
              .find("calendar BOTH ends on 2026-12-31") != std::string::npos);
}

TEST_CASE("a wait_until that ends after not_after") {
    const std::string job = "[job.a]\ntimezone = 'America/New_York'\nschedule = '0 2 * * *'\ncommand = 'x'\n";
    CHECK(warnings_of(job + "wait_until = '17:00'\nnot_after = '18:00'\n") == "");
    CHECK(warnings_of(job + "wait_until = '17:00'\nnot_after = '12:00'\n")
              .find("never starts at its fire at 2026-11-21T02:00:00-05:00: `wait_until` \"17:00\" is not before "
                    "`not_after` \"12:00\"") != std::string::npos);
    // Both are at 03:00 in the night in which the clock goes forward.
    CHECK(warnings_of("[job.b]\ntimezone = 'America/New_York'\nschedule = '0 1 * * *'\ncommand = 'x'\n"
                      "wait_until = '02:30'\nnot_after = '02:45'\n")
              .find("never starts at its fire at 2027-03-14T01:00:00-05:00") != std::string::npos);
}

TEST_CASE("an order of jobs that is impossible, or impossible on some dates, is reported with the date") {
    const std::string two = "[job.a]\ncalendar = 'XNYS'\nschedule = '@close+15m'\ncommand = 'x'\n";
    CHECK(warnings_of(two + "[job.b]\ncalendar = 'XNYS'\nafter = ['a']\ncommand = 'x {{session}}'\n") == "");
    CHECK(warnings_of(two + "[job.b]\ncalendar = 'XNYS'\nschedule = '@close'\nafter = ['a']\ncommand = 'x'\n") ==
          "jobs.toml:5:1: warning: job \"b\" is due at 2026-11-20T16:00:00-05:00, and its upstream job \"a\" only at "
          "2026-11-20T16:15:00-05:00: it waits\n");
    const std::string london = "[job.b]\ncalendar = 'XLON'\nschedule = '@close+10h'\nafter = ['a']\ncommand = 'x'\n";
    CHECK(warnings_of(two + london).find("job \"b\" has a fire for 2026-11-26 and ") != std::string::npos);
    CHECK(warnings_of(two + london + "when = 'XNYS.session'\n") == "");
    CHECK(warnings_of(two + "enabled = false\n[job.b]\nschedule = '@close+2h'\ncalendar = 'XNYS'\nafter = ['a']\n"
                            "command = 'x'\n")
              .find("is disabled and counts as skipped") != std::string::npos);
    CHECK(
        warnings_of(two + "enabled = false\n[job.b]\nafter = ['a']\ncommand = 'x'\n").find("no upstream job has one") !=
        std::string::npos);
    // Saturday's runs have no session of XNYS.
    CHECK(warnings_of("[job.a]\nschedule = '0 6 * * *'\ncommand = 'x'\n[job.b]\ncalendar = 'XNYS'\nafter = ['a']\n"
                      "command = 'x {{session}}'\n")
              .find("its run for 2026-11-21 has none: it will fail with no_session") != std::string::npos);
    CHECK(warnings_of("[job.a]\ncalendar = 'XNYS'\nschedule = '0 6 * * *'\nwait_until = '@open+5m'\ncommand = 'x'\n")
              .find("its run for 2026-11-21 has none: it will fail with no_session") != std::string::npos);
}

TEST_CASE("jobs with very many fires are compared for 400 days, or the warning says up to which date") {
    const auto two = [](const std::string& schedule, const std::string& more, const std::string& after) {
        const std::string keys = "]\ncommand = 'x'\ntimezone = 'UTC'\nschedule = ";
        return warnings_of("[job.b" + keys + after + "\nafter = ['a']\n[job.a" + keys + schedule + "\n" + more);
    };
    const std::string daily = "'59 59 23 * * *'", missing = "when = 'not date(2027-11-02)'\n";
    for (const char* schedule : {"'* * * * *'", "'*/10 * * * *'", "'@every 1s'", "['* 8-16 * * *', '0 20 * * *']"}) {
        INFO(schedule);
        CHECK(two(schedule, "", daily) == "");
        CHECK(two(schedule, missing, daily) ==
              "jobs.toml:1:1: warning: job \"b\" has a fire for 2027-11-02, and its upstream job \"a\" has none, which "
              "counts "
              "as skipped\n");
        CHECK(two(schedule, missing, "'* * * * *'").find("has a fire for 2027-11-02, and") != std::string::npos);
    }
    // Also if the upstream job has no later date at all.
    CHECK(two("'*/10 * * * *'", "when = 'year(2026)'\n", daily).find("has a fire for 2027-01-01 and ") !=
          std::string::npos);
    // The last fire of a date is found among thousands.
    CHECK(two("'* * 0-17 * * *'", "", "'59 59 17 * * *'") == "");
    CHECK(two("'* * 0-17 * * *'", "", "'58 59 17 * * *'").find("its upstream job \"a\" only at 2026-11-20T17:59:59") !=
          std::string::npos);
    CHECK(two("'* * * * *'", "jitter = '5m'\n", daily)
              .find("job \"b\" is compared with \"a\" up to 2026-12-03 only, not for 400 days") != std::string::npos);
}

TEST_CASE("fires that roll moves to a date for which `when` is false are reported with their dates") {
    const std::string job = head + "schedule = '0 7 * * mon'\nwhen = 'nth_weekday(1, mon)'\ncommand = 'x'\n";
    CHECK(warnings_of(job + "roll = 'following'\n", "2027-01-01T12:00:00Z") ==
          "jobs.toml:1:1: warning: job \"a\": `roll` moves 2 fires of the next 400 days to a date on which `when` is "
          "false, so "
          "none of them runs: from 2027-07-05 to 2027-07-06 and from 2027-09-06 to 2027-09-07; write the day only in "
          "`schedule`, "
          "or make `when` true on both dates\n");
    CHECK(warnings_of(head + "schedule = '0 9 15 * *'\nroll = 'following'\nwhen = 'day(15)'\ncommand = 'x'\n",
                      "2027-01-01T12:00:00Z")
              .find("from 2027-02-15 to 2027-02-16") != std::string::npos);
    // A fire for which `when` is true on every date is not lost by the move.
    for (const char* when : {"session", "weekday(mon..fri)", "true"})
        CHECK(warnings_of(head + "schedule = '0 9 15 * *'\nroll = 'following'\ncommand = 'x'\nwhen = '" + when +
                          "'\n") == "");
}

TEST_CASE("an include pattern that matches no file") {
    const ResultAll<Plan> plan = read("include = ['jobs/*.toml']\n[job.a]\nschedule = '@daily'\ncommand = 'x'\n");
    REQUIRE(plan);
    REQUIRE(plan->warnings.size() == 1);  // the daemon's log and status also show it
    CHECK(plan->warnings[0].text() == "jobs.toml:1:12: warning: include: no file matches \"jobs/*.toml\"");
}
