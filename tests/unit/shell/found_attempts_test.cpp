// The files that a daemon finds when it starts, and how the ledger uses them.
#include "shell/found_attempts.h"

#include <fmt/format.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>

#include "exec/attempt_files.h"
#include "exec/attempt_scan.h"
#include "exec/keeper_executor.h"
#include "os/clock.h"
#include "store/store.h"
#include "support/failing_questions.h"
#include "unit/os/temporary.h"

using namespace mc;
using namespace mc::app;
using os::test::write_text;

namespace {

const Instant now{Seconds{1'795'000'000}};
constexpr Seconds hour{3600}, day_long{86400};

Run run_of(RunId id, const std::string& job, const std::string& key, Instant started, int attempt = 1) {
    Run run;
    run.id = id;
    run.job = JobName(job);
    run.key = FireKey(key);
    run.fire = started;
    run.logical_date = Date{date::days{20'000}};
    run.state = State::running;
    run.attempt = attempt;
    run.started = started;
    return run;
}

// A state directory, and a ledger that was last written an hour ago.
struct Desk {
    os::test::TemporaryDirectory folder;
    std::string state = folder.path();
    os::KeeperExecutor executor{state, std::nullopt};
    std::shared_ptr<Store> store = make_memory_store();
    std::string ledger = store->recover()->ledger;
    Plan plan;

    Desk() {
        StepWrites batch;
        batch.planned_through = now - hour;
        REQUIRE(store->commit(batch));
    }
    void has(const Run& run) {
        StepWrites batch;
        batch.inserted.push_back(run);
        REQUIRE(store->commit(batch));
    }
    // Its record, as a keeper leaves it; without a result its process counts as running: it is this one.
    void left(const Run& run, std::optional<int> exit_code, const std::string& of_ledger, Instant ended = now) {
        write(run, exit_code, os::owner_line(owner_text(of_ledger, run)), ended);
    }
    void write(const Run& run, std::optional<int> exit_code, const std::string& owner, Instant ended = now) const {
        const std::string path = os::attempt_file(state, run.id, run.attempt, "record");
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        const auto seconds = [](Instant t) { return t.time_since_epoch().count(); };
        std::string text = fmt::format("{} 99999999999999 {} {}\n{}", exit_code ? 4 : ::getpid(), seconds(*run.started),
                                       os::boot_id(), owner);
        if (exit_code)
            text += fmt::format("exit_code {}\nmax_rss_bytes 1\ncpu_microseconds 1\nstarted {}\nfinished {}\n",
                                *exit_code, seconds(*run.started), seconds(ended));
        write_text(path, text);
        write_text(os::attempt_file(state, run.id, run.attempt, "output"), run.key.text());
    }
    FoundAttempts find() {
        auto found = find_attempts(executor, *store->recover(), *store, plan, now);
        REQUIRE(found);
        return std::move(*found);
    }
    os::AttemptState files(RunId run, int attempt = 1) const { return os::attempt_state(state, run, attempt); }
    std::size_t aside() const { return os::count_aside(state); }
};

using Kind = os::AttemptState::Kind;

}  // namespace

TEST_CASE("an owner's text contains the row, whatever bytes the names contain") {
    Run run = run_of(17, "a \xe9\xff \"x\"\n", "fire 2026 \xc3\xa9", now, 3);
    run.session = run.logical_date;
    run.attempts_before = 2;
    run.user = "ann";
    run.title = "/etc/crontab:7";
    run.generation = "0123";
    run.deadline = now + hour;
    run.timeout_up = Seconds{77};
    run.batch = 4;
    run.batch_width = 2;
    run.forced = run.bypasses_gates = run.assume_upstream = true;
    run.origin = Origin::backfill;
    run.start_options = BoxedOptional<StartOptions>(StartOptions{1024, Seconds{60}, {{"TOKEN", "secret"}}});
    const std::string text = owner_text("L", run);
    CHECK(text.find('\n') == std::string::npos);
    CHECK(text.find("secret") == std::string::npos);
    const auto owner = read_owner(text, {17, 3});
    REQUIRE(owner);
    CHECK(owner->ledger == "L");
    run.start_options = BoxedOptional<StartOptions>(StartOptions{1024, Seconds{60}, {}});
    CHECK(owner->run == run);
    for (const char* bad :
         {"", "x", "{}", "[1]", R"({"ledger":1})", R"({"ledger":"L","job":"a","key":"k","fire":"x"})"})
        CHECK_FALSE(read_owner(bad, {17, 3}));
}

TEST_CASE("files belong to a run if ledger, fire and start are the same") {
    const Boots boots{"boot-1", "boot-2"};
    const Run run = run_of(17, "a", "k", now);
    os::AttemptState files;
    files.kind = Kind::ended;
    const auto own = [&](const std::string& ledger, const Run& owner) {
        files.owner = owner_text(ledger, owner);
        return is_own(files, run, "L", boots);
    };
    CHECK(own("L", run));
    CHECK_FALSE(own("M", run));
    CHECK_FALSE(own("L", run_of(17, "b", "k", now)));
    CHECK_FALSE(own("L", run_of(17, "a", "l", now)));
    CHECK_FALSE(own("L", run_of(17, "a", "k", now + Seconds{1})));
    files.owner = "what is this";
    CHECK_FALSE(is_own(files, run, "L", boots));
}

TEST_CASE("a record that cannot be read stays where it is") {
    Desk desk;
    const std::string record = os::attempt_file(desk.state, 17, 1, "record");
    std::filesystem::create_directories(std::filesystem::path(record).parent_path());
    std::filesystem::create_symlink(record, record);  // a loop
    const FoundAttempts found = desk.find();
    CHECK(found.largest_run == 17);
    CHECK(found.moved.empty());
    CHECK(found.others ==
          std::vector<std::string>{"17.1 (cannot read " + record + ": Too many levels of symbolic links)"});
    CHECK(desk.aside() == 0);
}

TEST_CASE("a record of version 0.1 is accepted if boot and start match") {
    const Run run = run_of(17, "a", "k", now);
    os::AttemptState files;
    files.kind = Kind::ended;
    const auto own = [&](const std::string& boot, Instant claimed) {
        files.boot = boot;
        files.claimed = claimed;
        return is_own(files, run, "L", {"boot-1", "boot-2"});
    };
    CHECK(own("boot-1", now));
    CHECK(own("boot-2", now + hour));
    CHECK(own("boot-1", now - Seconds{2}));
    CHECK_FALSE(own("boot-1", now - Seconds{3}));
    CHECK_FALSE(own("boot-3", now));
    CHECK_FALSE(is_own(files, run, "L", {}));  // with a ledger from another machine none is accepted
    files.boot.clear();
    CHECK(is_own(files, run, "L", {"boot-1", "boot-2"}));
    CHECK_FALSE(is_own(files, run, "L", {}));
}

TEST_CASE("runs after the backup are restored, with their numbers, attempts and earlier retries") {
    Desk desk;
    desk.has(run_of(1, "a", "k1", now - hour * 2));
    desk.left(run_of(2, "a", "k2", now - Seconds{90}), 3, desk.ledger);
    desk.left(run_of(2, "a", "k2", now - Seconds{60}, 2), 0, desk.ledger);
    desk.left(run_of(5, "b", "k1", now - Seconds{30}), {}, desk.ledger);
    const FoundAttempts found = desk.find();
    REQUIRE(found.runs.size() == 2);
    CHECK(found.runs[0].run == run_of(2, "a", "k2", now - Seconds{60}, 2));
    REQUIRE(found.runs[0].attempts.size() == 1);
    CHECK(found.runs[0].attempts[0].number == 1);
    CHECK(found.runs[0].attempts[0].exit_code == 3);
    CHECK(found.runs[0].attempts[0].state == State::failed);
    CHECK(found.runs[1].run == run_of(5, "b", "k1", now - Seconds{30}));
    CHECK(found.largest_run == 5);
    CHECK(found.settled == 0);
    CHECK(found.moved.empty());
    CHECK(is_own(desk.files(5), found.runs[1].run, desk.ledger, {}));
}

TEST_CASE("a later attempt of a known run is found, with the result of the attempt that the ledger shows as running") {
    Desk desk;
    desk.has(run_of(1, "a", "k", now - hour));
    desk.left(run_of(1, "a", "k", now - hour), 3, desk.ledger);
    desk.left(run_of(1, "a", "k", now - Seconds{60}, 2), {}, desk.ledger);
    const FoundAttempts found = desk.find();
    REQUIRE(found.runs.size() == 1);
    CHECK(found.runs[0].run.attempt == 2);
    REQUIRE(found.runs[0].attempts.size() == 1);
    CHECK(found.runs[0].attempts[0].exit_code == 3);
}

TEST_CASE("runs that ended long ago are added to the ledger directly, and not reported to the engine") {
    Desk desk;
    for (RunId id = 1; id <= 2500; ++id)
        desk.left(run_of(id, "a", fmt::format("k{}", id), now - day_long * 3), id % 2 ? 0 : 1, desk.ledger,
                  now - day_long * 2);
    const FoundAttempts found = desk.find();
    CHECK(found.runs.empty());
    CHECK(found.settled == 2500);
    CHECK(desk.store->by_id(2499).value()->state == State::success);
    CHECK(desk.store->by_id(2500).value()->state == State::failed);
    CHECK(desk.store->by_id(2500).value()->reason == Reason::exit_code);
    CHECK(desk.store->by_id(2500).value()->finished == now - day_long * 2);
    CHECK(desk.store->attempts(7)->size() == 1);
    CHECK(desk.find().settled == 0);
}

TEST_CASE("if a query of the ledger fails the search ends, and the next search finds everything") {
    const auto fill = [](Desk& desk) {
        desk.has(run_of(1, "a", "k1", now - hour * 2));
        desk.left(run_of(1, "a", "k1", now - hour * 2), 0, desk.ledger);
        desk.left(run_of(1, "a", "k1", now - hour, 2), {}, desk.ledger);
        desk.left(run_of(2, "a", "k2", now - Seconds{60}), 0, desk.ledger);
        desk.left(run_of(3, "a", "start 3", now - Seconds{60}), 0, "another");
        desk.left(run_of(4, "a", "k4", now - day_long * 3), 1, desk.ledger, now - day_long * 2);
        desk.has(run_of(5, "a", "start 3", now - hour));
    };
    const auto names = [](const FoundAttempts& found) {
        std::string text = fmt::format("{} settled, {} moved;", found.settled, found.moved.size());
        for (const FoundRun& one : found.runs)
            text += fmt::format(" {}.{} {}", one.run.id, one.run.attempt, one.run.key.text());
        return text;
    };
    Desk whole;
    fill(whole);
    const std::string expected = names(whole.find());
    int number = 1;
    for (;; ++number) {
        INFO("question " << number);
        Desk desk;
        fill(desk);
        test::FailingQuestions questions{desk.store};
        questions.fail(number);
        const auto found = find_attempts(desk.executor, *desk.store->recover(), questions, desk.plan, now);
        if (!questions.has_failed()) break;
        REQUIRE_FALSE(found);
        CHECK(found.error().kind == Error::Kind::store);
        CHECK(names(desk.find()) == expected);
        CHECK(desk.store->by_id(4).value()->state == State::failed);
    }
    CHECK(number > 6);
}

TEST_CASE("a new ledger takes over its predecessor's runs, and their files") {
    Desk desk;
    REQUIRE(settle_home(desk.executor, "the lost one"));
    CHECK(home_of(desk.executor, desk.ledger) == Home::other);
    desk.left(run_of(3, "a", "k", now), {}, "the lost one");
    const FoundAttempts found = desk.find();
    REQUIRE(found.runs.size() == 1);
    CHECK(is_own(desk.files(3), found.runs[0].run, desk.ledger, {}));
    REQUIRE(settle_home(desk.executor, desk.ledger));
    CHECK(home_of(desk.executor, desk.ledger) == Home::same);
}

TEST_CASE("a copy of the state directory is recognized as a copy") {
    Desk desk;
    CHECK(home_of(desk.executor, desk.ledger) == Home::unknown);
    REQUIRE(settle_home(desk.executor, desk.ledger));
    const std::string copy = desk.state + ".copy";
    std::filesystem::copy(desk.state, copy, std::filesystem::copy_options::recursive);
    os::KeeperExecutor copied{copy, std::nullopt};
    CHECK(home_of(copied, desk.ledger) == Home::moved);
    CHECK(home_of(copied, "another") == Home::other);
    REQUIRE(settle_home(copied, desk.ledger));
    CHECK(home_of(copied, desk.ledger) == Home::same);
    CHECK(home_of(desk.executor, desk.ledger) == Home::same);
    std::filesystem::remove_all(copy);
}

TEST_CASE("with another machine's ledger a number may belong to another run: the files get a new number") {
    Desk desk;
    REQUIRE(settle_home(desk.executor, "mine"));
    desk.has(run_of(7, "other", "k", now - hour));
    desk.has(run_of(8, "other", "l", now - hour));
    desk.left(run_of(7, "a", "k", now - Seconds{60}), 4, "mine");
    desk.left(run_of(8, "b", "k", now - Seconds{60}), {}, "mine");
    FoundAttempts found = desk.find();
    REQUIRE(found.runs.size() == 2);
    CHECK(found.runs[0].run.id == 9);
    CHECK(found.runs[0].run.job == "a");
    CHECK(found.runs[1].run.id == 10);
    CHECK(found.largest_run == 10);
    CHECK(desk.files(7).kind == Kind::absent);
    CHECK(desk.files(9).ended.exit_code == 4);
    CHECK(is_own(desk.files(9), found.runs[0].run, desk.ledger, {}));
    // While its process runs the keeper continues to write under the old name.
    CHECK(desk.files(8).kind == Kind::running);
    CHECK(desk.files(10).kind == Kind::running);
    CHECK(os::test::text_of(os::attempt_file(desk.state, 10, 1, "output")) == "k");
}

TEST_CASE("a fire that the ledger has under another number keeps its row; the record is moved aside") {
    Desk desk;
    REQUIRE(settle_home(desk.executor, "mine"));
    Run theirs = run_of(7, "a", "k", now - hour);
    theirs.state = State::success;
    desk.has(theirs);
    desk.left(run_of(3, "a", "k", now - hour), 4, "mine");
    desk.left(run_of(4, "a", "k", now - hour), {}, "mine");
    const FoundAttempts found = desk.find();
    CHECK(found.runs.empty());
    CHECK(found.moved.size() == 1);
    REQUIRE(found.others.size() == 1);
    CHECK(found.others[0] == "4.1 (its process is still running)");
    CHECK(desk.files(3).kind == Kind::absent);
    CHECK(desk.files(4).kind == Kind::running);
    CHECK(desk.aside() == 1);
    CHECK(desk.store->by_id(7).value()->exit_code == std::nullopt);
}

TEST_CASE("a fire that has not started in the ledger gets the result found on disk") {
    Desk desk;
    REQUIRE(settle_home(desk.executor, "mine"));
    Run waiting = run_of(7, "a", "k", now - hour, 0);
    waiting.state = State::waiting;
    waiting.started.reset();
    desk.has(waiting);
    desk.left(run_of(3, "a", "k", now - hour), 4, "mine");
    const FoundAttempts found = desk.find();
    REQUIRE(found.runs.size() == 1);
    CHECK(found.runs[0].run.id == 7);
    CHECK(found.runs[0].run.attempt == 1);
    CHECK(desk.files(7).ended.exit_code == 4);
}

TEST_CASE("records without an owner: the ledger's history stays, records of unknown runs are moved aside") {
    Desk desk;
    desk.has(run_of(1, "a", "k", now - hour));
    desk.write(run_of(1, "a", "k", now - hour), {}, "");
    desk.write(run_of(1, "a", "k", now - hour, 2), 0, "");
    desk.write(run_of(9, "a", "l", now - hour), 0, "");
    const FoundAttempts found = desk.find();
    CHECK(found.runs.empty());
    CHECK(found.moved.size() == 2);
    CHECK(desk.files(1).kind == Kind::running);
    CHECK(found.largest_run == 9);
}

TEST_CASE("at a start with the same ledger, matching records are not opened") {
    Desk desk;
    REQUIRE(settle_home(desk.executor, desk.ledger));
    desk.has(run_of(1, "a", "k", now - hour));
    desk.left(run_of(1, "somebody", "else", now - hour), 0, "of another ledger");  // would be moved if it were read
    CHECK(desk.find().moved.empty());
    CHECK(desk.files(1).kind == Kind::ended);
    REQUIRE(settle_home(desk.executor, "another"));
    CHECK(desk.find().runs.size() == 1);
}

TEST_CASE("a run that was started by hand keeps its key, unless another ledger gave it the number of one of ours") {
    Desk desk;
    REQUIRE(settle_home(desk.executor, "another"));
    desk.has(run_of(1, "a", "start 1", now - hour));
    desk.left(run_of(2, "a", "start 1", now - Seconds{60}), 0, "another");
    desk.left(run_of(3, "a", "start 3", now - Seconds{60}), 0, "another");
    desk.left(run_of(4, "a", "start 4", now - Seconds{60}), 0, desk.ledger);
    desk.has(run_of(5, "a", "start 5", now - hour));
    desk.left(run_of(5, "a", "start 5", now - Seconds{60}, 2), 0, desk.ledger);
    const FoundAttempts found = desk.find();
    std::map<RunId, std::string> keys;
    for (const FoundRun& one : found.runs) keys[one.run.id] = one.run.key.text();
    REQUIRE(keys.size() == 4);
    CHECK(keys[2] != "start 1");
    CHECK(keys[2].find("another") != std::string::npos);
    CHECK(keys[3] == "start 3");
    CHECK(keys[4] == "start 4");
    CHECK(keys[5] == "start 5");
    CHECK(found.moved.empty());
}
