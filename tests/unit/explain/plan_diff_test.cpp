// How the fires change from one plan to another.
#include "explain/plan_diff.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <map>

#include "config/order.h"
#include "support/context.h"
#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

Plan plan(const std::string& toml) {
    auto read = read_plan({"jobs.toml", toml}, read_context());
    if (!read) FAIL(read.error().front().text());
    return *read;
}

std::string job(const std::string& name, const std::string& schedule, const std::string& more = "") {
    return fmt::format("[job.{}]\nschedule = \"{}\"\ncommand = \"x\"\n{}\n", name, schedule, more);
}

const std::string of_xnys = "calendar = \"XNYS\"\n";

PlanDiffAsked asked(std::string_view now, std::string_view from = "", std::string_view to = "") {
    PlanDiffAsked asked;
    asked.now = utc(now);
    if (!from.empty()) asked.from = day(from);
    if (!to.empty()) asked.to = day(to);
    return asked;
}

std::vector<FireChange> changes(const Plan& before, const Plan& after, const PlanDiffAsked& asked) {
    std::vector<FireChange> all;
    const auto told = diff_plans(before, after, asked, [&](const FireChange& change) { all.push_back(change); });
    if (!told) FAIL(told.error().text());
    return all;
}

// "moved a 2026-11-23T21:00:00Z 2026-11-23T21:15:00Z", one on each line.
std::string diff(const std::string& before, const std::string& after, const PlanDiffAsked& asked) {
    std::string text;
    const Plan old_plan = plan(before), new_plan = plan(after);
    for (const FireChange& change : changes(old_plan, new_plan, asked)) {
        text += fmt::format("{} {}", to_text(change.change), change.job().name);
        if (change.old_fire) text += " " + to_string(change.old_fire->due);
        if (change.fire) text += " " + to_string(change.fire->due);
        text += "\n";
    }
    return text;
}

}  // namespace

TEST_CASE("jobs that are added, removed and disabled, by name") {
    const auto two_days = asked("2026-11-23T00:00:00Z", "", "2026-11-23");
    CHECK(diff(job("b", "@close", of_xnys) + job("same", "@open", of_xnys) + job("c", "0 12 * * *"),
               job("a", "@open", of_xnys) + job("same", "@open", of_xnys) + job("c", "0 12 * * *", "enabled = false"),
               two_days) ==
          "added a 2026-11-23T14:30:00Z\n"
          "dropped b 2026-11-23T21:00:00Z\n"
          "dropped c 2026-11-23T12:00:00Z\n");
    CHECK(diff(job("c", "0 12 * * *", "enabled = false"), job("c", "0 12 * * *"), two_days) ==
          "added c 2026-11-23T12:00:00Z\n");
    // A job disabled in both plans has no changes.
    CHECK(diff(job("c", "0 12 * * *", "enabled = false"), job("c", "0 13 * * *", "enabled = false"), two_days).empty());
}

TEST_CASE("400 days from now, unless dates are given") {
    const std::string before = job("a", "0 12 * * *"), after = job("a", "0 13 * * *");
    const Plan old_plan = plan(before), new_plan = plan(after);
    const auto all = changes(old_plan, new_plan, asked("2026-11-23T00:00:00Z"));
    REQUIRE(all.size() == 400);
    CHECK(all.front().fire->due == utc("2026-11-23T13:00:00Z"));
    CHECK(all.back().fire->due == utc("2027-12-27T13:00:00Z"));
    CHECK(last_date(asked("2026-11-23T00:00:00Z")) == day("2027-12-28"));
    const auto from = asked("2026-11-23T00:00:00Z", "2020-01-01");
    CHECK(changes(old_plan, new_plan, from).size() == 400);
    CHECK(last_date(from) == day("2021-02-03"));
    CHECK(diff(before, after, asked("2026-11-23T00:00:00Z", "2020-02-29", "2020-02-29")) ==
          "moved a 2020-02-29T12:00:00Z 2020-02-29T13:00:00Z\n");
}

TEST_CASE("past fires are not compared, and a fire that moves into the past counts as dropped") {
    const auto now = asked("2026-11-23T21:10:00Z", "", "2026-11-23");
    const auto close = [](const char* schedule) { return job("a", schedule, of_xnys); };
    CHECK(diff(close("@close"), close("@close+15m"), now).empty());  // it has already run
    CHECK(diff(close("@close+15m"), close("@close"), now) == "dropped a 2026-11-23T21:15:00Z\n");
    CHECK(diff(close("@close+15m"), close("@close+20m"), now) == "moved a 2026-11-23T21:15:00Z 2026-11-23T21:20:00Z\n");
    // A fire that is due now is past.
    const auto at_close = asked("2026-11-23T21:00:00Z", "", "2026-11-23");
    CHECK(diff(close("@close"), close("@close+15m"), at_close).empty());
    CHECK(diff(close("@close+1s"), close("@close+15m"), at_close) ==
          "moved a 2026-11-23T21:00:01Z 2026-11-23T21:15:00Z\n");
    // Another time of a cron job is another run: noon has run, the evening is in the future.
    CHECK(diff(job("a", "0 12 * * *"), job("a", "0 22 * * *"), now) == "added a 2026-11-23T22:00:00Z\n");
    CHECK(diff(job("a", "0 22 * * *"), job("a", "0 12 * * *"), now) == "dropped a 2026-11-23T22:00:00Z\n");
}

