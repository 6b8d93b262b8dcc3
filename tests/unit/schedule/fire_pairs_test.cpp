// Which fires of two schedules correspond: by identity, then by date.
#include "schedule/fire_pairs.h"

#include <fmt/format.h>

#include <set>

#include "worlds.h"

using namespace mc;
using namespace mc::test;

namespace {

// "16:15>16:30" moved as one run, "16:15~16:30" by its date, "16:15>" dropped, ">16:30" added; in order, UTC.
std::string pairs(const JobSchedule* before, const JobSchedule* after, const std::string& from,
                  const std::string& until) {
    static const CalendarSet set = markets();
    std::string all;
    const auto time = [](const std::optional<Fire>& fire) { return fire ? date::format("%d %H:%M", fire->due) : ""; };
    const auto told = each_fire_pair({before, &set}, {after, &set}, at(from), at(until), [&](const FirePair& pair) {
        const bool by_date = pair.before && pair.after && !pair.one_run;
        all +=
            fmt::format("{}{}{}{}", all.empty() ? "" : ", ", time(pair.before), by_date ? "~" : ">", time(pair.after));
    });
    if (!told) FAIL(told.error().text());
    return all;
}

std::string week(const JobSchedule& before, const JobSchedule& after) {
    return pairs(&before, &after, "2026-11-23T00:00:00Z", "2026-11-26T00:00:00Z");
}

}  // namespace

TEST_CASE("equal schedules give no pairs, however often they fire") {
    CHECK(week(job({"@close+15m"}), job({"@close+15m"})).empty());
    CHECK(week(job({"@every 7s"}), job({"@every 7s"})).empty());
    CHECK(pairs(nullptr, nullptr, "2026-11-23T00:00:00Z", "2026-11-26T00:00:00Z").empty());
}

TEST_CASE("an edited offset is the same run") {
    CHECK(week(job({"@close"}), job({"@close-1h"})) == "23 21:00>23 20:00, 24 21:00>24 20:00, 25 21:00>25 20:00");
    // Also by more than a day, so that it passes other fires.
    CHECK(week(job({"@close"}), job({"@close-28h"})) == "24 21:00>23 17:00, 23 21:00>, 25 21:00>24 17:00");
}

TEST_CASE("jitter and roll do not change the identity") {
    JobSchedule jittered = job({"0 12 * * *"}, "", "UTC");
    jittered.jitter = Seconds{3600};
    const std::string moved = week(job({"0 12 * * *"}, "", "UTC"), jittered);
    CHECK(std::count(moved.begin(), moved.end(), '>') == 3);
    CHECK(std::count(moved.begin(), moved.end(), '~') == 0);
    JobSchedule rolled = job({"0 12 28 11 *"});  // a Saturday
    JobSchedule later = rolled;
    rolled.roll = Roll::preceding;
    later.roll = Roll::following;
    CHECK(pairs(&rolled, &later, "2026-11-20T00:00:00Z", "2026-12-05T00:00:00Z") == "27 17:00>30 17:00");
}

TEST_CASE("another time of day of a cron job is the fire of the same date, if each date has one") {
    CHECK(week(job({"0 17 * * *"}), job({"0 18 * * *"})) == "23 22:00~23 23:00, 24 22:00~24 23:00, 25 22:00~25 23:00");
    CHECK(week(job({"0 15 * * *"}), job({"@close"})) == "23 20:00~23 21:00, 24 20:00~24 21:00, 25 20:00~25 21:00");
    // Two fires on one side: it is not known which corresponds to which.
    CHECK(week(job({"0 15 * * tue"}), job({"0 12,18 * * tue"})) == ">24 17:00, 24 20:00>, >24 23:00");
}

TEST_CASE("common fires are omitted, and the others are on one side only") {
    const JobSchedule often = job({"@every 6h"}, "", "UTC"), rarely = job({"@every 12h"}, "", "UTC");
    CHECK(pairs(&often, &rarely, "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z") == "23 06:00>, 23 18:00>");
    CHECK(pairs(&rarely, nullptr, "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z") == "23 12:00>, 24 00:00>");
    CHECK(pairs(nullptr, &rarely, "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z") == ">23 12:00, >24 00:00");
}

// Compared with the fires themselves: over both changes of the clocks, a holiday and the end of a calendar.
TEST_CASE("frequent fires are compared by their instants, day by day") {
    const CalendarSet set = markets();
    const auto instants = [&](const JobSchedule& one) {
        std::set<Instant> all;
        const auto fires = fires_between(one, set, at("2026-02-27T05:00:00Z"), at("2027-01-04T05:00:00Z"));
        REQUIRE(fires);
        for (const Fire& fire : *fires)
            if (!fire.calendar_ended) all.insert(fire.due);
        return all;
    };
    const auto count_lost = [&](const JobSchedule& from, const JobSchedule& to) {
        const std::set<Instant> was = instants(from), is = instants(to);
        return std::count_if(was.begin(), was.end(), [&](Instant one) { return !is.contains(one); });
    };
    const std::vector<JobSchedule> plain{
        job({"@every 7m"}, ""),         job({"*/10 * * * *", "5,25 2 * * *"}, ""),
        job({"0,30 1,2,3 * * *"}, ""),  with_when(job({"*/15 * * * *"}), "session and not early_close"),
        job({"*/20 * * * *"}, "SHORT"), with_when(job({"@every 20m"}, "SHORT"), "session")};
    for (std::size_t a = 0; a < plain.size(); ++a)
        for (std::size_t b = 0; b < plain.size(); ++b) {
            CAPTURE(a, b);
            long dropped = 0, added = 0;
            const auto told = each_fire_pair({&plain[a], &set}, {&plain[b], &set}, at("2026-02-27T05:00:00Z"),
                                             at("2027-01-04T05:00:00Z"), [&](const FirePair& pair) {
                                                 dropped += !pair.after;
                                                 added += !pair.before;
                                             });
            REQUIRE(told);
            CHECK(dropped == count_lost(plain[a], plain[b]));
            CHECK(added == count_lost(plain[b], plain[a]));
        }
}

TEST_CASE("another date for the same instant is a change") {
    JobSchedule before = job({"0 6 * * *"});
    before.run_for_given = true;
    before.run_for = {RunFor::Kind::session_offset, -1};
    JobSchedule after = before;
    after.run_for = {RunFor::Kind::session, 0};
    CHECK(week(before, after) == "23 11:00>23 11:00, 24 11:00>24 11:00, 25 11:00>25 11:00");
}

TEST_CASE("dates beyond a calendar's coverage are left out") {
    const JobSchedule before = job({"@close"}, "SHORT"), after = job({"@close+1h"}, "SHORT");
    CHECK(pairs(&before, &after, "2026-12-30T00:00:00Z", "2027-01-20T00:00:00Z") ==
          "30 21:00>30 22:00, 31 21:00>31 22:00");
}

TEST_CASE("an unknown calendar is an error") {
    const CalendarSet set = markets();
    const JobSchedule bad = job({"@close"}, "NOWHERE");
    CHECK_FALSE(each_fire_pair({&bad, &set}, {}, at("2026-11-23T00:00:00Z"), at("2026-11-24T00:00:00Z"),
                               [](const FirePair&) {}));
}
