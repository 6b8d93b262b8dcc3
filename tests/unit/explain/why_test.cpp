// The output of `why` for future dates, for dates without a fire, for disabled or removed jobs, and its cost.
#include "explain/why.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "engine/backfill.h"
#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

const std::string defaults = "[defaults]\ncommand = 'true'\n";
const std::string daily = "timezone = 'UTC'\nschedule = '0 6 * * *'\n";

std::string text_of(const std::vector<WhyLine>& lines) {
    std::string text;
    for (const WhyLine& line : lines) {
        text += line.state + "\n";
        for (const WhyReason& reason : line.reasons)
            text += (reason.holds ? "+" : "-") + reason.check + " " + reason.text + "\n";
    }
    return text;
}

std::string why_text(World& w, const std::string& job, const std::string& date) {
    const auto lines = why(w.loaded(), JobName(job), day(date), &w.store(), w.now());
    REQUIRE(lines);
    return text_of(*lines);
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// Counts the queries for the newest run.
class Counting : public Ledger {
   public:
    explicit Counting(const Ledger& ledger) : ledger_(ledger) {}
    Result<std::optional<Run>> by_key(const JobName& job, const FireKey& key) const override {
        return ledger_.by_key(job, key);
    }
    Result<std::optional<Run>> by_id(RunId id) const override { return ledger_.by_id(id); }
    Result<std::optional<Run>> spanning(const JobName& job, Instant fire) const override {
        ++spans;
        return ledger_.spanning(job, fire);
    }
    Result<std::optional<JobRecord>> record_of(const JobName& job) const override { return ledger_.record_of(job); }
    Result<std::vector<Run>> by_date(const JobName& job, Date date) const override {
        return ledger_.by_date(job, date);
    }
    Result<std::optional<Run>> newest_before(const JobName& job, Date date, Instant before) const override {
        ++newest;
        return ledger_.newest_before(job, date, before);
    }
    Result<std::vector<Run>> upstream_failed_after(const JobName& job, Date date) const override {
        return ledger_.upstream_failed_after(job, date);
    }

    mutable int newest = 0, spans = 0;

   private:
    const Ledger& ledger_;
};

}  // namespace

TEST_CASE("why reads a date's previous date once, however many fires the date has") {
    World w{"2026-11-20T00:00:30Z"};
    w.plan(defaults + "[job.min]\ntimezone = 'UTC'\nschedule = '* * * * *'\ndepends_on_past = true\n");
    const Counting ledger(w.store());
    const auto lines = why(w.loaded(), JobName("min"), day("2026-11-21"), &ledger, w.now());
    REQUIRE(lines);
    CHECK(lines->size() == 1440);
    CHECK(says(text_of(*lines), "-dependency depends_on_past: min 2026-11-20 is due at 2026-11-20T23:59:00+00:00"));
    CHECK(ledger.newest == 1);
    CHECK(ledger.spans <= 1);
}

TEST_CASE("a shared row is read once, for why and for jobs that wait for its fires") {
    World w{"2026-11-20T00:00:30Z"};
    w.plan(defaults +
           "[job.min]\ntimezone = 'UTC'\nschedule = '* * * * *'\n"
           "[job.last]\ntimezone = 'UTC'\nschedule = '0 0 * * *'\nafter = ['min@previous']\n");
    w.crash();
    w.sleep_until("2026-11-21T00:00:30Z");
    w.restart();
    const Counting ledger(w.store());
    CHECK(why(w.loaded(), JobName("min"), day("2026-11-20"), &ledger, w.now())->size() == 1440);
    CHECK(ledger.spans < 10);
    CHECK(why(w.loaded(), JobName("last"), day("2026-11-21"), &ledger, w.now())->size() == 1);
    CHECK(ledger.spans < 20);
}

TEST_CASE("an answer can be limited, and the error says what to do") {
    World w{"2026-11-20T05:00:30Z"};
    w.plan(defaults + "[job.sec]\ntimezone = 'UTC'\nschedule = '@every 1s'\n");
    const auto lines = why(w.loaded(), JobName("sec"), day("2026-11-21"), &w.store(), w.now(), 1000);
    REQUIRE_FALSE(lines);
    CHECK(lines.error().kind == Error::Kind::refused);
    CHECK(lines.error().what == "sec has more than 1000 fires for 2026-11-21, too many for one answer");
    CHECK(says(lines.error().hint, "marketcron runs sec --from 2026-11-21"));
}

