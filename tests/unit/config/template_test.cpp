#include <catch2/catch.hpp>

#include "world.h"

using namespace mc;
using namespace mc::test;

namespace {

// The run of XNYS's half day after Thanksgiving 2026, due fifteen minutes after its close.
RunFacts half_day() {
    RunFacts facts;
    facts.job = JobName("eod");
    facts.run = 17;
    facts.attempt = 2;
    facts.fire = *parse_instant("2026-11-27T18:15:00Z");
    facts.logical_date = make_date(2026, 11, 27);
    facts.session = facts.logical_date;
    facts.zone = *find_zone("America/New_York");
    facts.calendar = CalendarName("XNYS");
    return facts;
}

std::string filled(std::string_view text, const RunFacts& facts = half_day()) {
    const Result<Template> parsed = Template::parse(text);
    if (!parsed) return parsed.error().text();
    const Result<std::string> out = parsed->fill(facts, *calendars());
    return out ? *out : out.error().text();
}

}  // namespace

TEST_CASE("a letter of a format that is not ASCII is shown whole") {
    const auto read = Template::parse("{{session:%\xc3\xa9}}");
    REQUIRE_FALSE(read);
    CHECK(read.error().what.find("unknown format %\xc3\xa9") != std::string::npos);
}

TEST_CASE("a byte of a format that is not UTF-8 is shown alone") {
    const auto read = Template::parse(
        "{{session:%\xff"
        "Y}}");
    REQUIRE_FALSE(read);
    CHECK(read.error().what == "unknown format %\xff");
}

TEST_CASE("a template contains the run's dates and instants") {
    CHECK(filled("plain") == "plain");
    CHECK(filled("") == "");
    CHECK(filled("--date {{session}} --by {{job}}#{{run}}.{{attempt}}") == "--date 2026-11-27 --by eod#17.2");
    CHECK(filled("{{ date }} {{fire}}") == "2026-11-27 2026-11-27T18:15:00Z");
    CHECK(filled("{{open}} {{close}}") == "2026-11-27T14:30:00Z 2026-11-27T18:00:00Z");
}

TEST_CASE("sessions are counted across holidays, in the job's calendar or a named one") {
    CHECK(filled("{{session-1}} {{session+1}} {{session+2:%Y%m%d}}") == "2026-11-25 2026-11-30 20261201");
    CHECK(filled("{{XLON.session-1}} {{SIFMA_US.session+1}} {{nyse.session}}") == "2026-11-26 2026-11-30 2026-11-27");
    CHECK(filled("{{XLON.close}}") == "2026-11-27T16:30:00Z");
    CHECK(filled("{{24-7.session+1}}") == "2026-11-28");
}

TEST_CASE("dates and instants accept strftime's letters, instants in the job's zone") {
    CHECK(filled("{{session:%Y%m%d}}") == "20261127");
    CHECK(filled("{{close:%H:%M:%S}} {{close:%I %p}} {{close:%T|%R}}") == "13:00:00 01 PM 13:00:00|13:00");
    CHECK(filled("{{fire:%F %z %Z %s}}") == "2026-11-27 -0500 EST 1795803300");
    CHECK(filled("{{date:%A %a %B %b %d %e %j %y %m %u %w}}") == "Friday Fri November Nov 27 27 331 26 11 5 5");
    CHECK(filled("{{date:100%%}}") == "100%");
    CHECK(filled("{{date:%D}}") == "11/27/26");
}

TEST_CASE("each hour on a clock of twelve hours") {
    RunFacts facts = half_day();
    facts.zone = Zone::utc();
    const char* hours[]{"12 AM", "01 AM", "02 AM", "03 AM", "04 AM", "05 AM", "06 AM", "07 AM",
                        "08 AM", "09 AM", "10 AM", "11 AM", "12 PM", "01 PM", "02 PM", "03 PM",
                        "04 PM", "05 PM", "06 PM", "07 PM", "08 PM", "09 PM", "10 PM", "11 PM"};
    facts.fire = *parse_instant("2026-11-27T00:59:59Z");
    for (const char* hour : hours) {
        CHECK(filled("{{fire:%I %p %M:%S}}", facts) == std::string(hour) + " 59:59");
        facts.fire += Seconds{3600};
    }
}

TEST_CASE("each month and weekday has its name and its number") {
    RunFacts facts = half_day();
    const char* months[]{"January Jan 01",   "February Feb 02", "March Mar 03",    "April Apr 04",
                         "May May 05",       "June Jun 06",     "July Jul 07",     "August Aug 08",
                         "September Sep 09", "October Oct 10",  "November Nov 11", "December Dec 12"};
    for (unsigned month = 1; month <= 12; ++month) {
        facts.logical_date = make_date(2026, month, 9);
        CHECK(filled("{{date:%B %b %m}}", facts) == months[month - 1]);
    }
    const char* weekdays[]{"Sunday Sun 0 7",   "Monday Mon 1 1", "Tuesday Tue 2 2", "Wednesday Wed 3 3",
                           "Thursday Thu 4 4", "Friday Fri 5 5", "Saturday Sat 6 6"};
    for (unsigned day = 0; day < 7; ++day) {
        facts.logical_date = make_date(2026, 11, 1 + day);  // from a Sunday
        CHECK(filled("{{date:%A %a %w %u}}", facts) == weekdays[day]);
    }
}

