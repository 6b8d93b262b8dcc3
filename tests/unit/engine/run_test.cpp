// The life of runs: retries, timeouts, overlap, limits, stops; and a crash at any moment.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

const std::string hourly = "[job.a]\ntimezone = \"UTC\"\nschedule = \"0 * * * *\"\ncommand = \"x\"\n";

}  // namespace

TEST_CASE("retries with backoff, and a row for each attempt") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{10}, 1}, {Seconds{10}, 2}, {Seconds{10}, 0}});
    w.plan(hourly + "retries = 3\nretry_delay = \"60s\"\nretry_backoff = 2.0\n");
    w.run_until("2026-11-20T06:30:00Z");
    CHECK(w.started("a") ==
          std::vector{utc("2026-11-20T06:00:00Z"), utc("2026-11-20T06:01:10Z"), utc("2026-11-20T06:03:20Z")});
    REQUIRE(w.runs().size() == 1);
    CHECK(w.runs()[0].state == State::success);
    CHECK(w.runs()[0].attempt == 3);
    const auto attempts = *w.store().attempts(w.runs()[0].id);
    REQUIRE(attempts.size() == 3);
    CHECK(attempts[1].exit_code == 2);
    CHECK(attempts[1].state == State::failed);
}

TEST_CASE("after the last retry the failure is sent once, with its exit code") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{10}, 3}});
    w.plan(hourly +
           "retries = 1\nnotify = { failure = [\"slack:ops\"], retry = [\"slack:ops\"], recovery = [\"slack:ops\"] }\n"
           "[slack.ops]\nwebhook_env = \"X\"\n");
    w.run_until("2026-11-20T06:30:00Z");
    CHECK(w.runs()[0].state == State::failed);
    CHECK(w.runs()[0].reason == Reason::exit_code);
    REQUIRE(w.notices().size() == 2);
    CHECK(w.notices()[0].kind == NoticeKind::retry);
    CHECK(w.notices()[1].kind == NoticeKind::failure);
    CHECK(w.notices()[1].attempt == 2);
    CHECK(w.notices()[1].attempts == 2);
    // The alert belongs to that run: the job's next success leaves it open, its own success closes it.
    w.script("a", {{Seconds{10}, 0}});
    w.run_until("2026-11-20T08:30:00Z");
    CHECK(w.notices().size() == 2);
    REQUIRE(w.ask(BackfillAsked{
                      {JobName("a")}, day("2026-11-20"), day("2026-11-20"), BackfillAsked::Rerun::failed, 1, "root"})
                .ok);
    w.run_until("2026-11-20T08:40:00Z");
    REQUIRE(w.notices().size() == 3);
    CHECK(w.notices()[2].kind == NoticeKind::recovery);
    CHECK(w.notices()[2].run == w.notices()[1].run);
}

TEST_CASE("timeout: SIGTERM, then SIGKILL after kill_after; by the monotonic clock") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{9999}, 0, true}});
    w.plan(hourly + "timeout = \"5m\"\nkill_after = \"20s\"\n");
    w.run_until("2026-11-20T06:02:00Z");
    w.set_clock("2026-11-20T06:50:00Z");
    w.run_until("2026-11-20T06:52:00Z");
    CHECK(w.runs()[0].state == State::running);
    w.run_until("2026-11-20T06:54:00Z");
    CHECK(w.runs()[0].state == State::timed_out);
    CHECK(w.runs()[0].reason == Reason::timeout);
    CHECK(w.runs()[0].signal == 9);
    CHECK(w.runs()[0].finished == utc("2026-11-20T06:53:22Z"));  // two clocks that are rounded down
}

