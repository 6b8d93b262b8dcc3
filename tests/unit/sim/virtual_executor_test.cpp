// The virtual machine keeps its promises: what it disturbs, what it reports, and its records.
#include "sim/virtual_executor.h"

#include <catch2/catch.hpp>

namespace mc {

namespace {

using Kind = os::AttemptState::Kind;
using Ids = std::vector<os::AttemptId>;

struct World {
    VirtualClock clock{Instant{Seconds{1'000'000}}, Seconds{100}};
    Behaviour behaviour;
    VirtualExecutor machine{clock, [this](const os::Launch&) { return behaviour; }};

    World() { REQUIRE(machine.connect()); }
    void start(std::int64_t run, Seconds takes, int exit_code = 0) {
        behaviour.takes = takes;
        behaviour.exit_code = exit_code;
        again(run);
    }
    void again(std::int64_t run) {
        os::Launch launch;
        launch.run = run;
        launch.argv = {"a", "fire 1"};
        launch.owner = "owner " + std::to_string(run);
        launch.identity = "identity " + std::to_string(run);
        REQUIRE(machine.launch({launch}));
    }
    os::AttemptState state(std::int64_t run) { return machine.state({run, 1}); }
    os::Executor::News news() { return machine.read().value(); }
    Instant wall() const { return clock.wall_seconds(); }
};

os::Question about(std::int64_t run, os::Question::Look look = os::Question::Look::at_all) {
    return {{run, 1}, "identity " + std::to_string(run), look};
}

}  // namespace

TEST_CASE("a process runs as long as its behaviour says, and then its end is news") {
    World w;
    w.start(1, Seconds{10}, 3);
    const Instant began = w.wall();
    CHECK(w.machine.next_news() == Seconds{110});
    w.clock.advance(Seconds{9});
    CHECK_FALSE(w.machine.has_news());
    CHECK(w.state(1).kind == Kind::running);
    CHECK(w.machine.alive() == Ids{{1, 1}});
    w.clock.advance(Seconds{5});
    CHECK(w.machine.has_news());
    const auto ended = w.news().ended;
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].run == 1);
    CHECK(ended[0].attempt == 1);
    CHECK(ended[0].started == began);
    CHECK(ended[0].finished == began + Seconds{10});
    CHECK(ended[0].exit_code == 3);
    CHECK_FALSE(ended[0].signal);
    CHECK(w.machine.alive().empty());
    CHECK_FALSE(w.machine.next_news());
    CHECK(w.state(1).kind == Kind::ended);
    CHECK(w.state(1).ended.exit_code == 3);
    CHECK(w.state(1).owner == "owner 1");
    CHECK(w.state(1).claimed == began);
    CHECK(w.state(1).boot == w.machine.boot());
    CHECK(w.state(2).kind == Kind::absent);
}

TEST_CASE("an attempt that is launched twice starts once, and that is news at once") {
    World w;
    w.start(1, Seconds{10});
    w.clock.advance(Seconds{2});
    w.again(1);
    CHECK(w.machine.next_news() == Seconds{102});
    CHECK(w.news().begun == Ids{{1, 1}});
    CHECK(w.machine.starts().size() == 1);
    CHECK(w.machine.next_news() == Seconds{110});
}

TEST_CASE("a hindered attempt is news at once, and has no record") {
    World w;
    w.machine.hinder(Hindrance{Hindrance::Of::every_run, "no room"});
    w.start(1, Seconds{10});
    CHECK(w.machine.next_news() == Seconds{100});
    const auto ended = w.news().ended;
    REQUIRE(ended.size() == 1);
    REQUIRE(ended[0].hindrance);
    CHECK(ended[0].hindrance->of == os::Hindrance::Of::every_attempt);
    CHECK(ended[0].hindrance->text == "no room");
    CHECK(w.state(1).kind == Kind::absent);
    w.machine.hinder(std::nullopt);
    w.again(1);
    CHECK(w.state(1).kind == Kind::running);
}

