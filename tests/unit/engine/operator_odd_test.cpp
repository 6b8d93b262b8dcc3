// Operators' requests at unusual moments: during a clear, after a fire has passed, for an iced job.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "engine/backfill.h"
#include "engine/clear.h"
#include "explain/consequence.h"
#include "explain/why.h"
#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

const std::string head = "[defaults]\ncommand = 'true'\ntimezone = 'UTC'\n";
const std::string chain = head + "[job.a]\nschedule = '0 6 * * *'\n[job.b]\nafter = ['a']\n[job.c]\nafter = ['b']\n";

ClearAsked clear(const std::string& job) {
    return {{JobName(job)}, day("2026-11-20"), day("2026-11-20"), false, "root"};
}

RunId first_of(const World& w, const std::string& job) { return w.runs(job).front().id; }

}  // namespace

TEST_CASE("a run that is stopped during a clear is not reset by it") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(chain);
    w.script("b", {{.takes = Seconds{3600}, .ignores_term = true}, {}});
    w.run_until("2026-11-20T06:10:00Z");
    REQUIRE(w.ask(clear("a")).ok);
    CHECK(w.ask(StopAsked{first_of(w, "c"), "root"}).ok);
    CHECK(w.ask(StopAsked{first_of(w, "b"), "root"}).ok);
    const auto why_a = why(w.loaded(), JobName("a"), day("2026-11-20"), &w.store(), w.now());
    CHECK(why_a->front().reasons.back().text.find("; it is being cleared: it is reset when") != std::string::npos);
    const Reply a = w.ask(StopAsked{first_of(w, "a"), "root"});
    CHECK(a.text.find("stays success: it is removed from the clear") != std::string::npos);
    w.crash();
    w.restart();
    w.run_until("2026-11-20T07:00:00Z");
    CHECK(fates(w, "a") == "success");
    CHECK(fates(w, "b") == "killed stopped");
    CHECK(fates(w, "c") == "killed stopped");
    CHECK(w.started("a").size() == 1);
    CHECK(w.started("b").size() == 1);
    CHECK(w.started("c").empty());
}

TEST_CASE("a run that is being cleared does not count as success, and no other request changes it") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(chain + "[job.d]\nafter = ['a']\nschedule = '11 6 * * *'\n");
    w.script("b", {{.takes = Seconds{3600}, .ignores_term = true}, {}});
    w.script("a", {{}, {.takes = Seconds{60}}});
    w.run_until("2026-11-20T06:10:55Z");
    REQUIRE(w.ask(clear("a")).ok);
    w.run_until("2026-11-20T06:11:03Z");
    CHECK(w.started("d").empty());
    CHECK(w.runs("d").front().detail == "waits for a 2026-11-20");
    CHECK_FALSE(w.ask(StartAsked{JobName("b"), day("2026-11-20"), false, "root"}).ok);
    CHECK_FALSE(w.ask(StartAsked{JobName("c"), day("2026-11-20"), false, "root"}).ok);
    const BackfillAsked again{{JobName("a")}, day("2026-11-20"), day("2026-11-20"), BackfillAsked::Rerun::all, 1,
                              "root"};
    CHECK(w.ask(again).runs.empty());
    CHECK(plan_backfill(w.loaded(), w.store(), again, w.now())->front().why == "is being cleared, as run 1");
    CHECK(w.ask(IceAsked{JobName("c"), {}, "root"}).runs.empty());
    w.run_until("2026-11-20T07:00:00Z");
    REQUIRE(w.started("a").size() == 2);
    REQUIRE(w.started("d").size() == 1);
    CHECK(w.started("d")[0] >= w.started("a")[1] + Seconds{60});
}

