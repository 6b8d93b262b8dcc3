// The fires of jobs without a schedule, and the order of jobs.
#include "config/order.h"

#include <catch2/catch.hpp>

#include "world.h"

using namespace mc;
using namespace mc::test;

namespace {

Plan plan_of(const std::string& text) {
    auto plan = read_plan({"jobs.toml", "[defaults]\ncommand = 'true'\ncalendar = 'XNYS'\n" + text}, context());
    INFO(errors_of(plan));
    REQUIRE(plan);
    return std::move(*plan);
}

std::string fires_of(const Plan& plan, const std::string& job, const std::string& from, const std::string& to) {
    std::string text;
    const auto fires = planned_fires(plan.jobs.at(JobName(job)), plan, *parse_date(from), *parse_date(to));
    REQUIRE(fires);
    for (const Fire& fire : *fires)
        text += to_string(fire.due) + " " + fire.key.text() + (fire.session ? " session\n" : "\n");
    return text;
}

}  // namespace

TEST_CASE("a job without a schedule is due with its latest upstream job, on each date on which one fires") {
    const Plan plan = plan_of(R"(
[job.ny]
schedule = "@close+15m"
[job.ldn]
calendar = "XLON"
schedule = ["@open", "@close"]
[job.both]
after = ["ny", "ldn"]
[job.last]
after = ["both", "weekly@previous"]
trigger = "all_done"
[job.weekly]
schedule = "0 3 * * sat"
)");
    // Thanksgiving, and the half day after it.
    const std::string dates = "2026-11-26T16:30:00Z date 2026-11-26\n2026-11-27T18:15:00Z date 2026-11-27 session\n";
    CHECK(fires_of(plan, "both", "2026-11-26", "2026-11-29") == dates);
    CHECK(fires_of(plan, "last", "2026-11-26", "2026-11-29") == dates);
    CHECK(plan.jobs.at(JobName("last")).after->trigger == Trigger::all_done);
    CHECK(plan.jobs.at(JobName("last")).after->upstreams[1] == Upstream{JobName("weekly"), true});

    const auto dependents = dependents_of(plan);
    REQUIRE(dependents.at(JobName("ny")).size() == 1);
    CHECK(dependents.at(JobName("ny")).front()->name == "both");
    CHECK(dependents.at(JobName("weekly")).front()->name == "last");
    CHECK_FALSE(dependents.contains("last"));
}

TEST_CASE("a job's fires are as far from their dates as those of its schedule, or of its upstream jobs") {
    const Plan plan = plan_of(R"(
[job.far]
schedule = "0 16 * * *"
when = "session"
run_for = "session-20"
[job.near]
schedule = "@close"
[job.down]
after = ["near", "far"]
[job.deep]
after = ["down"]
[job.own]
schedule = "@close"
after = ["far"]
[job.loose]
after = ["near", "far@previous"]
[job.off]
after = ["far"]
enabled = false
)");
    const auto off = [&](const char* job) { return days_off(plan.jobs.at(JobName(job)), plan); };
    CHECK(off("far") >= date::days{28});  // twenty sessions are four weeks
    CHECK(off("near") < date::days{7});
    CHECK(off("down") == off("far"));
    CHECK(off("deep") == off("far"));
    CHECK(off("own") == off("near"));
    CHECK(off("loose") == off("near"));  // the previous date decides nothing about this one
    CHECK(off("off") == date::days{0});
}

TEST_CASE("a disabled job gives its downstream jobs no fires") {
    const Plan plan =
        plan_of("[job.a]\nschedule = '@close'\nenabled = false\n[job.b]\nafter = ['a']\n[job.c]\nafter = ['b']\n");
    CHECK(fires_of(plan, "c", "2026-11-20", "2026-11-30").empty());
}

TEST_CASE("@previous makes no cycle, and many paths through many jobs are searched once") {
    plan_of("[job.a]\nschedule = '@close'\nafter = ['b@previous']\n[job.b]\nschedule = '@close'\nafter = ['a']\n");
    std::string wide = "[job.j0]\nschedule = '@close'\n[job.k0]\nschedule = '@close'\n";
    for (int i = 1; i < 60; ++i)
        for (const char side : {'j', 'k'})
            wide += fmt::format("[job.{0}{1}]\nafter = ['j{2}', 'k{2}']\n", side, i, i - 1);
    const Plan plan = plan_of(wide);
    CHECK(fires_of(plan, "k59", "2026-11-20", "2026-11-20") == "2026-11-20T21:00:00Z date 2026-11-20 session\n");
}

TEST_CASE("the next fire of a job without a schedule is one for which its `when` is true") {
    const Plan plan = plan_of(
        "[job.a]\nschedule = '@close'\n[job.b]\nafter = ['a']\nwhen = 'weekday(fri)'\n"
        "[job.off]\nafter = ['a']\nenabled = false\n");
    const auto next = [&](const char* job, const char* after) {
        const auto fires = next_planned(plan.jobs.at(JobName(job)), plan, *parse_instant(after), Seconds{30LL * 86400});
        REQUIRE(fires);
        return fires->empty() ? "none" : to_string(fires->front().due);
    };
    CHECK(next("a", "2026-11-19T12:00:00Z") == "2026-11-19T21:00:00Z");
    CHECK(next("b", "2026-11-19T12:00:00Z") == "2026-11-20T21:00:00Z");
    CHECK(next("b", "2026-11-20T21:00:00Z") == "2026-11-27T18:00:00Z");
    CHECK(next("off", "2026-11-19T12:00:00Z") == "none");

    // XNYS is covered to the end of 2050; the first weekday after it is a Monday.
    std::optional<Date> horizon;
    const auto beyond = next_planned(plan.jobs.at(JobName("b")), plan, *parse_instant("2050-12-30T22:00:00Z"),
                                     Seconds{90LL * 86400}, &horizon);
    REQUIRE(beyond);
    CHECK(beyond->empty());
    CHECK(horizon == *parse_date("2051-01-01"));
}
