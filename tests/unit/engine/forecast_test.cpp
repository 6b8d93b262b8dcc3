// The predicted fires are those that will run: runs in the ledger count, and the search goes far enough.
#include "engine/forecast.h"

#include <catch2/catch.hpp>

#include "explain/consequence.h"
#include "explain/why.h"
#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

const std::string defaults = "[defaults]\ncommand = 'true'\ncalendar = 'XNYS'\n";
constexpr Seconds year{366LL * 86400};

StartAsked start(const std::string& job, const std::string& date) {
    StartAsked asked{JobName(job), day(date), false, "root"};
    return asked;
}

std::vector<Instant> coming(const World& w, const std::string& job, Instant after, std::size_t count) {
    std::vector<Instant> all;
    while (all.size() < count) {
        const auto fires =
            next_to_come(w.loaded().jobs.at(JobName(job)), w.loaded(), const_cast<World&>(w).store(), after, year);
        if (!fires || fires->empty()) break;
        after = fires->front().due;
        all.push_back(after);
    }
    return all;
}

}  // namespace

TEST_CASE("a session that has already run is not a future fire") {
    World w{"2026-11-20T15:00:00Z"};
    w.plan(defaults + "[job.a]\nschedule = '@close'\n");
    const Fire today = w.engine().next_fire(JobName("a")).value().value();
    CHECK(today.due == utc("2026-11-20T21:00:00Z"));
    // The session before it has no row: it is run by hand, after its own fire.
    w.ask(start("a", "2026-11-19"));
    CHECK(w.engine().next_fire(JobName("a")).value()->due == utc("2026-11-20T21:00:00Z"));
    // An override moved today's fire into the past, where it ran; then the override was removed.
    Run early = w.runs("a").front();
    early.id = 99;
    early.key = today.key;
    early.fire = utc("2026-11-20T15:00:00Z");
    early.logical_date = day("2026-11-20");
    early.state = State::success;
    StepWrites batch;
    batch.inserted = {early};
    REQUIRE(w.store().commit(batch));
    CHECK(w.engine().next_fire(JobName("a")).value()->due == utc("2026-11-23T21:00:00Z"));
    CHECK(coming(w, "a", w.now(), 2) == std::vector{utc("2026-11-23T21:00:00Z"), utc("2026-11-24T21:00:00Z")});
    w.run_until("2026-11-20T22:00:00Z");
    CHECK(w.started("a").size() == 1);  // the 19th
}

TEST_CASE("a waiting run without a schedule is still a future fire, until it starts") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(defaults + "[job.a]\nschedule = '@close'\n[job.p]\nschedule = '@close+1h'\n[job.b]\nafter = ['a', 'p']\n");
    w.run_until("2026-11-20T21:30:00Z");
    REQUIRE(fates(w, "b") == "waiting dependency");
    CHECK(coming(w, "b", w.now(), 1) == std::vector{utc("2026-11-20T22:00:00Z")});
    w.ask(start("b", "2026-11-20"));
    w.run_until("2026-11-20T21:40:00Z");
    CHECK(coming(w, "b", w.now(), 1) == std::vector{utc("2026-11-23T22:00:00Z")});
}

TEST_CASE("a fire on the 29th of February is found, however long the daemon has run") {
    World w{"2026-11-20T00:00:00Z"};
    w.plan(
        "[job.leap]\ntimezone = 'UTC'\nschedule = '0 6 29 2 *'\ncommand = 'x'\n"
        "[job.monthly]\ntimezone = 'UTC'\nschedule = '0 6 1 * *'\ncommand = 'x'\n");
    w.run_until("2028-03-01T00:00:00Z");
    CHECK(w.started("leap") == std::vector{utc("2028-02-29T06:00:00Z")});
}

TEST_CASE("a fire on the 29th of February is found by a daemon that has no other job") {
    World w{"2026-11-20T00:00:00Z"};
    w.plan("[job.leap]\ntimezone = 'UTC'\nschedule = '0 6 29 2 *'\ncommand = 'x'\n");
    w.run_until("2028-03-01T00:00:00Z");
    CHECK(w.started("leap").size() == 1);
}

TEST_CASE("why shows how far it has searched for a next fire") {
    World w{"2033-01-01T00:00:00Z"};
    w.plan("[job.leap]\ntimezone = 'UTC'\nschedule = '0 6 29 2 *'\ncommand = 'x'\n");
    const auto lines = why(w.loaded(), JobName("leap"), day("2033-02-28"), &w.store(), w.now());
    CHECK(lines->front().reasons.back().text == "no fire in the 800 days after that");
}

TEST_CASE("the consequences of ice include a next fire that is three months away") {
    World w{"2026-11-20T00:00:00Z"};
    w.plan(
        "[job.quarterly]\ntimezone = 'UTC'\nschedule = '0 6 1 2,5,8,11 *'\ncommand = 'x'\n"
        "[job.b]\ntimezone = 'UTC'\nafter = ['quarterly']\ncommand = 'x'\n");
    CHECK(if_iced(w.loaded(), w.loaded().jobs.at(JobName("quarterly")), w.store(), w.now()).value().size() == 1);
}

TEST_CASE("the consequences of ice name the next fire without a run") {
    World w{"2026-11-20T15:00:00Z"};
    w.plan(defaults + "[job.a]\nschedule = '@close'\n[job.b]\nafter = ['a']\n");
    const Job& a = w.loaded().jobs.at(JobName("a"));
    CHECK(if_iced(w.loaded(), a, w.store(), w.now()).value().front() ==
          "b starts at 2026-11-20T16:00:00-05:00 without it");
    Run early;  // an override moved the session's close, and was removed
    early.id = 99;
    early.job = JobName("a");
    early.key = w.engine().next_fire(JobName("a")).value()->key;
    early.fire = utc("2026-11-20T14:59:00Z");
    early.logical_date = day("2026-11-20");
    early.state = State::success;
    StepWrites batch;
    batch.inserted = {early};
    REQUIRE(w.store().commit(batch));
    CHECK(if_iced(w.loaded(), a, w.store(), w.now()).value().front() ==
          "b starts at 2026-11-23T16:00:00-05:00 without it");
}

TEST_CASE("the consequences of a mark include a next date that is months away") {
    World w{"2026-11-01T05:00:00Z"};
    w.plan(
        "[job.a]\ntimezone = 'UTC'\nschedule = '0 6 1 2,5,8,11 *'\ncommand = 'x'\n"
        "[job.b]\ntimezone = 'UTC'\nschedule = '0 7 1 2,5,8,11 *'\nafter = ['a@previous']\ncommand = 'x'\n");
    w.script("a", {{.exit_code = 1}});
    w.run_until("2026-11-01T12:00:00Z");
    CHECK(if_ended(w.loaded(), w.runs("a").front(), State::success, w.store(), w.now()).value() ==
          std::vector<std::string>{"b 2027-02-01 can start"});
    w.run_until("2027-02-01T12:00:00Z");  // its row, three months after the date that it waits for
    CHECK(if_ended(w.loaded(), w.runs("a").front(), State::success, w.store(), w.now()).value().size() == 1);
}

TEST_CASE("an upstream job whose fires are long after their date is waited for") {
    World w{"2026-11-02T00:00:00Z"};
    w.plan(defaults +
           "[job.slow]\nschedule = '@close+30d'\nwhen = 'first_session(month)'\n[job.b]\nschedule = '@close'\nafter = "
           "['slow@previous']\n");
    w.run_until("2026-11-03T22:00:00Z");
    CHECK(w.runs("b").back().state == State::waiting);  // waits for the 2nd, which is due on December 2nd
}