TEST_CASE("a failure blocks no job while its run is being cleared") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(
        "[slack.ops]\nwebhook_env = 'OPS'\n[defaults]\nnotify = { failure = ['slack:ops'] }\ncommand = 'true'\n"
        "timezone = 'UTC'\n[job.a]\nschedule = '0 6 * * *'\ntimeout = '1m'\nkill_after = '1m'\n"
        "[job.b]\nafter = ['a']\n[job.e]\nafter = ['a']\ntrigger = 'always'\nkill_after = '5m'\n");
    w.script("a", {{.takes = Seconds{3600}, .ignores_term = true}, {}});
    w.script("e", {{.takes = Seconds{3600}, .ignores_term = true}, {}});  // the clear waits for it
    w.run_until("2026-11-20T06:01:10Z");
    REQUIRE(w.ask(clear("a")).ok);
    w.run_until("2026-11-20T06:10:00Z");
    REQUIRE(w.notices().size() == 1);
    CHECK(w.notices().front().state == State::timed_out);
    CHECK(w.notices().front().behind == "");
    CHECK(fates(w, "b") == "success");
}

TEST_CASE("a clear reaches active runs behind finished ones, and runs that wait by a sensor") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(chain + "[job.s]\nschedule = '0 6 * * *'\nwait = [{ job = 'a' }]\n");
    w.script("c", {{.takes = Seconds{3600}}, {}});
    w.script("s", {{.takes = Seconds{3600}}, {}});
    w.run_until("2026-11-20T06:10:00Z");
    REQUIRE(fates(w, "c") == "running");
    REQUIRE(fates(w, "s") == "running");
    CHECK(w.ask(StartAsked{JobName("a"), {}, false, "ann"}).ok);
    const auto items = plan_clear(w.loaded(), w.store(), clear("a"));
    REQUIRE(items);
    std::string text;
    for (const ClearItem& item : *items)
        text += fmt::format("{} {}\n", item.run.job, item.is_reset ? "clear" : "leave");
    CHECK(text.find("c clear") != std::string::npos);
    CHECK(text.find("s clear") != std::string::npos);
    CHECK(text.find("b ") == std::string::npos);
    REQUIRE(w.ask(clear("a")).ok);
    w.run_until("2026-11-20T07:00:00Z");
    CHECK(w.started("c").size() == 2);
    CHECK(w.started("b").size() == 1);
    CHECK(fates(w, "c") == "success");
    // A span with too many dates is refused.
    CHECK(w.ask(ClearAsked{{JobName("a")}, day("1000-01-01"), day("2999-01-01"), false, "root"}).kind ==
          Error::Kind::usage);
}

TEST_CASE("finished runs of a disabled job are not cleared") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(chain);
    w.run_until("2026-11-20T06:10:00Z");
    w.plan(head + "[job.a]\nschedule = '0 6 * * *'\nenabled = false\n");
    CHECK_FALSE(w.ask(clear("a")).ok);
    CHECK(fates(w, "a") == "success");
}

TEST_CASE("a run revived after upstream_failed keeps its limits, ignores an ice, and delays no live fire") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(chain +
           "[job.w]\nafter = ['a']\nwait_until = '09:00'\n[job.n]\nafter = ['a']\nnot_after = '+1h'\n"
           "[job.i]\nafter = ['a']\n[job.k]\nafter = ['i']\n[job.l]\nafter = ['a']\nschedule = '0 6,8 * * *'\n");
    w.script("a", {{.exit_code = 1}, {}});
    w.script("l", {{.takes = Seconds{7200}}});
    w.run_until("2026-11-20T07:59:00Z");
    CHECK(w.ask(IceAsked{JobName("i"), {}, "root"}).ok);
    REQUIRE(w.ask(RerunAsked{first_of(w, "a"), false, "root"}).ok);
    w.run_until("2026-11-20T08:30:00Z");
    CHECK(fates(w, "w") == "waiting sensor");
    CHECK(fates(w, "n") == "missed too_late");
    CHECK(fates(w, "i") == "skipped iced");
    CHECK(fates(w, "k") == "success");
    CHECK(fates(w, "l") == "running, running");  // the live fire at 08:00 does not wait
    w.run_until("2026-11-20T11:00:00Z");
    CHECK(w.started("w") == std::vector<Instant>{utc("2026-11-20T09:00:00Z")});
}