TEST_CASE("overlap") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{5400}, 0}, {Seconds{60}, 0}});
    SECTION("skip leaves a row") {
        w.plan(hourly);
        w.run_until("2026-11-20T07:45:00Z");
        REQUIRE(w.runs().size() == 2);
        CHECK(w.runs()[1].state == State::skipped);
        CHECK(w.runs()[1].reason == Reason::overlap);
    }
    SECTION("queue starts when the first has ended") {
        w.plan(hourly + "overlap = \"queue\"\n");
        w.run_until("2026-11-20T07:45:00Z");
        CHECK(w.started("a") == std::vector{utc("2026-11-20T06:00:00Z"), utc("2026-11-20T07:30:00Z")});
    }
    SECTION("kill ends the first") {
        w.plan(hourly + "overlap = \"kill\"\n");
        w.run_until("2026-11-20T07:45:00Z");
        CHECK(w.runs()[0].state == State::killed);
        CHECK(w.runs()[0].reason == Reason::overlap);
        CHECK(w.runs()[0].detail == "run 2 of the job was due");
        CHECK(w.runs()[1].state == State::success);
    }
    SECTION("allow") {
        w.plan(hourly + "overlap = \"allow\"\n");
        w.run_until("2026-11-20T07:45:00Z");
        CHECK(w.started("a") == std::vector{utc("2026-11-20T06:00:00Z"), utc("2026-11-20T07:00:00Z")});
    }
}

TEST_CASE("jobs continue after a crash of the daemon; nothing is lost, nothing runs twice") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{600}, 0}});
    w.plan(hourly);
    w.run_until("2026-11-20T06:05:00Z");
    w.crash();
    SECTION("the job is still running") {
        w.sleep_until("2026-11-20T06:07:00Z");
        w.restart();
        w.run_until("2026-11-20T06:30:00Z");
        CHECK(w.runs()[0].state == State::success);
        CHECK(w.runs()[0].finished == utc("2026-11-20T06:10:00Z"));
    }
    SECTION("the job ended meanwhile") {
        w.sleep_until("2026-11-20T06:20:00Z");
        w.restart();
        w.run_until("2026-11-20T06:30:00Z");
        CHECK(w.runs()[0].state == State::success);
    }
    SECTION("the machine also crashed: the run is lost, and shown as lost") {
        w.reboot();
        w.sleep_until("2026-11-20T06:20:00Z");
        w.restart();
        w.run_until("2026-11-20T06:30:00Z");
        CHECK(w.runs()[0].state == State::lost);
    }
    CHECK(w.started("a").size() == 1);
}

TEST_CASE("a run that ended in time while no daemon ran is neither late nor timed out, and blocks nothing") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{590}, 0}, {Seconds{10}, 0}});
    const std::string job =
        "[job.a]\ntimezone = \"UTC\"\ncommand = \"true\"\nschedule = \"0,20 6 * * *\"\ntimeout = \"15m\"\n"
        "deadline = \"+12m\"\nretries = 1\n";
    SECTION("the next fire is not skipped for overlap") { w.plan(job); }
    SECTION("a finished run is not killed for overlap") { w.plan(job + "overlap = \"kill\"\n"); }
    SECTION("no retry or extra row is created") {
        w.plan(job + "overlap = \"queue\"\npool = \"db\"\n[pool.db]\nslots = 1\n");
    }
    w.run_until("2026-11-20T06:05:00Z");
    w.crash();
    w.sleep_until("2026-11-20T06:20:30Z");
    w.restart();
    w.run_until("2026-11-20T06:30:00Z");
    REQUIRE(w.runs().size() == 2);
    CHECK(w.runs()[0].state == State::success);
    CHECK(w.runs()[0].finished == utc("2026-11-20T06:09:50Z"));
    CHECK(w.runs()[1].state == State::success);
    CHECK(w.started("a") == std::vector{utc("2026-11-20T06:00:00Z"), utc("2026-11-20T06:20:30Z")});
    CHECK(w.notices().empty());
}

TEST_CASE("a run that ended too late while no daemon ran is still reported as late") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{800}, 0}});
    w.plan(
        "[slack.ops]\nwebhook_env = 'X'\n[job.a]\ntimezone = 'UTC'\ncommand = 'true'\nschedule = '0 6 * * *'\n"
        "deadline = '+12m'\nnotify = { late = ['slack:ops'], recovery = ['slack:ops'] }\n");
    w.run_until("2026-11-20T06:05:00Z");
    w.crash();
    w.sleep_until("2026-11-20T07:00:00Z");
    w.restart();
    CHECK(w.runs()[0].state == State::success);
    REQUIRE(w.notices().size() == 2);
    CHECK(w.notices()[0].kind == NoticeKind::late);
    CHECK(w.notices()[1].kind == NoticeKind::recovery);
    CHECK(w.notices()[1].alert == w.runs()[0].id);
}

