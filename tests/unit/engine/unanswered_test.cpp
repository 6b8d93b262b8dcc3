// A query of the ledger fails: nothing of that step is done, and the final result is the same.
//
// Each scenario runs once with a ledger that answers everything. Then it runs again for each query that the scenario
// makes, with that query failing.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

const char* const desk = R"(
[slack.ops]
webhook_env = "X"
[defaults]
timezone = "UTC"
command = "true"
notify = { failure = ["slack:ops"], recovery = ["slack:ops"], missed = ["slack:ops"] }
[job.load]
schedule = "0 6 * * *"
catch_up = "all"
depends_on_past = true
[job.clean]
after = ["load"]
[job.report]
after = ["clean", "load@previous"]
trigger = "all_done"
[job.watch]
schedule = "5 6 * * *"
wait = [{ job = "clean" }]
[job.often]
schedule = "*/10 6-7 * * *"
catch_up = "latest"
[job.gone]
after = ["load"]
trigger = "one_failed"
)";

const char* const begin = "2026-11-20T05:00:00Z";

// The result without the times: a failed step is done some seconds later.
std::string story_of(World& w) {
    std::string text;
    for (const auto& [name, job] : w.loaded().jobs)
        text += fmt::format("{}: {}; begun {}\n", name, fates(w, name), w.started(name).size());
    std::multiset<std::string> notices;
    for (const Notice& notice : w.notices())
        notices.insert(fmt::format("{} {} {}\n", notice.target, notice.job, to_text(notice.kind)));
    for (const std::string& notice : notices) text += notice;
    for (const auto& [name, alert] : w.engine().alerts()) text += fmt::format("open: {}\n", name);
    return text;
}

using Tale = std::function<void(World&)>;

// Repeats until the scenario has fewer queries than `number`. Returns how many it has.
int each_question(const Tale& before, const Tale& what, const Tale& after) {
    World plain{begin};
    before(plain);
    what(plain);
    after(plain);
    const std::string expected = story_of(plain);
    for (int number = 1;; ++number) {
        INFO("question " << number);
        World w{begin};
        before(w);
        w.questions().fail(number);
        what(w);
        if (!w.questions().has_failed()) return number - 1;
        after(w);
        CHECK(w.shell().trouble().empty());
        CHECK(story_of(w) == expected);
    }
}

// The same for an operator's request: the answer has the cause, nothing was done, and a second request does it.
int each_question_of(const Tale& before, const Event& asked, const Tale& after) {
    return each_question(
        before,
        [&](World& w) {
            const auto rows = w.runs();
            const auto writes = w.writes();
            const auto begun = w.started("load").size();
            const Reply reply = w.ask(asked);
            INFO(reply.text);
            CHECK(reply.ok != w.questions().has_failed());
            if (reply.ok) return;
            CHECK(reply.kind == Error::Kind::store);
            CHECK(reply.text == "the ledger cannot be read: the disk fails; look for a failing disk");
            CHECK(w.shell().engine_or_null() == nullptr);
            CHECK(w.shell().trouble() == "the disk fails; look for a failing disk");
            CHECK(w.writes() == writes);
            CHECK(w.runs() == rows);
            CHECK(w.started("load").size() == begun);
            w.run_until(w.now() + Seconds{10});
            REQUIRE(w.shell().engine_or_null() != nullptr);
            CHECK(w.ask(asked).ok);
        },
        after);
}

Tale until(const char* instant) {
    return [instant](World& w) { w.run_until(instant); };
}

// Two days have passed: on the second `load` and its downstream jobs failed.
void two_days(World& w) {
    w.script("load", {{}, {.exit_code = 3}, {}});
    w.plan(desk);
    w.run_until("2026-11-21T09:00:00Z");
}

RunId newest(const World& w, const std::string& job) { return w.runs(job).back().id; }

}  // namespace

TEST_CASE("fires become runs, and runs start and end, whichever query fails") {
    const Tale plan = [](World& w) {
        w.script("load", {{.takes = Seconds{60}}, {.takes = Seconds{60}, .exit_code = 3}, {}});
        w.plan(desk);
    };
    CHECK(each_question(plan, until("2026-11-21T09:00:00Z"), until("2026-11-22T09:00:00Z")) > 50);
}

