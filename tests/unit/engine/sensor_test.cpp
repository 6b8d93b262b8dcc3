// Runs that wait for files, addresses, commands and jobs: when sensors are checked, and what ends the wait.
#include "engine/sensor.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "explain/why.h"
#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

const std::string defaults = "[defaults]\ncommand = 'true'\ncalendar = 'XNYS'\n";

std::string job(const std::string& name, const std::string& rest) { return "[job." + name + "]\n" + rest + "\n"; }

Run only(const World& w, const std::string& name) {
    const auto runs = w.runs(name);
    REQUIRE(runs.size() == 1);
    return runs.front();
}

std::string fate(const World& w, const std::string& name) {
    const Run run = only(w, name);
    std::string text(to_text(run.state));
    if (run.reason != Reason::none) text += " " + std::string(to_text(run.reason));
    return text;
}

World::Finding from(const std::string& instant, FileFacts facts = {}) {
    const Instant t = utc(instant);
    return [t, facts](const Probe&, Instant now) {
        SensorAnswer answer;
        answer.passed = now >= t;
        if (answer.passed) answer.file = facts;
        return answer;
    };
}

// XNYS closes at 21:00 UTC on these days.
const std::string eod = "schedule = '@close+15m'\n";

}  // namespace

TEST_CASE("a due run waits for its file, checks at each `poll`, and starts when the file exists") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(defaults + job("a", eod + "wait = [{ file = '/data/{{session}}/_SUCCESS', poll = '1m' }]"));
    w.sensor("a", 0, from("2026-11-20T21:30:00Z"));
    w.run_until("2026-11-20T21:20:00Z");
    CHECK(fate(w, "a") == "waiting sensor");
    CHECK(only(w, "a").detail == "waits for file /data/2026-11-20/_SUCCESS, checked every 1m");
    CHECK(w.looks().front().at == utc("2026-11-20T21:15:00Z"));
    CHECK(w.looks().front().probe.what == "/data/2026-11-20/_SUCCESS");
    CHECK(w.looks().size() >= 5);
    CHECK(w.looks().size() <= 7);
    w.run_until("2026-11-20T22:00:00Z");
    CHECK(fate(w, "a") == "success");
    REQUIRE(w.started("a").size() == 1);
    CHECK(w.started("a").front() >= utc("2026-11-20T21:30:00Z"));
    CHECK(w.started("a").front() <= utc("2026-11-20T21:31:00Z"));
    CHECK(w.looks().back().at == w.started("a").front());
}

TEST_CASE("all sensors must pass; one that has passed is not checked again") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(defaults +
           job("a", eod + "wait = [{ file = '/x' }, { http = 'https://h/p?key=1' }, { command = 'test -s x' }]"));
    w.sensor("a", 0, from("2026-11-20T00:00:00Z"));
    w.sensor("a", 2, from("2026-11-20T21:20:00Z"));
    w.run_until("2026-11-20T21:18:00Z");
    CHECK(only(w, "a").detail == "waits for https://h/p?..., checked every 30s; and for 1 more");
    w.sensor("a", 1, from("2026-11-20T21:25:00Z"));
    w.run_until("2026-11-20T22:00:00Z");
    CHECK(fate(w, "a") == "success");
    CHECK(w.started("a").front() >= utc("2026-11-20T21:25:00Z"));
    std::map<std::size_t, int> counts;
    for (const auto& look : w.looks()) ++counts[look.probe.sensor];
    CHECK(counts[0] == 1);
    CHECK(counts[2] < counts[1]);
}

TEST_CASE("a file is stable if it has not changed for that time") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(defaults + job("a", eod + "wait = [{ file = '/x', stable = '2m', poll = '10s' }]"));
    const Instant done = utc("2026-11-20T21:20:00Z");
    w.sensor("a", 0, [&](const Probe&, Instant now) {
        SensorAnswer answer;
        answer.passed = true;
        answer.file = FileFacts{std::min(now, done).time_since_epoch().count(), 7};
        return answer;
    });
    w.run_until("2026-11-20T21:19:00Z");
    CHECK(only(w, "a").detail ==
          "waits for file /x to stay the same for 2m, checked every 10s: the file exists, but may still be changing");
    w.run_until("2026-11-20T22:00:00Z");
    CHECK(w.started("a").front() >= done + Seconds{120});
    CHECK(w.started("a").front() <= done + Seconds{135});
    CHECK(has_stayed(Seconds{10}, Seconds{41}, Seconds{30}));
    CHECK_FALSE(has_stayed(Seconds{10}, Seconds{40}, Seconds{30}));
}

