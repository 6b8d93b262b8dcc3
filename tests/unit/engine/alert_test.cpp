// One alert for each job: opened, repeated, acknowledged, closed; and the notifications about blocked jobs.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

const std::string head = R"(
[slack.ops]
webhook_env = "X"
[slack.books]
webhook_env = "Y"
[defaults]
timezone = "UTC"
command = "true"
)";

const std::string tells = "notify = { failure = ['slack:ops'], recovery = ['slack:ops'], repeat = '1h' }\n";

std::string told(const World& w) {
    std::string text;
    for (const Notice& notice : w.notices())
        text += fmt::format("{} {} {} {}{}{}\n", to_string(notice.created).substr(11, 5), notice.target, notice.job,
                            to_text(notice.kind), notice.open_since ? " again" : "",
                            notice.behind.empty() ? "" : " behind: " + notice.behind);
    return text;
}

}  // namespace

TEST_CASE("an open alert is repeated at its interval until it is acknowledged, also after restarts") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{10}, 3}});
    w.plan(head + "[job.a]\nschedule = '0 6 * * *'\n" + tells);
    w.run_until("2026-11-20T07:30:00Z");
    CHECK(told(w) == "06:00 slack:ops a failure\n07:00 slack:ops a failure again\n");
    w.crash();
    w.sleep_until("2026-11-20T08:30:00Z");
    w.restart();
    w.run_until("2026-11-20T08:31:00Z");
    CHECK(told(w) == "06:00 slack:ops a failure\n07:00 slack:ops a failure again\n08:30 slack:ops a failure again\n");
    const RunId run = w.runs("a").front().id;
    CHECK(w.notices().back().alert == run);
    CHECK(w.notices().back().open_since == utc("2026-11-20T06:00:10Z"));

    CHECK(w.ask(AlertAsked{run + 1, false, "we know", "root"}).kind == Error::Kind::usage);
    CHECK(w.ask(AlertAsked{run, false, "we know", "root"}).ok);
    w.run_until("2026-11-20T12:00:00Z");
    REQUIRE(w.notices().size() == 4);
    CHECK(w.notices().back().kind == NoticeKind::acked);
    CHECK(w.notices().back().alert == run);
    CHECK(w.notices().back().detail == "by root: we know");
    REQUIRE(w.engine().alerts().size() == 1);
    CHECK(w.engine().alerts().at(JobName("a")).ack_reason == "we know");

    // It still closes automatically.
    w.script("a", {{Seconds{10}, 0}});
    CHECK(w.ask(RerunAsked{run, false, "root"}).ok);
    w.run_until("2026-11-20T12:01:00Z");
    CHECK(w.notices().back().kind == NoticeKind::recovery);
    CHECK(w.notices().back().alert == run);
    CHECK(w.engine().alerts().empty());
    CHECK(w.store().alerts(AlertsAsked::all)->front().close_reason == "it has succeeded");
}

TEST_CASE("one alert counts later failures; after an operator closes it, the next failure opens another") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{10}, 3}});
    w.plan(head + "[job.a]\nschedule = '0 * * * *'\n" + tells);
    w.run_until("2026-11-20T08:30:00Z");
    // Each failure is sent; the interval counts from the latest.
    CHECK(told(w) == "06:00 slack:ops a failure\n07:00 slack:ops a failure\n08:00 slack:ops a failure\n");
    const Alert alert = w.engine().alerts().at(JobName("a"));
    CHECK(alert.runs == 3);
    CHECK(alert.run == w.runs("a").front().id);
    CHECK(w.ask(AlertAsked{alert.run, true, "the vendor's day off", "ann"}).ok);
    CHECK(w.engine().alerts().empty());
    CHECK(w.store().alerts(AlertsAsked::all)->front().closed_by == "ann");
    CHECK(w.notices().back().kind == NoticeKind::closed);
    CHECK(w.notices().back().detail == "by ann: the vendor's day off");
    w.run_until("2026-11-20T09:30:00Z");
    CHECK(w.engine().alerts().at(JobName("a")).run == w.runs("a").back().id);
    // The alert of a job that leaves the configuration closes.
    w.plan(head + "[job.b]\nschedule = '0 * * * *'\n");
    CHECK(w.engine().alerts().empty());
}