TEST_CASE("an offset from UTC has hours and minutes") {
    RunFacts facts = half_day();
    const auto offset = [&](const char* rule) {
        facts.zone = Zone::from_rule(rule).value();
        return filled("{{fire:%z %Z}}", facts);
    };
    CHECK(offset("UTC0") == "+0000 UTC");
    CHECK(offset("<+0545>-5:45") == "+0545 +0545");
    CHECK(offset("NST3:30") == "-0330 NST");
    CHECK(offset("<-0030>0:30") == "-0030 -0030");
}

TEST_CASE("ISO weeks belong to the year of their Thursday") {
    RunFacts facts = half_day();
    facts.logical_date = make_date(2027, 1, 3);  // a Sunday
    CHECK(filled("{{date:%G-W%V-%u %g}}", facts) == "2026-W53-7 26");
    facts.logical_date = make_date(2024, 12, 30);  // a Monday
    CHECK(filled("{{date:%G-W%V-%u}}", facts) == "2025-W01-1");
    facts.logical_date = make_date(2026, 2, 5);
    CHECK(filled("{{date:%e %j}}", facts) == " 5 036");
}

TEST_CASE("a run without a session cannot use `session`, but the sessions around it") {
    RunFacts sunday = half_day();
    sunday.logical_date = make_date(2026, 11, 29);
    sunday.session.reset();
    CHECK(filled("{{session}}", sunday) == "error: {{session}} needs a session, and 2026-11-29 has none");
    CHECK(filled("{{close}}", sunday) == "error: {{close}} needs a session, and 2026-11-29 has none");
    CHECK(filled("{{XLON.session}}", sunday) == "error: {{XLON.session}} needs a session, and 2026-11-29 has none");
    CHECK(filled("{{session-1}} {{session+1}} {{date}}", sunday) == "2026-11-27 2026-11-30 2026-11-29");

    const auto asks = [](std::string_view text) { return Template::parse(text)->needs_session(); };
    CHECK(asks("{{session}}"));
    CHECK(asks("x {{close:%H}}"));
    CHECK_FALSE(asks("{{session-1}} {{XLON.open}} {{date}}"));
    CHECK_FALSE(Template{}.needs_session());
    CHECK(Template::parse("{{session-1}}")->needs_calendar());
    CHECK_FALSE(Template::parse("{{session}} {{XLON.open}}")->needs_calendar());
    CHECK(Template::parse("{{XLON.open}} {{SIFMA_US.session+1}}")->calendars() ==
          std::vector{CalendarName("XLON"), CalendarName("SIFMA_US")});
}

TEST_CASE("four braces give two") {
    CHECK(filled("docker ps --format '{{{{.Names}}'") == "docker ps --format '{{.Names}}'");
    CHECK(filled("awk '{print $1}' {{date}}") == "awk '{print $1}' 2026-11-27");
}

TEST_CASE("the variables of a run's environment have the names in capitals") {
    using Environment = std::map<std::string, std::string>;
    CHECK(*run_environment(half_day(), *calendars()) == Environment{{"MARKETCRON_JOB", "eod"},
                                                                    {"MARKETCRON_RUN", "17"},
                                                                    {"MARKETCRON_ATTEMPT", "2"},
                                                                    {"MARKETCRON_FIRE", "2026-11-27T18:15:00Z"},
                                                                    {"MARKETCRON_DATE", "2026-11-27"},
                                                                    {"MARKETCRON_SESSION", "2026-11-27"},
                                                                    {"MARKETCRON_OPEN", "2026-11-27T14:30:00Z"},
                                                                    {"MARKETCRON_CLOSE", "2026-11-27T18:00:00Z"}});
    RunFacts sunday = half_day();
    sunday.session.reset();
    CHECK(run_environment(sunday, *calendars())->count("MARKETCRON_SESSION") == 0);

    // For London's session on a day on which New York is closed, there is no New York open.
    RunFacts thanksgiving = half_day();
    thanksgiving.session = make_date(2026, 11, 26);
    const auto environment = run_environment(thanksgiving, *calendars());
    REQUIRE(environment);
    CHECK(environment->at("MARKETCRON_SESSION") == "2026-11-26");
    CHECK(environment->count("MARKETCRON_OPEN") == 0);
}
