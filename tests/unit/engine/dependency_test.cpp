// Runs that wait for upstream jobs: how results spread, are corrected later, and are explained.
#include <catch2/catch.hpp>

#include "engine/upstream.h"
#include "explain/consequence.h"
#include "explain/why.h"
#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

// XNYS closes at 16:00 New York, 21:00 UTC, on these days of November 2026; the 26th is Thanksgiving.
const std::string defaults = "[defaults]\ncommand = 'true'\ncalendar = 'XNYS'\n";

std::string job(const std::string& name, const std::string& rest) { return "[job." + name + "]\n" + rest + "\n"; }

const std::string chain =
    defaults + job("a", "schedule = '@close+15m'") + job("b", "after = ['a']") + job("c", "after = ['b']");

Run only(const World& w, const std::string& name) {
    const auto runs = w.runs(name);
    REQUIRE(runs.size() == 1);
    return runs.front();
}

}  // namespace

TEST_CASE("a job without a schedule gets its run with the first of its upstream jobs, and starts after the last") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(defaults + job("a", "schedule = '@close+15m'") + job("p", "schedule = '@close+1h'") +
           job("b", "after = ['a', 'p']") + job("c", "after = ['b']"));
    w.script("a", {{.takes = Seconds{600}}});
    w.script("p", {{.takes = Seconds{1200}}});
    w.run_until("2026-11-20T21:15:00Z");
    CHECK(fates(w, "b") == "waiting dependency");
    CHECK(only(w, "b").detail == "waits for a 2026-11-20 and 1 more");
    CHECK(only(w, "b").fire == utc("2026-11-20T22:00:00Z"));  // the latest of its upstream jobs' fires
    CHECK(only(w, "b").key.text() == "date 2026-11-20");
    CHECK(only(w, "b").session == day("2026-11-20"));
    CHECK(fates(w, "c") == "waiting dependency");
    w.run_until("2026-11-20T22:19:59Z");
    CHECK(only(w, "b").detail == "waits for p 2026-11-20");
    w.run_until("2026-11-20T23:00:00Z");
    CHECK(w.started("b") == std::vector{utc("2026-11-20T22:20:00Z")});
    CHECK(w.started("c").size() == 1);
    CHECK(fates(w, "c") == "success");
}

TEST_CASE("a failure spreads with its cause, and is undone by a successful rerun") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(chain);
    w.script("a", {{.exit_code = 7}, {.exit_code = 0}});
    w.run_until("2026-11-20T23:00:00Z");
    CHECK(fates(w, "a") == "failed exit_code");
    CHECK(fates(w, "b") == "upstream_failed upstream_failed");
    CHECK(only(w, "b").detail == "a 2026-11-20: run 1 failed (exit_code)");
    CHECK(fates(w, "c") == "upstream_failed upstream_failed");
    BackfillAsked again{{JobName("a")}, day("2026-11-20"), day("2026-11-20"), BackfillAsked::Rerun::failed, 1, "root"};
    w.ask(again);
    w.run_until("2026-11-21T00:00:00Z");
    CHECK(fates(w, "a") == "success");
    CHECK(fates(w, "b") == "success");
    CHECK(fates(w, "c") == "success");
    CHECK(w.started("b").size() == 1);
}

TEST_CASE("a failure can be undone at any age, and the effects announced by `rerun` and `mark` happen") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(chain + job("d", "schedule = '@close+1h'\nafter = ['a@previous']"));
    w.script("a", {{.exit_code = 7}, {.exit_code = 7}, {}});
    w.run_until("2027-02-26T23:00:00Z");
    const auto of_date = [&](const std::string& name, const std::string& date) {
        for (const Run& run : w.runs(name))
            if (run.logical_date == day(date)) return run;
        FAIL(name << " " << date);
        return Run{};
    };
    const auto states = [&](const std::string& date) {
        std::string text;
        for (const char* name : {"a", "b", "c", "d"}) {
            const Run run = of_date(name, date);
            text += std::string(text.empty() ? "" : " ") + std::string(to_text(run.state));
        }
        return text;
    };
    CHECK(states("2026-11-20") == "failed upstream_failed upstream_failed success");
    CHECK(states("2026-11-23") == "failed upstream_failed upstream_failed upstream_failed");
    CHECK(states("2026-11-24") == "success success success upstream_failed");

    const Run first = of_date("a", "2026-11-20");
    CHECK(if_rerun(w.loaded(), first, w.store(), w.now()).value() ==
          std::vector<std::string>{"once it succeeds, b, c and d wait again (upstream_failed until then)"});
    CHECK(w.ask(RerunAsked{first.id, false, "root"}).ok);
    w.run_until("2027-02-26T23:10:00Z");
    CHECK(states("2026-11-20") == "success success success success");
    CHECK(states("2026-11-23") == "failed upstream_failed upstream_failed success");
    CHECK(states("2026-11-24") == "success success success upstream_failed");

    CHECK(w.ask(MarkAsked{of_date("a", "2026-11-23").id, State::success, "by hand", "root"}).ok);
    w.run_until("2027-02-26T23:20:00Z");
    CHECK(states("2026-11-23") == "success success success success");
    CHECK(states("2026-11-24") == "success success success success");
    CHECK(w.started("b").size() == w.runs("b").size());  // each once
    CHECK(w.started("d").size() == w.runs("d").size());
}

