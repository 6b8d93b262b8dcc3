// The consequences announced before a mark agree with the resulting rows.
#include "explain/consequence.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

using Lines = std::vector<std::string>;

const std::string head = "[defaults]\ncommand = 'true'\ntimezone = 'UTC'\n";

Lines ended(World& w, const Run& run, State state) {
    return if_ended(w.loaded(), run, state, w.store(), w.now()).value();
}
Lines rerun(World& w, const Run& run) { return if_rerun(w.loaded(), run, w.store(), w.now()).value(); }

}  // namespace

TEST_CASE("the consequences of a result for waiting runs, by their triggers") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(head +
           "[job.a]\nschedule = '0 6 * * *'\n[job.all]\nafter = ['a']\nwait_until = '09:00'\n"
           "[job.clean]\nafter = ['a']\ntrigger = 'all_done'\n[job.alarm]\nafter = ['a']\ntrigger = 'one_failed'\n"
           "[job.two]\nafter = ['a', 'late']\n[job.late]\nschedule = '0 8 * * *'\n"
           "[job.own]\nafter = ['a']\nschedule = '0 7 * * *'\n[job.next]\nafter = ['a@previous']\nschedule = '0 5 * * "
           "*'\n");
    w.script("a", {{.takes = Seconds{3600}}});
    w.run_until("2026-11-20T06:10:00Z");
    const Run a = w.runs("a").front();
    CHECK(ended(w, a, State::killed) == Lines{"alarm can start (trigger one_failed)", "all ends as upstream_failed",
                                              "clean can start (trigger all_done)",
                                              "next 2026-11-21 ends as upstream_failed", "own ends as upstream_failed",
                                              "two still waits: late 2026-11-20 is due at 2026-11-20T08:00:00+00:00"});
    CHECK(ended(w, a, State::success).front() == "alarm is skipped (trigger one_failed)");
    CHECK(w.ask(StopAsked{a.id, "root"}).ok);
    w.run_until("2026-11-20T07:10:00Z");
    CHECK(fates(w, "all") == "upstream_failed upstream_failed");
    CHECK(fates(w, "own") == "upstream_failed upstream_failed");
    CHECK(fates(w, "two") == "waiting dependency");
}

TEST_CASE("finished downstream runs do not change, but those blocked by their upstream job wait again") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(head +
           "[job.a]\nschedule = '0 6 * * *'\n[job.b]\nafter = ['a']\n[job.c]\nafter = ['b']\n"
           "[job.done]\nafter = ['a']\ntrigger = 'all_done'\n[job.now]\nafter = ['a']\ntrigger = 'always'\n");
    w.script("a", {{}, {.exit_code = 1}});
    w.script("now", {{.takes = Seconds{3600 * 30}}});
    w.run_until("2026-11-20T06:10:00Z");
    const Run good = w.runs("a").front();
    const Lines stay{"b has already ended as success and does not change",
                     "done has already ended as success and does not change",
                     fmt::format("now has already started as run {}, and continues", w.runs("now").front().id)};
    CHECK(ended(w, good, State::failed) == stay);
    CHECK(rerun(w, good) == Lines(stay.begin(), stay.begin() + 2));
    w.run_until("2026-11-21T06:10:00Z");
    const Run bad = w.runs("a").back();
    const RunId b = w.runs("b").back().id;
    CHECK(ended(w, bad, State::success).front() ==
          fmt::format("b waits again: its run {} had ended as upstream_failed", b));
    CHECK(ended(w, bad, State::skipped).front() ==
          fmt::format("b is skipped: its run {} had ended as upstream_failed", b));
    CHECK(rerun(w, bad) == Lines{"done has already ended as success and does not change",
                                 "once it succeeds, b and c wait again (upstream_failed until then)"});
    CHECK(w.ask(MarkAsked{good.id, State::failed, "x", "root"}).ok);
    CHECK(w.ask(MarkAsked{bad.id, State::success, "x", "root"}).ok);
    w.run_until("2026-11-21T06:20:00Z");
    CHECK(fates(w, "b") == "success, success");
    CHECK(fates(w, "c") == "success, success");
}

TEST_CASE("the result of a run without a date affects no other run") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(head + "[job.a]\nschedule = '0 6 * * *'\n[job.b]\nafter = ['a']\n[job.c]\nafter = ['a']\n");
    CHECK(w.ask(StartAsked{JobName("a"), {}, false, "root"}).ok);
    w.run_until("2026-11-20T05:01:00Z");
    const Run a = w.runs("a").front();
    const Lines nothing{"b and c ignore this run: it was started without a date"};
    CHECK(ended(w, a, State::failed) == nothing);
    CHECK(rerun(w, a) == nothing);
}

