// Starts that the machine cannot do now are delayed and retried; no run fails because of it.
#include <catch2/catch.hpp>

#include "support/world.h"

namespace mc::test {

namespace {

const Hindrance full_disk{Hindrance::Of::every_run, "cannot write the attempt's record: No space left on device"};
const Hindrance busy_program{Hindrance::Of::this_run, "cannot execute /opt/x: Text file busy"};

Behaviour hindered() {
    Behaviour one;
    one.hindrance = busy_program;
    return one;
}

constexpr const char* two_jobs = R"(
    [defaults]
    timezone = "UTC"
    [job.a]
    schedule = "0 8 * * *"
    command = "a"
    [job.b]
    schedule = "0 8 * * *"
    command = "b"
    retries = 1
)";

}  // namespace

TEST_CASE("full disk: runs wait with that reason, and start with the same attempt number when there is room") {
    World w{"2026-11-20T07:00:00Z"};
    w.plan(two_jobs);
    w.hinder(full_disk);
    w.run_until("2026-11-20T08:10:00Z");
    CHECK(fates(w, "a") == "waiting resources");
    CHECK(fates(w, "b") == "waiting resources");
    CHECK(w.runs("a")[0].detail == full_disk.text);
    CHECK(w.runs("a")[0].attempt == 0);
    CHECK_FALSE(w.runs("a")[0].started);
    CHECK(w.engine().start_troubles() == std::map<std::string, std::string>{{"", full_disk.text}});
    w.hinder({});
    w.run_until("2026-11-20T08:10:40Z");
    CHECK(fates(w, "a") == "success");
    CHECK(fates(w, "b") == "success");
    CHECK(w.runs("a")[0].attempt == 1);
    CHECK(w.runs("b")[0].attempt == 1);
    CHECK(w.engine().start_troubles().empty());
    CHECK(w.notices().empty());
}

TEST_CASE("while nothing can start, one run at a time is tried, with growing pauses, and no row is written for it") {
    World w{"2026-11-20T07:00:00Z"};
    w.plan(two_jobs);
    w.hinder(full_disk);
    w.run_until("2026-11-20T08:01:00Z");
    const std::size_t before = w.writes();
    w.run_until("2026-11-20T08:11:00Z");
    // Each try is claimed and undone: two writes. 600 s with pauses of 31 s.
    CHECK(w.writes() - before <= 2 * (600 / 31 + 1));
    CHECK(w.writes() - before >= 2 * (600 / 31 - 1));
}

TEST_CASE("a hindrance of one run lets other runs start, and uses no retry") {
    World w{"2026-11-20T07:00:00Z"};
    w.plan(two_jobs);
    w.script("b", {hindered(), hindered(), hindered(), Behaviour{Seconds{1}, 1}, hindered(), Behaviour{}});
    w.run_until("2026-11-20T08:00:04Z");
    CHECK(fates(w, "a") == "success");
    CHECK(fates(w, "b") == "waiting resources");
    CHECK(w.engine().start_troubles() == std::map<std::string, std::string>{{"b", busy_program.text}});
    w.run_until("2026-11-20T08:20:00Z");
    CHECK(fates(w, "b") == "success");
    CHECK(w.runs("b")[0].attempt == 2);
    CHECK(w.engine().start_troubles().empty());
}

TEST_CASE("a run that waits for resources can be stopped and held, and ends at its not_after") {
    World w{"2026-11-20T07:00:00Z"};
    w.plan(R"(
        [defaults]
        timezone = "UTC"
        schedule = "0 8 * * *"
        command = "x"
        [job.stopped]
        [job.held]
        [job.late]
        not_after = "08:30"
    )");
    w.hinder(full_disk);
    w.run_until("2026-11-20T08:10:00Z");
    CHECK(w.ask(StopAsked{w.runs("stopped")[0].id, "root"}).ok);
    CHECK(fates(w, "stopped") == "killed stopped");
    CHECK(w.ask(HoldAsked{JobName("held"), {}, "root"}).ok);
    w.run_until("2026-11-20T08:40:00Z");
    CHECK(fates(w, "held") == "waiting held");
    CHECK(fates(w, "late") == "missed too_late");
    w.hinder({});
    w.run_until("2026-11-20T08:50:00Z");
    CHECK(fates(w, "held") == "waiting held");
    CHECK(w.ask(ReleaseAsked{JobName("held"), "root"}).ok);
    w.run_until("2026-11-20T09:00:00Z");
    CHECK(fates(w, "held") == "success");
    CHECK(w.started("stopped").empty());
}

TEST_CASE("a sensor that has passed is not checked again, and a new daemon tries immediately") {
    World w{"2026-11-20T07:00:00Z"};
    w.plan(R"(
        [job.a]
        timezone = "UTC"
        schedule = "0 8 * * *"
        command = "a"
        wait = [{ file = "/data/a", timeout = "10m" }]
    )");
    w.sensor("a", 0, [](const Probe& probe, Instant) {
        return SensorAnswer{probe.run, probe.sensor, probe.look, true, "", FileFacts{1, 1}};
    });
    w.hinder(full_disk);
    w.run_until("2026-11-20T08:30:00Z");
    CHECK(fates(w, "a") == "waiting resources");
    CHECK(w.looks().size() == 1);
    w.crash();
    w.hinder({});
    w.restart();
    w.run_until("2026-11-20T08:30:05Z");
    CHECK(fates(w, "a") == "success");
    CHECK(w.looks().size() == 1);
    CHECK(w.runs("a")[0].attempt == 1);
}