TEST_CASE("a future wait_until is obeyed after a clear and in a backfill, and shown") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(head +
           "[job.a]\nschedule = '0 6 * * *'\nwait_until = '09:00'\n[job.b]\nafter = ['a']\nwait_until = '10:00'\n");
    w.run_until("2026-11-20T06:10:00Z");
    CHECK(fates(w, "a") == "waiting sensor");
    CHECK(w.ask(clear("a")).ok);
    w.run_until("2026-11-20T06:11:00Z");
    CHECK(fates(w, "a") == "waiting sensor");
    CHECK(fates(w, "b") == "waiting dependency");
    CHECK(w.ask(HoldAsked{JobName("a"), {}, "root"}).ok);
    CHECK(fates(w, "a") == "waiting held");
    CHECK(w.ask(ReleaseAsked{JobName("a"), "root"}).ok);
    CHECK(fates(w, "a") == "waiting sensor");
    w.run_until("2026-11-20T09:30:00Z");
    CHECK(fates(w, "b") == "waiting sensor");
    w.run_until("2026-11-20T10:30:00Z");
    CHECK(w.started("a").front() == utc("2026-11-20T09:00:00Z"));
    CHECK(w.started("b").front() == utc("2026-11-20T10:00:00Z"));
}

TEST_CASE("a request at the instant of a due fire finds that fire's run") {
    World w{"2026-11-20T05:59:59Z"};
    w.plan(head + "[job.a]\nschedule = '0 6 * * *'\n");
    w.script("a", {{.takes = Seconds{60}}});
    w.set_clock("2026-11-20T06:00:00Z");  // the engine has not woken for it yet
    const BackfillAsked asked{{JobName("a")}, day("2026-11-20"), day("2026-11-20"), BackfillAsked::Rerun::none, 1,
                              "root"};
    CHECK(w.ask(asked).runs.empty());
    w.run_until("2026-11-20T06:05:00Z");
    CHECK(fates(w, "a") == "success");
}

TEST_CASE("a stopped run whose end is lost is not retried") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(head + "[job.a]\nschedule = '0 6 * * *'\nretry_lost = true\n");
    w.script("a", {{.takes = Seconds{3600}, .ignores_term = true}});
    w.run_until("2026-11-20T06:10:00Z");
    CHECK(w.ask(StopAsked{first_of(w, "a"), "root"}).ok);
    w.crash();
    w.reboot();
    w.restart();
    w.run_until("2026-11-20T07:00:00Z");
    CHECK(w.started("a").size() == 1);
    CHECK(fates(w, "a") == "lost");
}

TEST_CASE("a start without a date is not the date's run, and still bypasses its gates after a hold") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(
        head +
        "[pool.p]\nslots = 1\n[job.x]\nschedule = '@daily'\npool = 'p'\n[job.a]\nschedule = '0 3 * * *'\npool = 'p'\n"
        "after = ['never']\n[job.never]\nschedule = '0 3 1 1 *'\n");
    w.script("x", {{.takes = Seconds{3600}}});
    CHECK(w.ask(StartAsked{JobName("x"), {}, false, "root"}).ok);
    CHECK(w.ask(StartAsked{JobName("a"), {}, false, "root"}).ok);
    const RunId dateless = w.runs("a").back().id;
    const Reply dated = w.ask(StartAsked{JobName("a"), day("2026-11-20"), false, "root"});
    REQUIRE(dated.ok);
    CHECK(dated.runs.front() != dateless);
    CHECK(w.ask(HoldAsked{JobName("a"), {}, "root"}).ok);
    CHECK(w.ask(ReleaseAsked{JobName("a"), "root"}).ok);
    w.run_until("2026-11-20T07:00:00Z");
    CHECK(w.store().by_id(dateless).value()->state == State::success);
}