TEST_CASE("of several fires of a date the latest decides, and future fires are waited for") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(head + "[job.a]\nschedule = '0 6,7 * * *'\n[job.b]\nafter = ['a']\n");
    w.script("a", {{.exit_code = 1}});
    w.run_until("2026-11-20T06:10:00Z");
    const Run early = w.runs("a").front();
    CHECK(ended(w, early, State::success) == Lines{"b still waits: a 2026-11-20 is due at 2026-11-20T07:00:00+00:00"});
    w.run_until("2026-11-20T07:10:00Z");
    REQUIRE(fates(w, "b") == "upstream_failed upstream_failed");
    const RunId late = w.runs("a").back().id;
    CHECK(ended(w, early, State::success) ==
          Lines{fmt::format("b stays upstream_failed (run {}, the latest for 2026-11-20, decides)", late)});
    CHECK(rerun(w, early).empty());
    CHECK(w.ask(MarkAsked{early.id, State::success, "x", "root"}).ok);
    CHECK(fates(w, "b") == "upstream_failed upstream_failed");
    CHECK(ended(w, w.runs("a").back(), State::success) ==
          Lines{fmt::format("b waits again: its run {} had ended as upstream_failed", w.runs("b").front().id)});
}

TEST_CASE("releasing a job that is both held and iced ends both") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(head + "[job.a]\nschedule = '0 6 * * *'\n[job.b]\nafter = ['a']\n");
    CHECK(w.ask(HoldAsked{JobName("a"), {}, "root"}).ok);
    CHECK(w.ask(IceAsked{JobName("a"), {}, "root"}).ok);
    const Lines lines = if_released(w.loaded(), w.loaded().jobs.at(JobName("a")),
                                    *w.store().record_of(JobName("a")).value(), {}, w.now());
    CHECK(lines == Lines{"both its hold and its ice end", "b waits for it again from its next fire"});
}

TEST_CASE("what becomes of a downstream run, by what it is doing") {
    World w{"2026-11-20T05:00:00Z"};
    w.plan(head + "[job.a]\nschedule = '0 6 * * *'\n[job.b]\nschedule = '0 9 * * *'\nafter = ['a']\n");
    w.script("a", {{.takes = Seconds{3600}}});
    w.run_until("2026-11-20T06:10:00Z");
    const Run a = w.runs("a").front();
    Run row;
    row.id = 70;
    row.job = JobName("b");
    row.key = FireKey::of_date(a.logical_date);
    row.fire = utc("2026-11-20T09:00:00Z");
    row.logical_date = a.logical_date;
    row.state = State::waiting;
    StepWrites first;
    first.inserted = {row};
    REQUIRE(w.store().commit(first));
    const auto fate = [&](auto change) {
        Run changed = row;
        change(changed);
        StepWrites batch;
        batch.updated = {changed};
        REQUIRE(w.store().commit(batch));
        return ended(w, a, State::success);
    };
    CHECK(fate([](Run&) {}) == Lines{"b can start"});
    CHECK(fate([](Run& run) { run.state = State::queued; }) == Lines{"b can start"});
    CHECK(fate([](Run& run) { run.bypasses_gates = true; }) == Lines{"b starts as run 70 without waiting"});
    CHECK(fate([](Run& run) { run.reason = Reason::held; }) == Lines{"b is held, as run 70"});
    CHECK(fate([](Run& run) { run.clearing = 3; }) == Lines{"b is being cleared, as run 70"});
    CHECK(fate([](Run& run) { run.state = State::running; }) ==
          Lines{"b has already started as run 70, and continues"});
    CHECK(fate([](Run& run) { run.state = State::retrying; }) ==
          Lines{"b has already started as run 70, and continues"});
    CHECK(fate([](Run& run) { run.state = State::timed_out; }) ==
          Lines{"b has already ended as timed_out and does not change"});
}