TEST_CASE("fires that were due while no daemon ran are decided once, whichever query fails") {
    const Tale days_off = [](World& w) {
        w.plan(desk);
        w.run_until("2026-11-20T06:01:00Z");
        w.crash();
        w.sleep_until("2026-11-22T06:30:00Z");
    };
    World plain{begin};
    days_off(plain);
    plain.restart();
    plain.run_until("2026-11-23T09:00:00Z");
    const std::string expected = story_of(plain);
    int number = 1;
    for (;; ++number) {
        INFO("question " << number);
        World w{begin};
        days_off(w);
        w.fail_while_loading(number);
        w.restart();
        if (!w.questions().has_failed()) break;
        CHECK(w.shell().engine_or_null() == nullptr);
        w.run_until("2026-11-23T09:00:00Z");
        CHECK(story_of(w) == expected);
    }
    CHECK(number > 10);
}

TEST_CASE("a reload is complete or not done at all") {
    const std::string other = std::string(desk) + "[job.more]\nafter = [\"report\"]\n";
    const Tale reload = [&](World& w) { w.plan(other); };
    (void)each_question(two_days, reload, until("2026-11-22T09:00:00Z"));
}

TEST_CASE("an operator's request is refused as a whole if a query fails, and done when repeated") {
    const Tale day_after = until("2026-11-22T09:00:00Z");
    const Date first = day("2026-11-20"), second = day("2026-11-21");
    World w{begin};
    two_days(w);
    const RunId load = newest(w, "load"), clean = newest(w, "clean");
    CHECK(each_question_of(two_days, StartAsked{JobName("load"), day("2026-11-19"), false, "root"}, day_after) > 0);
    CHECK(each_question_of(two_days, RerunAsked{load, false, "root"}, day_after) > 0);
    CHECK(each_question_of(two_days, RerunAsked{clean, true, "root"}, day_after) > 0);
    CHECK(each_question_of(two_days, MarkAsked{load, State::success, "by hand", "root"}, day_after) > 0);
    CHECK(each_question_of(two_days, ClearAsked{{JobName("load")}, first, second, true, "root"}, day_after) > 0);
    BackfillAsked backfill{{JobName("load"), JobName("often")}, first, second, BackfillAsked::Rerun::failed, 1, "root"};
    CHECK(each_question_of(two_days, backfill, day_after) > 0);
    CHECK(each_question_of(two_days, AlertAsked{load, true, "known", "root"}, day_after) > 0);
}

TEST_CASE("while every query fails nothing is written, started or sent, and afterwards all of it is") {
    World plain{begin}, w{begin};
    two_days(plain);
    two_days(w);
    plain.run_until("2026-11-23T09:00:00Z");
    w.run_until("2026-11-22T05:00:00Z");
    const auto writes = w.writes();
    const auto rows = w.runs();
    const auto notices = w.notices().size();
    w.questions().fail_all(true);
    w.run_until("2026-11-22T06:00:30Z");
    CHECK_FALSE(w.shell().trouble().empty());
    CHECK(w.writes() == writes);
    CHECK(w.runs() == rows);
    CHECK(w.notices().size() == notices);
    CHECK(w.started("load").size() == 2);
    w.questions().fail_all(false);
    w.run_until("2026-11-23T09:00:00Z");
    CHECK(w.shell().trouble().empty());
    CHECK(story_of(w) == story_of(plain));
}

TEST_CASE("an engine with a failed query makes no further decisions") {
    World w{begin};
    two_days(w);
    w.questions().fail(1);
    const Now now{w.now(), Seconds{2'000'000}};
    const RerunAsked rerun{newest(w, "load"), false, "root"};
    const auto failed = w.engine().step(rerun, now);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().kind == Error::Kind::store);
    CHECK(failed.error().what == FailingQuestions::why);
    const auto later = w.engine().step(Woke{}, {now.wall + Seconds{7 * 86400}, now.up + Seconds{7 * 86400}});
    REQUIRE_FALSE(later);
    CHECK(later.error().what == FailingQuestions::why);
}