TEST_CASE("for a future fire why shows the ice, wait_until, not_after and the deadline") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(defaults + "[job.a]\n" + daily + "wait_until = '23:50'\nnot_after = '23:55'\ndeadline = '+1d'\n");
    const std::string before = why_text(w, "a", "2026-11-22");
    CHECK(says(before, "scheduled\n"));
    CHECK(says(before, "-sensor wait_until: it waits until 2026-11-22T23:50:00+00:00 (UTC)\n"));
    CHECK(says(before, "+not_after it may start until 2026-11-22T23:55:00+00:00 (UTC); later it ends as missed"));
    CHECK(says(before, "+deadline it is late unless it has ended by 2026-11-23T06:00:00+00:00 (UTC)\n"));
    CHECK_FALSE(says(before, "iced"));

    REQUIRE(w.ask(IceAsked{JobName("a"), utc("2026-11-22T12:00:00Z"), "root"}).ok);
    CHECK(says(why_text(w, "a", "2026-11-22"),
               "-iced the job is iced by root since 2026-11-20T05:00:00+00:00 (UTC), until "
               "2026-11-22T12:00:00+00:00 (UTC): this run is skipped"));
    CHECK_FALSE(says(why_text(w, "a", "2026-11-23"), "iced"));  // over by then
    REQUIRE(w.ask(IceAsked{JobName("a"), {}, "root"}).ok);
    CHECK(says(why_text(w, "a", "2026-11-23"), ", until `marketcron release a`: this run is skipped"));
}

TEST_CASE("a waiting run shows until when it may start, or that it cannot start") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(defaults + "[job.a]\n" + daily + "wait_until = '08:00'\nnot_after = '09:00'\n" + "[job.never]\n" + daily +
           "wait_until = '08:00'\nnot_after = '07:00'\n");
    w.run_until("2026-11-20T06:30:00Z");
    const std::string waits = why_text(w, "a", "2026-11-20");
    CHECK(says(waits, "waiting\n"));
    CHECK(says(waits, "+not_after it may start until 2026-11-20T09:00:00+00:00 (UTC)"));
    w.run_until("2026-11-20T08:30:00Z");
    CHECK(says(why_text(w, "a", "2026-11-20"), "+not_after it could start until 2026-11-20T09:00:00+00:00 (UTC)\n"));
    CHECK(says(why_text(w, "never", "2026-11-21"),
               "-too_late not_after: it cannot start after 2026-11-21T07:00:00+00:00 (UTC), which is not later"));
}

TEST_CASE("a trigger rule has a result, and so has each upstream job under that rule") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(defaults + "[job.a]\n" + daily + "[job.b]\n" + daily +
           "[job.on_failure]\nafter = ['a', 'b']\ntrigger = 'one_failed'\n"
           "[job.after_all]\nafter = ['a', 'b']\ntrigger = 'all_done'\n[job.strict]\nafter = ['a', 'b']\ntrigger = "
           "'none_failed'\n");
    w.script("a", {{}, {.exit_code = 1}});
    CHECK(says(why_text(w, "after_all", "2026-11-20"), "-trigger trigger all_done is not met yet\n"));
    w.run_until("2026-11-20T07:00:00Z");
    const std::string good = why_text(w, "on_failure", "2026-11-20");
    CHECK(says(good, "-dependency a 2026-11-20: run 1 success\n"));
    CHECK(says(good, "-trigger trigger one_failed is not met: the job is skipped\n"));
    w.run_until("2026-11-21T07:00:00Z");
    const std::string bad = why_text(w, "on_failure", "2026-11-21");
    CHECK(says(bad, "+dependency a 2026-11-21: run"));
    CHECK(says(bad, "+trigger trigger one_failed is met\n"));
    const std::string after = why_text(w, "after_all", "2026-11-21");
    CHECK(says(after, "+dependency a 2026-11-21: run"));
    CHECK(says(after, "failed (exit_code)\n"));
    CHECK(says(why_text(w, "strict", "2026-11-21"), "none_failed is not met: the job ends as upstream_failed\n"));
    // A run started because of a failure has run, even after the failure is fixed.
    for (const Run& run : w.runs("a")) {
        if (run.state != State::failed) continue;
        MarkAsked healed;
        healed.run = run.id;
        REQUIRE(w.ask(healed).ok);
    }
    CHECK(says(why_text(w, "on_failure", "2026-11-21"),
               "-trigger trigger one_failed is not met now, but the run has already started\n"));
    // An iced job counts as success: no failure is possible.
    CHECK(w.ask(IceAsked{JobName("a"), {}, "root"}).ok);
    CHECK(w.ask(IceAsked{JobName("b"), {}, "root"}).ok);
    const std::string iced = why_text(w, "on_failure", "2026-11-22");
    CHECK(says(iced, "-dependency a is iced, which counts as success\n"));
    CHECK(says(iced, "-trigger trigger one_failed is not met: the job is skipped\n"));
}