TEST_CASE("a previous date that is due long after the run's own fire is found among future fires") {
    World w{"2026-10-01T00:00:00Z"};
    // Its run is for the session a month ahead, and before that date there is another 25th.
    w.plan(job("monthly", "schedule = '0 12 25 * *'\ntimezone = 'UTC'\ncommand = 'true'") +
           job("ahead",
               "schedule = '0 6 2 11 *'\ntimezone = 'America/New_York'\ncalendar = 'XNYS'\n"
               "run_for = 'session+21'\ncommand = 'true'\nafter = ['monthly@previous']"));
    w.run_until("2026-11-20T00:00:00Z");
    CHECK(only(w, "ahead").logical_date == day("2026-12-02"));
    CHECK(fates(w, "ahead") == "waiting dependency");
    CHECK(only(w, "ahead").detail == "waits for monthly 2026-11-25");
    w.run_until("2026-11-26T00:00:00Z");
    CHECK(fates(w, "ahead") == "success");
}

TEST_CASE("a skip spreads under all_success, and stops at a trigger rule that allows skips") {
    World w{"2026-11-20T20:00:00Z"};
    w.script("a", {{.exit_code = 99}});
    w.plan(defaults + job("a", "schedule = '@close+15m'\nskip_exit_codes = [99]") + job("b", "after = ['a']") +
           job("d", "after = ['b']\ntrigger = 'none_failed'") + job("s", "schedule = '@close'") +
           job("t", "after = ['s']\nwhen = 'weekday(mon)'") + job("u", "after = ['t']"));
    w.run_until("2026-11-20T23:00:00Z");
    CHECK(fates(w, "b") == "skipped upstream_skipped");
    CHECK(fates(w, "d") == "success");
    CHECK(fates(w, "t") == "skipped when_false");
    CHECK(fates(w, "u") == "skipped upstream_skipped");
}

TEST_CASE("all runs of the date count, future fires too, and the latest one decides") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(defaults + job("a", "schedule = ['@close', '@close+1h']") +
           job("b", "schedule = '@close+5m'\nafter = ['a']"));
    w.script("a", {{.exit_code = 1}, {.exit_code = 0}});
    w.run_until("2026-11-20T21:30:00Z");
    CHECK(fates(w, "b") == "waiting dependency");
    w.run_until("2026-11-20T23:00:00Z");
    CHECK(fates(w, "b") == "success");
    CHECK(w.started("b").front() == w.runs("a").back().finished);
}

TEST_CASE("an upstream job that is disabled or has no fire counts as skipped") {
    World w{"2026-11-26T00:00:00Z"};  // XLON trades on Thanksgiving, XNYS does not
    w.plan(defaults + job("a", "schedule = '@close'") + job("off", "schedule = '@XLON.close'\nenabled = false") +
           job("b", "schedule = '@XLON.close+1h'\nafter = ['a']") +
           job("c", "schedule = '@XLON.close+1h'\nafter = ['off']\ntrigger = 'all_skipped'"));
    w.run_until("2026-11-26T23:00:00Z");
    CHECK(fates(w, "b") == "skipped upstream_skipped");
    CHECK(only(w, "b").detail == "a 2026-11-26: it has no fire for that date, which counts as skipped");
    CHECK(fates(w, "c") == "success");
}

