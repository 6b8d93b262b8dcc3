// Fires by the clock: cron and @every; `when`, roll, jitter, the logical date, a calendar's end.
#include <fmt/format.h>

#include <algorithm>

#include "unit/schedule/worlds.h"

using namespace mc;
using namespace mc::test;

namespace {

JobSchedule rolled(const std::string& cron, Roll roll) {
    auto made = job({cron});
    made.roll = roll;
    return made;
}

JobSchedule running_for(JobSchedule made, RunFor run_for) {
    made.run_for = run_for;
    made.run_for_given = true;
    return made;
}

}  // namespace

TEST_CASE("a cron fire's identity is its instant; a fire that two schedules share is one fire") {
    const auto found = fires(job({"0 9 * * *", "0 9,10 * * fri"}), "2026-11-20T00:00:00Z", "2026-11-21T12:00:00Z");
    CHECK(keys(found) == "cron 2026-11-20T14:00:00Z, cron 2026-11-20T15:00:00Z");
}

TEST_CASE("@every is aligned to the epoch") {
    CHECK(times(job({"@every 7h"}, "", "UTC"), "2026-11-20T00:00:00Z", "2026-11-20T23:00:00Z") ==
          "2026-11-20 04:00, 2026-11-20 11:00, 2026-11-20 18:00");
    CHECK(fires(job({"@every 7h"}, "", "UTC"), "1969-12-31T12:00:00Z", "1970-01-01T00:00:00Z").size() == 2);
}

TEST_CASE("when is evaluated for the fire's local date") {
    CHECK(times(with_when(job({"0 6 * * *"}), "session and not weekday(wed)"), "2026-11-24T00:00:00Z",
                "2026-12-01T00:00:00Z") == "2026-11-24 06:00, 2026-11-27 06:00, 2026-11-30 06:00");
    CHECK(times(with_when(job({"30 22 * * *"}), "last_session(month)"), "2026-01-02T00:00:00Z",
                "2026-04-10T00:00:00Z") == "2026-01-30 22:30, 2026-02-27 22:30, 2026-03-31 22:30");
    CHECK(times(with_when(job({"@every 1h"}), "market_open"), "2026-11-27T00:00:00Z", "2026-11-30T15:00:00Z") ==
          "2026-11-27 10:00, 2026-11-27 11:00, 2026-11-27 12:00, 2026-11-30 10:00");
}

TEST_CASE("the fire of a minutely job that runs on one day a year is found") {
    CHECK(times(with_when(job({"* * * * *"}), "market_open and last_session(year) and weekday(tue)"),
                "2027-01-01T00:00:00Z", "2050-01-01T00:00:00Z", 1) == "2030-12-31 09:30");
}

TEST_CASE("the spans that market_open skips contain no fire: the same as checking every minute") {
    const CalendarSet set = markets();
    const std::string from = "2026-11-23T00:00:00Z", to = "2026-12-02T00:00:00Z";
    for (const char* when :
         {"market_open", "LUNCH.market_open", "market_open or LUNCH.market_open", "not market_open and session",
          "market_open and not early_close", "market_open and weekday(fri) or LUNCH.market_open and weekday(tue)",
          "CME_Globex_Equity.market_open and not market_open", "market_open and LUNCH.market_open"}) {
        const JobSchedule made = with_when(job({"* * * * *"}), when);
        std::vector<Instant> expected, found;
        for (Instant t = at(from) + Seconds{60}; t <= at(to); t += Seconds{60}) {
            const Date date = date_of(made.zone->to_wall(t));
            if (*made.when->holds({date, date, t}, set, CalendarName("XNYS"))) expected.push_back(t);
        }
        for (const Fire& fire : fires(made, from, to)) found.push_back(fire.due);
        INFO(when);
        CHECK(found == expected);
    }
}