TEST_CASE("why shows a late run before and after its end, and what a finished run waited for") {
    World w{"2026-11-20T05:00:00Z"};
    w.script("a", {{.takes = Seconds{7200}}, {}});
    w.plan(defaults + "[job.a]\n" + daily + "wait_until = '07:00'\nnot_after = '09:30'\ndeadline = '08:00'\n");
    w.run_until("2026-11-20T07:30:00Z");
    CHECK(
        says(why_text(w, "a", "2026-11-20"), "+deadline it is late unless it has ended by 2026-11-20T08:00:00+00:00"));
    w.run_until("2026-11-20T08:30:00Z");
    CHECK(says(why_text(w, "a", "2026-11-20"),
               "-deadline its deadline was 2026-11-20T08:00:00+00:00 (UTC); it is late\n"));
    w.run_until("2026-11-21T08:30:00Z");
    const std::string late = why_text(w, "a", "2026-11-20");
    CHECK(says(late, "+sensor wait_until: it had to wait until 2026-11-20T07:00:00+00:00 (UTC)\n"));
    CHECK(says(late, "-deadline its deadline was 2026-11-20T08:00:00+00:00 (UTC); it ended late\n"));
    CHECK(says(why_text(w, "a", "2026-11-21"),
               "+deadline its deadline was 2026-11-21T08:00:00+00:00 (UTC); it ended in time\n"));
}

TEST_CASE("a future fire shows what it shares with other jobs, also before any daemon has run") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan("[daemon]\ncapacity = { memory = '64G', cpus = 16 }\n[pool.db]\nslots = 4\n" + defaults + "[job.up]\n" +
           daily + "[job.a]\n" + daily + "after = ['up']\npool = 'db'\nmemory = '8G'\ncpus = 2\nlatest_only = true\n");
    const auto lines = why(w.loaded(), JobName("a"), day("2026-11-21"), nullptr, w.now());
    REQUIRE(lines);
    const std::string text = text_of(*lines);
    CHECK(says(text, "-dependency up 2026-11-21 is due at 2026-11-21T06:00:00+00:00\n"));
    CHECK(says(text, "+pool it takes one of the 4 slots of pool db\n"));
    CHECK(says(text, "+claim it claims 8G of 64G of memory\n"));
    CHECK(says(text, "+claim it claims 2 of 16 cpus\n"));
    CHECK(says(text, "+overlap overlap skip: it is skipped if an earlier run is still active\n"));
    CHECK(says(text, "+latest_only in catch-up and backfills only its newest date runs\n"));
    const auto past = why(w.loaded(), JobName("a"), day("2026-11-18"), nullptr, w.now());
    CHECK(says(text_of(*past),
               "-no_fire no daemon has loaded the job, so the fire has no run; once one has, create it with "
               "`marketcron backfill a --from 2026-11-18 --to 2026-11-18`\n"));
}

