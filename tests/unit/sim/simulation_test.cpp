// The driver of `simulate`: chains, failures that spread, outages, waits; and repeatable answers.
#include "sim/simulation.h"

#include <catch2/catch.hpp>

#include "support/context.h"

namespace mc::app {

namespace {

Date day(unsigned d) { return make_date(2026, 11, d); }
Instant at(const char* text) { return parse_instant(text).value(); }

Plan plan_of(const std::string& toml) {
    auto plan = read_plan({"desk.toml", toml}, test::read_context());
    if (!plan) FAIL(plan.error().front().text());
    return *std::move(plan);
}

SimulationAsked week() { return {day(23), day(27), {}, {}, {}}; }

Simulated good(const Plan& plan, const SimulationAsked& asked) {
    auto found = simulate(plan, test::read_context(), asked);
    if (!found) FAIL(found.error().text());
    return *std::move(found);
}

// "2026-11-24 success", "2026-11-25 missed/down": a job's runs.
std::vector<std::string> story(const Simulated& found, const std::string& job) {
    std::vector<std::string> lines;
    for (const SimulatedRun& one : found.runs) {
        if (one.run.job != job) continue;
        lines.push_back(to_string(one.run.logical_date) + " " + std::string(to_text(one.run.state)));
        if (one.run.reason != Reason::none) lines.back() += "/" + std::string(to_text(one.run.reason));
    }
    return lines;
}

using Lines = std::vector<std::string>;

const std::string chain = R"(
[defaults]
calendar = "XNYS"
command = "true"
[slack.ops]
webhook_env = "NONE"
[job.load]
schedule = "@close+15m"
retries = 1
retry_delay = "10m"
deadline = "17:00"
notify = { failure = ["slack:ops"], recovery = ["slack:ops"] }
[job.report]
after = ["load"]
[job.tell]
after = ["report"]
slack = { to = "ops", text = "{{session}}" }
)";

std::string outage(const std::string& catch_up) {
    return "[job.a]\ntimezone = \"UTC\"\nschedule = \"0 12 * * *\"\ncommand = \"true\"\ncatch_up = \"" + catch_up +
           "\"\n";
}

}  // namespace

TEST_CASE("a chain runs on every session, half days too, each job after its upstream jobs") {
    SimulationAsked asked = week();
    asked.durations[JobName("load")] = Seconds{3600};
    const Simulated found = good(plan_of(chain), asked);
    CHECK(story(found, "load") ==
          Lines{"2026-11-23 success", "2026-11-24 success", "2026-11-25 success", "2026-11-27 success"});
    CHECK(story(found, "tell").size() == 4);
    CHECK(found.posts == std::map<std::string, int>{{"slack:ops", 4}});
    CHECK(found.messages.at("slack:ops") == std::map<NoticeKind, int>{{NoticeKind::recovery, 3}});  // each was late
    CHECK(found.most_at_once == 1);
    const SimulatedRun& last = found.runs.back();
    CHECK(last.run.job == "tell");
    CHECK(to_string(last.run.fire) == "2026-11-27T18:15:00Z");  // the early close
    CHECK(last.waited == Seconds{3601});
    CHECK(found.runs.front().late == true);  // an hour from 16:15 is past 17:00
}

TEST_CASE("a failure spreads, is reported, and the next day runs normally") {
    SimulationAsked asked = week();
    asked.failing.insert({JobName("load"), day(24)});
    const Simulated found = good(plan_of(chain), asked);
    CHECK(story(found, "load")[1] == "2026-11-24 failed/exit_code");
    CHECK(story(found, "report") == Lines{"2026-11-23 success", "2026-11-24 upstream_failed/upstream_failed",
                                          "2026-11-25 success", "2026-11-27 success"});
    CHECK(found.messages.at("slack:ops") == std::map<NoticeKind, int>{{NoticeKind::failure, 1}});
    CHECK(found.runs[3].run.attempt == 2);
    CHECK(found.runs[3].late == false);  // the failure was reported
}

TEST_CASE("an exit code that is not one of success_exit_codes is a failure") {
    SimulationAsked asked = week();
    asked.failing.insert({JobName("a"), day(24)});
    const Simulated found =
        good(plan_of(outage("none") + "success_exit_codes = [0, 1]\nskip_exit_codes = [2]\n"), asked);
    CHECK(found.runs[1].run.state == State::failed);
    CHECK(found.runs[1].run.exit_code == 3);
}

