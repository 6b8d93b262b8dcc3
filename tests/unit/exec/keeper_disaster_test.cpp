// Jobs that ignore signals, spread or hide; keepers, wardens and daemons that are killed.
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>

#include "exec/keeper_wire.h"
#include "exec/output_file.h"
#include "os/unix_socket.h"
#include "unit/exec/keeper_world.h"

namespace mc::os::test {

using Kind = AttemptState::Kind;
using mc::test::send_signal;

namespace {

// A job that prints its own pid and waits for a file before it ends.
std::string until_file(const std::string& file) {
    return "echo $$; while [ ! -e " + file + " ]; do sleep 0.02; done; exit 42";
}

pid_t parent_of(pid_t pid) {
    const auto process = process_of(pid);
    return process ? process->parent : 0;
}

void kill_and_wait(pid_t pid) {
    REQUIRE(send_signal(pid, SIGKILL));
    CHECK(eventually([&] { return !exists(pid); }));
}

}  // namespace

TEST_CASE("a signal reaches all processes of a job, also those that left the session or were orphaned") {
    KeeperWorld w;
    const std::string file = w.state() + "/pids";
    const std::int64_t run =
        w.start("echo $$ >> " + file + "; sleep 60 & echo $! >> " + file + "; setsid sh -c 'echo $$ >> " + file +
                "; exec sleep 60' &"
                " (setsid sh -c '(echo $$ >> " +
                file + "; exec env -i sleep 60) & exit' &) ; echo ready; wait; sleep 60");
    const auto lines = [&] {
        const std::string text = text_of(file);
        return std::count(text.begin(), text.end(), '\n');
    };
    REQUIRE(eventually([&] { return lines() == 4 && !w.output(run).empty(); }));
    const std::int64_t bystander = w.start("echo $$; sleep 60");
    const pid_t untouched = w.printed_number(bystander);

    REQUIRE(w.keeper().signal(run, 1, SIGKILL));
    CHECK(w.end_of(run).signal == SIGKILL);
    std::istringstream pids(text_of(file));
    for (pid_t pid = 0; pids >> pid;) CHECK(eventually([&] { return !exists(pid); }));
    CHECK(exists(untouched));
    REQUIRE(w.keeper().signal(bystander, 1, SIGTERM));
    CHECK(w.end_of(bystander).signal == SIGTERM);
}

TEST_CASE("SIGKILL also finds a process that lost its parent to SIGTERM") {
    KeeperWorld w;
    // Once the shell above it is gone, neither its session nor its environment shows that it belongs to the job.
    const std::int64_t run =
        w.start("env -i setsid sh -c 'trap \"\" TERM; echo $$; while :; do sleep 0.05; done'; true");
    const pid_t parted = w.printed_number(run), shell = parent_of(parted);
    REQUIRE(w.keeper().signal(run, 1, SIGTERM));
    REQUIRE(eventually([&] { return !exists(shell); }));
    CHECK(exists(parted));
    REQUIRE(w.keeper().signal(run, 1, SIGKILL));
    CHECK(eventually([&] { return !exists(parted); }));
    CHECK(w.end_of(run).signal == SIGTERM);
}

TEST_CASE("a job that ignores SIGTERM is ended by SIGKILL") {
    KeeperWorld w;
    const std::int64_t run = w.start("trap '' TERM; echo $$; while :; do sleep 0.05; done");
    const pid_t pid = w.printed_number(run);
    REQUIRE(w.keeper().signal(run, 1, SIGTERM));
    std::this_thread::sleep_for(200ms);
    CHECK(exists(pid));
    CHECK(w.kind(run) == Kind::running);
    REQUIRE(w.keeper().signal(run, 1, SIGKILL));
    CHECK(w.end_of(run).signal == SIGKILL);
}

TEST_CASE("a background process of a job stays when the job ends, and later signals do not reach it") {
    KeeperWorld w;
    const std::int64_t run = w.start("sleep 60 & echo $!");
    CHECK(w.end_of(run).exit_code == 0);
    const pid_t left = w.printed_number(run);
    CHECK(exists(left));
    REQUIRE(w.keeper().signal(run, 1, SIGKILL));
    CHECK(w.run("true").exit_code == 0);  // handled after the signal
    CHECK(exists(left));
    CHECK(send_signal(left, SIGKILL));
}

TEST_CASE("output beyond its limit keeps head and tail, also on disk while the job runs") {
    KeeperWorld w;
    const std::string file = w.state() + "/go";
    Launch launch = w.command("echo first; head -c 50000000 /dev/zero | tr '\\0' x; echo; echo last; while [ ! -e " +
                              file + " ]; do sleep 0.02; done");
    launch.max_output = 100'000;
    w.start(launch);
    const std::string path = attempt_file(w.state(), launch.run, 1, "output");
    struct stat status {};
    const auto blocks = [&] {
        return ::stat(path.c_str(), &status) == 0 && status.st_size > 50'000'000 && status.st_blocks * 512 < 200'000;
    };
    CHECK(eventually(blocks));
    CHECK(last_lines(output_end(path, 1000).text, 1) == "last\n");
    write_text(file, "");
    CHECK(w.end_of(launch.run).exit_code == 0);
    const std::string out = w.output(launch.run);
    CHECK(out.size() <= 100'000);
    CHECK(out.size() > 99'000);
    CHECK(out.starts_with("first\nxxx"));
    CHECK(out.ends_with("x\nlast\n"));
    CHECK(out.find("\n[... 49900") != std::string::npos);
    CHECK(out.find(" bytes left out ...]\n") != std::string::npos);
    CHECK(out.find('\0') == std::string::npos);
}

TEST_CASE("the keeper is killed: the result of its job is still recorded, and new jobs start") {
    KeeperWorld w;
    const std::string file = w.state() + "/go";
    const std::int64_t run = w.start(until_file(file));
    const pid_t job = w.printed_number(run);
    const pid_t keeper = parent_of(job);
    CHECK(keeper == w.keeper().pid());
    const pid_t warden = parent_of(keeper);
    kill_and_wait(keeper);
    CHECK(eventually([&] { return !w.keeper().read(); }));
    CHECK(eventually([&] { return parent_of(job) == warden; }));
    CHECK(w.kind(run) == Kind::running);

    w.connect();
    CHECK(w.keeper().pid() != keeper);
    CHECK(parent_of(w.keeper().pid()) == warden);
    CHECK(w.run("exit 3").exit_code == 3);
    w.keeper().watch(run, 1);
    write_text(file, "");
    CHECK(w.end_of(run).exit_code == 42);
    CHECK(w.kind(run) == Kind::ended);
}

TEST_CASE("a job inherited by a warden can still be signalled") {
    KeeperWorld w;
    const std::int64_t run = w.start("echo $$; sleep 60");
    w.printed_number(run);
    kill_and_wait(w.keeper().pid());
    w.connect();
    w.keeper().watch(run, 1);
    REQUIRE(w.keeper().signal(run, 1, SIGTERM));
    CHECK(w.end_of(run).signal == SIGTERM);
}

TEST_CASE("the process that waits for a job is killed, twice: the job's result is still recorded") {
    KeeperWorld w;
    const std::string file = w.state() + "/go";
    const std::int64_t run = w.start(until_file(file));
    const pid_t job = w.printed_number(run);
    for (int i = 0; i < 2; ++i) {
        const pid_t waiting = parent_of(job);
        kill_and_wait(waiting);
        CHECK(eventually([&] { return parent_of(job) != waiting; }));
    }
    w.connect();
    CHECK(w.run("true").exit_code == 0);
    w.keeper().watch(run, 1);
    write_text(file, "");
    CHECK(w.end_of(run).exit_code == 42);
}

TEST_CASE("keeper and wardens are killed together: the job is lost, and recorded as lost") {
    KeeperWorld w;
    const std::string file = w.state() + "/go";
    const std::int64_t run = w.start(until_file(file));
    const pid_t job = w.printed_number(run);
    const pid_t keeper = parent_of(job), warden = parent_of(keeper), first = parent_of(warden);
    for (const pid_t pid : {first, warden, keeper}) kill_and_wait(pid);
    CHECK(w.kind(run) == Kind::running);
    w.connect();
    CHECK(w.run("true").exit_code == 0);
    w.keeper().watch(run, 1);
    // A new keeper still recognizes the process, and refuses to start the attempt again.
    Launch again = w.command("true");
    again.run = run;
    w.start(again);
    write_text(file, "");
    CHECK(w.end_of(run).lost());
    CHECK(w.kind(run) == Kind::unknown);
    CHECK(w.lines(run) == 1);
}

TEST_CASE("the keeper's warden is killed: running jobs continue, and new ones go to a new keeper") {
    KeeperWorld w;
    const std::string file = w.state() + "/go";
    const std::int64_t run = w.start(until_file(file));
    const pid_t job = w.printed_number(run);
    const pid_t old_keeper = w.keeper().pid();
    const pid_t warden = parent_of(old_keeper);
    kill_and_wait(warden);
    CHECK(eventually([&] { return !w.keeper().read(); }));
    w.connect();
    CHECK(w.keeper().pid() != old_keeper);
    CHECK(parent_of(job) == old_keeper);
    CHECK(w.run("exit 4").exit_code == 4);
    w.keeper().watch(run, 1);
    write_text(file, "");
    CHECK(w.end_of(run).exit_code == 42);
    CHECK(eventually([&] { return !exists(old_keeper); }));
}

TEST_CASE("the outermost warden is killed: running jobs continue, and new ones have two wardens above them again") {
    KeeperWorld w;
    const std::string file = w.state() + "/go";
    const std::int64_t run = w.start(until_file(file));
    const pid_t job = w.printed_number(run);
    for (int round = 0; round < 3; ++round) {
        const pid_t keeper = w.keeper().pid(), inner = parent_of(keeper), outer = parent_of(inner);
        REQUIRE(outer > 1);
        kill_and_wait(outer);
        CHECK(eventually([&] { return !w.keeper().read(); }));
        w.connect();
        const pid_t fresh = w.keeper().pid();
        CHECK(fresh != keeper);
        // The inner warden is now the outermost.
        CHECK(parent_of(parent_of(fresh)) == inner);
        CHECK(w.run("exit 4").exit_code == 4);
    }
    CHECK(exists(job));
    w.keeper().watch(run, 1);
    write_text(file, "");
    CHECK(w.end_of(run).exit_code == 42);
    // A job started after that survives the deaths of two processes above it, like any other.
    const std::int64_t later = w.start(until_file(file + "2"));
    const pid_t second = w.printed_number(later);
    for (int i = 0; i < 2; ++i) {
        const pid_t waiting = parent_of(second);
        REQUIRE(waiting > 1);
        kill_and_wait(waiting);
        CHECK(eventually([&] { return parent_of(second) != waiting; }));
    }
    w.connect();
    w.keeper().watch(later, 1);
    write_text(file + "2", "");
    CHECK(w.end_of(later).exit_code == 42);
}

TEST_CASE("a warden that gets a false report of its parent's death continues") {
    KeeperWorld w;
    const pid_t keeper = w.keeper().pid(), inner = parent_of(keeper), outer = parent_of(inner);
    for (const pid_t pid : {inner, outer}) REQUIRE(send_signal(pid, SIGUSR1));
    CHECK(w.run("exit 4").exit_code == 4);
    kill_and_wait(keeper);  // its warden has handled the signal once it has started another keeper
    CHECK(eventually([&] { return !w.keeper().read(); }));
    w.connect();
    CHECK(w.run("exit 4").exit_code == 4);
    CHECK(parent_of(w.keeper().pid()) == inner);
    CHECK(parent_of(inner) == outer);
}

TEST_CASE("the daemon's connection is lost: jobs continue, and the next connection gets their results") {
    KeeperWorld w;
    const std::string file = w.state() + "/go";
    const std::int64_t before = w.start("exit 5");
    const std::int64_t across = w.start(until_file(file));
    const pid_t job = w.printed_number(across);
    const pid_t keeper = parent_of(job);
    w.disconnect();
    CHECK(eventually([&] { return w.kind(before) == Kind::ended; }));
    CHECK(w.kind(across) == Kind::running);
    w.connect();
    CHECK(w.keeper().pid() == keeper);
    write_text(file, "");
    CHECK(w.end_of(across).exit_code == 42);
}

TEST_CASE("after SIGTERM the keeper ends after its last job, together with its wardens, and removes its socket") {
    KeeperWorld w;
    const std::string file = w.state() + "/go";
    const std::int64_t run = w.start(until_file(file));
    w.printed_number(run);
    const pid_t keeper = w.keeper().pid(), warden = parent_of(keeper), first = parent_of(warden);
    REQUIRE(send_signal(keeper, SIGTERM));
    CHECK(eventually([&] { return !w.keeper().read(); }));
    CHECK_FALSE(Keeper::connect(w.state()));
    CHECK(exists(keeper));
    write_text(file, "");
    for (const pid_t pid : {keeper, warden, first}) CHECK(eventually([&, pid = pid] { return !exists(pid); }));
    CHECK(attempt_state(w.state(), run, 1).ended.exit_code == 42);
    CHECK_FALSE(std::filesystem::exists(w.state() + "/keeper.sock"));
    w.connect();
    CHECK(w.run("true").exit_code == 0);
}

TEST_CASE("an attempt whose record has another boot or another process's start time is not running") {
    KeeperWorld w;
    const std::int64_t run = w.start("echo $$; sleep 60");
    w.printed_number(run);
    const std::string record = attempt_file(w.state(), run, 1, "record");
    std::istringstream claim(text_of(record));
    std::string pid, ticks, seconds, boot;
    claim >> pid >> ticks >> seconds >> boot;
    CHECK(boot == boot_id());
    CHECK(w.kind(run) == Kind::running);
    write_text(record, pid + " " + ticks + " " + seconds + " 00000000-0000-0000-0000-000000000000\n");
    CHECK(w.kind(run) == Kind::unknown);
    write_text(record, pid + " 1 " + seconds + " " + boot + "\n");
    CHECK(w.kind(run) == Kind::unknown);
    write_text(record, "");
    CHECK(w.kind(run) == Kind::garbled);
    // A result whose last line is missing does not count.
    write_text(record, pid + " " + ticks + " " + seconds + " " + boot + "\nexit_code 0\nmax_rss_bytes 1\n");
    CHECK(w.kind(run) == Kind::running);
    write_text(record, pid + " " + ticks + " " + seconds + " " + boot + "\n");
    REQUIRE(w.keeper().signal(run, 1, SIGKILL));
    CHECK(w.end_of(run).signal == SIGKILL);
}

TEST_CASE("under load the keeper is killed repeatedly: every job runs once and ends correctly") {
    KeeperWorld w;
    std::vector<Launch> all;
    for (int i = 0; i < 200; ++i) {
        all.push_back(w.command("echo line >> " + w.state() + "/line" + std::to_string(i) + "; sleep 0.1; exit " +
                                std::to_string(i % 50)));
    }
    const auto unfinished = [&] {
        std::vector<Launch> wanted;
        bool open = false;
        for (const Launch& one : all) {
            const Kind kind = w.kind(one.run);
            if (kind == Kind::absent) wanted.push_back(one);
            open = open || kind == Kind::running;
        }
        if (!wanted.empty()) (void)w.keeper().launch(wanted);
        return open || !wanted.empty();
    };
    for (int kills = 0; kills < 10; ++kills) {
        unfinished();
        std::this_thread::sleep_for(std::chrono::milliseconds(7 * kills));
        REQUIRE(send_signal(w.keeper().pid(), SIGKILL));
        w.connect();
    }
    CHECK(eventually([&] { return !unfinished(); }));
    for (std::size_t i = 0; i < all.size(); ++i) {
        CHECK(attempt_state(w.state(), all[i].run, 1).ended.exit_code == static_cast<int>(i % 50));
        CHECK(text_of(w.state() + "/line" + std::to_string(i)) == "line\n");
    }
}

namespace {

// In place of a keeper: answers its first connections with these texts, and closes them.
class FakeKeeper {
   public:
    FakeKeeper(const std::string& state, std::vector<std::string> answers)
        : listener_(listen_unix(state + "/keeper.sock", 0600).value()), thread_([this, answers = std::move(answers)] {
              for (const std::string& answer : answers) answer_one(answer);
          }) {}
    ~FakeKeeper() { thread_.join(); }

   private:
    void answer_one(const std::string& answer) const {
        pollfd waiting{listener_.get(), POLLIN, 0};
        if (::poll(&waiting, 1, 20'000) != 1) return;
        const Descriptor client{::accept(listener_.get(), nullptr, nullptr)};
        std::array<char, 64> hello{};
        (void)!::read(client.get(), hello.data(), hello.size());
        (void)!::write(client.get(), answer.data(), answer.size());
    }

    Descriptor listener_;
    std::thread thread_;
};

// Its version comes before the pid, which is at the end.
std::string hello_of_version(std::uint32_t version) {
    std::string hello = wire::hello_frame();
    return hello.replace(hello.size() - 2 * sizeof version, sizeof version, reinterpret_cast<const char*>(&version),
                         sizeof version);
}

}  // namespace

TEST_CASE(
    "a keeper of another version finishes its jobs; new jobs get a new keeper, which reports the old jobs' results") {
    KeeperWorld w;
    const std::string file = w.state() + "/go";
    const std::int64_t old_run = w.start(until_file(file));
    w.printed_number(old_run);
    const pid_t old_keeper = w.keeper().pid();
    {
        const FakeKeeper other(w.state(), {hello_of_version(wire::protocol_version + 1)});
        CHECK(Keeper::connect(w.state()).error().what.find("has another version") != std::string::npos);
    }
    w.connect();
    CHECK(w.keeper().pid() != old_keeper);
    CHECK(w.run("echo new").exit_code == 0);
    CHECK(w.kind(old_run) == Kind::running);
    w.keeper().watch(old_run, 1);
    write_text(file, "");
    CHECK(w.end_of(old_run).exit_code == 42);
    CHECK(send_signal(old_keeper, SIGTERM));
    CHECK(eventually([&] { return !exists(old_keeper); }));
}

TEST_CASE("a keeper that is killed during the greeting is connected to again, not replaced") {
    const TemporaryDirectory directory;
    const FakeKeeper dying(directory.path(), {"", wire::hello_frame()});
    const auto keeper = Keeper::connect(directory.path());
    REQUIRE(keeper);
    CHECK(keeper->pid() == ::getpid());
}

}  // namespace mc::os::test