TEST_CASE("wait_until delays a due run; not_after ends a run that could not start; a deadline is reported once") {
    World w{"2026-11-20T05:30:00Z"};
    const std::string slack =
        "notify = { late = [\"slack:ops\"], missed = [\"slack:ops\"] }\n[slack.ops]\nwebhook_env = \"X\"\n";
    SECTION("wait_until") {
        w.plan(hourly + "wait_until = \"09:00\"\noverlap = \"allow\"\n");
        w.run_until("2026-11-20T06:30:00Z");
        CHECK(w.runs()[0].state == State::waiting);
        CHECK(w.runs()[0].reason == Reason::sensor);
        w.run_until("2026-11-20T09:30:00Z");
        CHECK(w.started("a").front() == utc("2026-11-20T09:00:00Z"));
    }
    SECTION("not_after with a queue") {
        w.script("a", {{Seconds{5400}, 0}});
        w.plan(hourly + "overlap = \"queue\"\nnot_after = \"+10m\"\n" + slack);
        w.run_until("2026-11-20T07:45:00Z");
        CHECK(w.runs()[1].state == State::missed);
        CHECK(w.runs()[1].reason == Reason::too_late);
        REQUIRE(w.notices().size() == 1);
        CHECK(w.notices()[0].kind == NoticeKind::missed);
    }
    SECTION("deadline") {
        w.script("a", {{Seconds{3000}, 0}});
        w.plan(hourly + "deadline = \"+10m\"\n" + slack);
        w.run_until("2026-11-20T06:45:00Z");
        REQUIRE(w.notices().size() == 1);
        CHECK(w.notices()[0].kind == NoticeKind::late);
        CHECK(w.notices()[0].created == utc("2026-11-20T06:10:00Z"));
    }
    SECTION("deadline of a run that failed earlier without a notification, also with a new daemon") {
        w.script("a", {{Seconds{10}, 1}});
        w.plan(hourly + "deadline = \"+10m\"\n" + slack);
        w.run_until("2026-11-20T06:05:00Z");
        CHECK(w.notices().empty());
        w.crash();
        w.restart();
        w.run_until("2026-11-20T06:45:00Z");
        REQUIRE(w.notices().size() == 1);
        CHECK(w.notices()[0].kind == NoticeKind::late);
        CHECK(w.notices()[0].state == State::failed);
        CHECK(w.notices()[0].created == utc("2026-11-20T06:10:00Z"));
    }
    SECTION("deadline of a run whose failure was sent") {
        w.script("a", {{Seconds{10}, 1}});
        w.plan(hourly +
               "deadline = \"+10m\"\nnotify = { failure = [\"slack:ops\"], late = [\"slack:ops\"] }\n"
               "[slack.ops]\nwebhook_env = \"X\"\n");
        w.run_until("2026-11-20T06:45:00Z");
        REQUIRE(w.notices().size() == 1);
        CHECK(w.notices()[0].kind == NoticeKind::failure);
    }
}

TEST_CASE("a pool limits how many run; the larger priority goes first; each wait has its reason") {
    World w{"2026-11-20T05:30:00Z"};
    for (const char* name : {"a", "b", "c"}) w.script(name, {{Seconds{60}, 0}});
    const std::string rest = "timezone = \"UTC\"\nschedule = \"0 6 * * *\"\ncommand = \"x\"\npool = \"db\"\n";
    w.plan("[job.a]\n" + rest + "[job.b]\n" + rest + "priority = 1\n[job.c]\n" + rest +
           "priority = 2\n[pool.db]\nslots = 1\n");
    w.run_until("2026-11-20T06:00:30Z");
    CHECK(w.runs("c")[0].state == State::running);
    CHECK(w.runs("a")[0].reason == Reason::pool);
    w.run_until("2026-11-20T06:10:00Z");
    CHECK(w.started("b")[0] == utc("2026-11-20T06:01:00Z"));
    CHECK(w.started("a")[0] == utc("2026-11-20T06:02:00Z"));
}

const std::string at_six = "timezone = \"UTC\"\nschedule = \"0 6 * * *\"\ncommand = \"x\"\n";

