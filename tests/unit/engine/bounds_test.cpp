// Each limit exactly at its value, and one beyond it.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "engine/backfill.h"
#include "engine/clear.h"
#include "explain/why.h"
#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

const std::string head = "[defaults]\ncommand = 'x'\ntimezone = 'UTC'\n";
const std::string daily = "[job.a]\nschedule = '0 6 * * *'\n";

// A daily job at 06:00; the daemon is down from the noon before until then.
World away_until(const std::string& instant, const std::string& keys) {
    World w{"2026-11-20T12:00:00Z"};
    w.plan(head + daily + keys);
    w.crash();
    w.sleep_until(instant);
    w.restart();
    return w;
}

Reply start(World& w, const std::string& job) { return w.ask(StartAsked{JobName(job), {}, false, "root"}); }

std::vector<NoticeKind> told(const World& w) {
    std::vector<NoticeKind> kinds;
    for (const Notice& notice : w.notices()) kinds.push_back(notice.kind);
    return kinds;
}

}  // namespace

TEST_CASE("a fire as old as grace is on time") {
    CHECK(fates(away_until("2026-11-21T06:01:00Z", ""), "a") == "running");
    CHECK(fates(away_until("2026-11-21T06:01:01Z", ""), "a") == "missed down");
}

TEST_CASE("a fire as old as catch_up_within is caught up") {
    const std::string keys = "catch_up = 'all'\ncatch_up_within = '2h'\n";
    CHECK(fates(away_until("2026-11-21T08:00:00Z", keys), "a") == "running");
    CHECK(fates(away_until("2026-11-21T08:00:01Z", keys), "a") == "missed down");
}

TEST_CASE("ten rows with the same result are separate, eleven share one row") {
    CHECK(away_until("2026-11-30T12:00:00Z", "").runs("a").size() == 10);
    const World shared = away_until("2026-12-01T12:00:00Z", "");
    REQUIRE(shared.runs("a").size() == 1);
    CHECK(shared.runs("a").front().fires == 11);
}

TEST_CASE("at its not_after neither a run nor a retry starts; a second before it does") {
    const auto fate_of_start = [](const std::string& instant) {
        World w{"2026-11-20T05:00:00Z"};
        w.plan(head + daily + "not_after = '08:00'\n");
        w.set_clock(instant);
        return start(w, "a").ok;
    };
    CHECK(fate_of_start("2026-11-20T07:59:59Z"));
    CHECK_FALSE(fate_of_start("2026-11-20T08:00:00Z"));

    const auto fate_of_retry = [](const std::string& delay) {
        World w{"2026-11-20T05:00:00Z"};
        w.plan(head + daily + "not_after = '08:00'\nretries = 1\nretry_delay = '" + delay + "'\n");
        w.script("a", {{.takes = Seconds{60}, .exit_code = 1}, {.exit_code = 0}});
        w.run_until("2026-11-20T09:00:00Z");
        return fates(w, "a");
    };
    CHECK(fate_of_retry("7139s") == "success");
    CHECK(fate_of_retry("7140s") == "missed too_late");

    // A run that is held until then.
    const auto fate_of_held = [](const std::string& until) {
        World w{"2026-11-20T05:00:00Z"};
        w.plan(head + daily + "not_after = '08:00'\n");
        w.ask(HoldAsked{JobName("a"), utc(until), "root"});
        w.run_until("2026-11-20T09:00:00Z");
        return fates(w, "a");
    };
    CHECK(fate_of_held("2026-11-20T07:59:59Z") == "success");
    CHECK(fate_of_held("2026-11-20T08:00:00Z") == "missed too_late");
}

TEST_CASE("a run that ends at its deadline is late, one that ends a second before is not") {
    const auto kinds = [](Seconds takes) {
        World w{"2026-11-20T05:00:00Z"};
        w.plan("[slack.ops]\nwebhook_env = 'OPS'\n" + head + "notify = { late = ['slack:ops'] }\n" + daily +
               "deadline = '07:00'\n");
        w.script("a", {{.takes = takes}});
        w.run_until("2026-11-20T09:00:00Z");
        return told(w);
    };
    CHECK(kinds(Seconds{3599}).empty());
    CHECK(kinds(Seconds{3601}) == std::vector{NoticeKind::late});
}

