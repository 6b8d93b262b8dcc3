// An explanation from the ledger is an error if one of its queries fails, not an incomplete answer.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "engine/backfill.h"
#include "engine/clear.h"
#include "engine/forecast.h"
#include "engine/fresh_run.h"
#include "explain/consequence.h"
#include "explain/plan_diff.h"
#include "explain/why.h"
#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

const char* const desk = R"(
[defaults]
timezone = "UTC"
command = "true"
[job.load]
schedule = "0 6 * * *"
depends_on_past = true
[job.clean]
after = ["load"]
[job.report]
after = ["clean", "load@previous"]
trigger = "all_done"
)";

constexpr const char* begin = "2026-11-20T05:00:00Z";

// On the second day `load` failed.
void two_days(World& w) {
    w.script("load", {{}, {.exit_code = 3}, {}});
    w.plan(desk);
    w.run_until("2026-11-21T09:00:00Z");
}

std::string text_of(const std::vector<WhyLine>& lines) {
    std::string text;
    for (const WhyLine& line : lines) {
        text += fmt::format("{} {}:", line.job, line.state);
        for (const WhyReason& reason : line.reasons) text += " " + reason.text;
    }
    return text;
}

std::string text_of(const std::vector<std::string>& lines) { return fmt::format("{}", fmt::join(lines, "\n")); }

// The answer when no query fails, and an error for each that does. Returns the number of queries.
template <class Ask>
int each_question(World& w, Ask ask) {
    w.questions().fail_all(false);
    const Result<std::string> expected = ask(w.questions());
    REQUIRE(expected);
    for (int number = 1;; ++number) {
        INFO("question " << number);
        w.questions().fail(number);
        const Result<std::string> answer = ask(w.questions());
        if (!w.questions().has_failed()) {
            REQUIRE(answer);
            CHECK(*answer == *expected);
            w.questions().fail_all(false);
            return number - 1;
        }
        REQUIRE_FALSE(answer);
        CHECK(answer.error().kind == Error::Kind::store);
        CHECK(answer.error().what == FailingQuestions::why);
    }
}

}  // namespace

TEST_CASE("why reports that the ledger cannot be read") {
    World w{begin};
    two_days(w);
    for (const char* job : {"load", "clean", "report"})
        for (const char* date : {"2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"})
            CHECK(each_question(w, [&](const Ledger& ledger) {
                      return why(w.loaded(), JobName(job), day(date), &ledger, w.now()).map([](const auto& lines) {
                          return text_of(lines);
                      });
                  }) > 0);
    for (const char* date : {"2026-11-20", "2026-11-25"})
        CHECK(each_question(w, [&](const Ledger& ledger) {
                  return why_gone(JobName("load"), day(date), ledger, *Zone::utc()).map([](const auto& lines) {
                      return text_of(lines);
                  });
              }) > 0);
}

TEST_CASE("the consequences of an action are an error if they cannot be determined") {
    World w{begin};
    two_days(w);
    const auto text = [](const auto& lines) { return text_of(lines); };
    const Run load = w.runs("load").back();
    CHECK(each_question(w, [&](const Ledger& ledger) {
              return if_ended(w.loaded(), load, State::success, ledger, w.now()).map(text);
          }) > 3);
    CHECK(each_question(
              w, [&](const Ledger& ledger) { return if_rerun(w.loaded(), load, ledger, w.now()).map(text); }) > 3);
    CHECK(each_question(w, [&](const Ledger& ledger) {
              return if_iced(w.loaded(), w.loaded().jobs.at(JobName("load")), ledger, w.now()).map(text);
          }) > 0);
}

TEST_CASE("the effects of a backfill or a clear are an error if they cannot be determined") {
    World w{begin};
    two_days(w);
    const Date first = day("2026-11-20"), last = day("2026-11-21");
    using Upstreams = BackfillAsked::Upstreams;
    for (const Upstreams upstreams : {Upstreams::run, Upstreams::assumed})
        CHECK(each_question(w, [&](const Ledger& ledger) {
                  const BackfillAsked asked{
                      {JobName("report")}, first, last, BackfillAsked::Rerun::all, 1, "root", upstreams};
                  return plan_backfill(w.loaded(), ledger, asked, w.now()).map([](const auto& items) {
                      std::string text;
                      for (const BackfillItem& item : items)
                          text += fmt::format("{} {} {} {}\n", item.job, item.fire.key.text(), item.chosen, item.why);
                      return text;
                  });
              }) > 1);
    CHECK(each_question(w, [&](const Ledger& ledger) {
              const ClearAsked asked{{JobName("load")}, first, last, true, "root"};
              return plan_clear(w.loaded(), ledger, asked).map([](const auto& items) {
                  std::string text;
                  for (const ClearItem& item : items) text += fmt::format("{} {}\n", item.run.id, item.why);
                  return text;
              });
          }) > 3);
}

TEST_CASE("future fires and the changes of a new plan are never incomplete") {
    World w{begin};
    two_days(w);
    CHECK(each_question(w, [&](const Ledger& ledger) {
              return next_to_come(w.loaded().jobs.at(JobName("load")), w.loaded(), ledger, w.now(), Seconds{30 * 86400})
                  .map([](const auto& fires) { return to_string(fires.front().due); });
          }) > 0);
    World other{"2026-11-21T09:00:00Z"};
    std::string text(desk);
    text.replace(text.find("0 6"), 3, "0 7");
    other.plan(text);
    // A run that ran early: its fire is not a future fire.
    const Job& load = w.loaded().jobs.at(JobName("load"));
    Run early =
        make_run(load, w.engine().next_fire(JobName("load")).value().value(), Origin::start, *w.loaded().calendars);
    early.id = 1000;
    early.state = State::success;
    StepWrites batch;
    batch.inserted = {early};
    REQUIRE(w.store().commit(batch));
    CHECK(each_question(w, [&](const Ledger& ledger) {
              PlanDiffAsked asked;
              asked.now = w.now();
              asked.ledger = &ledger;
              std::string changes;
              const auto tell = [&](const FireChange& change) {
                  changes += fmt::format("{} {}\n", to_text(change.change), to_string(change.shown().due));
              };
              return diff_plans(w.loaded(), other.loaded(), asked, tell).map([&] { return changes; });
          }) > 2);
}