TEST_CASE("when, and calendars of the configuration, are compared by the resulting fires") {
    const auto week = asked("2026-11-22T00:00:00Z", "2026-11-23", "2026-11-29");
    CHECK(diff(job("a", "@close", of_xnys), job("a", "@close", of_xnys + "when = \"not early_close\"\n"), week) ==
          "dropped a 2026-11-27T18:00:00Z\n");
    const auto own = [](const std::string& days) {
        return "[calendar.DESK]\nextends = \"XNYS\"\n" + days + job("a", "@close", "calendar = \"DESK\"\n");
    };
    auto of_one_set = week;
    of_one_set.same_calendars = true;
    CHECK(diff(own(""), own("closed = [2026-11-24]\nearly_close = { 2026-11-25 = \"12:00\" }\n"), of_one_set) ==
          "dropped a 2026-11-24T21:00:00Z\n"
          "moved a 2026-11-25T21:00:00Z 2026-11-25T17:00:00Z\n");
}

TEST_CASE("jobs without a schedule are compared by the dates of their upstream jobs") {
    const auto after_load = [](const std::string& more = "") {
        return "[job.rep]\nafter = [\"load\"]\ncommand = \"x\"\n" + more;
    };
    const auto load = [](const std::string& schedule) { return job("load", schedule, of_xnys); };
    const auto week = asked("2026-11-22T00:00:00Z", "2026-11-24", "2026-11-25");
    const std::string old_file = load("@close") + after_load();
    CHECK(diff(old_file, old_file, week).empty());
    CHECK(diff(old_file, load("@close+30m") + after_load(), week) ==
          "moved load 2026-11-24T21:00:00Z 2026-11-24T21:30:00Z\n"
          "moved load 2026-11-25T21:00:00Z 2026-11-25T21:30:00Z\n"
          "moved rep 2026-11-24T21:00:00Z 2026-11-24T21:30:00Z\n"
          "moved rep 2026-11-25T21:00:00Z 2026-11-25T21:30:00Z\n");
    const std::string gone = "dropped rep 2026-11-24T21:00:00Z\ndropped rep 2026-11-25T21:00:00Z\n";
    CHECK(diff(old_file, load("@close"), week) == gone);
    CHECK(diff(old_file, load("@close") + after_load("enabled = false\n"), week) == gone);
    CHECK(diff(load("@close"), old_file, week) == "added rep 2026-11-24T21:00:00Z\nadded rep 2026-11-25T21:00:00Z\n");
    CHECK(diff(old_file, load("@close") + after_load(of_xnys + "when = \"weekday(tue)\"\n"), week) ==
          "dropped rep 2026-11-25T21:00:00Z\n");
    // After another job, or after one job more.
    const std::string two = load("@close") + job("late", "@close+2h", of_xnys) + "[job.rep]\ncommand = \"x\"\n";
    const std::string later =
        "moved rep 2026-11-24T21:00:00Z 2026-11-24T23:00:00Z\nmoved rep 2026-11-25T21:00:00Z 2026-11-25T23:00:00Z\n";
    CHECK(diff(two + "after = [\"load\"]\n", two + "after = [\"late\"]\n", week) == later);
    CHECK(diff(two + "after = [\"load\"]\n", two + "after = [\"load\", \"late\"]\n", week) == later);
    // With its own schedule: a fire at the same instant is not a change.
    const auto own = [&](const std::string& schedule) {
        return load("@close") + after_load(of_xnys + "schedule = \"" + schedule + "\"\n");
    };
    CHECK(diff(old_file, own("@close"), week).empty());
    CHECK(diff(own("@close"), old_file, week).empty());
    CHECK(diff(old_file, own("@close+1h"), week) ==
          "added rep 2026-11-24T22:00:00Z\nadded rep 2026-11-25T22:00:00Z\n"
          "dropped rep 2026-11-24T21:00:00Z\ndropped rep 2026-11-25T21:00:00Z\n");
    // Also for jobs far downstream.
    const std::string chain = after_load() + "[job.zip]\nafter = [\"rep\"]\ncommand = \"x\"\n";
    CHECK(diff(load("@close") + chain, load("@close+30m") + chain, week).find("moved zip 2026-11-25T21:00:00Z") !=
          std::string::npos);
}