TEST_CASE("late, then failed: one alert, with the worse kind") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{7200}, 3}});
    w.plan(head + "[job.a]\nschedule = '0 6 * * *'\ndeadline = '+1h'\n");
    w.run_until("2026-11-20T07:30:00Z");
    CHECK(w.engine().alerts().at(JobName("a")).kind == NoticeKind::late);
    w.run_until("2026-11-20T08:30:00Z");
    CHECK(w.engine().alerts().at(JobName("a")).kind == NoticeKind::failure);
    CHECK(w.engine().alerts().at(JobName("a")).runs == 1);
}

TEST_CASE("a failure's message names the jobs that it blocks") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{10}, 3}});
    std::string toml = head + "[job.a]\nschedule = '0 6 * * *'\n" + tells;
    for (int i = 0; i < 10; ++i)
        toml += fmt::format("[job.b{}]\nafter = ['{}']\nschedule = '0 6 * * *'\ndeadline = '+2h'\n", i,
                            i < 5 ? "a" : "b0") +
                tells;
    toml += "[job.c]\nafter = ['b7']\nnotify = { failure = ['slack:ops', 'slack:books'] }\n[job.d]\nafter = ['c']\n";
    w.plan(toml);
    w.run_until("2026-11-20T06:30:00Z");
    const std::string all = "06:00 slack:ops a failure behind: b0, b1, b2, b3, b4, b5, b6, b7, b8, b9 and c\n";
    CHECK(told(w) == all + "06:00 slack:books a failure behind: c\n");
    CHECK(w.runs("d").front().state == State::upstream_failed);
    CHECK(w.engine().alerts().size() == 1);

    // No deadline sends a message about them; when the root cause is fixed, its recovery is also one message.
    w.run_until("2026-11-20T08:30:00Z");
    CHECK(w.engine().alerts().size() == 1);
    w.script("a", {{Seconds{10}, 0}});
    const std::size_t before = w.notices().size();
    CHECK(w.ask(RerunAsked{w.runs("a").front().id, false, "root"}).ok);
    w.run_until("2026-11-20T08:40:00Z");
    CHECK(w.runs("d").front().state == State::success);
    REQUIRE(w.notices().size() == before + 1);
    CHECK(w.notices().back().kind == NoticeKind::recovery);
}

TEST_CASE("the targets of blocked jobs also get later updates of the failure") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{10}, 3}});
    w.plan(head + "[job.a]\nschedule = '0 6 * * *'\n" + tells +
           "[job.b]\nafter = ['a']\nnotify = { failure = ['slack:books', 'mail:ann'], recovery = ['slack:books'] }\n" +
           "[job.c]\nafter = ['a']\nnotify = { failure = ['slack:books'] }\n");
    w.run_until("2026-11-20T06:10:00Z");
    w.crash();
    w.restart();
    const RunId run = w.runs("a").front().id;
    CHECK(w.ask(AlertAsked{run, false, "we know", "root"}).ok);
    w.script("a", {{Seconds{10}, 0}});
    CHECK(w.ask(RerunAsked{run, false, "root"}).ok);
    w.run_until("2026-11-20T06:20:00Z");
    CHECK(told(w) ==
          "06:00 slack:ops a failure\n06:00 mail:ann a failure behind: b\n06:00 slack:books a failure behind: b and c\n"
          "06:10 slack:ops a acked\n06:10 mail:ann a acked\n06:10 slack:books a acked\n"
          "06:10 slack:ops a recovery\n06:10 slack:books a recovery\n");
    for (const Notice& notice : w.notices()) CHECK(notice.alert == run);
}

