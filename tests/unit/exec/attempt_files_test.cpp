// The owners of attempts; files of other runs; and the number of attempts that a keeper has room for.
#include "exec/attempt_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <utime.h>

#include "exec/attempt_scan.h"
#include "exec/keeper_process.h"
#include "os/unix_socket.h"
#include "unit/exec/keeper_world.h"

namespace mc::os::test {

using Kind = AttemptState::Kind;

namespace {

// As version 0.1 writes it.
void write_old_record(const std::string& state, std::int64_t run, int attempt, const std::string& text) {
    std::filesystem::create_directories(state + "/runs/" + std::to_string(run / 1000));
    write_text(attempt_file(state, run, attempt, "record"), text);
}

// A keeper with room for two attempts, in its own process.
class SmallKeeper {
   public:
    explicit SmallKeeper(const std::string& state) : table_(*AttemptTable::make(2)) {
        std::filesystem::create_directories(state + "/runs");
        auto listener = listen_unix(state + "/keeper.sock", 0600);
        REQUIRE(listener);
        pid_ = ::fork();
        if (pid_ != 0) return;
        sigset_t all;
        ::sigfillset(&all);
        ::sigprocmask(SIG_SETMASK, &all, nullptr);
        Descriptor dir{::open(state.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        KeeperHouse house{std::move(dir), *std::move(listener), std::move(table_), ""};
        run_keeper(house);
        ::_exit(0);
    }
    ~SmallKeeper() {
        if (mc::test::send_signal(pid_, SIGTERM)) ::waitpid(pid_, nullptr, 0);
    }
    AttemptTable& table() { return table_; }

   private:
    AttemptTable table_;
    pid_t pid_ = 0;
};

Launch shell(std::int64_t run, const std::string& text) {
    Launch launch;
    launch.run = run;
    launch.argv = {"/bin/sh", "-c", text};
    return launch;
}

}  // namespace

TEST_CASE("a record names the owner of its attempt, while it runs and after it has ended") {
    KeeperWorld w;
    const std::string go = w.state() + "/go";
    Launch launch = w.command("while [ ! -e " + go + " ]; do sleep 0.02; done; exit 4");
    launch.owner = "{\"job\":\"a\"}\nfinished 1";
    w.start(launch);
    CHECK(eventually([&] { return w.kind(launch.run) == Kind::running; }));
    CHECK(attempt_state(w.state(), launch.run, 1).owner == "{\"job\":\"a\"} finished 1");
    write_text(go, "");
    CHECK(w.end_of(launch.run).exit_code == 4);
    const AttemptState ended = attempt_state(w.state(), launch.run, 1);
    CHECK(ended.kind == Kind::ended);
    CHECK(ended.ended.exit_code == 4);
    CHECK(ended.owner == "{\"job\":\"a\"} finished 1");
    CHECK(ended.boot == boot_id());
    CHECK(name_owner(w.state(), {launch.run, 1}, "another"));
    CHECK(attempt_state(w.state(), launch.run, 1).owner == "another");
    CHECK(attempt_state(w.state(), launch.run, 1).ended.exit_code == 4);
}

TEST_CASE("an attempt that cannot be executed also has an owner") {
    KeeperWorld w;
    Launch launch = w.command("");
    launch.argv = {"/no/such/program"};
    launch.owner = "mine";
    CHECK_FALSE(w.run(launch).spawn_error.empty());
    CHECK(attempt_state(w.state(), launch.run, 1).owner == "mine");
    launch.run += 1;
    launch.argv.clear();
    CHECK_FALSE(w.run(launch).spawn_error.empty());
    CHECK(attempt_state(w.state(), launch.run, 1).owner == "mine");
}

TEST_CASE("records of version 0.1 can be read; they have no owner") {
    const TemporaryDirectory state;
    const std::string here = boot_id();
    write_old_record(state.path(), 7, 1,
                     "4 100 1795000000 " + here +
                         "\nexit_code 3\nmax_rss_bytes 5\ncpu_microseconds 6\n"
                         "started 1795000000\nfinished 1795000009\n");
    const AttemptState ended = attempt_state(state.path(), 7, 1);
    CHECK(ended.kind == Kind::ended);
    CHECK(ended.ended.exit_code == 3);
    CHECK(ended.owner.empty());
    CHECK(ended.claimed == Instant{Seconds{1795000000}});
    CHECK(ended.boot == here);
    write_old_record(state.path(), 8, 1, std::to_string(::getpid()) + " 99999999999 1795000000 " + here + "\n");
    CHECK(attempt_state(state.path(), 8, 1).kind == Kind::running);
    CHECK(attempt_state(state.path(), 8, 1).owner.empty());
}

TEST_CASE("a truncated record names no owner") {
    const TemporaryDirectory state;
    write_old_record(state.path(), 7, 1, "4 100 1795000000 boot\nowner half");
    CHECK(attempt_state(state.path(), 7, 1).kind == Kind::unknown);
    CHECK(attempt_state(state.path(), 7, 1).owner.empty());
}

TEST_CASE("an end begins a line of its record, also behind a truncated one") {
    const TemporaryDirectory state;
    const Descriptor dir{::open(state.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    const auto [record, line_end] = GENERATE(table<std::string, std::string>({
        {"4 100 1795000000 boot\n", ""},
        {"4 100 1795000000 boot\nowner half", "\n"},
        {"", ""},
    }));
    write_old_record(state.path(), 7, 1, record);
    Ended ended;
    ended.run = 7;
    ended.attempt = 1;
    ended.exit_code = 3;
    REQUIRE(write_ended(dir.get(), ended));
    CHECK(text_of(attempt_file(state.path(), 7, 1, "record")).starts_with(record + line_end + "exit_code 3\n"));
    const auto read = read_ended(dir.get(), 7, 1);
    REQUIRE(read);
    CHECK(read->exit_code == 3);
}

TEST_CASE("the attempts on disk are found by file names, in directories that have changed") {
    const TemporaryDirectory state;
    for (const std::int64_t run : {3, 1999, 25'001}) write_old_record(state.path(), run, 1, "x");
    write_old_record(state.path(), 1999, 2, "x");
    write_text(state / "runs/25/25999.1.output", "x");
    write_text(state / "runs/25/strange", "x");
    std::filesystem::create_directories(state / "runs/aside");
    std::filesystem::create_directories(state / "runs/77");
    const std::vector<AttemptId> all{{3, 1}, {1999, 1}, {1999, 2}, {25'001, 1}};
    CHECK(attempts_on_disk(state.path(), {}).records == all);
    CHECK(attempts_on_disk(state.path(), {}).largest_run == 25'999);
    const utimbuf long_ago{1'000'000'000, 1'000'000'000};
    for (const char* old : {"runs/0", "runs/1", "runs/25"}) ::utime((state / old).c_str(), &long_ago);
    const Instant since{Seconds{1'500'000'000}};
    CHECK(attempts_on_disk(state.path(), since).records == std::vector<AttemptId>{{25'001, 1}});
    CHECK(attempts_on_disk(state.path(), since).largest_run == 25'999);
    write_old_record(state.path(), 1998, 1, "x");
    CHECK(attempts_on_disk(state.path(), since).records.front() == AttemptId{1998, 1});
    CHECK(attempts_on_disk(state / "nowhere", {}).largest_run == 0);
}

TEST_CASE("files can be moved aside, also twice in one second, and are removed after some time") {
    const TemporaryDirectory state;
    const Instant now{Seconds{1'795'000'000}};
    for (const std::string text : {"first", "second"}) {
        write_old_record(state.path(), 7, 1, text);
        write_text(attempt_file(state.path(), 7, 1, "output"), text);
        const auto moved = set_aside(state.path(), {7, 1}, now);
        REQUIRE(moved);
        CHECK(text_of(*moved) == text);
        CHECK(attempt_state(state.path(), 7, 1).kind == Kind::absent);
    }
    CHECK(count_aside(state.path()) == 2);
    remove_aside(state.path(), now);
    CHECK(count_aside(state.path()) == 2);
    remove_aside(state.path(), now + Seconds{60});
    CHECK(count_aside(state.path()) == 0);
    CHECK_FALSE(std::filesystem::exists(state / "runs/aside"));
}

TEST_CASE("another run can take over an attempt's files, also while its process writes them") {
    KeeperWorld w;
    const std::string go = w.state() + "/go";
    const std::int64_t run = w.start("echo 1; while [ ! -e " + go + " ]; do sleep 0.02; done; echo 2; exit 5");
    CHECK(eventually([&] { return w.lines(run) == 1; }));
    CHECK(give_attempt(w.state(), {run, 1}, {4321, 1}, Give::link));
    CHECK(w.kind(4321) == Kind::running);
    w.keeper().watch(4321, 1);
    write_text(go, "");
    CHECK(w.end_of(4321).exit_code == 5);
    CHECK(w.output(4321) == "1\n2\n");
    CHECK(give_attempt(w.state(), {4321, 1}, {5321, 1}, Give::move));
    CHECK(w.kind(4321) == Kind::absent);
    CHECK(attempt_state(w.state(), 5321, 1).ended.exit_code == 5);
}

TEST_CASE("a run's files are removed even if an attempt's were moved away") {
    const TemporaryDirectory state;
    write_old_record(state.path(), 7, 3, "x");
    remove_attempts(state.path(), 7);
    CHECK_FALSE(std::filesystem::exists(state / "runs/0"));
}

TEST_CASE("launches wait while the table of attempts is full, until an attempt ends") {
    const TemporaryDirectory state;
    SmallKeeper small(state.path());
    auto keeper = Keeper::connect(state.path());
    REQUIRE(keeper);
    const auto waits_for = [&](const char* file) {
        return "while [ ! -e " + (state / file) + " ]; do sleep 0.02; done";
    };
    const auto kind = [&](std::int64_t run) { return attempt_state(state.path(), run, 1).kind; };
    REQUIRE(keeper->launch({shell(1, waits_for("a")), shell(2, waits_for("b")), shell(3, waits_for("c"))}));
    CHECK(eventually([&] { return kind(1) == Kind::running && kind(2) == Kind::running; }));
    std::this_thread::sleep_for(250ms);
    CHECK(kind(3) == Kind::absent);
    write_text(state / "a", "");
    CHECK(eventually([&] { return kind(3) == Kind::running; }));
    write_text(state / "b", "");
    write_text(state / "c", "");
    CHECK(eventually([&] { return kind(2) == Kind::ended && kind(3) == Kind::ended; }));
}

TEST_CASE("another process can also free an entry of a full table") {
    const TemporaryDirectory state;
    SmallKeeper small(state.path());
    auto keeper = Keeper::connect(state.path());
    REQUIRE(keeper);
    // Entries of a warden that inherited an earlier keeper's jobs: this keeper does not see their ends.
    AttemptEntry* first = small.table().reserve();
    AttemptEntry* second = small.table().reserve();
    REQUIRE(second != nullptr);
    REQUIRE(keeper->launch({shell(1, "exit 6")}));
    std::this_thread::sleep_for(250ms);
    CHECK(attempt_state(state.path(), 1, 1).kind == Kind::absent);
    small.table().release(*first);
    CHECK(eventually([&] { return attempt_state(state.path(), 1, 1).kind == Kind::ended; }));
    CHECK(attempt_state(state.path(), 1, 1).ended.exit_code == 6);
    small.table().release(*second);
}

}  // namespace mc::os::test
