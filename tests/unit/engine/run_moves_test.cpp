// Every pair of a state and a move: what the table allows, and what RunBook does with it.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "engine/run_book.h"

using namespace mc;

namespace {

constexpr State states[] = {State::scheduled,       State::waiting, State::queued,    State::running, State::retrying,
                            State::success,         State::failed,  State::timed_out, State::killed,  State::skipped,
                            State::upstream_failed, State::missed,  State::lost};

// One letter for each state, in their order; '.': not allowed. A second copy, by hand, on purpose.
constexpr std::string_view letters = "swqrtSFTKPUML";
const std::map<std::string_view, std::string_view> expected{
    // from:               swqrtSFTKPUML
    {"wait", "www.t........"},
    {"queue", "qqq.t........"},
    {"set aside", "www.w........"},
    {"begin", "rrr.r........"},
    {"adopt", "rrrrrrrrrrrrr"},
    {"put back", "...w........."},
    {"put back to retry", "...t........."},
    {"retry", "...t........."},
    {"succeed", "...S........."},
    {"fail", "FFFFF........"},
    {"time out", "...T........."},
    {"kill", "KKKKK........"},
    {"skip", "PPPPP........"},
    {"fail by upstream", "UUU.........."},
    {"miss", "MMM.M........"},
    {"lose", "...L........."},
    {"mark success", "SSS.SSSSSSSSS"},
    {"mark failed", "FFF.FFFFFFFFF"},
    {"mark skipped", "PPP.PPPPPPPPP"},
    {"reset", "qqq.qqqqqqqqq"},
};

Run run_in(State state) {
    Run run;
    run.id = 7;
    run.job = JobName("load");
    run.key = FireKey("2026-11-20T21:20:00Z");
    run.fire = Instant{Seconds{1'000'000}};
    run.state = state;
    run.attempt = 2;
    run.attempts_before = 1;
    run.started = Instant{Seconds{1'000'100}};
    run.exit_code = 3;
    run.signal = 9;
    run.max_rss_bytes = 4096;
    run.cpu_seconds = 1.5;
    if (finished(state)) run.finished = Instant{Seconds{1'000'200}};
    run.not_before = run.not_after = run.deadline = run.sensing_since = Instant{Seconds{1'000'300}};
    run.timeout_up = run.kill_up = Seconds{77};
    run.ending = State::killed;
    run.bypasses_gates = true;
    return run;
}

struct Book {
    Step step{{Instant{Seconds{2'000'000}}, Seconds{500}}, {}, {}};
    Recovered recovered;
    std::optional<RunBook> book;
    const Run* run = nullptr;

    explicit Book(State state) {
        book.emplace(recovered, step);
        run = &book->bring(run_in(state));
    }

    void make(Move move) {
        const Ending ending{State::failed, {Reason::exit_code, "exit code 3"}};
        switch (move) {
            case Move::wait: return book->wait(*run, {Reason::held, "held"});
            case Move::queue: return book->queue(*run, {Reason::pool, "full"});
            case Move::set_aside: return book->set_aside(*run, {Reason::stopped, "cleared"});
            case Move::begin: return book->begin(*run, {step.now.wall, Seconds{600}, "g2", "ops"});
            case Move::adopt: return void(book->adopt(*run, run_in(State::running)));
            case Move::put_back: return book->put_back(*run, {Reason::resources, "no process"});
            case Move::put_back_to_retry: {
                Run later = run_in(run->state);
                later.attempts_before = 0;
                book.emplace(recovered, step);
                run = &book->bring(later);
                return book->put_back(*run, {Reason::resources, "no process"});
            }
            case Move::retry: return book->retry(*run, ending, Instant{Seconds{2'000'300}});
            case Move::mark_success: return void(book->mark(*run, State::success, {Reason::marked, "by root"}));
            case Move::mark_failed: return void(book->mark(*run, State::failed, {Reason::marked, "by root"}));
            case Move::mark_skipped: return void(book->mark(*run, State::skipped, {Reason::marked, "by root"}));
            case Move::reset: return void(book->reset(*run, Origin::backfill, nullptr));
            case Move::succeed:
            case Move::fail:
            case Move::time_out:
            case Move::kill:
            case Move::skip:
            case Move::fail_by_upstream:
            case Move::miss:
            case Move::lose: return void(book->end(*run, row_of(move).to, {Reason::exit_code, "x"}));
        }
    }
};

}  // namespace