TEST_CASE("many runs of larger priority do not delay another run forever") {
    World w{"2026-11-20T05:30:00Z"};
    const std::string stream =
        "timezone = 'UTC'\nschedule = '* * * * *'\ncommand = 'x'\noverlap = 'allow'\npriority = 5\n";
    w.plan("[daemon]\ncapacity = { memory = '64M' }\n[pool.db]\nslots = 2\n[job.stream]\nmemory = '20M'\n" + stream +
           "[job.users]\npool = 'db'\n" + stream +
           "[job.large]\ntimezone = 'UTC'\nschedule = '0 6 * * *'\ncommand = 'x'\nmemory = '60M'\n"
           "[job.low]\ntimezone = 'UTC'\nschedule = '0 6 * * *'\ncommand = 'x'\npool = 'db'\n");
    for (const char* job : {"stream", "users"}) w.script(job, std::vector<Behaviour>(200, {.takes = Seconds{150}}));
    w.run_until("2026-11-20T06:55:00Z");
    CHECK(w.started("large").empty());
    CHECK(w.runs("large").front().reason == Reason::claim);
    CHECK(w.started("low").empty());
    w.run_until("2026-11-20T07:10:00Z");
    CHECK(w.started("large").size() == 1);
    CHECK(w.started("low").size() == 1);
}

TEST_CASE("a backfill leaves the last slot of a pool free") {
    World w{"2026-11-20T05:59:00Z"};
    w.plan(
        "[pool.db]\nslots = 3\n[defaults]\ntimezone = 'UTC'\ncommand = 'x'\npool = 'db'\n[job.a]\nschedule = '0 5 * * "
        "*'\n"
        "[job.live]\nschedule = '0 6 * * *'\n");
    w.script("a", std::vector<Behaviour>(9, {.takes = Seconds{7200}}));
    CHECK(w.ask(BackfillAsked{{JobName("a")}, day("2026-11-10"), day("2026-11-15"), {}, 6, "root"}).ok);
    w.run_until("2026-11-20T06:00:10Z");
    CHECK(w.started("a").size() == 2);
    CHECK(w.runs("a").back().detail == "the last of the 3 slots of pool db is reserved for runs outside backfills");
    CHECK(w.started("live") == std::vector{utc("2026-11-20T06:00:00Z")});
}

TEST_CASE("claims of fractions of a cpu that fill the capacity exactly run together") {
    World w{"2026-11-20T05:30:00Z"};
    for (const char* name : {"a", "b", "c", "d"}) w.script(name, {{Seconds{60}, 0}});
    w.plan("[daemon]\ncapacity = { cpus = 3 }\n[job.a]\ncpus = 2.2\n" + at_six + "[job.b]\ncpus = 0.6\n" + at_six +
           "[job.c]\ncpus = 0.2\n" + at_six + "[job.d]\ncpus = 0.1\n" + at_six);
    w.run_until("2026-11-20T06:00:30Z");
    CHECK(w.runs("c")[0].state == State::running);
    CHECK(w.runs("d")[0].reason == Reason::claim);
    CHECK(w.runs("d")[0].detail == "it asks for 0.1 cpus; 3 of 3 are claimed");
    w.run_until("2026-11-20T06:10:00Z");
    CHECK(w.started("d")[0] == utc("2026-11-20T06:01:00Z"));
}

TEST_CASE("a claim above the capacity starts alone, and no other claim starts next to it") {
    World w{"2026-11-20T05:30:00Z"};
    for (const char* name : {"a", "b"}) w.script(name, {{Seconds{3600}, 0}});
    const auto desk = [](const std::string& memory) {
        return "[daemon]\ncapacity = { memory = '" + memory + "' }\n[job.a]\n" + at_six + "[job.b]\nmemory = '1G'\n" +
               at_six;
    };
    w.plan(desk("16G"));
    StartAsked asked{JobName("a"), {}, false, "root"};
    asked.only.memory = UINT64_MAX;
    CHECK_FALSE(w.ask(asked).ok);
    asked.only.memory = 12ULL << 30;
    CHECK(w.ask(asked).ok);
    w.plan(desk("8G"));  // now its claim is too large
    w.run_until("2026-11-20T06:20:00Z");
    CHECK(w.runs("a")[0].state == State::running);
    CHECK(w.runs("b")[0].reason == Reason::claim);
    w.run_until("2026-11-20T06:40:00Z");
    CHECK(w.started("b")[0] == utc("2026-11-20T06:30:00Z"));
}