TEST_CASE("an outage: all is caught up, or the latest, or none") {
    SimulationAsked asked = week();
    asked.down = {{at("2026-11-24T11:00:00Z"), at("2026-11-26T18:00:00Z")}};
    const Simulated all = good(plan_of(outage("all")), asked);
    CHECK(story(all, "a") == Lines{"2026-11-23 success", "2026-11-24 success", "2026-11-25 success",
                                   "2026-11-26 success", "2026-11-27 success"});
    CHECK(all.runs[1].run.origin == Origin::catch_up);
    CHECK(all.runs[1].waited == Seconds{54 * 3600});
    CHECK(story(good(plan_of(outage("latest")), asked), "a") ==
          Lines{"2026-11-23 success", "2026-11-24 skipped/superseded", "2026-11-25 skipped/superseded",
                "2026-11-26 success", "2026-11-27 success"});
    CHECK(story(good(plan_of(outage("none")), asked), "a") == Lines{"2026-11-23 success", "2026-11-24 missed/down",
                                                                    "2026-11-25 missed/down", "2026-11-26 missed/down",
                                                                    "2026-11-27 success"});
}

TEST_CASE("a job continues while the daemon is down, and a fire during an initial outage is caught up") {
    SimulationAsked asked = week();
    asked.durations[JobName("a")] = Seconds{7200};
    asked.down = {{at("2026-11-24T13:00:00Z"), at("2026-11-24T20:00:00Z")},
                  {at("2026-11-22T00:00:00Z"), at("2026-11-23T13:00:00Z")}};
    const Simulated found = good(plan_of(outage("all")), asked);
    REQUIRE(found.runs.size() == 5);
    CHECK(found.runs[0].run.origin == Origin::catch_up);
    CHECK(found.runs[1].run.state == State::success);
    CHECK(to_string(*found.runs[1].run.finished) == "2026-11-24T14:00:00Z");
}

TEST_CASE("dates are logical dates: a run is found wherever it is due") {
    const Simulated found = good(plan_of(R"(
[job.settle]
calendar = "XNYS"
schedule = "0 7 * * *"
when = "session"
run_for = "session-2"
command = "true"
[job.tomorrow]
calendar = "XNYS"
schedule = "@close"
run_for = "session+1"
command = "true"
)"),
                                 {day(24), day(24), {}, {}, {}});
    REQUIRE(found.runs.size() == 2);
    CHECK(to_string(found.runs[0].run.fire) == "2026-11-23T21:00:00Z");
    CHECK(to_string(found.runs[1].run.fire) == "2026-11-27T12:00:00Z");
}

TEST_CASE("dates far from their fire are also found, before the first date and after the last") {
    const Simulated found = good(plan_of(R"(
[job.ahead]
calendar = "XNYS"
schedule = "0 12 2 11 *"
run_for = "session+21"
command = "true"
[job.behind]
calendar = "XNYS"
schedule = "0 12 30 12 *"
run_for = "session-20"
command = "true"
)"),
                                 {make_date(2026, 11, 20), make_date(2026, 12, 4), {}, {}, {}});
    REQUIRE(found.runs.size() == 2);
    CHECK(to_string(found.runs[0].run.fire) == "2026-11-02T17:00:00Z");
    CHECK(to_string(found.runs[0].run.logical_date) == "2026-12-02");
    CHECK(to_string(found.runs[1].run.fire) == "2026-12-30T17:00:00Z");
    CHECK(to_string(found.runs[1].run.logical_date) == "2026-12-01");
}

TEST_CASE("all fires are found, also one that is due before those of the first date or after those of the last") {
    const Plan plan = plan_of(R"(
[job.a]
calendar = "XNYS"
schedule = ["0 12 * * *", "@open-72h", "@close+72h"]
command = "true"
)");
    const auto fires = [&](unsigned from, unsigned to) {
        Lines lines;
        for (const SimulatedRun& one : good(plan, {day(from), day(to), {}, {}, {}}).runs)
            lines.push_back(to_string(one.run.fire) + " for " + to_string(one.run.logical_date));
        return lines;
    };
    // Monday's opening, 72 hours before, comes before Saturday's noon.
    CHECK(fires(28, 30) == Lines{"2026-11-27T14:30:00Z for 2026-11-30", "2026-11-28T17:00:00Z for 2026-11-28",
                                 "2026-11-29T17:00:00Z for 2026-11-29", "2026-11-30T17:00:00Z for 2026-11-30",
                                 "2026-12-03T21:00:00Z for 2026-11-30"});
    // Friday's early close, 72 hours after, comes after Sunday's noon.
    CHECK(fires(27, 29) == Lines{"2026-11-24T14:30:00Z for 2026-11-27", "2026-11-27T17:00:00Z for 2026-11-27",
                                 "2026-11-28T17:00:00Z for 2026-11-28", "2026-11-29T17:00:00Z for 2026-11-29",
                                 "2026-11-30T18:00:00Z for 2026-11-27"});
}