TEST_CASE("moves: the table has an answer for every state and move") {
    REQUIRE(move_table().size() == expected.size());
    for (const MoveRow& row : move_table()) {
        CAPTURE(row.name);
        std::string answers;
        for (const State state : states) {
            const auto to = state_after(state, row.move);
            answers += to ? letters[static_cast<std::size_t>(*to)] : '.';
        }
        CHECK(answers == expected.at(row.name));
    }
}

TEST_CASE("moves: docs/architecture.md contains the table") {
    std::ifstream file(MARKETCRON_ROOT "/docs/architecture.md");
    const std::string page{std::istreambuf_iterator<char>(file), {}};
    std::string drawn = "from                swqrtSFTKPUML\n";
    for (const MoveRow& row : move_table()) {
        drawn += std::string(row.name) + std::string(20 - row.name.size(), ' ');
        for (const State state : states) {
            const auto to = state_after(state, row.move);
            drawn += to ? letters[static_cast<std::size_t>(*to)] : '.';
        }
        drawn += '\n';
    }
    CHECK(page.find("<!-- moves -->\n```text\n" + drawn + "```\n<!-- end of moves -->") != std::string::npos);
}

TEST_CASE("moves: RunBook follows the table, from every state that allows the move") {
    for (const MoveRow& row : move_table())
        for (const State state : states) {
            const auto to = state_after(state, row.move);
            if (!to) continue;
            CAPTURE(row.name, to_text(state));
            Book b(state);
            b.make(row.move);
            CHECK(b.run->state == *to);
            CHECK(b.book->changed().contains(7));
            if (!finished(*to)) continue;
            // An unfinished run ends now; a mark of a finished run keeps its end.
            CHECK(b.run->finished == (finished(state) ? Instant{Seconds{1'000'200}} : b.step.now.wall));
        }
}

TEST_CASE("moves: what a move resets") {
    for (const MoveRow& row : move_table())
        for (const State state : states) {
            if (!state_after(state, row.move)) continue;
            CAPTURE(row.name, to_text(state));
            Book b(state);
            b.make(row.move);
            const Run& run = *b.run;
            const bool limits = row.resets == Resets::limits || row.resets == Resets::limits_and_deadline;
            const bool attempt = row.resets == Resets::attempt || row.resets == Resets::progress;
            if (limits || attempt) CHECK_FALSE(run.ending);
            if (limits || attempt) CHECK_FALSE(run.not_before);
            if (limits || attempt) CHECK_FALSE(run.kill_up);
            if (limits) CHECK_FALSE(run.not_after);
            if (limits) CHECK_FALSE(run.timeout_up);
            if (limits) CHECK_FALSE(run.sensing_since);
            if (row.resets == Resets::limits_and_deadline) CHECK_FALSE(run.deadline);
            if (row.resets == Resets::limits) CHECK(run.deadline);
            if (attempt) CHECK_FALSE(run.exit_code);
            if (attempt) CHECK_FALSE(run.signal);
            if (attempt) CHECK_FALSE(run.max_rss_bytes);
            if (attempt) CHECK_FALSE(run.cpu_seconds);
            if (row.resets != Resets::progress) continue;
            CHECK(run.attempts_before == run.attempt);
            CHECK_FALSE(run.bypasses_gates);
            CHECK_FALSE(run.sensing_since);
            CHECK_FALSE(run.started);
        }
}

TEST_CASE("moves: what dependent runs learn from a move") {
    const std::set<JobName> followed{JobName("load")};
    for (const MoveRow& row : move_table())
        for (const State state : states) {
            if (!state_after(state, row.move)) continue;
            CAPTURE(row.name, to_text(state));
            Book b(state);
            b.book->follow(&followed);
            b.make(row.move);
            if (row.move == Move::put_back_to_retry) continue;  // it has its own RunBook
            CHECK(b.book->has_changed_days() == (row.effect != Effect::none));
            CHECK(b.book->has_healed() == (row.effect == Effect::heals));
        }
}

TEST_CASE("moves: the row is written once, with the time of its last change of state or reason") {
    Book b(State::queued);
    b.book->wait(*b.run, {Reason::pool, "full"});
    b.book->write();
    REQUIRE(b.step.batch.updated.size() == 1);
    CHECK(b.step.batch.updated.front().since == b.step.now.wall);
    b.step.batch = {};
    b.book->wait(*b.run, {Reason::pool, "full"});
    b.book->write();
    CHECK(b.step.batch.empty());  // it already waits for this reason
    b.step.now.wall += Seconds{60};
    b.book->wait(*b.run, {Reason::pool, "still full"});
    b.book->write();
    REQUIRE(b.step.batch.updated.size() == 1);
    CHECK(b.step.batch.updated.front().since == b.step.now.wall - Seconds{60});
}