TEST_CASE("a timeout fails or skips, continues after a restart, and ends the run only after a last check") {
    const std::string wait = "wait = [{ file = '/x', timeout = '1h', on_timeout = ";
    World w{"2026-11-20T20:00:00Z"};
    w.plan(defaults + job("f", eod + wait + "'fail' }]\nretries = 2") + job("s", eod + wait + "'skip' }]") +
           job("late", eod + wait + "'fail' }]"));
    w.run_until("2026-11-20T21:40:00Z");
    CHECK(only(w, "f").detail == "waits for file /x, checked every 30s, until 2026-11-20T17:15:00-05:00");
    w.crash();
    w.sleep_until("2026-11-20T21:50:00Z");
    w.restart();
    w.run_until("2026-11-20T22:14:59Z");
    CHECK(fate(w, "f") == "waiting sensor");
    w.crash();
    w.sleep_until("2026-11-20T23:00:00Z");
    w.sensor("late", 0, from("2026-11-20T22:50:00Z"));
    w.restart();
    w.run_until("2026-11-20T23:01:00Z");
    CHECK(fate(w, "f") == "failed sensor_timeout");
    CHECK(only(w, "f").detail == "waited 1h for file /x");
    CHECK(fate(w, "s") == "skipped sensor_timeout");
    CHECK(fate(w, "late") == "success");
}

TEST_CASE("jobs downstream of a run that its sensor ends proceed immediately") {
    World w{"2026-11-19T20:00:00Z"};
    const auto waits = [](const std::string& rest) {
        return eod + "wait = [{ file = '/x', poll = '10m', timeout = '1h'" + rest + " }]\n";
    };
    w.plan(defaults + job("fails", waits("")) + job("skips", waits(", on_timeout = 'skip'")) +
           job("falls", "after = ['fails']") + job("left_out", "after = ['skips']") +
           job("done", "after = ['fails', 'skips']\ntrigger = 'all_done'") + job("next", "after = ['done']") +
           job("past",
               eod + "depends_on_past = true\n" + "wait = [{ file = '/x', timeout = '1h', on_timeout = 'skip' }]") +
           job("after_past", "after = ['past']\ntrigger = 'all_done'"));
    w.run_until("2026-11-20T05:00:00Z");
    CHECK(fate(w, "fails") == "failed sensor_timeout");
    CHECK(fate(w, "falls") == "upstream_failed upstream_failed");
    CHECK(fate(w, "skips") == "skipped sensor_timeout");
    CHECK(fate(w, "left_out") == "skipped upstream_skipped");
    CHECK(w.started("done") == std::vector{utc("2026-11-19T22:15:00Z")});
    CHECK(w.started("next") == std::vector{utc("2026-11-19T22:15:01Z")});
    CHECK(w.started("after_past") == std::vector{utc("2026-11-19T22:15:00Z")});
    const auto last = [](const World::Looked& look) { return look.at == utc("2026-11-19T22:15:00Z"); };
    CHECK(std::count_if(w.looks().begin(), w.looks().end(), last) == 3);  // each once
}

TEST_CASE("a timeout is decided by a check that started after it") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(defaults + job("a", eod + "wait = [{ file = '/x', poll = '2h', timeout = '1h' }]"));
    w.sensor("a", 0, from("2026-11-20T22:14:00Z"));  // a minute before
    w.run_until("2026-11-20T22:20:00Z");
    CHECK(fate(w, "a") == "success");
    CHECK(w.started("a") == std::vector{utc("2026-11-20T22:15:00Z")});
    CHECK(w.looks().size() == 2);
}