TEST_CASE("a run that ended at its deadline while no daemon ran is in time") {
    const auto kinds = [](Seconds takes) {
        World w{"2026-11-20T05:00:00Z"};
        w.plan("[slack.ops]\nwebhook_env = 'OPS'\n" + head + "notify = { late = ['slack:ops'] }\n" + daily +
               "deadline = '07:00'\n");
        w.script("a", {{.takes = takes}});
        w.run_until("2026-11-20T06:30:00Z");
        w.crash();
        w.sleep_until("2026-11-20T09:00:00Z");
        w.restart();
        return told(w);
    };
    CHECK(kinds(Seconds{3600}).empty());
    CHECK(kinds(Seconds{3601}) == std::vector{NoticeKind::late});
}

TEST_CASE("a run that ends in the last second of its timeout has not timed out") {
    const auto fate = [](Seconds takes) {
        World w{"2026-11-20T05:00:00Z"};
        w.plan(head + daily + "timeout = '10m'\n");
        w.script("a", {{.takes = takes}});
        w.run_until("2026-11-20T09:00:00Z");
        return fates(w, "a");
    };
    CHECK(fate(Seconds{600}) == "success");
    CHECK(fate(Seconds{602}) == "timed_out timeout");
}

TEST_CASE("a run that has waited an hour for a pool goes before larger priorities, not earlier") {
    const auto second = [](Seconds takes) {
        World w{"2026-11-20T05:00:00Z"};
        w.plan(head + "pool = 'one'\n[pool.one]\nslots = 1\n[job.long]\nschedule = '0 6 * * *'\n" +
               "[job.low]\nschedule = '0 6 * * *'\npriority = -1\n[job.high]\nschedule = '30 6 * * *'\npriority = 9\n");
        w.script("long", {{.takes = takes}});
        w.run_until("2026-11-20T12:00:00Z");
        return w.started("low").front() < w.started("high").front() ? "low" : "high";
    };
    CHECK(std::string(second(Seconds{3599})) == "high");
    CHECK(std::string(second(Seconds{3600})) == "low");
}

TEST_CASE("a backfill may have 50,000 fires and 20,000 days, and is refused beyond either") {
    World w{"2026-11-20T00:00:00Z"};
    w.plan(head + "[job.a]\nschedule = '0 0-3 * * *'\n[job.b]\nschedule = '0 0 1 1 *'\n");
    const Date last = day("2026-11-19");
    const auto items = [&](date::days days) {
        return plan_backfill(w.loaded(), w.store(), {{JobName("a")}, last - days + date::days{1}, last, {}, 1, "root"},
                             w.now());
    };
    REQUIRE(items(date::days{12500}));
    CHECK(items(date::days{12500})->size() == 50000);
    REQUIRE_FALSE(items(date::days{12501}));
    CHECK(items(date::days{12501}).error().what == "more than 50000 fires in one backfill");
    const auto yearly = [&](date::days days) {
        return plan_backfill(w.loaded(), w.store(), {{JobName("b")}, last - days, last, {}, 1, "root"}, w.now());
    };
    CHECK(yearly(date::days{20000}));
    REQUIRE_FALSE(yearly(date::days{20001}));
    CHECK(yearly(date::days{20001}).error().what == "more than 20000 days in one backfill");

    const auto clear = [&](date::days days) {
        return plan_clear(w.loaded(), w.store(), ClearAsked{{JobName("b")}, last - days, last, false, "root"});
    };
    CHECK(clear(date::days{20000}));
    REQUIRE_FALSE(clear(date::days{20001}));
    CHECK(clear(date::days{20001}).error().what == "more than 20000 days in one clear");
}

