// Fires that follow the market: events, times on sessions, windows; their dates and identities.
#include <set>

#include "unit/schedule/worlds.h"

using namespace mc;
using namespace mc::test;

TEST_CASE("half day: a close job follows the early close") {
    const auto close = job({"@close+15m"});
    CHECK(times(close, "2026-11-25T00:00:00Z", "2026-12-01T00:00:00Z") ==
          "2026-11-25 16:15, 2026-11-27 13:15, 2026-11-30 16:15");
    const auto found = fires(close, "2026-11-26T00:00:00Z", "2026-11-28T00:00:00Z");
    REQUIRE(found.size() == 1);
    CHECK(found[0].key.text() == "session 2026-11-27 XNYS@close 1");
    CHECK(found[0].date == day("2026-11-27"));
    CHECK(found[0].logical_date == day("2026-11-27"));
    CHECK(found[0].session == day("2026-11-27"));
}

TEST_CASE("a fire at `after` is in the past, one at `until` is not") {
    const auto close = job({"@close"});
    CHECK(times(close, "2026-11-20T21:00:00Z", "2026-11-23T21:00:00Z") == "2026-11-23 16:00");
    CHECK(times(close, "2026-11-20T20:59:59Z", "2026-11-20T21:00:00Z") == "2026-11-20 16:00");
}

TEST_CASE("an edited offset, an alias or letter case changes no identity") {
    const std::string from = "2026-11-20T00:00:00Z", to = "2026-11-21T12:00:00Z";
    CHECK(keys(fires(job({"@close+15m"}), from, to)) == keys(fires(job({"@close+1h"}, "nyse"), from, to)));
    CHECK(keys(fires(job({"@session 09:30"}), from, to)) == keys(fires(job({"@session 11:00"}), from, to)));
    CHECK(keys(fires(job({"@close+5m", "@close+1h", "@open"}), from, to)) ==
          "session 2026-11-20 XNYS@open 1, session 2026-11-20 XNYS@close 1, session 2026-11-20 XNYS@close 2");
    CHECK(keys(fires(job({"@XLON.close"}), from, to)) == "session 2026-11-20 XLON@close 1");
}

TEST_CASE("events far from their session are found from any instant") {
    const auto late = job({"@close+3d"});
    CHECK(times(late, "2026-11-22T12:00:00Z", "2026-11-24T12:00:00Z") == "2026-11-22 16:00, 2026-11-23 16:00");
    const auto early = job({"@open-10d"});
    CHECK(times(early, "2026-11-16T15:00:00Z", "2026-11-17T15:00:00Z") == "2026-11-17 09:30");
}

TEST_CASE("a job with one market's time zone and another's sessions") {
    const auto tokyo = job({"@XTKS.close"});
    CHECK(times(tokyo, "2026-11-19T12:00:00Z", "2026-11-20T12:00:00Z") == "2026-11-20 01:30");
    CHECK(fires(tokyo, "2026-11-19T12:00:00Z", "2026-11-20T12:00:00Z")[0].session == day("2026-11-20"));
}

TEST_CASE("a time on each session, and on the days after it") {
    CHECK(times(job({"@session 06:00+1d"}), "2026-11-25T00:00:00Z", "2026-11-30T00:00:00Z") ==
          "2026-11-25 06:00, 2026-11-26 06:00, 2026-11-28 06:00");
    CHECK(times(job({"@session 18:00-1d"}), "2026-11-26T00:00:00Z", "2026-12-01T00:00:00Z") ==
          "2026-11-26 18:00, 2026-11-29 18:00, 2026-11-30 18:00");
    CHECK(fires(job({"@session 06:00+1d"}), "2026-11-28T00:00:00Z", "2026-11-30T00:00:00Z")[0].logical_date ==
          day("2026-11-27"));
}

TEST_CASE("pre-market and post-market events exist where the calendar defines them") {
    CHECK(times(job({"@pre", "@post"}), "2026-11-27T00:00:00Z", "2026-11-28T12:00:00Z") ==
          "2026-11-27 04:00, 2026-11-27 17:00");
    CHECK(times(job({"@pre"}, "SHORT"), "2026-11-20T00:00:00Z", "2026-11-30T00:00:00Z").empty());
}

TEST_CASE("several breaks: one event each") {
    const auto breaks = job({"@break_start", "@break_end+1m"}, "LUNCH", "Asia/Tokyo");
    const auto found = fires(breaks, "2026-11-19T15:00:00Z", "2026-11-20T15:00:00Z");
    CHECK(local_times(found, *breaks.zone) == "2026-11-20 10:15, 2026-11-20 10:31, 2026-11-20 11:30, 2026-11-20 12:31");
    CHECK(keys(found) ==
          "session 2026-11-20 LUNCH@break_start 1 1, session 2026-11-20 LUNCH@break_end 1 1, "
          "session 2026-11-20 LUNCH@break_start 1 2, session 2026-11-20 LUNCH@break_end 1 2");
}

