// A job's open alert: opened once, counted, repeated, and closed by a success.
#include <catch2/catch.hpp>

#include "unit/engine/parts_fixture.h"

using namespace mc;
using namespace mc::test;

namespace {

const std::string told =
    "[slack.ops]\nwebhook_env = 'OPS'\n[job.a]\nschedule = '0 * * * *'\n"
    "notify = { failure = ['slack:ops'], recovery = ['slack:ops'], late = ['slack:ops'], repeat = '1h' }\n";

struct Desk : Bench {
    Desk() : Bench(told, "2026-11-20T05:00:00Z") {}
    const Run& failed(std::string_view due) {
        set(due);
        const Run& one = begin(run("a", due));
        parts.endings.finish(one, State::failed, {Reason::exit_code, "exit code 1"});
        return one;
    }
};

}  // namespace

TEST_CASE("alerts: the first failed run opens one, later ones are counted in it") {
    Desk d;
    const RunId first = d.failed("2026-11-20T06:00:00Z").id;
    StepWrites written = d.write();
    REQUIRE(written.notices.size() == 1);
    CHECK(written.notices.front().alert == first);
    CHECK(written.updated.empty());  // a new row, with its alert
    CHECK(written.inserted.front().alert == first);
    d.failed("2026-11-20T07:00:00Z");
    written = d.write();
    REQUIRE(written.alerts.size() == 1);
    CHECK(written.alerts.front().runs == 2);
    CHECK(d.parts.alerts.open().at(JobName("a")).run == first);
}

TEST_CASE("alerts: an alert is repeated at its interval, unless it is acknowledged") {
    Desk d;
    const RunId first = d.failed("2026-11-20T06:00:00Z").id;
    d.write();
    CHECK(d.parts.alerts.next_repeat() == utc("2026-11-20T07:00:00Z"));
    d.set("2026-11-20T06:59:59Z");
    d.parts.alerts.repeat();
    CHECK(d.write().notices.empty());
    d.set("2026-11-20T07:00:00Z");
    d.parts.alerts.repeat();
    const StepWrites written = d.write();
    REQUIRE(written.notices.size() == 1);
    CHECK(written.notices.front().open_since == utc("2026-11-20T06:00:00Z"));
    d.parts.alerts.asked({first, false, "known", "root"});
    CHECK_FALSE(d.parts.alerts.next_repeat());
}

TEST_CASE("alerts: only the run that opened an alert closes it") {
    Desk d;
    const RunId first = d.failed("2026-11-20T06:00:00Z").id;
    d.write();
    d.set("2026-11-20T07:00:00Z");
    const Run& other = d.begin(d.run("a", "2026-11-20T07:00:00Z"));
    d.parts.endings.finish(other, State::success, Reason::none);
    CHECK(d.parts.alerts.open().contains("a"));
    const Run& again = reopen(d.parts.book, d.parts.jobs, *d.store->by_id(first).value());
    d.begin(again);
    d.parts.endings.finish(again, State::success, Reason::none);
    CHECK_FALSE(d.parts.alerts.open().contains("a"));
    const StepWrites written = d.write();
    REQUIRE(written.alerts.size() == 1);
    CHECK(written.alerts.front().close_reason == "it has succeeded");
}

TEST_CASE("alerts: a late alert closes when its run is skipped; a failure alert does not") {
    Desk d;
    d.set("2026-11-20T06:00:00Z");
    const Run& late = d.run("a", "2026-11-20T06:00:00Z");
    d.parts.alerts.tell(late, NoticeKind::late);
    d.parts.endings.finish(late, State::skipped, Reason::overlap);
    CHECK_FALSE(d.parts.alerts.open().contains("a"));
    d.write();
    d.failed("2026-11-20T07:00:00Z");
    d.set("2026-11-20T08:00:00Z");
    d.parts.endings.finish(d.run("a", "2026-11-20T08:00:00Z"), State::skipped, Reason::overlap);
    CHECK(d.parts.alerts.open().contains("a"));
}

TEST_CASE("alerts: an unknown alert is refused") {
    Desk d;
    d.parts.alerts.asked({77, true, "r", "root"});
    CHECK(d.reply() == "there is no open alert 77; `marketcron alerts` lists them");
}