TEST_CASE("if `when` prevents a fire, it is evaluated for that fire: its own date and instant") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(defaults +
           "[job.prev]\ncalendar = 'XNYS'\nschedule = '0 6 * * *'\nrun_for = 'session-1'\nwhen = 'weekday(mon)'\n" +
           "[job.open]\ncalendar = 'XNYS'\nschedule = '0 14 * * *'\nwhen = 'market_open'\n" +
           "[job.lunch]\ncalendar = 'XNYS'\nschedule = '0 6 * * *'\nwhen = 'session and not weekday(wed)'\n" +
           "[job.roll]\ncalendar = 'XNYS'\nschedule = '0 6 1 * *'\nroll = 'following'\n");
    const std::string monday = why_text(w, "prev", "2026-11-23");  // its fire would be on Tuesday
    CHECK(says(monday, "-weekday(mon) 2026-11-24 is a Tuesday"));
    CHECK(says(monday, "-when_false `weekday(mon)` is false for its fire at 2026-11-24T06:00:00-05:00"));
    const std::string half_day = why_text(w, "open", "2026-11-27");
    CHECK(says(half_day, "-market_open "));
    CHECK(says(half_day, "-when_false `market_open` is false for its fire at 2026-11-27T14:00:00-05:00"));
    const std::string wednesday = why_text(w, "lunch", "2026-11-25");
    CHECK(says(wednesday, "+session 2026-11-25 is a session of XNYS"));
    CHECK(says(wednesday, "-not weekday(wed) 2026-11-25 is a Wednesday"));
    CHECK(says(wednesday,
               "-when_false `session and not weekday(wed)` is false for its fire at 2026-11-25T06:00:00-05:00"));
    CHECK(says(why_text(w, "roll", "2027-05-03"), "(America/New_York), rolled from 2027-05-01\n"));
}

TEST_CASE("a skipped run names what blocked or replaced it") {
    World w{"2026-11-20T05:00:00Z"};
    w.script("a", {{.takes = Seconds{5400}}});
    w.plan(defaults +
           "[job.a]\ntimezone = 'UTC'\nschedule = '0 * * * *'\n[job.b]\ntimezone = 'UTC'\nschedule = '0 * * * *'\n" +
           "catch_up = 'latest'\n[job.open]\ncalendar = 'XNYS'\nschedule = '0 14 * * *'\nwhen = 'market_open'\n");
    w.run_until("2026-11-20T07:10:00Z");
    CHECK(says(why_text(w, "a", "2026-11-20"), "run 3 skipped (overlap): run 1 of the job was still active"));
    w.crash();
    w.sleep_until("2026-11-20T09:30:00Z");
    w.restart();
    w.run_until("2026-11-20T09:31:00Z");
    CHECK(says(why_text(w, "b", "2026-11-20"),
               "skipped (superseded): replaced by the fire at 2026-11-20T09:00:00+00:00"));
    CHECK(says(why_text(w, "open", "2026-11-27"),
               "-market_open XNYS is closed at 2026-11-27T14:00:00-05:00: it closed at 13:00, an early close\n"));
}

TEST_CASE("a held run shows how it can start") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(defaults + "[job.a]\n" + daily);
    CHECK(w.ask(HoldAsked{JobName("a"), {}, "root"}).ok);
    w.run_until("2026-11-20T07:00:00Z");
    CHECK(says(why_text(w, "a", "2026-11-20"), "; `marketcron release a` lets it start"));
}

TEST_CASE("a disabled job has no run, in the past or future") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(defaults + "[job.a]\nenabled = false\n" + daily + "[job.b]\nafter = ['a']\ntimezone = 'UTC'\n");
    for (const char* date : {"2026-11-18", "2026-11-22"}) {
        const std::string text = why_text(w, "a", date);
        CHECK(says(text, "none\n"));
        CHECK(says(text, "-disabled the job is disabled\n"));
        CHECK(says(why_text(w, "b", date), "-disabled a: the job is disabled\n"));
    }
}

TEST_CASE("without a fire why shows the next one after the date, and why upstream jobs have none") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(defaults +
           "[job.close]\ncalendar = 'XNYS'\nschedule = '@close'\n"
           "[job.fri]\ncalendar = 'XNYS'\nschedule = '@close'\nwhen = 'weekday(fri)'\n"
           "[job.chain]\nafter = ['close', 'fri']\ncalendar = 'XNYS'\n"
           "[job.last]\nafter = ['chain']\n");
    CHECK(says(why_text(w, "close", "2031-01-01"), "+schedule the next fire is at 2031-01-02T16:00:00-05:00"));
    CHECK(says(why_text(w, "close", "2020-01-01"), "+schedule the next fire is at 2026-11-20T16:00:00-05:00"));
    const std::string holiday = why_text(w, "last", "2026-11-26");
    CHECK(says(holiday, "none\n"));
    CHECK(says(holiday, "-session chain: close: 2026-11-26 is not a session of XNYS: Thanksgiving"));
    CHECK(says(holiday, "-schedule chain: fri: `@close` has no fire for 2026-11-26\n"));
    CHECK(says(why_text(w, "fri", "2026-11-25"),
               "-when_false `weekday(fri)` is false for its fire at 2026-11-25T16:00:00-05:00 (America/New_York)\n"));
    CHECK(says(holiday, "-schedule last, after other jobs, has no fire for 2026-11-26\n"));
}