TEST_CASE("a failure's message names jobs that it will block later, which then send no second message") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{10}, 3}, {Seconds{10}, 3}, {}});
    w.plan(head + "[job.a]\nschedule = '0 6 * * *'\n" + tells + "[job.b]\nschedule = '0 7 * * *'\nafter = ['a']\n" +
           tells +
           "[job.c]\nschedule = '0 8 * * *'\nafter = ['b']\nnotify = { failure = ['slack:ops', 'slack:books'] }\n" +
           "[job.d]\nschedule = '0 9 * * *'\nafter = ['c']\nnotify = { failure = ['slack:books'] }\n" +
           "[job.all]\nschedule = '0 9 * * *'\nafter = ['a']\ntrigger = 'all_done'\n" + tells +
           "[job.sat]\nschedule = '0 9 * * 6'\nafter = ['a']\n" + tells);
    const std::string first = "06:00 slack:ops a failure behind: b and c\n",
                      books = "08:00 slack:books a failure behind: c and d\n";
    w.run_until("2026-11-20T06:30:00Z");
    CHECK(told(w) == first);
    w.crash();
    w.restart();
    w.run_until("2026-11-20T06:50:00Z");
    CHECK(w.ask(AlertAsked{w.runs("a").front().id, false, "we know", "root"}).ok);
    w.run_until("2026-11-20T10:00:00Z");
    CHECK(fates(w, "d") == "upstream_failed upstream_failed");
    CHECK(told(w) == first + "06:50 slack:ops a acked\n" + books);
    // Rerun without success, it is sent again, with the jobs that it still blocks.
    CHECK(w.ask(RerunAsked{w.runs("a").front().id, false, "root"}).ok);
    w.run_until("2026-11-20T10:01:00Z");
    CHECK(told(w) == first + "06:50 slack:ops a acked\n" + books + "10:00 slack:ops a failure behind: b and c\n");
    CHECK(w.ask(RerunAsked{w.runs("a").front().id, false, "root"}).ok);
    w.run_until("2026-11-20T10:02:00Z");
    CHECK(w.notices().back().kind == NoticeKind::recovery);
    CHECK(fates(w, "d") == "success");
}

TEST_CASE("a job whose run was made after a manual run of its upstream job failed is named in a second message") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{10}, 3}});
    w.plan(head + "[job.a]\nschedule = '0 4 * * *'\n" + tells + "[job.b]\nschedule = '0 8 * * *'\n" +
           "[job.c]\nafter = ['a', 'b']\n" + tells);
    CHECK(w.ask(StartAsked{JobName("a"), day("2026-11-20"), false, "root"}).ok);
    w.run_until("2026-11-20T06:00:00Z");
    CHECK(told(w) == "05:30 slack:ops a failure\n");
    w.run_until("2026-11-20T08:30:00Z");
    CHECK(fates(w, "c") == "upstream_failed upstream_failed");
    CHECK(told(w) ==
          "05:30 slack:ops a failure\n06:30 slack:ops a failure again\n07:30 slack:ops a failure again\n"
          "08:00 slack:ops a failure behind: c\n");
}

TEST_CASE("jobs blocked by a run that an operator stopped are one message, and open an alert of that run") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{3600}, 0}, {}});
    w.plan(head + "[job.a]\nschedule = '0 6 * * *'\n[job.b]\nschedule = '0 7 * * *'\nafter = ['a']\n" + tells +
           "[job.c]\nschedule = '0 8 * * *'\nafter = ['a']\n" + tells);
    w.run_until("2026-11-20T06:10:00Z");
    const RunId run = w.runs("a").front().id;
    CHECK(w.ask(StopAsked{run, "root"}).ok);
    w.run_until("2026-11-20T07:30:00Z");
    CHECK(told(w) == "07:00 slack:ops a failure behind: b and c\n");
    CHECK(w.engine().alerts().at(JobName("a")).run == run);
    w.run_until("2026-11-20T08:30:00Z");
    CHECK(told(w) == "07:00 slack:ops a failure behind: b and c\n");
    CHECK(w.ask(RerunAsked{run, false, "root"}).ok);
    w.run_until("2026-11-20T08:40:00Z");
    CHECK(w.notices().back().kind == NoticeKind::recovery);
    CHECK(w.engine().alerts().empty());
}