TEST_CASE("a run does not wait for an upstream run that a missed fire never created") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(head +
           "[job.x]\nschedule = '0 7 * * *'\n[job.u]\nafter = ['x']\n[job.d]\nschedule = '0 6 * * *'\nafter = ['u']\n"
           "trigger = 'none_failed'\n");
    w.run_until("2026-11-20T06:30:00Z");
    CHECK(fates(w, "d") == "waiting dependency");
    w.set_clock("2026-11-20T07:30:00Z");  // the machine was suspended
    w.run_until("2026-11-20T07:31:00Z");
    CHECK(fates(w, "x") == "missed down");
    CHECK(w.runs("u").empty());
    CHECK(fates(w, "d") == "success");
    const auto lines = why(w.loaded(), JobName("u"), day("2026-11-20"), &w.store(), w.now());
    REQUIRE(lines);
    CHECK(lines->front().reasons.back().text.find("created a run") != std::string::npos);
}

TEST_CASE("--assume-upstream applies to one run only, whichever run is checked first") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(head +
           "[job.u]\nschedule = '0 3 * * *'\n[job.long]\nschedule = '0 4 * * *'\n"
           "[job.dd]\nafter = ['u', 'long']\ntrigger = 'all_done'\n[job.bb]\nafter = ['u']\n");
    w.script("long", {{.takes = Seconds{3600}}});
    const auto asked = [](const char* job, BackfillAsked::Upstreams upstreams) {
        return BackfillAsked{{JobName(job)}, day("2026-11-20"), day("2026-11-20"), BackfillAsked::Rerun::none, 1,
                             "root",         upstreams};
    };
    CHECK(w.ask(asked("long", BackfillAsked::Upstreams::told)).ok);
    CHECK(w.ask(asked("bb", BackfillAsked::Upstreams::assumed)).ok);
    w.run_until("2026-11-20T05:01:00Z");
    CHECK(fates(w, "bb") == "success");
}

TEST_CASE("the consequences of ice for downstream jobs, by their triggers") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(head +
           "[job.a]\nschedule = '0 6 * * *'\n[job.all]\nafter = ['a']\nwait_until = '09:00'\n"
           "[job.clean]\nafter = ['a']\ntrigger = 'all_done'\n[job.alarm]\nafter = ['a']\ntrigger = 'one_failed'\n"
           "[job.now]\nafter = ['a']\ntrigger = 'always'\nschedule = '0 6 * * *'\n"
           "[job.sees]\nschedule = '0 6 * * *'\nwait = [{ job = 'clean' }]\n");
    const Job& a = w.loaded().jobs.at(JobName("a"));
    const auto iced = if_iced(w.loaded(), a, w.store(), w.now()).value();
    CHECK(iced[0] == "alarm is skipped without it");
    CHECK(iced[1] == "all starts at 2026-11-20T09:00:00+00:00 without it");
    CHECK(jobs_behind(w.loaded(), a) == std::vector<std::string>{"alarm", "all", "clean", "sees"});
}

TEST_CASE("the consequences of a start for downstream jobs, with and without a date") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(head +
           "[job.a]\nschedule = '0 6 * * *'\n[job.b]\nafter = ['a']\n"
           "[job.c]\nafter = ['a']\nschedule = '0 7 * * *'\n[job.off]\nafter = ['a']\nenabled = false\n");
    const Job& a = w.loaded().jobs.at(JobName("a"));
    CHECK(if_started(w.loaded(), a, make_date(2026, 11, 20)) ==
          std::vector<std::string>{
              "c depends on its result for 2026-11-20",
              "b gets no new run from a start; a run that waits for that date depends on its result"});
    CHECK(if_started(w.loaded(), a, {}) ==
          std::vector<std::string>{"b and c ignore a run without a date; add --session DATE"});
    CHECK(if_started(w.loaded(), w.loaded().jobs.at(JobName("c")), {}).empty());
}