TEST_CASE("the clock does not wait for runs of other dates: an alert is not repeated after the last run") {
    const Simulated found = good(plan_of(R"(
[defaults]
command = "true"
[slack.ops]
webhook_env = "NONE"
[job.a]
timezone = "UTC"
schedule = "0 12 * * *"
depends_on_past = true
notify = { failure = ["slack:ops"], repeat = "10h" }
[job.late]
calendar = "XNYS"
schedule = "0 12 * * *"
when = "session"
run_for = "session-1"
)"),
                                 {day(24), day(24), {{JobName("a"), day(24)}}, {}, {}});
    REQUIRE(story(found, "late") == Lines{"2026-11-24 success"});
    CHECK(to_string(found.runs.back().run.fire) == "2026-11-25T17:00:00Z");  // the run of `a` for this date waits
    CHECK(found.messages.at("slack:ops") == std::map<NoticeKind, int>{{NoticeKind::failure, 3}});
}

TEST_CASE("a run that never ends is shown in its current state") {
    SimulationAsked asked = week();
    asked.failing.insert({JobName("a"), day(26)});
    CHECK(story(good(plan_of(outage("none") + "depends_on_past = true\n"), asked), "a").back() ==
          "2026-11-27 waiting/dependency");
}

TEST_CASE("the clock stops a week after the last date") {
    const Plan plan = plan_of(outage("none"));
    SimulationAsked asked{day(27), day(27), {}, {}, {}};
    constexpr Seconds hour{3600};
    asked.durations[JobName("a")] = (7 * 24 + 11) * hour;  // from noon to an hour before the end
    CHECK(story(good(plan, asked), "a") == Lines{"2026-11-27 success"});
    asked.durations[JobName("a")] = (7 * 24 + 13) * hour;
    CHECK(story(good(plan, asked), "a") == Lines{"2026-11-27 running"});
}

TEST_CASE("the number of simulated days is limited") {
    const Plan plan = plan_of(outage("none"));
    SimulationAsked asked{day(1), day(1) + simulated_days_max - date::days{1}, {}, {}, {}};
    CHECK(good(plan, asked).runs.size() == 1100);
    asked.to += date::days{1};
    CHECK_FALSE(simulate(plan, test::read_context(), asked));
}

TEST_CASE("the same question has the same answer") {
    SimulationAsked asked = week();
    asked.failing.insert({JobName("load"), day(24)});
    asked.down = {{at("2026-11-25T11:00:00Z"), at("2026-11-26T18:00:00Z")}};
    const Plan plan = plan_of(chain);
    const Simulated once = good(plan, asked), again = good(plan, asked);
    REQUIRE(once.runs.size() == again.runs.size());
    for (std::size_t i = 0; i < once.runs.size(); ++i) CHECK(once.runs[i].run == again.runs[i].run);
    CHECK(once.messages == again.messages);
}

TEST_CASE("refused requests") {
    const Plan plan = plan_of(chain);
    const auto refused = [&](const SimulationAsked& asked) {
        const auto found = simulate(plan, test::read_context(), asked);
        return found ? std::string() : found.error().sentence();
    };
    CHECK(refused({day(27), day(23), {}, {}, {}}).starts_with("--from 2026-11-27 is after --to 2026-11-23"));
    CHECK(refused({day(1), make_date(2036, 1, 1), {}, {}, {}}).find("days are too many") != std::string::npos);
    CHECK(refused({make_date(2060, 1, 1), make_date(2060, 1, 2), {}, {}, {}})
              .starts_with("calendar XNYS covers dates only up to"));
    SimulationAsked elsewhere = week();
    elsewhere.down = {{at("2027-01-01T00:00:00Z"), at("2027-01-02T00:00:00Z")}};
    CHECK(refused(elsewhere).find("is outside") != std::string::npos);
}

}  // namespace mc::app