TEST_CASE("a release lets runs start, and skips those that a newer one replaces") {
    World w{"2026-11-20T05:00:00Z"};
    const auto load = [&](const std::string& keys) {
        w.plan(head + "[job.a]\nschedule = '0 6 * * *'\n" + keys + "[job.b]\nafter = ['a']\n");
    };
    load("catch_up = 'latest'\n");
    REQUIRE(w.ask(HoldAsked{JobName("a"), {}, "root"}).ok);
    const JobRecord record = *w.store().record_of(JobName("a")).value();
    std::vector<Run> held(3);
    for (int i = 0; i < 3; ++i) {
        held[i].id = i + 1;
        held[i].job = JobName("a");
        held[i].fire = utc("2026-11-20T06:00:00Z") + Seconds{86400} * i;
        held[i].logical_date = day("2026-11-20") + date::days{i};
        held[i].state = State::waiting;
        held[i].reason = Reason::held;
    }
    const auto released = [&](auto change) {
        std::vector<Run> waiting = held;
        change(waiting);
        return if_released(w.loaded(), w.loaded().jobs.at(JobName("a")), record, waiting, w.now());
    };
    const std::string behind = "b waits for it until it has run";
    const Lines replaced{"run 3 is no longer held", "runs 1 and 2 are skipped because a newer run is kept", behind};
    CHECK(released([](auto&) {}) == replaced);
    CHECK(released([](auto& runs) { std::reverse(runs.begin(), runs.end()); }) == replaced);
    // Only the runs that the schedule has created since the hold replace each other.
    const Lines apart{"runs 1 and 3 are no longer held", "run 2 is skipped because a newer run is kept", behind};
    CHECK(released([](auto& runs) { runs[0].origin = Origin::start; }) == apart);
    CHECK(released([&](auto& runs) { runs[0].fire = record.hold->since - Seconds{1}; }) == apart);
    CHECK(released([&](auto& runs) { runs[0].fire = record.hold->since; }) == replaced);
    // A run that waits for something else is not mentioned.
    CHECK(released([](auto& runs) { runs[0].reason = Reason::sensor; }) ==
          Lines{"run 3 is no longer held", "run 2 is skipped because a newer run is kept", behind});
    CHECK(released([](auto& runs) { runs.clear(); }) == Lines{behind});
    load("catch_up = 'all'\ncatch_up_within = '30d'\n");
    CHECK(released([](auto&) {}) == Lines{"runs 1, 2 and 3 are no longer held", behind});
}

// Each sentence compared with the result: for every trigger, result of the other upstream job, first and second mark.
TEST_CASE("the announced consequences happen for every trigger") {
    const std::vector<std::string> triggers{"all_success",
                                            "all_done",
                                            "all_failed",
                                            "all_skipped",
                                            "one_success",
                                            "one_failed",
                                            "one_done",
                                            "none_failed",
                                            "always",
                                            "none_skipped",
                                            "none_failed_min_one_success",
                                            "all_done_min_one_success"};
    std::string file = head +
                       "[job.a]\nschedule = '0 6 * * *'\nwait_until = '20:00'\n"
                       "[job.b]\nschedule = '0 6 * * *'\nskip_exit_codes = [9]\n";
    for (const std::string& trigger : triggers)
        file += fmt::format("[job.{0}]\nafter = ['a', 'b']\ntrigger = '{0}'\n", trigger);
    const auto fits = [](const std::string& told, const std::string& is, const std::string& was) {
        if (told.starts_with("can start") || told.starts_with("waits again")) return is == "success";
        if (told.starts_with("is skipped")) return is == "skipped upstream_skipped";
        if (told.starts_with("ends as upstream_failed")) return is == "upstream_failed upstream_failed";
        if (told.starts_with("stays ")) return is == was && is == "upstream_failed upstream_failed";
        return told.starts_with("has already ended as ") && is == was;
    };
    const State verdicts[] = {State::success, State::failed, State::skipped};
    for (const int exit_code : {0, 1, 9})
        for (const State first : verdicts)
            for (const State second : verdicts) {
                World w{"2026-11-20T05:00:00Z"};
                w.plan(file);
                w.script("b", {{.exit_code = exit_code}});
                w.run_until("2026-11-20T07:00:00Z");
                for (const State verdict : {first, second}) {
                    std::map<std::string, std::string> was;
                    for (const std::string& job : triggers) was[job] = fates(w, job);
                    const Run a = w.runs("a").front();
                    const Lines lines = ended(w, a, verdict);
                    CHECK(lines.size() == triggers.size());
                    REQUIRE(w.ask(MarkAsked{a.id, verdict, "x", "root"}).ok);
                    w.run_until(w.now() + Seconds{60});
                    for (const std::string& line : lines) {
                        const std::string job = line.substr(0, line.find(' '));
                        CAPTURE(exit_code, to_text(verdict), line, was[job], fates(w, job));
                        CHECK(fits(line.substr(line.find(' ') + 1), fates(w, job), was[job]));
                    }
                }
            }
}