// The announced consequences happen.
TEST_CASE("the consequences of a release: runs that are no longer held, runs that are skipped, and jobs that wait") {
    World w{"2026-11-20T05:59:00Z"};
    w.plan(head + "[job.a]\nschedule = '0 * * * *'\n[job.b]\nafter = ['a']\nschedule = '0 6 * * *'\n");
    w.ask(HoldAsked{JobName("a"), {}, "ana"});
    w.run_until("2026-11-20T08:30:00Z");
    const auto record = w.store().record_of(JobName("a")).value();
    REQUIRE(record);
    const auto waiting = w.store().runs({.jobs = {JobName("a")}, .state = State::waiting});
    REQUIRE(waiting);
    const auto lines = if_released(w.loaded(), w.loaded().jobs.at(JobName("a")), *record, *waiting, w.now());
    REQUIRE(lines.size() == 3);
    std::vector<std::string> ids;
    for (auto run = waiting->rbegin(); run != waiting->rend(); ++run) ids.push_back(std::to_string(run->id));
    REQUIRE(ids.size() == 3);
    CHECK(lines[0] == "run " + ids[2] + " is no longer held");
    CHECK(lines[1] == "runs " + ids[0] + " and " + ids[1] + " are skipped because a newer run is kept");
    CHECK(lines[2] == "b waits for it until it has run");
    const Reply reply = w.ask(ReleaseAsked{JobName("a"), "ana"});
    CHECK(reply.runs == std::vector<RunId>{std::stoll(ids[2])});
    w.run_until("2026-11-20T08:40:00Z");
    CHECK(fates(w, "a") == "skipped superseded, skipped superseded, success");
}

TEST_CASE("a clear finds every run that depends on a previous date, however many and however late") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(
        head +
        "[job.weekly]\nschedule = '0 5 * * sun'\n[job.daily]\nschedule = '0 6 * * *'\nafter = ['weekly@previous']\n" +
        "[job.sens]\nschedule = '0 6 * * *'\nwait = [{ job = 'weekly', of = 'previous' }]\n" +
        "[job.up]\nschedule = '0 5 1 * *'\n[job.prevd]\nschedule = '0 6 1 * *'\nafter = ['up@previous']\n" +
        "[job.own]\nschedule = '0 5 1 * *'\ndepends_on_past = true\n");
    for (const char* job : {"daily", "sens", "prevd"})
        w.script(job, std::vector<Behaviour>(9, {.takes = Seconds{86400}}));
    const auto fill = [&](const std::string& job, const char* from, const char* to) {
        BackfillAsked asked{{JobName(job)}, day(from), day(to), {}, 9, "root"};
        asked.upstreams = BackfillAsked::Upstreams::assumed;
        CHECK(w.ask(asked).ok);
        w.run_until(to_string(w.now() + Seconds{60}));
    };
    fill("weekly", "2026-11-08", "2026-11-15");
    fill("daily", "2026-11-10", "2026-11-18");
    fill("sens", "2026-11-16", "2026-11-18");
    fill("up", "2026-09-01", "2026-10-01");
    fill("prevd", "2026-10-01", "2026-11-01");
    fill("own", "2026-09-01", "2026-11-01");
    const auto cleared = [&](const char* job, const char* date) {
        std::string text;
        const auto items = plan_clear(w.loaded(), w.store(), {{JobName(job)}, day(date), day(date), false, "root"});
        for (const ClearItem& item : *items)
            if (!item.asked)
                text += fmt::format("{} {}{} ", item.run.job, to_string(item.run.logical_date),
                                    item.is_reset ? "" : " left");
        return text;
    };
    CHECK(cleared("weekly", "2026-11-15") ==
          "daily 2026-11-16 sens 2026-11-16 daily 2026-11-17 sens 2026-11-17 daily 2026-11-18 sens 2026-11-18 ");
    CHECK(cleared("weekly", "2026-11-08") ==
          "daily 2026-11-10 daily 2026-11-11 daily 2026-11-12 daily 2026-11-13 daily 2026-11-14 daily 2026-11-15 ");
    CHECK(cleared("up", "2026-10-01") == "prevd 2026-11-01 ");
    CHECK(w.ask(ClearAsked{{JobName("up")}, day("2026-10-01"), day("2026-10-01"), true, "root"}).ok);
    const auto own =
        plan_clear(w.loaded(), w.store(), {{JobName("own")}, day("2026-09-01"), day("2026-09-01"), true, "root"});
    CHECK(own->size() == 3);
}