TEST_CASE("the business-day conventions") {
    // 2026-10-31 is a Saturday, 2026-11-01 a Sunday; 2026-11-26 is Thanksgiving.
    const std::string from = "2026-10-29T00:00:00Z", to = "2026-11-10T00:00:00Z";
    CHECK(times(rolled("0 9 31 * *", Roll::following), from, to) == "2026-11-02 09:00");
    CHECK(times(rolled("0 9 31 * *", Roll::preceding), from, to) == "2026-10-30 09:00");
    CHECK(times(rolled("0 9 31 * *", Roll::modified_following), from, to) == "2026-10-30 09:00");
    CHECK(times(rolled("0 9 1 * *", Roll::preceding), from, to) == "2026-10-30 09:00");
    CHECK(times(rolled("0 9 1 * *", Roll::modified_preceding), from, to) == "2026-11-02 09:00");
    CHECK(times(rolled("0 9 31 * *", Roll::none), from, to) == "2026-10-31 09:00");
    // Two schedules that roll to one instant are one fire, like two days of one schedule.
    JobSchedule both = job({"0 9 31 10 *", "0 9 1 11 *"});
    both.roll = Roll::following;
    CHECK(keys(fires(both, from, to)) == "cron 2026-10-31T13:00:00Z");
    CHECK(times(rolled("0 9 26 11 *", Roll::following), "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") ==
          "2026-11-27 09:00");
}

TEST_CASE("nearest: forward from a weekend's second day and the day after it, otherwise back, within the month") {
    // 2026-01-19 is a Monday holiday, 2026-05-30 a Saturday, 2026-05-31 a Sunday that ends its month.
    const auto on = [](const char* date, const char* from, const char* to) {
        return times(rolled(fmt::format("0 9 {} *", date), Roll::nearest), from, to);
    };
    const std::string year = "2026-01-01T00:00:00Z", end = "2026-12-31T23:00:00Z";
    CHECK(on("17 1", year.c_str(), end.c_str()) == "2026-01-16 09:00");   // Saturday
    CHECK(on("18 1", year.c_str(), end.c_str()) == "2026-01-20 09:00");   // Sunday, before a holiday
    CHECK(on("19 1", year.c_str(), end.c_str()) == "2026-01-20 09:00");   // the Monday holiday
    CHECK(on("26 11", year.c_str(), end.c_str()) == "2026-11-25 09:00");  // Thanksgiving, a Thursday
    CHECK(on("30 5", year.c_str(), end.c_str()) == "2026-05-29 09:00");
    CHECK(on("31 5", year.c_str(), end.c_str()) == "2026-05-29 09:00");  // Monday is in June
    CHECK(on("1 8", year.c_str(), end.c_str()) == "2026-08-03 09:00");   // Friday is in July
    CHECK(on("2 11", year.c_str(), end.c_str()) == "2026-11-02 09:00");
}

TEST_CASE("nearest, when dates roll to one date in any order: compared with each date computed separately") {
    // London's Christmas of 2027: Saturday to Tuesday are closed, so Sunday and Monday go forward and Tuesday back.
    const CalendarSet set = markets();
    for (const auto& [hours, minutes] : {std::pair{"9", "0"}, std::pair{"7,22", "30"}}) {
        JobSchedule all = job({fmt::format("{} {} * * *", minutes, hours)});
        all.calendar = CalendarName("XLON");
        all.zone = zone_named("Europe/London");
        all.roll = Roll::nearest;
        std::vector<std::string> expected;
        for (Date date = day("2027-12-20"); date <= day("2028-01-05"); date += date::days{1}) {
            JobSchedule one = all;
            const auto ymd = civil(date);
            one.schedules = {
                *parse_schedule(fmt::format("{} {} {} {} *", minutes, hours, static_cast<unsigned>(ymd.day()),
                                            static_cast<unsigned>(ymd.month())),
                                "job")};
            for (const Fire& fire : fires(one, "2027-12-15T00:00:00Z", "2028-01-10T00:00:00Z"))
                expected.push_back(to_string(fire.due));
        }
        std::sort(expected.begin(), expected.end());
        expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
        std::vector<std::string> found;
        for (const Fire& fire : fires(all, "2027-12-19T23:59:00Z", "2028-01-05T23:59:00Z"))
            found.push_back(to_string(fire.due));
        CHECK(found == expected);
        // Searches from any instant in between find the same fires.
        for (Instant from = at("2027-12-20T00:00:00Z"); from < at("2028-01-04T00:00:00Z"); from += Seconds{6 * 3600}) {
            const auto next = next_fires(all, set, from, at("2028-01-10T00:00:00Z"));
            const auto wanted = std::upper_bound(found.begin(), found.end(), to_string(from));
            REQUIRE(next);
            REQUIRE(wanted != found.end());
            CHECK(to_string(next->front().due) == *wanted);
        }
    }
}