TEST_CASE("options of a start that apply to its run only: gates, memory, timeout, environment") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("big", {{Seconds{600}, 0}});
    w.script("a", {{Seconds{600}, 0}});
    w.plan(head + "[daemon]\ncapacity = { memory = '10G' }\n[job.big]\nschedule = '@daily'\nmemory = '6G'\n" +
           "[job.a]\nschedule = '@daily'\nafter = ['big']\ntimeout = '1h'\n");
    CHECK(w.ask(StartAsked{JobName("big"), {}, false, "root"}).ok);
    StartAsked asked{JobName("a"), {}, false, "root"};
    asked.only.memory = 11ULL << 30;
    const Reply refused = w.ask(asked);
    CHECK(refused.kind == Error::Kind::usage);
    CHECK(refused.text.find("--memory 11G is more than the `capacity` of [daemon], 10G") != std::string::npos);
    asked.only = {5ULL << 30, Seconds{60}, {{"DEPTH", "full"}}};
    CHECK(w.ask(asked).ok);
    w.run_until("2026-11-20T05:35:00Z");
    CHECK(w.runs("a").front().reason == Reason::claim);
    w.run_until("2026-11-20T05:45:00Z");
    CHECK(w.runs("a").front().state == State::timed_out);
    CHECK(w.runs("a").front().start_options->env.at("DEPTH") == "full");
    CHECK(*w.runs("a").front().finished - *w.runs("a").front().started < Seconds{90});

    // --gates: the upstream job has no run for that date, and then one that has failed.
    StartAsked gated{JobName("a"), day("2026-11-20"), false, "root"};
    gated.gates = true;
    const Reply early = w.ask(gated);
    CHECK_FALSE(early.ok);
    CHECK(early.text.find("upstream job big has a fire for 2026-11-20, and no row") != std::string::npos);
    CHECK(early.text.find("start this job without --gates") != std::string::npos);
    w.script("big", {{Seconds{10}, 1}});
    CHECK(w.ask(StartAsked{JobName("big"), day("2026-11-20"), false, "root"}).ok);
    w.run_until("2026-11-20T05:50:00Z");
    CHECK(w.ask(gated).ok);
    w.run_until("2026-11-20T05:55:00Z");
    CHECK(w.runs("a").front().state == State::upstream_failed);
}

TEST_CASE("a late alert closes when its run is skipped, a failure alert when an operator marks the run as skipped") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("late", {{Seconds{7200}, 99}});
    w.script("bad", {{Seconds{10}, 3}});
    w.plan(head + "[job.late]\nschedule = '0 6 * * *'\ndeadline = '+1h'\nskip_exit_codes = [99]\n" +
           "notify = { late = ['slack:ops'], recovery = ['slack:ops'] }\n[job.bad]\nschedule = '0 6 * * *'\n" + tells);
    w.run_until("2026-11-20T06:30:00Z");
    CHECK(w.ask(MarkAsked{w.runs("bad").front().id, State::skipped, "not needed", "ann"}).ok);
    CHECK(told(w) == "06:00 slack:ops bad failure\n06:30 slack:ops bad recovery\n");
    CHECK(w.notices().back().alert == w.runs("bad").front().id);
    CHECK(w.notices().back().state == State::skipped);
    w.run_until("2026-11-20T09:00:00Z");
    CHECK(told(w) ==
          "06:00 slack:ops bad failure\n06:30 slack:ops bad recovery\n07:00 slack:ops late late\n"
          "08:00 slack:ops late recovery\n");
    CHECK(w.engine().alerts().empty());
    const Alert bad = w.store().alerts(AlertsAsked::all)->front();
    CHECK(bad.closed_by == "ann");
    CHECK(bad.close_reason == "marked as skipped: not needed");
    CHECK(w.store().alerts(AlertsAsked::all)->back().close_reason == "it was skipped");
}

TEST_CASE("the alert of a failure stays open if its rerun is skipped") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{10}, 3}, {Seconds{10}, 99}});
    w.plan(head + "[job.a]\nschedule = '0 6 * * *'\nskip_exit_codes = [99]\n" + tells);
    w.run_until("2026-11-20T06:10:00Z");
    CHECK(w.ask(RerunAsked{w.runs("a").front().id, false, "root"}).ok);
    w.run_until("2026-11-20T06:20:00Z");
    CHECK(w.runs("a").front().state == State::skipped);
    CHECK(w.engine().alerts().size() == 1);
}