TEST_CASE("a signal ends the process that has that identity, unless it ignores SIGTERM") {
    World w;
    w.start(1, Seconds{10});
    w.behaviour.ignores_term = true;
    w.start(2, Seconds{10});
    w.clock.advance(Seconds{1});
    REQUIRE(w.machine.signal({1, 1}, 15, "identity 2"));
    CHECK(w.state(1).kind == Kind::running);
    REQUIRE(w.machine.signal({1, 1}, 15, "identity 1"));
    REQUIRE(w.machine.signal({2, 1}, 15, "identity 2"));
    CHECK(w.machine.alive() == Ids{{2, 1}});
    CHECK(w.machine.next_news() == Seconds{101});
    const auto ended = w.news().ended;
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].signal == 15);
    CHECK_FALSE(ended[0].exit_code);
    CHECK(ended[0].finished == w.wall());
    REQUIRE(w.machine.signal({2, 1}, 9, "identity 2"));
    CHECK(w.machine.alive().empty());
}

TEST_CASE("a lost connection is news, and fails the next read; the records stay") {
    World w;
    w.start(1, Seconds{10});
    w.machine.lose_connection();
    CHECK(w.machine.next_news() == Seconds{100});
    CHECK_FALSE(w.machine.read());
    w.machine.disconnect();
    CHECK_FALSE(w.machine.is_connected());
    CHECK(w.machine.fd() == -1);
    CHECK_FALSE(w.machine.next_news());
    REQUIRE(w.machine.connect());
    CHECK_FALSE(w.machine.next_news());  // nothing is watched
    w.machine.watch({1, 1});
    w.machine.watch({7, 1});
    CHECK(w.machine.next_news() == Seconds{110});
    w.clock.advance(Seconds{10});
    CHECK(w.news().ended.size() == 1);
}

TEST_CASE("a boot ends what runs, without an end; what ended before keeps its end") {
    World w;
    const Instant began = w.wall();
    w.start(1, Seconds{10}, 3);
    w.start(2, Seconds{1000});
    w.clock.advance(Seconds{20});
    const std::string before = w.machine.boot();
    w.machine.reboot();
    w.clock.set_up(Seconds{5});
    w.clock.advance(Seconds{50});
    CHECK(w.machine.boot() != before);
    CHECK_FALSE(w.machine.is_connected());
    CHECK(w.machine.alive().empty());
    CHECK(w.state(1).kind == Kind::ended);
    CHECK(w.state(1).ended.finished == began + Seconds{10});
    CHECK(w.state(1).ended.exit_code == 3);
    CHECK(w.state(1).boot == before);
    CHECK(w.state(2).kind == Kind::unknown);
    REQUIRE(w.machine.connect());
    w.start(3, Seconds{1});
    CHECK(w.state(3).boot == w.machine.boot());
}

TEST_CASE("a boot loses the records of the last moments, and only those") {
    World w;
    w.start(1, Seconds{1});
    w.clock.advance(Seconds{20});
    w.start(2, Seconds{1});
    w.clock.advance(Seconds{5});
    w.start(3, Seconds{1});
    w.machine.reboot(Seconds{5});
    w.clock.set_up(Seconds{0});
    CHECK(w.state(1).kind == Kind::ended);
    CHECK(w.state(2).kind == Kind::ended);
    CHECK(w.state(3).kind == Kind::absent);
}

TEST_CASE("the removed record of a running process comes back with its end, without an owner") {
    World w;
    w.start(1, Seconds{10}, 4);
    w.start(2, Seconds{1});
    w.clock.advance(Seconds{2});
    w.machine.remove_record({1, 1});
    w.machine.remove_record({2, 1});  // it has ended: it does not come back
    w.machine.remove_record({7, 1});
    CHECK(w.state(1).kind == Kind::absent);
    CHECK(w.machine.records({}).records.empty());
    w.clock.advance(Seconds{10});
    CHECK(w.machine.records({}).records == Ids{{1, 1}});
    CHECK(w.state(1).ended.exit_code == 4);
    CHECK(w.state(1).owner.empty());
    CHECK(w.state(2).kind == Kind::absent);
}