TEST_CASE("without a fire of its upstream jobs, why shows what `when` says on that date") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(defaults +
           "[job.close]\ncalendar = 'XNYS'\nschedule = '@close'\n"
           "[job.rep]\nafter = ['close']\ncalendar = 'XNYS'\nwhen = 'session and not weekday(mon)'\n");
    const std::string holiday = why_text(w, "rep", "2026-11-26");
    CHECK(says(holiday, "\n-session 2026-11-26 is not a session of XNYS: Thanksgiving Day\n+not weekday(mon) "));
    CHECK(says(holiday, "-when_false `session and not weekday(mon)` is false on 2026-11-26\n"));
}

TEST_CASE("for a date whose fire roll moves, why shows the new date") {
    World w{"2027-08-20T05:00:00Z"};
    w.plan(
        defaults +
        "[job.first]\ncalendar = 'XNYS'\nschedule = '0 7 * * mon'\nroll = 'following'\nwhen = 'nth_weekday(1, mon)'\n"
        "[job.plain]\ncalendar = 'XNYS'\nschedule = '0 7 * * mon'\nroll = 'following'\n");
    const std::string first = why_text(w, "first", "2027-09-06");
    CHECK(says(first, "-session 2027-09-06 is not a session of XNYS: Labor Day"));
    CHECK(says(first, "-schedule `0 7 * * mon` fires on 2027-09-06, and `roll` moves that to 2027-09-07\n"));
    CHECK(says(first, "-when_false `nth_weekday(1, mon)` is false for its fire at 2027-09-07T07:00:00-04:00"));
    CHECK(says(why_text(w, "plain", "2027-09-06"), "and `roll` moves that to 2027-09-07\n"));
    CHECK(says(why_text(w, "plain", "2027-09-08"), "-schedule `0 7 * * mon` has no fire for 2027-09-08\n"));
}

TEST_CASE("beyond the coverage of its upstream jobs, the fires of a job without a schedule are unknown") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(defaults +
           "[job.close]\ncalendar = 'XNYS'\nschedule = '@close'\n"
           "[job.chain]\nafter = ['close']\n");
    const std::string text = why_text(w, "chain", "2060-01-05");
    CHECK(says(text, "-calendar_ended "));
    CHECK(says(text, "XNYS"));
    const auto backfill = plan_backfill(
        w.loaded(), w.store(), {{JobName("chain")}, day("2060-01-05"), day("2060-01-05"), {}, 1, "root"}, w.now());
    REQUIRE_FALSE(backfill);
    CHECK(backfill.error().kind == Error::Kind::calendar);
    const Reply start = w.ask(StartAsked{JobName("chain"), day("2060-01-05"), false, "root"});
    CHECK_FALSE(start.ok);
    CHECK(start.kind == Error::Kind::calendar);
}

TEST_CASE("a job that is no longer in the configuration is explained from its rows") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(defaults + "[job.gone]\n" + daily + "[job.late]\n" + daily + "wait_until = '08:00'\n[job.stays]\n" + daily);
    w.run_until("2026-11-20T07:00:00Z");
    w.plan(defaults + "[job.stays]\n" + daily);
    const auto of = [&](const std::string& job, const std::string& date) {
        return text_of(*why_gone(JobName(job), day(date), w.store(), *Zone::utc()));
    };
    CHECK(says(of("gone", "2026-11-20"), "success\n-removed the job is no longer in the configuration\n+success run "));
    CHECK(says(of("late", "2026-11-20"), "skipped\n-removed the job is no longer in the configuration\n-removed run "));
    CHECK(of("gone", "2026-11-21") ==
          "none\n-removed the job is no longer in the configuration, and the ledger has no run of it for 2026-11-21; "
          "its newest "
          "is for 2026-11-20\n");
    CHECK(of("nobody", "2026-11-20").empty());
}