TEST_CASE("an alert counts each run once: late, then failed, then rerun") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{7200}, 3}});
    w.plan(head + "[job.a]\nschedule = '0 6,12,18 * * *'\ndeadline = '+1h'\n" + tells);
    w.run_until("2026-11-20T08:30:00Z");
    CHECK(w.engine().alerts().at(JobName("a")).runs == 1);
    w.run_until("2026-11-20T13:30:00Z");
    CHECK(w.engine().alerts().at(JobName("a")).runs == 2);
    w.crash();
    w.restart();
    w.run_until("2026-11-20T14:30:00Z");
    CHECK(w.engine().alerts().at(JobName("a")).runs == 2);
    CHECK(w.ask(RerunAsked{w.runs("a").back().id, false, "root"}).ok);
    w.run_until("2026-11-20T17:30:00Z");
    CHECK(w.engine().alerts().at(JobName("a")).runs == 2);
    w.run_until("2026-11-20T20:30:00Z");
    CHECK(w.engine().alerts().at(JobName("a")).runs == 3);
}

TEST_CASE("an alert is repeated to the targets it was sent to, also if no target gets its new kind") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{5400}, 3}});
    w.plan(head +
           "[job.a]\nschedule = '0 6 * * *'\ndeadline = '+1h'\nnotify = { late = ['slack:ops'], repeat = '2h' }\n");
    w.run_until("2026-11-20T08:30:00Z");
    CHECK(told(w) == "07:00 slack:ops a late\n");
    CHECK(w.engine().alerts().at(JobName("a")).kind == NoticeKind::failure);
    w.crash();
    w.restart();
    w.run_until("2026-11-20T10:00:00Z");
    CHECK(told(w) == "07:00 slack:ops a late\n09:30 slack:ops a failure again\n");
    CHECK(w.ask(AlertAsked{w.runs("a").front().id, false, "we know", "ann"}).ok);
    CHECK(w.notices().back().kind == NoticeKind::acked);
}

TEST_CASE("a job that leaves the configuration closes its alert, and the alert's targets are notified") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{10}, 3}});
    w.script("b", {{Seconds{7200}, 3}});
    w.plan(head + "[job.a]\nschedule = '0 6 * * *'\n" + tells +
           "[job.b]\nschedule = '0 6 * * *'\ndeadline = '+10m'\nnotify = { late = ['slack:books'] }\n");
    w.run_until("2026-11-20T06:30:00Z");
    const RunId run = w.runs("a").front().id;
    const std::string before = told(w);
    w.plan(head + "[job.other]\nschedule = '0 6 * * *'\n");
    CHECK(told(w) == before + "06:30 slack:ops a closed\n");
    CHECK(w.notices().back().alert == run);
    CHECK(w.notices().back().detail == "the job is no longer in the configuration");
    // While a run is active its alert stays open.
    CHECK(w.engine().alerts().contains("b"));
    w.run_until("2026-11-20T08:30:00Z");
    w.plan(head + "[job.other]\nschedule = '0 7 * * *'\n");
    CHECK(w.engine().alerts().empty());
    CHECK(w.notices().back().target == "slack:books");
    CHECK(w.notices().back().kind == NoticeKind::closed);
}

TEST_CASE("acknowledging an alert shows who acknowledged it before") {
    World w{"2026-11-20T05:30:00Z"};
    w.script("a", {{Seconds{10}, 3}});
    w.plan(head + "[job.a]\nschedule = '0 6 * * *'\n" + tells);
    w.run_until("2026-11-20T06:30:00Z");
    const RunId run = w.runs("a").front().id;
    CHECK(w.ask(AlertAsked{run, false, "on it", "ana"}).text.find("before") == std::string::npos);
    const std::string text = w.ask(AlertAsked{run, false, "me too", "ben"}).text;
    CHECK(text.ends_with("; it was already acknowledged by ana: on it"));
    CHECK(w.engine().alerts().at(JobName("a")).acked_by == "ben");
}