TEST_CASE("a check without an answer does not delay a timeout") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(defaults + job("a", eod + "wait = [{ http = 'http://h/', timeout = '3s' }]") +
           job("b", eod + "wait = [{ command = 'x', poll = '20s', timeout = '1m', on_timeout = 'skip' }]"));
    const auto hangs_from = [](const std::string& instant) {
        return [from = utc(instant)](const Probe&, Instant now) {
            SensorAnswer answer;
            if (now >= from) answer.look = World::no_answer;
            return answer;
        };
    };
    w.sensor("a", 0, hangs_from("2026-11-20T20:00:00Z"));
    w.sensor("b", 0, hangs_from("2026-11-20T21:16:00Z"));  // the last one
    w.run_until("2026-11-20T21:30:00Z");
    CHECK(fate(w, "a") == "failed sensor_timeout");
    CHECK(only(w, "a").finished == utc("2026-11-20T21:15:13Z"));
    CHECK(only(w, "a").detail ==
          "waited 3s for http://h/: the check started at 2026-11-20T16:15:00-05:00 has no answer");
    CHECK(fate(w, "b") == "skipped sensor_timeout");
    CHECK(only(w, "b").finished == utc("2026-11-20T21:16:10Z"));
}

TEST_CASE("a reload keeps what is known of an unchanged sensor") {
    World w{"2026-11-20T20:00:00Z"};
    const std::string stable = "{ file = '/x', stable = '10m', poll = '1h' }";
    const std::string passed = "{ http = 'https://h/', poll = '1h' }";
    const auto plan = [&](const std::string& wait, const std::string& more = "") {
        w.plan(defaults + job("a", eod + "wait = [" + wait + "]\n" + more));
    };
    plan(stable + ", " + passed + ", { command = 'no' }");
    w.sensor("a", 0, from("2026-11-20T00:00:00Z"));
    w.sensor("a", 1, from("2026-11-20T00:00:00Z"));
    for (int minute = 16; minute < 25; ++minute) {
        w.run_until(utc("2026-11-20T21:00:00Z") + std::chrono::minutes{minute});
        plan(fmt::format("{}, {}, {{ command = 'no' }}", stable, passed));
    }
    w.run_until("2026-11-20T21:26:00Z");
    CHECK(only(w, "a").detail == "waits for `no`, checked every 30s");  // the file was stable for ten minutes
    const auto looks_at = [&](const std::string& what) {
        return std::count_if(w.looks().begin(), w.looks().end(),
                             [&](const World::Looked& look) { return look.probe.what == what; });
    };
    CHECK(looks_at("/x") == 2);
    CHECK(looks_at("https://h/") == 1);

    plan("{ command = 'no' }, " + passed + ", { file = '/x', stable = '11m' }");  // the stability time has changed
    w.run_until("2026-11-20T21:26:01Z");
    CHECK(looks_at("/x") == 3);
    CHECK(looks_at("https://h/") == 1);
    plan("{ command = 'no' }, { http = 'https://h/', status = 204 }");
    w.run_until("2026-11-20T21:26:02Z");
    CHECK(looks_at("https://h/") == 2);
    const auto before = looks_at("no");
    plan("{ command = 'no' }, { http = 'https://h/', status = 204 }", "user = 'nobody'");  // checks run as another user
    w.run_until("2026-11-20T21:26:03Z");
    CHECK(looks_at("no") == before + 1);
    CHECK(looks_at("https://h/") == 3);
}

TEST_CASE("a reload keeps checks in progress, and their answers reach the right sensor") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(defaults + job("a", eod + "wait = [{ command = 'x' }, { command = 'y' }]"));
    w.run_until("2026-11-20T21:14:59Z");
    const Now at{utc("2026-11-20T21:15:00Z"), Seconds{1'000'000}};
    std::map<std::string, Probe> asked;
    const auto actions = w.engine().step(Woke{}, at).value();
    for (const Action& action : actions)
        if (const auto* probe = std::get_if<Probe>(&action)) asked[probe->what] = *probe;
    REQUIRE(asked.size() == 2);
    const auto other = std::make_shared<Plan>(w.loaded());
    Job& job = other->jobs.at(JobName("a"));
    std::vector<Sensor> turned = *job.wait;
    std::swap(turned[0], turned[1]);
    job.wait = turned;
    const auto loaded = w.engine().step(PlanLoaded{other}, at).value();
    for (const Action& action : loaded) CHECK_FALSE(std::get_if<Probe>(&action));
    SensorAnswer answer;
    answer.run = asked["x"].run;
    answer.sensor = asked["x"].sensor;
    answer.look = asked["x"].look;
    answer.passed = true;
    w.engine().step(SensorsAnswered{{answer}}, at).value();
    CHECK(w.engine().unfinished().at(answer.run).detail == "waits for `y`, checked every 30s");
}

