// The names of states, reasons, origins and kinds are exactly those of marketcron(1).
#include <catch2/catch.hpp>
#include <sstream>

#include "engine/ledger.h"

using namespace mc;

namespace {

std::vector<std::string> words(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> all;
    for (std::string word; in >> word;) all.push_back(word);
    return all;
}

// Every enumerator from 0 on, as its name; ends at the first without one.
template <class Enum, class Parse>
void check_closed_list(const std::vector<std::string>& expected, int first, Parse parse) {
    for (std::size_t index = 0; index < expected.size(); ++index) {
        const auto value = static_cast<Enum>(static_cast<int>(index) + first);
        INFO(expected[index]);
        CHECK(to_text(value) == expected[index]);
        CHECK(parse(expected[index]) == value);
    }
    CHECK_FALSE(parse("SUCCESS"));
    CHECK_FALSE(parse("succes"));
}

}  // namespace

TEST_CASE("states are the documented ones, in their order") {
    const auto expected = words(
        "scheduled waiting queued running retrying success failed timed_out killed skipped "
        "upstream_failed missed lost");
    check_closed_list<State>(expected, 0, parse_state);
    CHECK(static_cast<std::size_t>(State::lost) + 1 == expected.size());
    CHECK_FALSE(parse_state(""));
}

TEST_CASE("reasons are the documented list, and `none` has no name") {
    const auto expected = words(
        "when_false latest_only superseded overlap exit_code iced upstream_skipped "
        "upstream_failed too_late down held dependency sensor pool claim no_session "
        "calendar_ended sensor_timeout timeout oom signal stopped marked no_fire disabled removed "
        "spawn_failed other_cron resources");
    check_closed_list<Reason>(expected, 1, parse_reason);
    CHECK(static_cast<std::size_t>(Reason::resources) == expected.size());
    CHECK(to_text(Reason::none).empty());
    CHECK(parse_reason("") == Reason::none);
}

TEST_CASE("origins and kinds of notices are the documented ones") {
    check_closed_list<Origin>(words("live catch_up backfill start"), 0, parse_origin);
    CHECK(static_cast<int>(Origin::start) == 3);
    check_closed_list<NoticeKind>(words("failure retry success late missed recovery output acked closed"), 0,
                                  parse_notice_kind);
    CHECK(static_cast<int>(NoticeKind::closed) == 8);
}

TEST_CASE("success and all later states are finished") {
    for (int state = 0; state <= static_cast<int>(State::lost); ++state)
        CHECK(finished(static_cast<State>(state)) == (state >= static_cast<int>(State::success)));
}

TEST_CASE("a batch is empty until it contains a change") {
    CHECK(StepWrites{}.empty());
    const std::vector<void (*)(StepWrites&)> changes{
        [](StepWrites& b) { b.inserted.emplace_back(); },
        [](StepWrites& b) { b.updated.emplace_back(); },
        [](StepWrites& b) { b.attempts.emplace_back(); },
        [](StepWrites& b) { b.jobs.emplace_back(); },
        [](StepWrites& b) { b.removed_jobs.emplace_back("a"); },
        [](StepWrites& b) { b.notices.emplace_back(); },
        [](StepWrites& b) { b.cancelled_actions.push_back(1); },
        [](StepWrites& b) { b.planned_through = Instant{}; },
        [](StepWrites& b) { b.operator_note = "stop 17 by root"; },
        [](StepWrites& b) { b.coverage_told = Instant{}; },
    };
    for (const auto change : changes) {
        StepWrites batch;
        change(batch);
        CHECK_FALSE(batch.empty());
    }
}