TEST_CASE("a stopped run ends as killed, and is not retried; a stopped waiting run never starts") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{3000}, 0}});
    w.plan(hourly + "retries = 5\n");
    w.run_until("2026-11-20T06:05:00Z");
    CHECK(w.ask(StopAsked{1, "root"}).ok);
    w.run_until("2026-11-20T06:06:00Z");
    CHECK(w.runs()[0].state == State::killed);
    CHECK(w.runs()[0].reason == Reason::stopped);
    CHECK_FALSE(w.ask(StopAsked{1, "root"}).ok);
    CHECK_FALSE(w.ask(StopAsked{99, "root"}).ok);
}

TEST_CASE("a start by hand: a separate run, or the date's run; never the same fire twice") {
    World w{"2026-11-20T22:00:00Z"};
    w.plan("[job.eod]\ncalendar = \"XNYS\"\nschedule = \"@close+15m\"\ncommand = \"eod {{session}}\"\n");
    const Reply own = w.ask(StartAsked{JobName("eod"), {}, false, "root"});
    REQUIRE(own.ok);
    w.run_until("2026-11-20T22:10:00Z");
    CHECK(w.runs()[0].origin == Origin::start);
    CHECK(w.runs()[0].session == day("2026-11-20"));
    CHECK(w.ask(StartAsked{JobName("eod"), day("2026-11-19"), false, "root"}).ok);
    w.run_until("2026-11-20T22:20:00Z");
    CHECK_FALSE(w.ask(StartAsked{JobName("eod"), day("2026-11-19"), false, "root"}).ok);
    CHECK_FALSE(w.ask(StartAsked{JobName("eod"), day("2026-11-22"), false, "root"}).ok);  // a Sunday
    CHECK_FALSE(w.ask(StartAsked{JobName("oed"), {}, false, "root"}).ok);
    CHECK(w.started("eod").size() == 2);
}

TEST_CASE("backfill: past fires without a row, oldest first, a limited number at once; a second one finds nothing") {
    World w{"2026-11-20T22:00:00Z"};
    w.plan("[job.eod]\ncalendar = \"XNYS\"\nschedule = \"@close+15m\"\ncommand = \"eod\"\n");
    const BackfillAsked asked{{JobName("eod")}, day("2026-11-09"), day("2026-11-20"), {}, 2, "root"};
    const Reply reply = w.ask(asked);
    CHECK(reply.runs.size() == 10);
    w.run_until("2026-11-20T22:10:00Z");
    CHECK(w.runs().size() == 10);
    for (const Run& run : w.runs()) CHECK(run.state == State::success);
    CHECK(w.started("eod").front() == utc("2026-11-20T22:00:00Z"));
    CHECK(w.started("eod")[1] == utc("2026-11-20T22:00:00Z"));
    CHECK(w.started("eod")[2] > utc("2026-11-20T22:00:00Z"));
    CHECK(w.ask(asked).runs.empty());
}

TEST_CASE("a job is disabled or removed: waiting runs are skipped, active runs continue") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{5400}, 0}});
    w.plan(hourly + "overlap = \"queue\"\n");
    w.run_until("2026-11-20T07:10:00Z");
    SECTION("disabled") {
        w.plan(hourly + "enabled = false\n");
        CHECK(w.runs()[1].reason == Reason::disabled);
    }
    SECTION("removed") {
        w.plan("[job.b]\ntimezone = \"UTC\"\nschedule = \"0 0 1 1 *\"\ncommand = \"x\"\n");
        CHECK(w.runs()[1].reason == Reason::removed);
    }
    CHECK(w.runs()[1].state == State::skipped);
    w.run_until("2026-11-20T09:10:00Z");
    CHECK(w.runs()[0].state == State::success);
    CHECK(w.runs().size() == 2);
}

TEST_CASE("a timeout that a reload has changed is not named for an attempt that has another one") {
    World w{"2026-11-20T05:59:00Z"};
    w.script("a", {{.takes = Seconds{600}}});
    w.plan(hourly + "timeout = \"1m\"\n");
    w.run_until("2026-11-20T06:00:30Z");
    w.plan(hourly + "timeout = \"2h\"\n");
    w.run_until("2026-11-20T06:05:00Z");
    CHECK(fates(w, "a") == "timed_out timeout");
    CHECK(w.runs()[0].detail == "");
}