TEST_CASE("fires rolled to one instant are one, identified by the earliest; when is evaluated for the rolled date") {
    const auto daily = rolled("0 9 * * *", Roll::following);
    const auto found = fires(daily, "2026-11-20T20:00:00Z", "2026-11-23T20:00:00Z");
    CHECK(local_times(found, *daily.zone) == "2026-11-23 09:00");
    CHECK(keys(found) == "cron 2026-11-21T14:00:00Z");
    CHECK(found.at(0).date == day("2026-11-23"));
    CHECK(found.at(0).session == day("2026-11-23"));
    CHECK(times(with_when(daily, "weekday(mon)"), "2026-11-16T20:00:00Z", "2026-11-24T20:00:00Z") ==
          "2026-11-23 09:00");
    CHECK(times(rolled("0 9,8 * * *", Roll::preceding), "2026-11-20T00:00:00Z", "2026-11-23T13:30:00Z") ==
          "2026-11-20 08:00, 2026-11-20 09:00, 2026-11-23 08:00");
}

TEST_CASE("a rolled fire is found from any instant between two fires") {
    const auto month_end = rolled("0 9 28-31 * *", Roll::preceding);
    const auto all = fires(month_end, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
    REQUIRE(all.size() > 12);
    const auto set = markets();
    for (std::size_t n = 1; n < all.size(); ++n) {
        const auto next = next_fires(month_end, set, all[n].due - Seconds{1}, all[n].due);
        REQUIRE(next);
        REQUIRE(next->size() == 1);
        CHECK(next->front() == all[n]);
    }
}

TEST_CASE("the logical date of a cron run") {
    const std::string saturday = "2026-11-21T00:00:00Z", sunday = "2026-11-22T00:00:00Z";
    const auto of = [&](const JobSchedule& made) { return fires(made, saturday, sunday).at(0); };
    const auto morning = job({"0 8 * * *"});
    CHECK_FALSE(of(morning).session);
    CHECK(of(morning).logical_date == day("2026-11-21"));
    CHECK(fires(morning, "2026-11-20T00:00:00Z", saturday).at(0).session == day("2026-11-20"));
    CHECK_FALSE(fires(job({"0 8 * * *"}, ""), "2026-11-20T00:00:00Z", saturday).at(0).session);
    CHECK_FALSE(fires(running_for(morning, {RunFor::Kind::date, 0}), "2026-11-20T00:00:00Z", saturday).at(0).session);
    CHECK(of(running_for(morning, {RunFor::Kind::session_offset, -1})).session == day("2026-11-20"));
    CHECK(of(running_for(morning, {RunFor::Kind::session_offset, -2})).logical_date == day("2026-11-19"));
    CHECK(of(running_for(morning, {RunFor::Kind::session_offset, 1})).session == day("2026-11-23"));
    CHECK(fires(running_for(morning, {RunFor::Kind::session_offset, -1}), "2026-11-20T00:00:00Z", saturday)
              .at(0)
              .session == day("2026-11-19"));
}

TEST_CASE("fires are found by their logical date, however far apart sessions are") {
    CalendarSet set{zone};
    CalendarSource weekly{CalendarName("WEEKLY"),
                          {},
                          "WEEKLY.toml",
                          {},
                          std::make_shared<const std::string>(
                              "name = \"WEEKLY\"\ntimezone = \"America/New_York\"\nchecked = 2026-11-22\n"
                              "coverage = { from = 2020-01-01, trusted_to = 2027-12-31, to = 2030-12-31 }\n"
                              "[[week]]\ndays = \"wed\"\n[[hours]]\nopen = \"09:30\"\nclose = \"16:00\"\n")};
    set.add(std::move(weekly));
    const auto later = running_for(job({"0 20 * * *"}, "WEEKLY"), {RunFor::Kind::session_offset, -20});
    const auto found = fires_for_dates(later, set, day("2026-01-07"), day("2026-01-07"), 100).value();
    CHECK(found.size() == 7);
    CHECK(found.front().due == at("2026-05-22T00:00:00Z"));  // on the Thursday after the 20th session from that one
    const auto sooner = running_for(job({"0 20 * * *"}, "WEEKLY"), {RunFor::Kind::session_offset, 20});
    CHECK(fires_for_dates(sooner, set, day("2026-05-27"), day("2026-05-27"), 100).value().size() == 7);
}

TEST_CASE("trading_session: the session whose hours contain the fire, otherwise the next to open") {
    auto globex =
        running_for(job({"0 * * * *"}, "CME_Globex_Equity", "America/Chicago"), {RunFor::Kind::trading_session, 0});
    const auto session_at = [&](const std::string& hour) {
        return fires(globex, hour, "2027-01-01T00:00:00Z", 1).at(0).session;
    };
    CHECK(session_at("2026-11-19T23:30:00Z") == day("2026-11-20"));  // Thursday 18:00 in Chicago
    CHECK(session_at("2026-11-20T17:30:00Z") == day("2026-11-20"));
    CHECK(session_at("2026-11-21T17:30:00Z") == day("2026-11-23"));  // Saturday noon
}

TEST_CASE("run. is evaluated for the logical date") {
    const auto eve = running_for(job({"0 20 * * *"}), {RunFor::Kind::session_offset, 1});
    CHECK(times(with_when(eve, "run.early_close"), "2026-11-20T00:00:00Z", "2026-11-30T00:00:00Z") ==
          "2026-11-25 20:00, 2026-11-26 20:00");
}

TEST_CASE("jitter delays each fire by its own fixed draw, and keeps its identity") {
    auto plain = job({"0 9 * * *"}, "", "UTC");
    auto delayed = plain;
    delayed.jitter = std::chrono::hours{30};
    const auto due = fires(plain, "2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z");
    auto moved = fires(delayed, "2026-01-01T00:00:00Z", "2026-03-04T00:00:00Z");
    std::sort(moved.begin(), moved.end(), [](const Fire& a, const Fire& b) { return a.key < b.key; });
    std::size_t at_once = 0;
    for (const auto& fire : due) {
        const auto same =
            std::find_if(moved.begin(), moved.end(), [&](const Fire& other) { return other.key == fire.key; });
        REQUIRE(same != moved.end());
        CHECK(same->due >= fire.due);
        CHECK(same->due <= fire.due + delayed.jitter);
        CHECK(same->logical_date == fire.logical_date);
        at_once += same->due == fire.due ? 1 : 0;
    }
    CHECK(at_once < 3);
    auto other = delayed;
    other.job = JobName("another");
    CHECK(fires(other, "2026-01-01T00:00:00Z", "2026-03-04T00:00:00Z").front().due !=
          fires(delayed, "2026-01-01T00:00:00Z", "2026-03-04T00:00:00Z").front().due);
}

TEST_CASE("after a calendar's end, one fire reports the end on each date that its week would have open") {
    const std::string from = "2026-12-30T22:00:00Z", to = "2027-01-06T00:00:00Z";
    CHECK(times(job({"@open", "@close+15m"}, "SHORT"), from, to) ==
          "2026-12-31 09:30, 2026-12-31 16:15, 2027-01-01 09:30 ended, 2027-01-04 09:30 ended, 2027-01-05 09:30 ended");
    CHECK(times(with_when(job({"*/15 * * * *"}, "SHORT"), "market_open and weekday(fri, mon)"), "2027-01-01T00:00:00Z",
                to) == "2027-01-01 00:00 ended, 2027-01-04 00:00 ended");
    CHECK(times(job({"0 9 * * *"}, "SHORT"), from, to) ==
          "2026-12-31 09:00, 2027-01-01 09:00 ended, 2027-01-04 09:00 ended, 2027-01-05 09:00 ended");
    CHECK(times(running_for(job({"0 9 * * *"}, "SHORT"), {RunFor::Kind::date, 0}), "2027-01-01T22:00:00Z",
                "2027-01-03T22:00:00Z") == "2027-01-02 09:00, 2027-01-03 09:00");
    auto roll = job({"0 9 2 * *"}, "SHORT");
    roll.roll = Roll::following;
    CHECK(times(roll, "2026-12-03T00:00:00Z", "2027-03-30T00:00:00Z") ==
          "2027-02-02 09:00 ended, 2027-03-02 09:00 ended");
    const auto told = fires(job({"@close"}, "SHORT"), from, to).back();
    CHECK(told.calendar_ended);
    CHECK(told.note.find("SHORT") != std::string::npos);
    CHECK(told.key.text() == "session 2027-01-05 SHORT@close 1");
    CHECK_FALSE(told.session);
}

TEST_CASE("the horizon is set when a search reached the calendar's end") {
    const auto set = markets();
    std::optional<Date> horizon;
    const auto close = job({"@close"}, "SHORT");
    REQUIRE(next_fires(close, set, at("2026-11-20T22:00:00Z"), at("2030-01-01T00:00:00Z"), &horizon));
    CHECK_FALSE(horizon);
    REQUIRE(next_fires(close, set, at("2027-01-01T22:00:00Z"), at("2030-01-01T00:00:00Z"), &horizon));
    CHECK(horizon == day("2026-12-31"));
    const auto never = next_fires(with_when(close, "weekday(sat)"), set, at("2026-11-20T22:00:00Z"),
                                  at("2030-01-01T00:00:00Z"), &horizon);
    REQUIRE(never);
    CHECK(never->empty());
}

TEST_CASE("a session event or a roll without a calendar is an error, not a guess") {
    const auto set = markets();
    CHECK_FALSE(next_fires(job({"@close"}, ""), set, at("2026-11-20T22:00:00Z"), at("2027-01-01T00:00:00Z")));
    auto roll = job({"0 9 * * *"}, "");
    roll.roll = Roll::following;
    CHECK_FALSE(next_fires(roll, set, at("2026-11-20T22:00:00Z"), at("2027-01-01T00:00:00Z")));
}

TEST_CASE("fires for dates include all fires of the date, whatever its zone's clocks do then") {
    const auto set = markets();
    // Apia had no 30th; Beirut's and Asuncion's clocks change at midnight; Havana's go back across it.
    for (const auto& [zone_name, from, to] : std::vector<std::tuple<std::string, std::string, std::string>>{
             {"Pacific/Apia", "2011-12-28", "2012-01-01"},
             {"Asia/Beirut", "2024-03-29", "2024-04-02"},
             {"Asia/Beirut", "2024-10-25", "2024-10-28"},
             {"America/Havana", "2024-11-01", "2024-11-05"},
             {"America/Sao_Paulo", "2018-02-16", "2018-02-20"},
             {"America/Sao_Paulo", "2018-11-02", "2018-11-06"},
             {"Africa/Casablanca", "2026-03-20", "2026-03-24"}})
        for (const std::string cron : {"*/7 * * * *", "30 0 * * *", "@every 11m", "59 23 * * *"}) {
            auto made = job({cron}, "", zone_name);
            if (cron == "30 0 * * *") made.jitter = Seconds{7200};
            const auto all = fires_between(made, set, Instant{day(from).time_since_epoch()} - date::days{20},
                                           Instant{day(to).time_since_epoch()} + date::days{20});
            REQUIRE(all);
            for (Date date = day(from); date <= day(to); date += date::days{1}) {
                std::vector<Fire> of_date;
                for (const Fire& fire : *all)
                    if (fire.logical_date == date) of_date.push_back(fire);
                INFO(zone_name << " " << cron << " " << to_string(date));
                const auto found = fires_for_dates(made, set, date, date);
                REQUIRE(found);
                CHECK((*found == of_date));
            }
        }
}
