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

TEST_CASE("several notices are counted by kind, and by job with the largest number first") {
    std::vector<Notice> notices(6, failed_notice());
    notices[0].job = "a";
    notices[1].job = notices[2].job = "b";
    notices[3].job = notices[4].job = notices[5].job = "c";
    notices[5].title = "a";
    notices[1].kind = NoticeKind::late;
    using Counts = std::vector<std::pair<std::string, int>>;
    CHECK(counts_of_jobs(notices) == Counts{{"a", 2}, {"b", 2}, {"c", 2}});
    notices[5].title = "b";
    CHECK(counts_of_jobs(notices) == Counts{{"b", 3}, {"c", 2}, {"a", 1}});
    CHECK(counts_by_kind(notices) == "5 failed, 1 late");
    CHECK(counts_by_kind(notices, " more") == "5 more failed, 1 more late");
}

TEST_CASE("the sign of several notices is that of the gravest") {
    const auto sign_of = [](const std::vector<NoticeKind>& kinds) {
        std::vector<Notice> notices(kinds.size());
        for (std::size_t i = 0; i < kinds.size(); ++i) notices[i].kind = kinds[i];
        return gravest(notices);
    };
    using Kind = NoticeKind;
    CHECK(sign_of({Kind::success, Kind::retry, Kind::late, Kind::missed, Kind::failure}) == Kind::failure);
    CHECK(sign_of({Kind::success, Kind::retry, Kind::late, Kind::missed}) == Kind::missed);
    CHECK(sign_of({Kind::success, Kind::retry, Kind::late}) == Kind::late);
    CHECK(sign_of({Kind::success, Kind::retry}) == Kind::retry);
    CHECK(sign_of({Kind::recovery, Kind::success}) == Kind::recovery);
}

TEST_CASE("the command that shows several runs selects their state if it is the same") {
    std::vector<Notice> notices(3, failed_notice());
    CHECK(look_at_all(notices) == "marketcron runs --state failed -n 3");
    notices[2].state = State::missed;
    CHECK(look_at_all(notices) == "marketcron runs -n 3");
}

TEST_CASE("a reminder says since when its alert is open, and for how many runs") {
    Notice notice = failed_notice();
    CHECK(remarks(notice).empty());
    notice.behind = "risk_model";
    notice.open_since = parse_instant("2026-11-20T21:00:00Z").value();
    CHECK(remarks(notice) == std::vector<std::string>{"Blocks: risk_model", "open since 2026-11-20T21:00:00Z"});
    notice.alert_runs = 2;
    CHECK(remarks(notice).back() == "2 runs in this alert since 2026-11-20T21:00:00Z");
    notice.open_since.reset();
    CHECK(remarks(notice).size() == 1);
}

TEST_CASE("a shared row of several fires suggests no rerun and no backfill of its first date") {
    Notice notice = failed_notice();
    CHECK(commands(notice).size() == 2);
    notice.fires = 2;
    CHECK(commands(notice) == std::vector<std::string>{"marketcron logs 17"});
    notice.attempt = 0;
    CHECK(commands(notice) == std::vector<std::string>{"marketcron why ingest_bars 2026-11-20"});
}

TEST_CASE("the jobs that several failures block, each group once, as many as fit") {
    std::vector<Notice> notices(4, failed_notice());
    CHECK(behind_all(notices, 100).empty());
    notices[0].behind = "bb";
    notices[1].behind = notices[3].behind = "aa";
    const std::string all = "Blocked: aa; bb";
    CHECK(behind_all(notices, 100) == all);
    CHECK(behind_all(notices, all.size()) == all);
    CHECK(behind_all(notices, all.size() - 1) == "Blocked: aa; and 1 more groups of jobs");
    CHECK(behind_all(std::span(notices).first(1), 2) == "Blocked: bb");
    notices[0].behind = std::string(50, 'b');
    CHECK(behind_all(std::span(notices).first(1), 9) == "Blocked: bbbbbb…");
}