TEST_CASE("a run whose not_after equals its wait_until ends as missed, and why predicts it") {
    const auto world = [](const std::string& not_after) {
        World w{"2026-11-20T05:00:00Z"};
        w.plan(head + daily + "wait_until = '09:00'\nnot_after = '" + not_after + "'\n");
        return w;
    };
    const auto says_too_late = [](World& w) {
        const auto lines = why(w.loaded(), JobName("a"), day("2026-11-20"), &w.store(), w.now());
        for (const WhyReason& reason : lines->front().reasons)
            if (reason.check == "too_late") return true;
        return false;
    };
    World equal = world("09:00"), later = world("09:01");
    CHECK(says_too_late(equal));
    CHECK_FALSE(says_too_late(later));
    equal.run_until("2026-11-20T10:00:00Z");
    later.run_until("2026-11-20T10:00:00Z");
    CHECK(fates(equal, "a") == "missed too_late");
    CHECK(fates(later, "a") == "success");
    // The same for a fire at its own not_after.
    World at_once{"2026-11-20T05:00:00Z"};
    at_once.plan(head + daily + "not_after = '06:00'\n");
    CHECK(says_too_late(at_once));
}

TEST_CASE("the claim of a start keeps other runs waiting, and applies to its retries") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan("[daemon]\ncapacity = { memory = '10G' }\n" + head +
           "[job.a]\nschedule = '@yearly'\nmemory = '4G'\nretries = 1\nretry_delay = '1m'\n[job.b]\nschedule = '0 6 * "
           "* *'\n"
           "memory = '2G'\n");
    w.script("a", {{.takes = Seconds{7200}, .exit_code = 1}, {.takes = Seconds{600}}});
    StartAsked asked{JobName("a"), {}, false, "root"};
    asked.only.memory = 9ULL << 30;
    REQUIRE(w.ask(asked).ok);
    w.run_until("2026-11-20T06:30:00Z");
    CHECK(fates(w, "b") == "queued claim");
    CHECK(w.runs("b").front().detail == "it asks for 2G of memory; 9G of 10G are claimed");
    w.run_until("2026-11-20T12:00:00Z");
    REQUIRE(w.started("a").size() == 2);
    CHECK(w.started("b").front() == utc("2026-11-20T07:00:00Z"));
    CHECK(w.runs("a").front().start_options->memory == 9ULL << 30);
    // It fits next to a run of its usual size, but not next to the start's claim.
    World small{"2026-11-20T05:00:00Z"};
    small.plan("[daemon]\ncapacity = { memory = '10G' }\n" + head +
               "[job.a]\nschedule = '@yearly'\nmemory = '4G'\n[job.b]\nschedule = '@yearly'\nmemory = '8G'\n");
    small.script("b", {{.takes = Seconds{600}}});
    REQUIRE(start(small, "b").ok);
    asked.only.memory = 1ULL << 30;
    REQUIRE(small.ask(asked).ok);
    CHECK(small.started("a").size() == 1);
    small.run_until("2026-11-20T05:05:00Z");
    REQUIRE(start(small, "a").ok);
    CHECK(fates(small, "a").find("queued claim") != std::string::npos);
}

TEST_CASE("a fire that was due while no daemon ran gets its row, even if the job was removed or disabled since") {
    for (const bool removed : {true, false}) {
        World w{"2026-11-20T05:00:00Z"};
        const std::string other = "[job.other]\nschedule = '0 12 * * *'\n";
        w.plan(fmt::format("{}{}{}", head, daily, other));
        w.crash();
        w.sleep_until("2026-11-22T08:00:00Z");
        const std::string later = removed ? "" : fmt::format("{}enabled = false\n", daily);
        w.plan(fmt::format("{}{}{}", head, later, other));
        CHECK(fates(w, "a") == (removed ? "skipped removed, skipped removed, skipped removed"
                                        : "skipped disabled, skipped disabled, skipped disabled"));
        w.run_until("2026-11-24T00:00:00Z");
        CHECK(w.runs("a").size() == 3);
        CHECK(w.started("a").empty());
    }
}