TEST_CASE("for a finished run why shows the results of its sensors") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(defaults + "[job.a]\n" + daily + "wait = [{ file = '/x', timeout = '1h' }, { file = '/y' }]\n");
    CHECK(says(why_text(w, "a", "2026-11-20"), "-sensor it waits for file /x"));
    w.sensor("a", 1, [](const Probe&, Instant) {
        SensorAnswer answer;
        answer.passed = true;
        return answer;
    });
    w.run_until("2026-11-20T08:00:00Z");
    const std::string ended = why_text(w, "a", "2026-11-20");
    CHECK_FALSE(says(ended, "it waits for"));
    CHECK(says(ended, "-sensor it waited 1h for file /x; the sensor did not pass in that time\n"));
    CHECK_FALSE(says(ended, "/y"));  // the row does not show it
    CHECK(says(ended, "-sensor_timeout run 1 failed (sensor_timeout): waited 1h for file /x"));

    REQUIRE(w.ask(RerunAsked{1, false, "root"}).ok);
    w.run_until("2026-11-20T08:10:00Z");
    CHECK(says(why_text(w, "a", "2026-11-20"), "+sensor it did not wait for file /x: an operator started it\n"));
    w.sensor("a", 0, [](const Probe&, Instant) {
        SensorAnswer answer;
        answer.passed = true;
        return answer;
    });
    w.run_until("2026-11-21T08:00:00Z");
    CHECK(says(why_text(w, "a", "2026-11-21"), "+sensor it waited for file /x; the sensor has passed\n"));
}

TEST_CASE("for a waiting run why shows which of its sensors have passed") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(defaults + "[job.a]\n" + daily + "wait = [{ file = '/x' }, { file = '/y' }, { file = '/z' }]\n");
    const auto passes = [&](std::size_t sensor) {
        w.sensor("a", sensor, [](const Probe&, Instant) {
            SensorAnswer answer;
            answer.passed = true;
            return answer;
        });
    };
    w.run_until("2026-11-20T07:10:00Z");
    std::string waits = why_text(w, "a", "2026-11-20");
    for (const char* file : {"/x", "/y", "/z"})
        CHECK(says(waits, fmt::format("-sensor it waits for file {}, checked", file)));
    passes(0);
    w.run_until("2026-11-20T07:20:00Z");
    waits = why_text(w, "a", "2026-11-20");
    CHECK(says(waits, "+sensor it waited for file /x; the sensor has passed\n"));
    for (const char* file : {"/y", "/z"})
        CHECK(says(waits, fmt::format("-sensor it waits for file {}, checked", file)));
    passes(2);
    w.run_until("2026-11-20T07:30:00Z");
    waits = why_text(w, "a", "2026-11-20");
    CHECK(says(waits, "-sensor it waits for file /y, checked"));
    CHECK(says(waits, "+sensor it waited for file /z; the sensor has passed\n"));
}

TEST_CASE("claims and slots are shown in the configuration's units, with what the run needs") {
    World w{"2026-11-20T05:00:00Z"};
    const auto job = [](const std::string& name, const std::string& rest) {
        return "[job." + name + "]\ntimezone = 'UTC'\n" + rest + "\n";
    };
    const std::string six = "schedule = '0 6 * * *'\n", eight = "schedule = '0 8 * * *'\n";
    w.plan(defaults + "[daemon]\ncapacity = { memory = '8G', cpus = 4 }\n[pool.one]\nslots = 1\n" +
           job("a1", six + "memory = '6656M'") + job("a2", six + "memory = '2G'") + job("b1", eight + "cpus = 3.5") +
           job("b2", eight + "cpus = 1") + job("c1", six + "pool = 'one'") + job("c2", six + "pool = 'one'"));
    for (const char* name : {"a1", "b1", "c1"}) w.script(name, {{.takes = Seconds{600}}});
    const auto detail = [&](const std::string& name) { return w.runs(name).at(0).detail; };
    w.run_until("2026-11-20T06:05:00Z");
    CHECK(detail("a2") == "it asks for 2G of memory; 6.5G of 8G are claimed");
    CHECK(detail("c2") == "the only slot of pool one is taken");
    w.run_until("2026-11-20T08:05:00Z");
    CHECK(detail("b2") == "it asks for 1 cpu; 3.5 of 4 are claimed");
}