TEST_CASE("the error of a failed check is shown, and the row is written only when it changes") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(defaults + job("a", eod + "wait = [{ file = '/root/x' }]"));
    std::string trouble = "Permission denied";
    w.sensor("a", 0, [&](const Probe&, Instant) {
        SensorAnswer answer;
        answer.text = trouble;
        return answer;
    });
    w.run_until("2026-11-20T21:16:00Z");
    CHECK(only(w, "a").detail == "waits for file /root/x, checked every 30s: Permission denied");
    const std::size_t writes = w.writes(), looks = w.looks().size();
    w.run_until("2026-11-20T21:26:00Z");
    CHECK(w.looks().size() >= looks + 20);
    CHECK(w.writes() == writes);
    trouble = "Input/output error";
    w.run_until("2026-11-20T21:36:00Z");
    CHECK(only(w, "a").detail == "waits for file /root/x, checked every 30s: Input/output error");
    CHECK(w.writes() == writes + 1);
}

TEST_CASE("a job sensor passes with the job's success, immediately; after a failure it keeps waiting") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(defaults + job("p", "schedule = '@close+20m'") + job("a", eod + "wait = [{ job = 'p', poll = '1h' }]") +
           job("b", eod + "wait = [{ job = 'p', of = 'previous' }]"));
    w.script("p", {{.exit_code = 1}, {.exit_code = 0}});
    w.run_until("2026-11-20T22:00:00Z");
    CHECK(fate(w, "a") == "waiting sensor");
    CHECK(only(w, "a").detail.find("run 3 failed") != std::string::npos);
    CHECK(fate(w, "b") == "success");  // none is known
    w.ask(RerunAsked{only(w, "p").id, false, "root"});
    w.run_until("2026-11-20T22:00:02Z");
    CHECK(w.started("a") == std::vector{utc("2026-11-20T22:00:01Z")});
}

TEST_CASE("sensors are checked after dependencies and wait_until; a start by hand and retries do not wait") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(defaults + job("p", "schedule = '@close+20m'") +
           job("a", "after = ['p']\nwait_until = '@close+1h'\nwait = [{ file = '/x' }]") +
           job("r", eod + "wait = [{ file = '/x' }]\nretries = 1"));
    w.sensor("a", 0, from("2026-11-20T00:00:00Z"));
    w.sensor("r", 0, from("2026-11-20T00:00:00Z"));
    w.script("r", {{.exit_code = 1}, {.exit_code = 0}});
    w.run_until("2026-11-20T23:00:00Z");
    CHECK(fate(w, "a") == "success");
    CHECK(w.started("a").front() == utc("2026-11-20T22:00:00Z"));
    CHECK(fate(w, "r") == "success");
    CHECK(w.looks().size() == 2);
    w.sensor("r", 0, from("2027-01-01T00:00:00Z"));
    w.ask(StartAsked{JobName("r"), {}, false, "root"});
    w.run_until("2026-11-20T23:00:10Z");
    CHECK(w.runs("r").back().state == State::success);
}

TEST_CASE("held, stopped, removed: a run that waits for a sensor behaves like any other") {
    World w{"2026-11-20T20:00:00Z"};
    const std::string held = job("h", eod + "wait = [{ file = '/x', timeout = '1h' }]");
    w.plan(defaults + held + job("s", eod + "wait = [{ file = '/x' }]") +
           job("gone", eod + "wait = [{ file = '/x' }]"));
    w.run_until("2026-11-20T21:20:00Z");
    w.ask(HoldAsked{JobName("h"), {}, "root"});
    CHECK(fate(w, "h") == "waiting held");
    w.ask(StopAsked{only(w, "s").id, "root"});
    CHECK(fate(w, "s") == "killed stopped");
    w.plan(defaults + held + job("s", eod));
    CHECK(fate(w, "gone") == "skipped removed");
    const std::size_t before = w.looks().size();
    w.run_until("2026-11-20T23:00:00Z");
    CHECK(w.looks().size() == before);
    w.ask(ReleaseAsked{JobName("h"), "root"});
    w.run_until("2026-11-20T23:30:00Z");
    CHECK(fate(w, "h") == "waiting sensor");  // its timeout starts again
    w.plan(defaults + job("h", eod) + job("s", eod));
    w.run_until("2026-11-20T23:31:00Z");
    CHECK(fate(w, "h") == "success");
}