TEST_CASE("a window counts from its start, up to its end if the period reaches it") {
    CHECK(times(job({"@every 2h from @open to @close"}), "2026-11-20T00:00:00Z", "2026-11-21T12:00:00Z") ==
          "2026-11-20 09:30, 2026-11-20 11:30, 2026-11-20 13:30, 2026-11-20 15:30");
    CHECK(times(job({"@every 90m from @open+30m to @close-3h"}), "2026-11-20T00:00:00Z", "2026-11-21T12:00:00Z") ==
          "2026-11-20 10:00, 2026-11-20 11:30, 2026-11-20 13:00");
    CHECK(times(job({"@every 90m from @open+30m to @close-3h"}), "2026-11-27T00:00:00Z", "2026-11-28T12:00:00Z") ==
          "2026-11-27 10:00");
}

TEST_CASE("a dense window has each of its fires, also if jitter is longer than many periods") {
    JobSchedule dense = job({"@every 1s from @open to @open+10m"});
    const auto all = [&dense] { return fires(dense, "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"); };
    CHECK(all().size() == 601);
    dense.jitter = Seconds{300};
    const auto delayed = all();
    CHECK(delayed.size() == 601);
    std::set<std::string> keys;
    for (const Fire& fire : delayed) keys.insert(fire.key.text());
    CHECK(keys.size() == 601);
}

TEST_CASE("a window keeps counting across breaks; nothing fires at their start or inside, at their end it does") {
    const auto window = job({"@every 15m from @open+1h to @close-2h"}, "LUNCH", "Asia/Tokyo");
    const auto found = fires(window, "2026-11-19T15:00:00Z", "2026-11-20T15:00:00Z");
    CHECK(local_times(found, *window.zone) ==
          "2026-11-20 10:00, 2026-11-20 10:30, 2026-11-20 10:45, 2026-11-20 11:00, 2026-11-20 11:15, 2026-11-20 12:30, "
          "2026-11-20 12:45, 2026-11-20 13:00");
    CHECK(found[0].key.text() == "session 2026-11-20 LUNCH@every 1 1");
    CHECK(found[1].key.text() == "session 2026-11-20 LUNCH@every 1 3");
    CHECK(found.back().key.text() == "session 2026-11-20 LUNCH@every 1 13");
}

TEST_CASE("overnight sessions fire on the evening before their date") {
    const auto globex = job({"@open"}, "CME_Globex_Equity", "America/Chicago");
    const auto found = fires(globex, "2026-11-22T00:00:00Z", "2026-11-23T12:00:00Z");
    CHECK(local_times(found, *globex.zone) == "2026-11-22 17:00");
    CHECK(found.at(0).session == day("2026-11-23"));
}

TEST_CASE("session-1 of a session event counts from its session") {
    auto previous = job({"@open-1h"});
    previous.run_for = {RunFor::Kind::session_offset, -1};
    previous.run_for_given = true;
    CHECK(fires(previous, "2026-11-27T00:00:00Z", "2026-11-28T00:00:00Z").at(0).session == day("2026-11-25"));
}

TEST_CASE("fires for logical dates, whatever their instant") {
    const auto set = markets();
    const auto late = job({"@close+3d"});
    const auto found = fires_for_dates(late, set, day("2026-11-19"), day("2026-11-20"));
    REQUIRE(found);
    CHECK(local_times(*found, *late.zone) == "2026-11-22 16:00, 2026-11-23 16:00");
    auto ahead = job({"0 8 * * *"});
    ahead.run_for = {RunFor::Kind::session_offset, 1};
    ahead.run_for_given = true;
    const auto for_monday = fires_for_dates(ahead, set, day("2026-11-23"), day("2026-11-23"));
    REQUIRE(for_monday);
    CHECK(local_times(*for_monday, *ahead.zone) == "2026-11-20 08:00, 2026-11-21 08:00, 2026-11-22 08:00");
}

TEST_CASE("a window may end with another calendar's session, and needs a session of both") {
    const auto both = job({"@every 1h from @open to @XLON.close"});
    CHECK(times(both, "2026-11-20T00:00:00Z", "2026-11-21T12:00:00Z") ==
          "2026-11-20 09:30, 2026-11-20 10:30, 2026-11-20 11:30");
    CHECK(times(both, "2026-08-31T00:00:00Z", "2026-09-01T04:00:00Z").empty());  // London's bank holiday
    CHECK(times(both, "2026-11-26T00:00:00Z", "2026-11-27T04:00:00Z").empty());  // Thanksgiving
}