TEST_CASE("no sensor timeout counts while a run waits for resources, or for a pool after that") {
    World w{"2026-11-20T07:00:00Z"};
    w.plan(R"(
        [pool.one]
        slots = 1
        [defaults]
        timezone = "UTC"
        pool = "one"
        [job.a]
        schedule = "0 8 * * *"
        command = "a"
        wait = [{ file = "/data/a", timeout = "10m" }]
        [job.long]
        schedule = "10 8 * * *"
        command = "long"
        priority = 9
    )");
    bool is_there = true;
    w.sensor("a", 0, [&](const Probe& probe, Instant) {
        return SensorAnswer{probe.run, probe.sensor, probe.look, is_there, "", FileFacts{1, 1}};
    });
    w.script("long", {{.takes = Seconds{3600}}});
    w.hinder(full_disk);
    w.run_until("2026-11-20T08:05:00Z");
    is_there = false;  // the sensor has already passed
    w.run_until("2026-11-20T08:40:00Z");
    CHECK(fates(w, "a") == "waiting resources");
    w.hinder({});
    w.run_until("2026-11-20T08:50:00Z");
    CHECK(fates(w, "long") == "running");
    CHECK(fates(w, "a") == "queued pool");
    w.run_until("2026-11-20T10:00:00Z");
    CHECK(fates(w, "a") == "success");
    CHECK(w.looks().size() == 1);
}

TEST_CASE("a check that cannot start for lack of resources decides nothing: the run waits for one that can") {
    World w{"2026-11-20T07:00:00Z"};
    w.plan(R"(
        [job.a]
        timezone = "UTC"
        schedule = "0 8 * * *"
        command = "a"
        wait = [{ command = "is-there", timeout = "10m", poll = "5m" }]
        [job.b]
        timezone = "UTC"
        schedule = "0 8 * * *"
        command = "b"
        wait = [{ command = "is-there", timeout = "10m" }]
    )");
    const auto finding = [](const std::string& room_from, const std::string& there_from) {
        return [room = utc(room_from), there = utc(there_from)](const Probe& probe, Instant now) {
            SensorAnswer answer{probe.run, probe.sensor, probe.look, now >= room && now >= there, "", {}};
            answer.refused = now < room;
            if (answer.refused) answer.text = "Resource temporarily unavailable";
            return answer;
        };
    };
    w.sensor("a", 0, finding("2026-11-20T08:30:00Z", "2026-11-20T08:20:00Z"));
    w.sensor("b", 0, finding("2026-11-20T08:30:00Z", "2026-11-20T09:00:00Z"));
    w.run_until("2026-11-20T08:29:00Z");
    CHECK(fates(w, "a") == "waiting sensor");
    CHECK(w.runs("a")[0].detail.find(": Resource temporarily unavailable") != std::string::npos);
    CHECK(w.engine().start_troubles() ==
          std::map<std::string, std::string>{{"a", "its sensor cannot be checked: Resource temporarily unavailable"},
                                             {"b", "its sensor cannot be checked: Resource temporarily unavailable"}});
    // Every half minute, for both, and with pauses.
    CHECK(w.looks().size() >= 2 * 29 * 60 / 32);
    CHECK(w.looks().size() <= 2 * (2 * 29 + 2));
    w.run_until("2026-11-20T08:31:00Z");
    CHECK(fates(w, "a") == "success");
    CHECK(fates(w, "b") == "failed sensor_timeout");
    CHECK(w.engine().start_troubles().empty());
}

TEST_CASE("a run that cannot start ends as removed when its job leaves the configuration") {
    World w{"2026-11-20T07:00:00Z"};
    w.plan(two_jobs);
    w.hinder(full_disk);
    w.run_until("2026-11-20T08:10:00Z");
    w.plan("[job.c]\ntimezone = \"UTC\"\nschedule = \"0 9 * * *\"\ncommand = \"c\"\n");
    CHECK(fates(w, "a") == "skipped removed");
    CHECK(fates(w, "b") == "skipped removed");
    CHECK(w.engine().start_troubles().empty());
}

TEST_CASE("messages need no process: they are sent while nothing can start") {
    World w{"2026-11-20T07:00:00Z"};
    w.plan(std::string(two_jobs) + R"(
        [job.lunch]
        schedule = "5 8 * * *"
        slack = { to = "ops", text = "lunch" }
        [slack.ops]
        webhook = "https://example.com/hook"
    )");
    w.hinder(full_disk);
    w.run_until("2026-11-20T08:06:00Z");
    CHECK(fates(w, "lunch") == "running");
    REQUIRE(w.notices().size() == 1);
    CHECK(w.notices()[0].text == "lunch");
}

}  // namespace mc::test
