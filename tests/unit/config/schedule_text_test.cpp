// The schedule that the ledger stores for a job gives the same fires when it is read again.
#include <catch2/catch.hpp>

#include "world.h"

using namespace mc;
using namespace mc::test;

namespace {

const Instant november = *parse_instant("2026-11-01T00:00:00Z");

std::vector<Fire> fires_of(const JobSchedule& schedule, const CalendarSet& calendars) {
    return *fires_between(schedule, calendars, november, november + date::days{150}, 2000);
}

}  // namespace

TEST_CASE("a stored schedule has the fires of the job's own") {
    const ResultAll<Plan> plan = read(R"toml(
        [calendar.DESK]
        extends = "XLON"
        closed = [2026-12-24]
        [calendar.OFFICE]
        extends = "DESK"
        early_close = { 2026-12-23 = "12:00" }
        [calendar.BOTH]
        all_of = ["OFFICE", "XNYS"]
        timezone = "Europe/London"
        [calendar.SHOP]
        timezone = "Europe/London"
        [[calendar.SHOP.hours]]
        open = "09:00"
        close = "17:30"
        [job.plain]
        schedule = "0~59 6 * * *"
        command = "x"
        [job.rolled]
        calendar = "XNYS"
        schedule = ["0 18 15 * *", "0 9 1 * *"]
        roll = "modified_following"
        run_for = "session-1"
        jitter = "5m"
        command = "x"
        [job.events]
        calendar = "OFFICE"
        schedule = ["@close+15m", "@XNYS.open-5m"]
        when = "SHOP.session and not weekday(wed)"
        command = "x"
        [job.joint]
        calendar = "BOTH"
        schedule = "@close+15m"
        command = "x"
        [job.nights]
        timezone = "Europe/Berlin"
        schedule = "30 2 * * *"
        dst_gap = "skip"
        dst_overlap = "both"
        command = "x"
        ["job"."odd.name"]
        calendar = "XTKS"
        schedule = "@every 30m from @open to @close"
        command = "x"
    )toml");
    INFO(errors_of(plan));
    REQUIRE(plan);
    for (const auto& [name, job] : plan->jobs) {
        const std::string text = schedule_text(job, *plan);
        INFO(text);
        const Result<StoredSchedule> stored = read_schedule(text, context());
        REQUIRE(stored);
        const std::vector<Fire> before = fires_of(job.schedule, *plan->calendars);
        CHECK(before.size() > 3);
        CHECK(before == fires_of(stored->schedule, *stored->calendars));
        Job again;
        again.name = name;
        again.schedule = stored->schedule;
        CHECK(schedule_text(again, *plan) == text);
    }
    const std::string events = schedule_text(plan->jobs.at(JobName("events")), *plan);
    CHECK(events.find("DESK") != std::string::npos);
    CHECK(events.find("SHOP") != std::string::npos);
    CHECK(schedule_text(plan->jobs.at(JobName("plain")), *plan).find("calendar") == std::string::npos);
}

TEST_CASE("equal schedules have equal texts, whatever the jobs' other keys") {
    const auto text = [](const std::string& more) {
        const ResultAll<Plan> plan = read("[job.a]\ncalendar = 'NYSE'\nschedule = '@close'\n" + more);
        REQUIRE(plan);
        return schedule_text(plan->jobs.at(JobName("a")), *plan);
    };
    CHECK(text("command = 'x'\n") == text("command = 'y'\nretries = 3\ncatch_up = 'all'\n"));
    CHECK(text("command = 'x'\n") != text("command = 'x'\nwhen = 'early_close'\n"));
}

TEST_CASE("a damaged stored schedule is an error") {
    CHECK_FALSE(read_schedule("", context()));
    CHECK_FALSE(read_schedule("[job.a]\nschedule = ['0 6']\n", context()));
    CHECK_FALSE(read_schedule("[job.a]\ncalendar = 'GONE'\nschedule = ['@close']\n", context()));
    CHECK_FALSE(read_schedule("nonsense", context()));
}