TEST_CASE("a run that is stopped while its timeout ends it is killed, and not retried") {
    World w{"2026-11-20T05:59:00Z"};
    w.script("a", {{.takes = Seconds{600}, .ignores_term = true}});
    w.plan(hourly + "timeout = \"1m\"\nkill_after = \"20s\"\nretries = 3\n");
    w.run_until("2026-11-20T06:01:10Z");
    CHECK(w.ask(StopAsked{w.runs()[0].id, "root"}).ok);
    w.run_until("2026-11-20T06:10:00Z");
    CHECK(fates(w, "a") == "killed stopped");
    CHECK(w.runs()[0].detail == "by root");
    CHECK(w.started("a").size() == 1);
}

TEST_CASE("a run between two attempts ends when its job and pool are removed; an active run is not retried") {
    const std::string pool = "[pool.p]\nslots = 1\n";
    const std::string other = "[job.b]\ntimezone = \"UTC\"\nschedule = \"0 0 1 1 *\"\ncommand = \"x\"\n";
    const std::string told = "notify = { failure = [\"slack:ops\"] }\n", slack = "[slack.ops]\nwebhook_env = \"X\"\n";
    World w{"2026-11-20T05:59:00Z"};
    w.plan(slack + pool + hourly + told + "pool = \"p\"\nretries = 5\nretry_delay = \"5m\"\n");
    SECTION("between") {  // its attempt has failed, and that is told
        w.script("a", {{Seconds{10}, 9}});
        w.run_until("2026-11-20T06:01:00Z");
        REQUIRE(w.runs()[0].state == State::retrying);
        w.plan(slack + other);
        CHECK(w.runs()[0].state == State::failed);
        CHECK(w.runs()[0].reason == Reason::exit_code);
        CHECK(w.runs()[0].detail == "exit code 9; not retried: its job was removed");
        REQUIRE(w.notices().size() == 2);
        CHECK(w.notices()[0].kind == NoticeKind::failure);
        CHECK(w.notices()[1].kind == NoticeKind::closed);
        CHECK(*w.runs()[0].finished - *w.runs()[0].started == Seconds{10});  // of its attempt
    }
    SECTION("while it runs") {
        w.script("a", {{Seconds{600}, 9}});
        w.run_until("2026-11-20T06:01:00Z");
        REQUIRE(w.runs()[0].state == State::running);
        w.plan(other);
        w.run_until("2026-11-20T06:20:00Z");
        CHECK(w.runs()[0].state == State::failed);
    }
    SECTION("while no daemon runs") {
        w.script("a", {{Seconds{10}, 9}});
        w.run_until("2026-11-20T06:01:00Z");
        w.crash();
        w.sleep_until("2026-11-20T06:02:00Z");
        w.restart();
        w.plan(other);
        CHECK(w.runs()[0].detail == "exit code 9; not retried: its job was removed");
    }
    w.run_until("2026-11-20T07:10:00Z");
    CHECK(w.started("a").size() == 1);
}

TEST_CASE("latest_only: a backfill runs only the newest date, and records the others as skipped") {
    World w{"2026-11-20T05:59:00Z"};
    w.plan("[job.a]\ntimezone = \"UTC\"\nschedule = \"0 6 * * *\"\ncommand = \"x\"\nlatest_only = true\n");
    BackfillAsked asked{{JobName("a")}, day("2026-11-17"), day("2026-11-19"), {}, 1, "root"};
    CHECK(w.ask(asked).runs.size() == 1);
    w.run_until("2026-11-20T05:59:30Z");
    for (const char* date : {"2026-11-17", "2026-11-18"}) {
        CHECK(w.store().by_date(JobName("a"), day(date)).value().at(0).state == State::skipped);
        CHECK(w.store().by_date(JobName("a"), day(date)).value().at(0).reason == Reason::latest_only);
        CHECK(w.store().by_date(JobName("a"), day(date)).value().at(0).detail == "2026-11-19 is newer");
    }
    CHECK(w.store().by_date(JobName("a"), day("2026-11-19")).value().at(0).state == State::success);
    CHECK(w.ask(asked).runs.empty());
}