TEST_CASE("@previous waits for the newest earlier date, and for nothing if there is none") {
    World w{"2026-11-19T12:00:00Z"};
    w.plan(defaults + job("a", "schedule = '@close'") + job("b", "schedule = '@open+30m'\nafter = ['a@previous']"));
    w.script("a", {{.takes = Seconds{18 * 3600 + 600}}, {.takes = Seconds{1}}});
    w.run_until("2026-11-20T14:59:00Z");
    CHECK(w.started("b").size() == 1);  // the 19th: of the 18th nothing is known
    w.run_until("2026-11-20T15:00:00Z");
    CHECK(w.runs("b").back().detail == "waits for a 2026-11-19");
    w.run_until("2026-11-20T16:00:00Z");
    CHECK(w.started("b").back() == utc("2026-11-20T15:10:00Z"));
    w.run_until("2026-11-27T22:00:00Z");
    // Monday to Friday except Thanksgiving, each immediately.
    CHECK(w.started("b").size() == 6);
}

TEST_CASE("depends_on_past waits until the previous date has succeeded, in order") {
    World w{"2026-11-18T12:00:00Z"};
    w.plan(defaults + job("a", "schedule = '@close'\ndepends_on_past = true"));
    w.script("a", {{.exit_code = 0}, {.exit_code = 3}, {.exit_code = 0}});
    w.run_until("2026-11-23T22:00:00Z");
    const auto runs = w.runs("a");
    REQUIRE(runs.size() == 4);
    CHECK(runs[1].state == State::failed);
    CHECK(runs[2].state == State::waiting);
    CHECK(runs[2].detail ==
          "waits for its previous date (depends_on_past): a 2026-11-19: run 2 failed (exit_code); run "
          "`marketcron rerun 2`, or mark that run");
    CHECK(runs[3].detail == "waits for a 2026-11-20");
    w.ask(BackfillAsked{{JobName("a")}, day("2026-11-19"), day("2026-11-19"), BackfillAsked::Rerun::failed, 1, "root"});
    w.run_until("2026-11-23T23:00:00Z");
    for (const Run& run : w.runs("a")) CHECK(run.state == State::success);
    const auto starts = w.started("a");
    CHECK(std::is_sorted(starts.begin(), starts.end()));
}

TEST_CASE("a run without an earlier date waits when a backfill adds one, even if other runs also wait for that job") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan("[defaults]\ncommand = 'true'\ntimezone = 'UTC'\n" +
           job("a", "schedule = '0 6 * * *'\nwait_until = '+1h'\ndepends_on_past = true") +
           job("p", "schedule = '0 6 * * *'\nwait_until = '+1h'\nafter = ['a@previous']\ntrigger = 'all_done'") +
           job("x", "schedule = '0 5 * * *'\nafter = ['a']"));
    w.script("a", {{.takes = Seconds{4 * 3600}, .exit_code = 1}, {}});
    // It waits for a date of a that has no future fire yet.
    BackfillAsked older{
        {JobName("x")}, day("2026-11-17"), day("2026-11-17"), {}, 1, "root", BackfillAsked::Upstreams::run};
    w.run_until("2026-11-20T06:10:00Z");
    CHECK(fates(w, "a") == "waiting sensor");
    CHECK(w.ask(older).runs.size() == 2);  // x, and its upstream a: a's newest date before today's
    w.run_until("2026-11-20T08:00:00Z");
    CHECK(fates(w, "a") == "running, waiting dependency");
    CHECK(only(w, "p").reason == Reason::dependency);
    w.run_until("2026-11-20T12:00:00Z");
    CHECK(fates(w, "a") == "failed exit_code, waiting dependency");
    CHECK(only(w, "p").state == State::success);
}

TEST_CASE("a backfill runs dates in order, and creates no downstream runs") {
    World w{"2026-11-20T22:00:00Z"};
    w.plan(defaults + job("a", "schedule = '@close'\ndepends_on_past = true") + job("b", "after = ['a']"));
    w.ask(BackfillAsked{{JobName("a")}, day("2026-11-02"), day("2026-11-13"), BackfillAsked::Rerun::none, 4, "root"});
    w.run_until("2026-11-21T00:00:00Z");
    std::vector<std::pair<Date, Instant>> order;
    for (const Run& run : w.runs("a")) order.emplace_back(run.logical_date, *run.started);
    CHECK(order.size() == 10);
    for (std::size_t i = 1; i < order.size(); ++i) CHECK(order[i - 1].second < order[i].second);
    CHECK(w.runs("b").empty());
    // Named explicitly, they run after their upstream runs; a date without such a row is named.
    BackfillAsked more{{JobName("b")}, day("2026-11-02"), day("2026-11-17"), BackfillAsked::Rerun::none, 4, "root"};
    const Reply stopped = w.ask(more);
    CHECK_FALSE(stopped.ok);
    CHECK(stopped.text.find("upstream job a has a fire for 2026-11-16 and 1 more date, and no row") !=
          std::string::npos);
    CHECK(w.runs("b").empty());
    w.ask(BackfillAsked{{JobName("b")}, day("2026-11-02"), day("2026-11-13"), BackfillAsked::Rerun::none, 4, "root"});
    w.run_until("2026-11-21T01:00:00Z");
    CHECK(w.runs("b").size() == 10);
    for (const Run& run : w.runs("b")) CHECK(run.state == State::success);
}

