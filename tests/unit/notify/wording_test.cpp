#include "notify/wording.h"

#include <catch2/catch.hpp>

#include "unit/notify/notices.h"

using namespace mc;
using namespace mc::notify;

namespace {

std::vector<std::string> commands(const Notice& notice) {
    std::vector<std::string> all;
    for (const NextCommand& next : next_commands(notice)) all.push_back(next.command);
    return all;
}

}  // namespace

TEST_CASE("plain text contains everything that Slack's blocks show") {
    CHECK(plain_text(failed_notice(), "desk-1") ==
          "🔴 ingest_bars failed for 2026-11-20\n"
          "failed (exit_code) · attempt 3/3 · took 12m31s · on desk-1\n"
          "exit code 3\n"
          "\n"
          "loading 412 symbols\n"
          "ERROR: price < 0 for BRK.B & 2 others\n"
          "\n"
          "Details: marketcron logs 17\n"
          "Rerun: marketcron rerun 17\n"
          "Runbook: https://wiki.example.com/runbooks/ingest?team=data&page=2");
    CHECK(plain_text(example_notices().at("action")) ==
          "It's that time! Order lunch <https://lunch.example.com|here>.");
}

TEST_CASE("an alert closed by a skip is reported as skipped, not as success") {
    Notice notice = example_notices().at("recovery");
    notice.state = State::skipped;
    CHECK(what_happened(notice) == "resolved: skipped for 2026-11-20");
}

TEST_CASE("after a rerun a message numbers the attempt as `runs` does, and counts the tries since the rerun") {
    Notice notice = failed_notice();
    notice.attempt = 1;
    notice.attempts = 2;
    notice.attempt_number = 1;
    CHECK(facts(notice, "") == "failed (exit_code) · attempt 1/2 · took 12m31s");
    notice.attempt_number = 3;
    CHECK(facts(notice, "") == "failed (exit_code) · attempt 3, try 1 of 2 · took 12m31s");
}

TEST_CASE("unknown facts are not mentioned") {
    const auto late = example_notices().at("late");
    CHECK(facts(late, "") == "waiting (dependency)");
    CHECK(facts(late, "desk-1") == "waiting (dependency) · on desk-1");
}

TEST_CASE("the suggested command answers the next question") {
    const auto all = example_notices();
    CHECK(commands(all.at("retry")) == std::vector<std::string>{"marketcron logs 17"});
    CHECK(commands(all.at("late")) == std::vector<std::string>{"marketcron why risk_model 2026-11-20"});
    CHECK(commands(all.at("missed")) ==
          std::vector<std::string>{"marketcron why risk_model 2026-11-20", "marketcron rerun 18"});
    // A rerun would be refused.
    Notice too_late = all.at("missed");
    too_late.reason = Reason::too_late;
    CHECK(commands(too_late).back() == "marketcron backfill risk_model --from 2026-11-20 --to 2026-11-20");
    CHECK(commands(all.at("missed_several")) == std::vector<std::string>{"marketcron why risk_model 2026-11-16"});
    CHECK(commands(all.at("upstream_failed")).front() == "marketcron why risk_model 2026-11-20");
}