TEST_CASE("a job named twice in a backfill runs once") {
    World w{"2026-11-20T05:59:00Z"};
    w.plan("[job.a]\ntimezone = \"UTC\"\nschedule = \"0 6 * * *\"\ncommand = \"x\"\n");
    BackfillAsked asked{{JobName("a"), JobName("a")}, day("2026-11-17"), day("2026-11-18"), {}, 1, "root"};
    CHECK(w.ask(asked).runs.size() == 2);
}

TEST_CASE("drain starts nothing, and the next daemon starts what was due") {
    World w{"2026-11-20T05:59:00Z"};
    w.plan(hourly);
    CHECK(w.ask(DrainAsked{}).ok);
    w.run_until("2026-11-20T06:00:10Z");
    CHECK(w.started("a").empty());
    CHECK(w.engine().idle());
    w.crash();
    w.restart();
    w.run_until("2026-11-20T06:01:00Z");
    CHECK(w.started("a").size() == 1);
}

TEST_CASE("a run that needs a session and has none fails with no_session") {
    World w{"2026-11-22T05:30:00Z"};
    w.plan("[job.a]\ncalendar = \"XNYS\"\ntimezone = \"UTC\"\nschedule = \"0 6 * * *\"\ncommand = \"x {{session}}\"\n");
    w.run_until("2026-11-22T07:00:00Z");
    CHECK(w.runs()[0].state == State::failed);
    CHECK(w.runs()[0].reason == Reason::no_session);
    CHECK(w.started("a").empty());
}

TEST_CASE("a message job that is cleared while its message is in flight sends it again") {
    World w{"2026-11-18T13:30:00Z"};
    w.plan(
        "[slack.ops]\nwebhook_env = \"X\"\n[job.lunch]\ntimezone = \"UTC\"\nschedule = \"0 14 * * *\"\n"
        "slack = { to = \"ops\", text = \"Order for {{date}}\" }\n");
    w.run_until("2026-11-18T14:00:10Z");
    const auto waiting = [&w] {
        std::vector<int> attempts;
        const auto rows = w.store().pending(10);
        REQUIRE(rows);
        for (const OutboxRow& row : *rows) attempts.push_back(row.notice.attempt);
        return attempts;
    };
    CHECK(waiting() == std::vector{1});
    CHECK(w.ask(ClearAsked{{JobName("lunch")}, day("2026-11-18"), day("2026-11-18"), false, "root"}).ok);
    CHECK(w.runs("lunch").front().state == State::running);
    CHECK(w.runs("lunch").front().attempt == 2);
    CHECK(waiting() == std::vector{2});
    CHECK(w.ask(StopAsked{w.runs("lunch").front().id, "root"}).ok);
    CHECK(waiting().empty());
}

TEST_CASE("a Slack action is in the outbox, and its delivery ends the run") {
    World w{"2026-11-18T13:30:00Z"};
    w.plan(
        "[slack.ops]\nwebhook_env = \"X\"\n[job.lunch]\ntimezone = \"UTC\"\nschedule = \"0 14 * * *\"\n"
        "slack = { to = \"ops\", text = \"Order for {{date}}\" }\n");
    w.run_until("2026-11-18T14:30:00Z");
    REQUIRE(w.notices().size() == 1);
    CHECK(w.notices()[0].is_action);
    CHECK(w.notices()[0].text == "Order for 2026-11-18");
    CHECK(w.runs()[0].state == State::running);
    Outcome delivered;
    delivered.run = 1;
    delivered.attempt = 1;
    delivered.exit_code = 0;
    w.event(AttemptsEnded{{delivered}});
    CHECK(w.runs()[0].state == State::success);
}

TEST_CASE("a run that ended while no daemon ran keeps its result, even if its job was removed or disabled") {
    for (const bool removed : {true, false}) {
        World w{"2026-11-20T05:00:00Z"};
        const std::string other = "[job.other]\ntimezone = 'UTC'\nschedule = '0 12 * * *'\ncommand = 'x'\n";
        const std::string job = "[job.a]\ntimezone = 'UTC'\nschedule = '0 6 * * *'\ncommand = 'x'\n";
        w.plan(job + other);
        w.script("a", {{.takes = Seconds{600}}});
        w.run_until("2026-11-20T06:05:00Z");
        w.crash();
        w.sleep_until("2026-11-20T06:30:00Z");
        w.plan(removed ? other : fmt::format("{}enabled = false\n{}", job, other));
        CHECK(fates(w, "a") == "success");
    }
}
