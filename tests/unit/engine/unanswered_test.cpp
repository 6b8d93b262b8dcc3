// A question of the ledger fails: nothing of that step is done, and what comes of it all is the same in the end.
//
// Each story is told once with a ledger that answers everything. Then it is told again for each question that is asked
// on the way, with that one failing.
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

// What came of it, without the times: a step that failed is done some seconds later.
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

// Until there are fewer questions than `number`. Returns how many there were.
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

// The same for what an operator asks: the answer says why, nothing was done, and asking again does it.
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

// Two days have gone by: on the first `load` failed, and what hangs on it with it.
void two_days(World& w) {
    w.script("load", {{}, {.exit_code = 3}, {}});
    w.plan(desk);
    w.run_until("2026-11-21T09:00:00Z");
}

RunId newest(const World& w, const std::string& job) { return w.runs(job).back().id; }

}  // namespace

TEST_CASE("fires become runs, and runs start and end, whichever question fails on the way") {
    const Tale plan = [](World& w) {
        w.script("load", {{.takes = Seconds{60}}, {.takes = Seconds{60}, .exit_code = 3}, {}});
        w.plan(desk);
    };
    CHECK(each_question(plan, until("2026-11-21T09:00:00Z"), until("2026-11-22T09:00:00Z")) > 50);
}

TEST_CASE("what was due while no daemon ran is settled once, whichever question fails then") {
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

TEST_CASE("a reload is whole or not at all") {
    const std::string other = std::string(desk) + "[job.more]\nafter = [\"report\"]\n";
    const Tale reload = [&](World& w) { w.plan(other); };
    (void)each_question(two_days, reload, until("2026-11-22T09:00:00Z"));
}

TEST_CASE("what an operator asks for is refused as a whole when a question fails, and done when asked again") {
    const Tale day_after = until("2026-11-22T09:00:00Z");
    const Date first = day("2026-11-20"), second = day("2026-11-21");
    World w{begin};
    two_days(w);
    const RunId load = newest(w, "load"), clean = newest(w, "clean");
    CHECK(each_question_of(two_days, StartAsked{"load", day("2026-11-19"), false, "root"}, day_after) > 0);
    CHECK(each_question_of(two_days, RerunAsked{load, false, "root"}, day_after) > 0);
    CHECK(each_question_of(two_days, RerunAsked{clean, true, "root"}, day_after) > 0);
    CHECK(each_question_of(two_days, MarkAsked{load, State::success, "by hand", "root"}, day_after) > 0);
    CHECK(each_question_of(two_days, ClearAsked{{"load"}, first, second, true, "root"}, day_after) > 0);
    BackfillAsked backfill{{"load", "often"}, first, second, BackfillAsked::Rerun::failed, 1, "root"};
    CHECK(each_question_of(two_days, backfill, day_after) > 0);
    CHECK(each_question_of(two_days, AlertAsked{load, true, "known", "root"}, day_after) > 0);
}

TEST_CASE("while no question is answered nothing is written, started or told, and then all of it is") {
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

TEST_CASE("an engine of which a question failed decides nothing any more") {
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