TEST_CASE("a removed record of a process that a boot ended does not come back") {
    World w;
    w.start(1, Seconds{10});
    w.machine.remove_record({1, 1});
    w.machine.reboot();
    w.clock.set_up(Seconds{0});
    w.clock.advance(Seconds{20});
    CHECK(w.state(1).kind == Kind::absent);
}

TEST_CASE("a question about a running process brings its record back") {
    World w;
    w.start(1, Seconds{10});
    w.machine.remove_record({1, 1});
    using Look = os::Question::Look;
    const auto now = std::chrono::milliseconds{0};
    CHECK(w.machine.ask_now({about(2, Look::at_own)}, now).empty());
    auto answers = w.machine.ask_now({about(1), about(2)}, now);
    REQUIRE(answers.size() == 2);
    CHECK(answers[0].id == os::AttemptId{1, 1});
    CHECK(answers[0].is_held);
    CHECK_FALSE(answers[1].is_held);
    CHECK(w.state(1).kind == Kind::running);
    CHECK(w.state(1).owner == "owner 1");
    w.clock.advance(Seconds{3});
    REQUIRE(w.machine.ask({about(1)}));
    CHECK(w.machine.next_news() == Seconds{103});
    CHECK(w.news().answers.size() == 1);
    // Another attempt has the name.
    w.machine.remove_record({1, 1});
    w.machine.leave_record({1, 1}, "other", 5);
    answers = w.machine.ask_now({about(1)}, now);
    REQUIRE(answers.size() == 1);
    CHECK_FALSE(answers[0].is_held);
    CHECK(w.state(1).owner == "other");
    CHECK(w.state(1).kind == Kind::ended);
    CHECK(w.state(1).ended.exit_code == 5);
    CHECK(w.state(1).ended.finished == w.wall());
    CHECK(w.state(1).boot == w.machine.boot());
}

TEST_CASE("records can be given to another name, named, moved aside and removed") {
    World w;
    for (const int run : {1, 2, 3}) w.start(run, Seconds{1}, run);
    w.clock.advance(Seconds{2});
    REQUIRE(w.machine.give({1, 1}, {11, 1}, os::Give::link));
    REQUIRE(w.machine.give({2, 1}, {12, 1}, os::Give::move));
    CHECK(w.machine.records({}).records == Ids{{1, 1}, {3, 1}, {11, 1}, {12, 1}});
    CHECK(w.machine.records({}).largest_run == 12);
    CHECK(w.state(12).ended.exit_code == 2);
    REQUIRE(w.machine.name_owner({12, 1}, "new"));
    CHECK(w.state(12).owner == "new");
    CHECK_FALSE(w.machine.has_aside());
    REQUIRE(w.machine.set_aside({3, 1}, w.wall()));
    CHECK(w.machine.count_aside() == 1);
    CHECK(w.state(3).kind == Kind::absent);
    w.machine.remove_aside(w.wall());
    CHECK(w.machine.has_aside());
    w.machine.remove_aside(w.wall() + Seconds{1});
    CHECK_FALSE(w.machine.has_aside());
    w.machine.remove(11);
    CHECK(w.machine.records({}).records == Ids{{1, 1}, {12, 1}});
    CHECK_FALSE(w.machine.mark());
    REQUIRE(w.machine.write_mark("mine"));
    CHECK(w.machine.mark() == "mine");
}

TEST_CASE("old records are removed unless they are kept, are younger, or their process runs") {
    World w;
    w.start(1, Seconds{10});
    w.start(2, Seconds{10});
    w.start(3, Seconds{11});
    w.start(4, Seconds{1000});
    const Instant limit = w.wall() + Seconds{11};
    w.clock.advance(Seconds{20});
    w.machine.remove_old(limit, [](std::int64_t run) { return run == 2; });
    CHECK(w.machine.records({}).records == Ids{{2, 1}, {3, 1}, {4, 1}});
    w.machine.remove_old(limit + Seconds{100}, [](std::int64_t) { return false; });
    CHECK(w.machine.records({}).records == Ids{{4, 1}});
}

}  // namespace mc