TEST_CASE("a run revived into a skip updates its downstream runs by their trigger rules") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(head + "[job.a]\nschedule = '0 6 * * *'\n[job.off]\nenabled = false\nschedule = '0 6 * * *'\n" +
           "[job.n]\nafter = ['a', 'off']\n[job.o]\nafter = ['n']\ntrigger = 'none_failed'\n[job.p]\nafter = ['n']\n");
    w.script("a", {{.exit_code = 1}, {}});
    w.run_until("2026-11-20T06:10:00Z");
    CHECK(fates(w, "o") == "upstream_failed upstream_failed");
    CHECK(w.ask(RerunAsked{first_of(w, "a"), false, "root"}).ok);
    w.run_until("2026-11-20T06:20:00Z");
    CHECK(fates(w, "n") == "skipped upstream_skipped");
    CHECK(fates(w, "o") == "success");
    CHECK(fates(w, "p") == "skipped upstream_skipped");
}

TEST_CASE("a start for a date obeys not_after, unless it is forced") {
    World w{"2026-11-20T07:00:00Z"};
    w.plan(head + "[job.a]\nschedule = '0 6 * * *'\nnot_after = '06:30'\n");
    StartAsked asked{JobName("a"), day("2026-11-20"), false, "root"};
    const Reply refused = w.ask(asked);
    CHECK_FALSE(refused.ok);
    CHECK(refused.text.find(
              "a cannot start for 2026-11-20 after 2026-11-20T06:30:00+00:00 (its not_after); add --force") !=
          std::string::npos);
    CHECK(w.runs("a").empty());
    asked.force = true;
    CHECK(w.ask(asked).ok);
    w.run_until("2026-11-20T07:10:00Z");
    CHECK(fates(w, "a") == "success");
}

TEST_CASE("a rerun obeys not_after whatever created the run, unless it is forced") {
    World w{"2026-11-20T07:00:00Z"};
    w.plan(head + "[job.a]\nschedule = '0 6 * * *'\nnot_after = '06:30'\n");
    w.script("a", {{.exit_code = 1}, {.exit_code = 1}, {.exit_code = 1}, {.exit_code = 0}});
    CHECK(w.ask(BackfillAsked{
                    {JobName("a")}, day("2026-11-19"), day("2026-11-19"), BackfillAsked::Rerun::none, 1, "root"})
              .ok);
    w.run_until("2026-11-20T07:10:00Z");
    CHECK(w.ask(StartAsked{JobName("a"), day("2026-11-20"), true, "root"}).ok);
    w.run_until("2026-11-20T07:20:00Z");
    REQUIRE(fates(w, "a") == "failed exit_code, failed exit_code");
    for (const Run& run : w.runs("a")) {
        const Reply refused = w.ask(RerunAsked{run.id, false, "root"});
        CHECK_FALSE(refused.ok);
        CHECK(refused.text.find("T06:30:00+00:00 (its not_after); add --force to start it anyway") !=
              std::string::npos);
        CHECK(w.ask(RerunAsked{run.id, true, "root"}).ok);
        w.run_until(run.logical_date == day("2026-11-19") ? "2026-11-20T07:30:00Z" : "2026-11-20T07:40:00Z");
    }
    CHECK(fates(w, "a") == "failed exit_code, success");
    // Before its not_after it starts, and still has that limit.
    w.script("b", {{.exit_code = 1}, {.exit_code = 0}});
    w.plan(head + "[job.b]\nschedule = '0 6 * * *'\nnot_after = '+3d'\n");
    CHECK(w.ask(BackfillAsked{
                    {JobName("b")}, day("2026-11-19"), day("2026-11-19"), BackfillAsked::Rerun::none, 1, "root"})
              .ok);
    w.run_until("2026-11-20T08:00:00Z");
    CHECK(w.ask(RerunAsked{w.runs("b").front().id, false, "root"}).ok);
    w.run_until("2026-11-20T08:10:00Z");
    CHECK(w.runs("b").front().state == State::success);
}