TEST_CASE("replies use the singular for one run") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(defaults + "[job.a]\ntimezone = 'UTC'\nschedule = '0 6,7 * * *'\ncatch_up = 'all'\n");
    CHECK(w.ask(BackfillAsked{{JobName("a")}, day("2026-11-18"), day("2026-11-18"), {}, 1, "root"}).text ==
          "2 of 2 fires will run, 1 at a time");
    REQUIRE(w.ask(HoldAsked{JobName("a"), {}, "root"}).ok);
    w.run_until("2026-11-20T07:30:00Z");
    const Reply released = w.ask(ReleaseAsked{JobName("a"), "root"});
    CHECK(says(released.text, ": runs "));
    CHECK(says(released.text, " may start"));
    w.run_until("2026-11-20T07:40:00Z");
    CHECK(w.ask(ClearAsked{{JobName("a")}, day("2026-11-20"), day("2026-11-20"), false, "root"}).text ==
          "2 runs are cleared: they run again, by the rules of backfill");
    w.plan(defaults + "[job.b]\n" + daily);
    w.run_until("2026-11-21T06:30:00Z");
    CHECK(w.ask(ClearAsked{{JobName("b")}, day("2026-11-21"), day("2026-11-21"), false, "root"}).text ==
          "1 run is cleared: it runs again, by the rules of backfill");
}

TEST_CASE("why predicts that a text, a sensor or a predicate will end the run") {
    World w{"2050-12-28T05:00:00Z"};
    const std::string close = "calendar = 'XNYS'\nschedule = '@close'\n";
    w.plan("[job.text]\n" + close + "command = 'x {{session+3}}'\n" +  //
           "[job.sensor]\n" + close + "command = 'x'\nwait = [{ file = '/{{session+3}}' }]\n" +
           "[job.when]\ncalendar = 'XNYS'\nafter = ['good']\nwhen = 'before_holiday'\ncommand = 'x'\n" +
           "[job.good]\n" + close + "command = 'x {{session-3}}'\n" +
           "[job.cron]\ncalendar = 'XNYS'\nschedule = '0 12 * * *'\ncommand = 'x {{session}}'\n");
    for (const char* job : {"text", "sensor", "when"}) {
        INFO(job);
        const std::string text = why_text(w, job, "2050-12-30");
        CHECK(says(text, "scheduled\n"));
        CHECK(says(text, "-calendar_ended "));
        CHECK(says(text, ": the run will end as failed\n"));
    }
    CHECK_FALSE(says(why_text(w, "good", "2050-12-30"), "will end as failed"));
    CHECK_FALSE(says(why_text(w, "cron", "2050-12-30"), "will end as failed"));
    CHECK(says(why_text(w, "cron", "2050-12-31"),
               "-no_session 2050-12-31 is not a session of XNYS: the run will end as failed"));
    w.run_until("2050-12-31T20:00:00Z");
    for (const char* job : {"text", "sensor", "when"}) CHECK(w.runs(job).back().reason == Reason::calendar_ended);
    CHECK(w.runs("cron").back().reason == Reason::no_session);
}

TEST_CASE("why predicts this also for a waiting run") {
    World w{"2050-12-30T05:00:00Z"};
    w.plan("[job.a]\ncalendar = 'XNYS'\nschedule = '@close'\ncommand = 'x {{session+3}}'\n");
    REQUIRE(w.ask(HoldAsked{JobName("a"), {}, "root"}).ok);
    w.run_until("2050-12-30T23:00:00Z");
    REQUIRE(w.runs("a").back().state == State::waiting);
    CHECK(says(why_text(w, "a", "2050-12-30"), "-calendar_ended "));
    REQUIRE(w.ask(ReleaseAsked{JobName("a"), "root"}).ok);
    w.run_until("2050-12-30T23:10:00Z");
    const std::string ended = why_text(w, "a", "2050-12-30");
    CHECK(says(ended, "-calendar_ended run 1 failed"));
    CHECK_FALSE(says(ended, "will end"));
}

TEST_CASE("why does not mention a sensor or predicate that a run started by hand bypasses") {
    World w{"2050-12-30T21:30:00Z"};  // its fire was due
    w.plan("[job.a]\ncalendar = 'XNYS'\nschedule = '@close'\ncommand = 'x'\nwait = [{ file = '/{{session+3}}' }]\n");
    w.hinder(Hindrance{Hindrance::Of::every_run, "cannot make a process"});
    CHECK(w.ask(StartAsked{JobName("a"), day("2050-12-30"), false, "root"}).text == "run 1 of a for 2050-12-30 starts");
    w.run_until("2050-12-30T22:00:10Z");
    REQUIRE(w.runs("a").back().state == State::waiting);
    CHECK_FALSE(says(why_text(w, "a", "2050-12-30"), "will end as failed"));
}