TEST_CASE("missed fires are caught up in order, and a new daemon continues where the old one stopped") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(defaults + "catch_up = 'all'\n" + job("a", "schedule = '@close+15m'") + job("b", "after = ['a']"));
    w.script("a", {{.takes = Seconds{3600}}});
    w.run_until("2026-11-20T21:20:00Z");
    w.crash();
    w.sleep_until("2026-11-24T22:00:00Z");
    w.restart();
    w.run_until("2026-11-25T06:00:00Z");
    const auto a = w.runs("a"), b = w.runs("b");
    REQUIRE(a.size() == 3);
    REQUIRE(b.size() == 3);
    for (const Run& run : b) CHECK(run.state == State::success);
    CHECK(b[1].origin == Origin::catch_up);
    for (std::size_t i = 0; i < 3; ++i) CHECK(*a[i].finished <= *b[i].started);
}

TEST_CASE("an operator's start bypasses dependencies; a run without a date counts for no downstream job") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(chain);
    w.script("a", {{.takes = Seconds{7200}}});
    w.run_until("2026-11-20T21:20:00Z");
    CHECK(w.ask(StartAsked{JobName("b"), day("2026-11-20"), false, "root"}).ok);
    CHECK(w.started("b").size() == 1);
    w.run_until("2026-11-20T21:30:00Z");
    CHECK(w.runs("c").front().state == State::success);
    CHECK(w.ask(StartAsked{JobName("b"), {}, false, "root"}).ok);
    w.run_until("2026-11-20T23:50:00Z");
    CHECK(w.runs("b").size() == 2);
    CHECK(w.runs("c").size() == 1);
}

TEST_CASE("an upstream job with overlapping runs still gives its downstream job one row") {
    World w{"2026-11-20T00:00:00Z"};
    w.plan("[defaults]\ncommand = 'true'\ntimezone = 'UTC'\n[job.a]\nschedule = '0 * * * *'\n[job.b]\nafter = ['a']\n");
    w.script("a", {{.takes = Seconds{5400}}});
    w.run_until("2026-11-20T03:00:00Z");
    CHECK(w.runs("a")[1].reason == Reason::overlap);
    CHECK(w.runs("b").size() == 1);  // one for each date, and the date is not over
    CHECK(w.runs("b").front().state == State::waiting);
}

TEST_CASE("why shows the result of each upstream job") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(chain);
    w.script("a", {{.takes = Seconds{7200}}});
    w.run_until("2026-11-20T21:20:00Z");
    const auto texts = [&](const std::string& name, const std::string& date) {
        std::string all;
        const auto lines = why(w.loaded(), JobName(name), day(date), &w.store(), w.now());
        for (const WhyLine& line : *lines)
            for (const WhyReason& reason : line.reasons)
                if (reason.check == "dependency") all += (reason.holds ? "+" : "-") + reason.text + "\n";
        return all;
    };
    CHECK(texts("b", "2026-11-20") ==
          "-a 2026-11-20: run 1 is running\n-run 2 waiting (dependency): waits for a 2026-11-20\n");
    CHECK(texts("b", "2026-11-24") == "-a 2026-11-24 is due at 2026-11-24T16:15:00-05:00\n");
}