TEST_CASE("a run that waits for an event of its session fails if the session has no such event") {
    World w{"2026-11-25T20:00:00Z"};
    w.plan(
        "[defaults]\ncommand = 'true'\ncalendar = 'XNYS'\n[job.a]\nschedule = '0 6 * * *'\nwait_until = '@open+5m'\n" +
        std::string("[job.l]\nschedule = '0 6 * * 1-5'\nwhen = 'session'\nwait_until = "
                    "'@XTKS.close-12h'\n[job.d]\nschedule = '0 6 * * *'\nrun_for = 'date'\nwait_until = '@open'\n"));
    w.run_until("2026-11-27T16:00:00Z");
    CHECK(fates(w, "a") == "failed no_session, success");
    CHECK(fates(w, "d") == "failed no_session, failed no_session");
    CHECK(w.runs("a").front().detail == "2026-11-26 is not a session of XNYS");
    CHECK(fates(w, "l") == "success");
    // Started by hand it does not wait.
    CHECK(w.ask(RerunAsked{w.runs("d").front().id, true, "root"}).ok);
    CHECK(w.ask(StartAsked{JobName("d"), {}, false, "root"}).ok);
    w.run_until("2026-11-27T17:00:00Z");
    CHECK(w.runs("d").front().state == State::success);
    CHECK(w.runs("d").back().state == State::success);
}

TEST_CASE("the consequences of ice treat a disabled upstream job as skipped, and do not wait for its fire") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(head + "[job.a]\nschedule = '0 6 * * *'\n[job.off]\nenabled = false\nschedule = '0 9 * * *'\n" +
           "[job.n]\nafter = ['a', 'off']\n[job.o]\nafter = ['a', 'off']\ntrigger = 'none_failed'\n");
    const auto lines = if_iced(w.loaded(), w.loaded().jobs.at(JobName("a")), w.store(), w.now()).value();
    CHECK(lines ==
          std::vector<std::string>{"n is skipped without it", "o starts at 2026-11-20T06:00:00+00:00 without it"});
}

TEST_CASE("attempts are numbered through retries, reruns and clears; each rerun or clear allows new retries") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(head +
           "[job.a]\nschedule = '0 6 * * *'\nretries = 1\nretry_delay = '1s'\n"
           "wait = [{ file = '/{{attempt}}' }]\n");
    w.script("a", {{.exit_code = 1}});
    w.sensor("a", 0, [](const Probe&, Instant now) {
        SensorAnswer there;
        there.passed = true;
        there.file = FileFacts{1, now.time_since_epoch().count()};
        return there;
    });
    const auto run = [&] { return w.runs("a").front(); };
    w.run_until("2026-11-20T06:10:00Z");
    CHECK(run().attempt == 2);
    CHECK(facts_of(w.loaded().jobs.at(JobName("a")), run()).attempt == 2);
    REQUIRE(w.ask(RerunAsked{run().id, false, "root"}).ok);
    w.run_until("2026-11-20T06:20:00Z");
    CHECK(run().attempt == 4);
    REQUIRE(w.ask(clear("a")).ok);
    w.run_until("2026-11-20T06:30:00Z");
    CHECK(run().attempt == 6);
    CHECK(facts_of(w.loaded().jobs.at(JobName("a")), run()).attempt == 6);
    std::vector<std::string> looks;
    for (const World::Looked& one : w.looks()) looks.push_back(one.probe.what);
    CHECK(looks == std::vector<std::string>{"/1", "/5"});  // a rerun does not wait for sensors
}