TEST_CASE("for dates far from their fires, downstream jobs move as often as the first job") {
    for (const char* run_for : {"session-20", "session-40", "session+40"}) {
        CAPTURE(run_for);
        const auto file = [&](const std::string& schedule) {
            return job("up", schedule, fmt::format("{}when = \"session\"\nrun_for = \"{}\"\n", of_xnys, run_for)) +
                   "[job.down]\nafter = [\"up\"]\ncommand = \"x\"\n";
        };
        const Plan before = plan(file("0 16 * * *")), after = plan(file("0 17 * * *"));
        std::map<std::string, int> moved;
        for (const FireChange& change : changes(before, after, asked("2026-11-23T00:00:00Z"))) {
            CHECK(change.change == Change::moved);
            ++moved[change.job().name];
        }
        CHECK(moved["up"] > 250);
        CHECK(moved["down"] == moved["up"]);
        const auto next =
            next_planned(after.jobs.at(JobName("down")), after, utc("2026-11-23T00:00:00Z"), Seconds{86400 * 5});
        REQUIRE(next);
        REQUIRE(next->size() == 1);
        CHECK(next->front().due == utc("2026-11-23T22:00:00Z"));
    }
}

TEST_CASE("the same configuration with other calendars") {
    const std::string text = job("a", "@close", of_xnys) + job("b", "0 12 * * *");
    ReadContext changed = read_context();
    auto calendars = std::make_shared<CalendarSet>(*changed.calendars);
    CalendarSource source{CalendarName("XNYS"), {}, "new.toml", {}, nullptr};
    source.owned =
        std::make_shared<const std::string>("name = \"XNYS\"\nextends = \"XNYS\"\n[closed]\n2026-11-24 = \"Storm\"\n");
    calendars->add(source);
    changed.calendars = calendars;
    const Plan before = plan(text), after = read_plan({"jobs.toml", text}, changed).value();
    const auto all = changes(before, after, asked("2026-11-23T00:00:00Z"));
    REQUIRE(all.size() == 1);
    CHECK(all.front().change == Change::dropped);
    CHECK(all.front().old_fire->due == utc("2026-11-24T21:00:00Z"));
}

TEST_CASE("reversed dates are refused") {
    const auto refused = [](const PlanDiffAsked& asked) {
        const auto good = in_order(asked);
        return good ? std::string() : good.error().text();
    };
    CHECK(refused(asked("2026-11-23T00:00:00Z", "2026-11-25", "2026-11-24")) ==
          "error: --from 2026-11-25 is after --to 2026-11-24; write the earlier date after --from");
    CHECK(refused(asked("2026-11-23T00:00:00Z", "", "2026-11-20")) ==
          "error: --to 2026-11-20 is in the past; write --from too, for past dates");
    CHECK(refused(asked("2026-11-23T00:00:00Z", "2026-11-24", "2026-11-24")).empty());
}

TEST_CASE("a calendar that ends within the dates asked for is named, once") {
    const std::string shops =
        "[calendar.SHOP]\ntimezone = \"UTC\"\nchecked = 2026-01-01\n"
        "coverage = { from = 2026-01-01, to = 2026-12-31 }\n[[calendar.SHOP.hours]]\nopen = \"09:00\"\nclose = "
        "\"17:00\"\n";
    const auto with = [&](const std::string& schedule) {
        return plan(shops + job("a", schedule, "calendar = \"SHOP\"\n") + job("b", "0 12 * * *"));
    };
    const Plan before = with("@close"), after = with("@close+1h");
    CHECK(horizons(before, after, asked("2026-11-23T00:00:00Z")) ==
          std::vector<std::string>{"SHOP covers dates up to 2026-12-31"});
    CHECK(horizons(before, after, asked("2026-11-23T00:00:00Z", "", "2026-12-31")).empty());
    CHECK(horizons(before, after, asked("2026-11-23T00:00:00Z", "2025-12-01", "2026-02-01")) ==
          std::vector<std::string>{"SHOP covers dates from 2026-01-01"});
    CHECK(changes(before, after, asked("2026-11-23T00:00:00Z")).back().fire->due == utc("2026-12-31T18:00:00Z"));
}

TEST_CASE("a fire that has already run is neither moved nor dropped") {
    World w{"2026-11-20T15:00:00Z"};
    w.plan(job("a", "@close", of_xnys));
    Run early;
    early.id = 1;
    early.job = JobName("a");
    early.key = w.engine().next_fire(JobName("a")).value()->key;
    early.fire = utc("2026-11-20T14:00:00Z");
    early.logical_date = day("2026-11-20");
    early.state = State::success;
    StepWrites batch;
    batch.inserted = {early};
    REQUIRE(w.store().commit(batch));
    PlanDiffAsked near = asked("2026-11-20T15:00:00Z", "", "2026-11-23");
    const std::string before = job("a", "@close", of_xnys), after = job("a", "@close+15m", of_xnys);
    const std::string later = "moved a 2026-11-23T21:00:00Z 2026-11-23T21:15:00Z\n";
    CHECK(diff(before, after, near) == "moved a 2026-11-20T21:00:00Z 2026-11-20T21:15:00Z\n" + later);
    near.ledger = &w.store();
    CHECK(diff(before, after, near) == later);
    CHECK(diff(before, job("a", "@open", of_xnys), near) == "moved a 2026-11-23T21:00:00Z 2026-11-23T14:30:00Z\n");
    PlanDiffAsked dates = asked("2026-11-20T15:00:00Z", "2026-11-20", "2026-11-20");
    dates.ledger = &w.store();
    CHECK(diff(before, after, dates) == "moved a 2026-11-20T21:00:00Z 2026-11-20T21:15:00Z\n");
}