TEST_CASE("a path or address that is invalid for a run ends it with an error") {
    World w{"2026-11-21T12:00:00Z"};
    w.plan(defaults + job("a", "schedule = '0 13 * * *'\nrun_for = 'date'\nwait = [{ file = '{{job}}' }]") +
           job("b", "schedule = '0 13 * * *'\nrun_for = 'date'\nwait = [{ file = '/{{session}}' }]") +
           job("c", "schedule = '0 13 * * *'\nrun_for = 'date'\nwait = [{ http = 'https://h/{{date:%d %b}}' }]") +
           job("d", "schedule = '0 13 * * *'\nrun_for = 'date'\nwait = [{ file = '/{{attempt}}' }]"));
    w.run_until("2026-11-21T19:00:00Z");
    CHECK(fate(w, "c") == "failed spawn_failed");
    CHECK(only(w, "c").detail.find("`http` has a space") != std::string::npos);
    CHECK(only(w, "d").detail.find("file /1,") != std::string::npos);
    CHECK(fate(w, "a") == "failed spawn_failed");
    CHECK(only(w, "a").detail.find("not an absolute path") != std::string::npos);
    CHECK(fate(w, "b") == "failed no_session");
}

TEST_CASE("the checks of thousands of waiting runs are spread over time") {
    World w{"2026-11-20T20:00:00Z"};
    std::string text = defaults;
    for (int i = 0; i < 300; ++i) text += job("j" + std::to_string(i), eod + "wait = [{ file = '/x' }]");
    w.plan(text);
    w.run_until("2026-11-20T21:17:00Z");
    std::map<Instant, int> at;
    for (const auto& look : w.looks()) ++at[look.at];
    at.erase(at.begin());  // the first check, immediate
    int most = 0;
    for (const auto& [instant, count] : at) most = std::max(most, count);
    CHECK(most <= 40);
    CHECK(w.looks().size() >= 1200);
    CHECK(w.looks().size() <= 1500);
    for (int up = 0; up < 100; ++up) {
        CHECK(next_look(Seconds{up}, Seconds{30}, 17) > Seconds{up});
        CHECK(next_look(Seconds{up}, Seconds{30}, 17) <= Seconds{up + 30});
    }
}

TEST_CASE("draining checks nothing; a backfill also waits") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(defaults + job("a", eod + "wait = [{ file = '/{{session}}' }]"));
    w.ask(BackfillAsked{{JobName("a")}, day("2026-11-17"), day("2026-11-19"), BackfillAsked::Rerun::none, 1, "root"});
    w.sensor("a", 0, from("2026-11-20T20:05:00Z"));
    w.run_until("2026-11-20T20:04:00Z");
    CHECK(w.started("a").empty());
    w.run_until("2026-11-20T20:10:00Z");
    CHECK(w.started("a").size() == 3);
    const std::size_t before = w.looks().size();
    w.ask(DrainAsked{});
    w.run_until("2026-11-20T22:00:00Z");
    CHECK(w.looks().size() == before);
}

TEST_CASE("why names each sensor and what ends the wait") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(defaults + job("a", eod + "wait = [{ file = '/{{session}}', timeout = '1h', on_timeout = 'skip' }]"));
    const auto texts = [&](const std::string& date) {
        std::string all;
        const auto lines = why(w.loaded(), JobName("a"), day(date), &w.store(), w.now());
        REQUIRE(lines);
        for (const WhyLine& line : *lines)
            for (const WhyReason& reason : line.reasons)
                if (reason.check == "sensor") all += reason.text + "\n";
        return all;
    };
    CHECK(texts("2026-11-23") ==
          "it waits for file /2026-11-23, checked every 30s, for 1h at most; then it is skipped\n");
    w.run_until("2026-11-20T21:20:00Z");
    CHECK(texts("2026-11-20").find("until 2026-11-20T17:15:00-05:00 (America/New_York); then it is skipped") !=
          std::string::npos);
}