TEST_CASE("Airflow's trigger rules") {
    struct Row {
        Trigger trigger;
        std::string ends;  // s success, f failed, k skipped, . pending
        TriggerVerdict verdict;
    };
    const auto go = TriggerVerdict::start, no = TriggerVerdict::skip, bad = TriggerVerdict::upstream_failed,
               wait = TriggerVerdict::wait;
    const std::vector<Row> table{
        {Trigger::all_success, "ss", go},
        {Trigger::all_success, "sk", no},
        {Trigger::all_success, "kf", bad},
        {Trigger::all_success, "f.", wait},
        {Trigger::all_done, "fk", go},
        {Trigger::all_done, "s.", wait},
        {Trigger::all_failed, "ff", go},
        {Trigger::all_failed, "sf", no},
        {Trigger::all_failed, "kk", no},
        {Trigger::all_skipped, "kk", go},
        {Trigger::all_skipped, "ks", no},
        {Trigger::one_success, "s.", go},
        {Trigger::one_success, "kk", no},
        {Trigger::one_success, "kf", bad},
        {Trigger::one_success, "f.", wait},
        {Trigger::one_failed, "f.", go},
        {Trigger::one_failed, "ss", no},
        {Trigger::one_failed, "s.", wait},
        {Trigger::one_done, "f.", go},
        {Trigger::one_done, "k.", wait},
        {Trigger::one_done, "kk", no},
        {Trigger::none_failed, "sk", go},
        {Trigger::none_failed, "kf", bad},
        {Trigger::none_failed, "kk", go},
        {Trigger::none_skipped, "sf", go},
        {Trigger::none_skipped, "sk", no},
        {Trigger::always, "..", go},
        {Trigger::none_failed_min_one_success, "sk", go},
        {Trigger::none_failed_min_one_success, "kk", no},
        {Trigger::none_failed_min_one_success, "sf", bad},
        {Trigger::all_done_min_one_success, "sf", go},
        {Trigger::all_done_min_one_success, "s.", wait},
        {Trigger::all_done_min_one_success, "ff", bad},
        {Trigger::all_done_min_one_success, "sk", no},
        {Trigger::all_done_min_one_success, "fk", no},
        {Trigger::all_done_min_one_success, "ss", go},
    };
    for (const Row& row : table) {
        std::vector<UpstreamStatus> looks;
        for (const char end : row.ends) {
            UpstreamStatus look;
            look.standing = end == 's'   ? UpstreamStatus::Standing::success
                            : end == 'f' ? UpstreamStatus::Standing::failed
                            : end == 'k' ? UpstreamStatus::Standing::skipped
                                         : UpstreamStatus::Standing::pending;
            looks.push_back(look);
        }
        INFO(to_text(row.trigger) << " " << row.ends);
        CHECK(judge(row.trigger, looks) == row.verdict);
    }
}

TEST_CASE("a backfill also runs upstream jobs, or treats them as successful") {
    World w{"2026-11-20T22:00:00Z"};
    w.plan(chain);
    BackfillAsked asked{{JobName("c")}, day("2026-11-18"), day("2026-11-18"), BackfillAsked::Rerun::none, 1, "root"};
    asked.upstreams = BackfillAsked::Upstreams::run;
    CHECK(w.ask(asked).runs.size() == 3);
    w.run_until("2026-11-20T22:10:00Z");
    for (const char* name : {"a", "b", "c"}) CHECK(fates(w, name) == "success");
    asked.from = asked.to = day("2026-11-19");
    asked.upstreams = BackfillAsked::Upstreams::assumed;
    CHECK(w.ask(asked).runs.size() == 1);
    w.run_until("2026-11-20T22:20:00Z");
    CHECK(w.runs("a").size() == 1);
    CHECK(w.runs("c").back().state == State::success);
}

TEST_CASE("a run that waits for another job can be late, held and released, and ends as too late") {
    World w{"2026-11-20T20:00:00Z"};
    w.plan(defaults + "[slack.ops]\nwebhook_env = \"X\"\n" + job("a", "schedule = '@close'") +
           job("b",
               "schedule = '@close'\nafter = ['a']\ndeadline = '+10m'\nnot_after = '+30m'\n"
               "notify = { late = ['slack:ops'] }") +
           job("c", "after = ['a']"));
    w.script("a", {{.takes = Seconds{3600}}});
    w.run_until("2026-11-20T21:09:59Z");
    CHECK(fates(w, "b") == "waiting dependency");
    CHECK(w.notices().empty());
    w.run_until("2026-11-20T21:10:00Z");
    REQUIRE(w.notices().size() == 1);
    CHECK(w.notices()[0].kind == NoticeKind::late);
    REQUIRE(w.ask(HoldAsked{JobName("c"), {}, "root"}).ok);
    CHECK(fates(w, "c") == "waiting held");
    REQUIRE(w.ask(ReleaseAsked{JobName("c"), "root"}).ok);
    CHECK(fates(w, "c") == "waiting dependency");
    CHECK(fates(w, "b") == "waiting dependency");
    w.run_until("2026-11-20T21:30:00Z");
    CHECK(fates(w, "b") == "missed too_late");
    w.run_until("2026-11-20T22:01:00Z");
    CHECK(w.started("b").empty());
    CHECK(w.started("c") == std::vector{utc("2026-11-20T22:00:00Z")});
}
