// Records that are removed or overwritten while the process runs: the keeper still has the attempt, and says so.
#include <fcntl.h>
#include <sys/stat.h>

#include "exec/attempt_files.h"
#include "os/descriptor.h"
#include "unit/exec/keeper_world.h"
#include "unit/os/limit.h"

namespace mc::os::test {

using Kind = AttemptState::Kind;

namespace {

// A job that prints a line when it starts, and waits for a file before it ends.
Launch waiting(KeeperWorld& w, const std::string& file) {
    Launch launch = w.command("echo $$; while [ ! -e " + file + " ]; do sleep 0.02; done; exit 42");
    launch.owner = "mine";
    return launch;
}

struct Mishap {
    const char* name;
    void (*to)(const std::string& record);
};

constexpr Mishap mishaps[] = {
    {"removed", [](const std::string& record) { std::filesystem::remove(record); }},
    {"emptied", [](const std::string& record) { write_text(record, ""); }},
    {"overwritten", [](const std::string& record) { write_text(record, "not a record"); }},
    {"another process's",
     [](const std::string& record) { write_text(record, "1 1 1795000000 " + boot_id() + "\nowner other\n"); }},
    {"of another process that lives",
     [](const std::string& record) {
         const std::string text = text_of(record);
         write_text(record, "1" + text.substr(text.find(' ')));
     }},
    {"of another boot",
     [](const std::string& record) {
         std::string text = text_of(record);
         write_text(record, text.replace(text.find(boot_id()), 1, "z"));
     }},
    {"cut short", [](const std::string& record) { write_text(record, "12"); }},
    {"long", [](const std::string& record) { write_text(record, text_of(record) + std::string(20'000, 'x')); }},
    {"a link",
     [](const std::string& record) {
         std::filesystem::remove(record);
         std::filesystem::create_symlink("/dev/null", record);
     }},
    {"a FIFO",
     [](const std::string& record) {
         std::filesystem::remove(record);
         REQUIRE(::mkfifo(record.c_str(), 0600) == 0);
     }},
};

// A keeper with one such job, which is running.
struct Running : KeeperWorld {
    std::string file = state() + "/go";
    Launch launch = waiting(*this, file);
    std::string record = attempt_file(state(), launch.run, 1, "record");
    Running() { printed_number(start(launch)); }
};

bool is_held(KeeperWorld& w, std::int64_t run, const std::string& identity = "") {
    std::vector<Answer> answers;
    REQUIRE(w.keeper().ask({{{run, 1}, identity}}));
    REQUIRE(eventually([&] {
        REQUIRE(w.keeper().read());
        answers = w.keeper().take_answers();
        return !answers.empty();
    }));
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].id == AttemptId{run, 1});
    return answers[0].is_held;
}

// Checks that its record is written again, and its result is recorded there.
void check_held(Running& w, const std::string& owner = "mine") {
    const std::int64_t run = w.launch.run;
    CHECK(is_held(w, run));
    CHECK(w.kind(run) == Kind::running);
    CHECK(attempt_state(w.state(), run, 1).owner == owner);
    CHECK(w.lines(run) == 1);
    w.keeper().watch(run, 1);
    write_text(w.file, "");
    CHECK(w.end_of(run).exit_code == 42);
    CHECK(w.kind(run) == Kind::ended);
}

}  // namespace

TEST_CASE("on request the keeper writes the records of its attempts again") {
    for (const Mishap& mishap : mishaps) {
        INFO(mishap.name);
        Running w;
        mishap.to(w.record);
        check_held(w);
    }
}

TEST_CASE("the successor of a killed keeper also knows its attempts") {
    Running w;
    const pid_t keeper = w.keeper().pid();
    REQUIRE(mc::test::send_signal(keeper, SIGKILL));
    CHECK(eventually([&] { return !exists(keeper); }));
    w.connect();
    CHECK_FALSE(is_held(w, w.launch.run, "another's"));
    std::filesystem::remove(w.record);
    check_held(w, "");  // only the killed keeper knew the owner
}

TEST_CASE("an attempt with a damaged record can be signalled, and its result is recorded") {
    for (const Mishap& mishap : mishaps) {
        INFO(mishap.name);
        KeeperWorld w;
        const std::string file = w.state() + "/go";
        const std::string record = attempt_file(w.state(), 1, 1, "record");
        w.printed_number(w.start(waiting(w, file)));
        mishap.to(record);
        REQUIRE(w.keeper().signal(1, 1, SIGTERM));
        CHECK(w.end_of(1).signal == SIGTERM);
        CHECK(attempt_state(w.state(), 1, 1).ended.signal == SIGTERM);

        const std::string second = attempt_file(w.state(), 2, 1, "record");
        w.printed_number(w.start(waiting(w, file)));
        mishap.to(second);
        write_text(file, "");
        CHECK(w.end_of(2).exit_code == 42);
        CHECK(attempt_state(w.state(), 2, 1).kind == Kind::ended);
        CHECK(attempt_state(w.state(), 2, 1).ended.exit_code == 42);
    }
}

TEST_CASE("an attempt whose record cannot be written again is still held, and can be signalled") {
    Running w;
    std::filesystem::remove(w.record);
    {
        const Limit limit(w.keeper().pid(), RLIMIT_FSIZE, 10);
        CHECK(is_held(w, w.launch.run));
        CHECK(w.kind(w.launch.run) == Kind::garbled);
        REQUIRE(w.keeper().signal(w.launch.run, 1, SIGTERM));
        CHECK(w.end_of(w.launch.run).signal == SIGTERM);
        w.forget(w.launch.run);
        REQUIRE(w.keeper().ask({{{w.launch.run, 1}, ""}}));
        CHECK(w.end_of(w.launch.run).signal == SIGTERM);  // its result is reported, because no file contains it
    }
    CHECK(eventually([&] { return w.kind(w.launch.run) == Kind::ended; }));
    CHECK(attempt_state(w.state(), w.launch.run, 1).ended.signal == SIGTERM);
}

TEST_CASE("an attempt that the keeper has does not start again, whatever its record says") {
    Running w;
    std::filesystem::remove(w.record);
    Launch again = w.launch;
    again.owner = "another's";
    w.start(again);
    CHECK(w.run("true").exit_code == 0);  // handled after it
    check_held(w);
}

TEST_CASE("an attempt of another keeper is found by its mark") {
    Running w;
    const pid_t other = w.keeper().pid();
    REQUIRE(mc::test::send_signal(other, SIGSTOP));
    w.disconnect();
    std::filesystem::remove(w.state() + "/keeper.sock");
    std::filesystem::remove(w.record);
    w.connect();
    CHECK(w.keeper().pid() != other);
    CHECK(is_held(w, w.launch.run));
    CHECK(w.kind(w.launch.run) == Kind::running);
    REQUIRE(mc::test::send_signal(other, SIGCONT));
    write_text(w.file, "");
    w.keeper().watch(w.launch.run, 1);
    CHECK(w.end_of(w.launch.run).exit_code == 42);
    REQUIRE(mc::test::send_signal(other, SIGTERM));
    CHECK(eventually([&] { return !exists(other); }));
}

TEST_CASE("an attempt of another directory's keeper is found by the mark that the caller gives") {
    KeeperWorld first, copy;
    const std::string file = first.state() + "/go";
    Launch launch = waiting(first, file);
    launch.identity = "mine";
    const std::int64_t run = launch.run;
    first.printed_number(first.start(launch));
    CHECK_FALSE(is_held(copy, run, "another's"));
    REQUIRE(copy.keeper().ask({{{run, 1}, "mine", Question::Look::at_own}}));
    (void)copy.command("");                  // skips a number: the first keeper's job has it
    CHECK(copy.run("true").exit_code == 0);  // handled after it
    CHECK(copy.keeper().take_answers().empty());
    CHECK(copy.kind(run) == Kind::absent);
    CHECK(is_held(copy, run, "mine"));
    CHECK(copy.kind(run) == Kind::running);
    copy.keeper().watch(run, 1);
    write_text(file, "");
    CHECK(copy.end_of(run).lost());  // only the first keeper collected its exit status
    CHECK(first.end_of(run).exit_code == 42);
}

TEST_CASE("a record that a later attempt with the same number made is not changed") {
    KeeperWorld w;
    const std::string file = w.state() + "/go";
    Launch first = waiting(w, file);
    first.identity = "old";
    const pid_t job = w.printed_number(w.start(first));
    const pid_t other = w.keeper().pid();
    w.disconnect();
    std::filesystem::remove(w.state() + "/keeper.sock");
    std::filesystem::remove_all(w.state() + "/runs");
    w.connect();
    const std::int64_t run = first.run;
    CHECK_FALSE(is_held(w, run, "new"));
    std::this_thread::sleep_for(20ms);  // the system clock's ticks distinguish the records
    Launch second = w.command("exit 5");
    second.run = run;
    second.owner = "another's";
    second.identity = "new";
    CHECK(w.run(second).exit_code == 5);
    REQUIRE(w.keeper().signal(run, 1, SIGKILL, "new"));
    CHECK(w.run("true").exit_code == 0);  // handled after it
    CHECK(exists(job));
    write_text(file, "");
    CHECK(eventually([&] { return !exists(job); }));
    REQUIRE(mc::test::send_signal(other, SIGTERM));
    CHECK(eventually([&] { return !exists(other); }));  // it has finished its writes
    CHECK(attempt_state(w.state(), run, 1).owner == "another's");
    CHECK(attempt_state(w.state(), run, 1).ended.exit_code == 5);
}

TEST_CASE("a watch follows the record to the process that it names now") {
    Running w;
    auto daemon = Keeper::connect(w.state());
    REQUIRE(daemon);
    const std::string text = text_of(w.record);
    write_text(w.record, "1" + text.substr(text.find(' ')));
    daemon->watch(w.launch.run, 1);
    write_text(w.record, text);
    daemon->watch(w.launch.run, 1);
    write_text(w.file, "");
    std::vector<Ended> ended;
    CHECK(eventually([&] {
        auto more = daemon->read();
        REQUIRE(more);
        ended.insert(ended.end(), more->begin(), more->end());
        return !ended.empty();
    }));
    CHECK(ended.at(0).exit_code == 42);
}

TEST_CASE("the keeper reports attempts that it does not have, and leaves their files unchanged") {
    KeeperWorld w;
    const Launch launch = w.command("true");
    CHECK_FALSE(is_held(w, launch.run));
    CHECK(w.kind(launch.run) == Kind::absent);
    CHECK(w.run(launch).exit_code == 0);
    CHECK_FALSE(is_held(w, launch.run));
    CHECK(w.kind(launch.run) == Kind::ended);
    write_text(attempt_file(w.state(), launch.run, 1, "record"), "");
    CHECK_FALSE(is_held(w, launch.run));
    CHECK(w.kind(launch.run) == Kind::garbled);
}

TEST_CASE("a watched attempt whose record is removed before it ends does not count as never started") {
    Running w;
    const auto state = w.state();
    auto daemon = Keeper::connect(state);
    REQUIRE(daemon);
    REQUIRE(mc::test::send_signal(w.keeper().pid(), SIGSTOP));  // so that its end is seen before it is recorded
    daemon->watch(w.launch.run, 1);
    std::filesystem::remove(w.record);
    write_text(w.file, "");
    std::vector<AttemptId> unclear;
    CHECK(eventually([&] {
        const auto ended = daemon->read();
        REQUIRE(ended);
        CHECK(ended->empty());
        unclear = daemon->take_unclear();
        return !unclear.empty();
    }));
    CHECK(unclear == std::vector<AttemptId>{{w.launch.run, 1}});
    REQUIRE(mc::test::send_signal(w.keeper().pid(), SIGCONT));
    CHECK(w.end_of(w.launch.run).exit_code == 42);
    CHECK(w.kind(w.launch.run) == Kind::ended);
}

}  // namespace mc::os::test
