// The environment of a job, and the record of its result.
#include <fcntl.h>
#include <grp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/cradle.h"
#include "os/descriptor.h"
#include "unit/exec/keeper_world.h"

namespace mc::os::test {

using Kind = AttemptState::Kind;

TEST_CASE("an exit code, a signal and the output are recorded") {
    KeeperWorld w;
    const Ended good = w.run("echo out; echo err >&2");
    CHECK(good.exit_code == 0);
    CHECK_FALSE(good.signal);
    CHECK(good.spawn_error.empty());
    CHECK(w.output(good.run) == "out\nerr\n");
    CHECK(good.started <= good.finished);
    CHECK(good.finished <= instant_now());

    CHECK(w.run("exit 99").exit_code == 99);
    const Ended killed = w.run("kill -9 $$");
    CHECK(killed.signal == 9);
    CHECK_FALSE(killed.exit_code);
}

TEST_CASE("what the daemon ignores, its keeper and their jobs do not ignore") {
    const int number = GENERATE(SIGHUP, SIGINT, SIGPIPE, SIGUSR2);
    auto* before = ::signal(number, SIG_IGN);
    KeeperWorld w;
    ::signal(number, before);
    const std::string none = "SigIgn:\t0000000000000000\n";
    const std::string keeper = text_of("/proc/" + std::to_string(w.keeper().pid()) + "/status");
    CHECK(keeper.find(none) != std::string::npos);
    CHECK(w.output(w.run("grep SigIgn /proc/self/status").run) == none);
}

TEST_CASE("the files on disk agree with the message") {
    KeeperWorld w;
    const Ended told = w.run("exit 7");
    const AttemptState read = attempt_state(w.state(), told.run, 1);
    REQUIRE(read.kind == Kind::ended);
    CHECK(read.ended.exit_code == 7);
    CHECK(read.ended.started == told.started);
    CHECK(read.ended.finished == told.finished);
    CHECK(read.ended.max_rss_bytes == told.max_rss_bytes);
    CHECK(read.ended.cpu_seconds == Approx(told.cpu_seconds).margin(2e-6));
    CHECK(w.kind(told.run, 2) == Kind::absent);
    struct stat status {};
    const std::filesystem::path output = attempt_file(w.state(), told.run, 1, "output");
    REQUIRE(::stat(output.parent_path().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0700);
}

TEST_CASE("a command that cannot be executed gives the cause") {
    KeeperWorld w;
    const auto error_of = [&](std::vector<std::string> argv, std::string cwd = "") {
        Launch launch = w.command("");
        launch.argv = std::move(argv);
        launch.cwd = std::move(cwd);
        const Ended ended = w.run(launch);
        CHECK_FALSE(ended.exit_code);
        CHECK_FALSE(ended.lost());
        CHECK(attempt_state(w.state(), ended.run, 1).ended.spawn_error == ended.spawn_error);
        return ended.spawn_error;
    };
    const std::string plain = w.state() + "/plain", script = w.state() + "/script";
    write_text(plain, "text");
    write_text(script, "#!/no/such/interpreter\n");
    ::chmod(script.c_str(), 0755);
    CHECK(error_of({"/opt/no/such"}) == "cannot execute /opt/no/such: No such file or directory");
    CHECK(error_of({"no-such-program"}) == "cannot execute no-such-program: No such file or directory");
    CHECK(error_of({plain}) == plain + " is not executable: Permission denied");
    CHECK(error_of({script}) == "cannot execute " + script + ": the interpreter in its first line does not exist");
    CHECK(error_of({"/bin/true"}, "/no/such/place") ==
          "cannot enter the directory /no/such/place: No such file or directory");
    CHECK(error_of({}) == "cannot execute : Invalid argument");
}

TEST_CASE("a program without a slash is found in the job's own PATH") {
    KeeperWorld w;
    const std::string tool = w.state() + "/my-tool";
    write_text(tool, "#!/bin/sh\necho found\n");
    ::chmod(tool.c_str(), 0755);
    Launch launch = w.command("");
    launch.argv = {"my-tool"};
    launch.env = {"PATH=/no/such/place:" + w.state()};
    CHECK(w.run(launch).exit_code == 0);
    CHECK(w.output(launch.run) == "found\n");
}

TEST_CASE("a job has its environment, and only that") {
    KeeperWorld w;
    Launch launch = w.command("");
    launch.argv = {"/usr/bin/env"};
    launch.env = {"A=1", "B=two words", "LANG=C"};
    w.run(launch);
    const std::string out = w.output(launch.run);
    const std::size_t mark = out.find("MARKETCRON_TREE=");
    REQUIRE(mark != std::string::npos);
    CHECK(out.substr(0, mark) == "A=1\nB=two words\nLANG=C\n");
    CHECK(out.find('\n', mark) == out.size() - 1);
}

TEST_CASE("a job has its working directory, umask, nice value and its own session") {
    KeeperWorld w;
    Launch launch = w.command("pwd; umask; nice; set -- $(cat /proc/$$/stat); echo $6; echo $$");
    launch.cwd = "/usr";
    launch.umask = 027;
    launch.nice = 5;
    w.run(launch);
    std::istringstream out(w.output(launch.run));
    std::string directory, umask, nice, session, pid;
    out >> directory >> umask >> nice >> session >> pid;
    CHECK(directory == "/usr");
    CHECK(umask == "0027");
    CHECK(nice == std::to_string(::getpriority(PRIO_PROCESS, 0) + 5));
    CHECK(session == pid);
}

TEST_CASE("a job inherits no descriptor, no blocked and no ignored signal") {
    KeeperWorld w;
    Launch launch = w.command("");
    launch.argv = {"/bin/sh", "-c", "ls /proc/self/fd; grep -E 'SigBlk|SigIgn' /proc/self/status"};
    w.run(launch);
    // Descriptor 3 is ls's own, for the directory.
    CHECK(w.output(launch.run) == "0\n1\n2\n3\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_CASE("stdin is empty, or the given text of any length") {
    KeeperWorld w;
    CHECK(w.run("cat").exit_code == 0);
    Launch launch = w.command("cat");
    launch.stdin_text = std::string(300'000, 'x') + "\nlast";
    w.run(launch);
    CHECK(w.output(launch.run) == launch.stdin_text);
}

TEST_CASE("the memory and time of a killed child are known") {
    KeeperWorld w;
    const Ended ended = w.run("exec python3 -c 'x = bytearray(80_000_000); import os; os.kill(os.getpid(), 9)'");
    CHECK(ended.signal == 9);
    CHECK(ended.max_rss_bytes > 80'000'000);
    CHECK(ended.cpu_seconds > 0);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    constexpr std::int64_t keeper_bytes_most = 400'000'000;  // its shadow memory counts
#else
    constexpr std::int64_t keeper_bytes_most = 40'000'000;
#endif
    CHECK(w.run("true").max_rss_bytes < keeper_bytes_most);
}

TEST_CASE("a signal right behind its launch ends the attempt") {
    KeeperWorld w;
    const pid_t keeper = w.keeper().pid();
    for (int i = 0; i < 10; ++i) {
        const Launch launch = w.command("sleep 1; echo done");
        REQUIRE(mc::test::send_signal(keeper, SIGSTOP));
        const auto started = w.keeper().launch({launch});
        const auto stopped = w.keeper().signal(launch.run, 1, SIGTERM, launch.identity);
        REQUIRE(mc::test::send_signal(keeper, SIGCONT));  // it finds both requests at once
        REQUIRE((started && stopped));
        CHECK(w.end_of(launch.run).signal == SIGTERM);
        CHECK(w.output(launch.run).empty());
    }
}

TEST_CASE("the same attempt asked for twice starts once") {
    KeeperWorld w;
    const Launch launch = w.command("echo $$; sleep 0.3");
    REQUIRE(w.keeper().launch({launch, launch, launch}));
    CHECK(w.end_of(launch.run).exit_code == 0);
    const std::string out = w.output(launch.run);
    CHECK(w.lines(launch.run) == 1);
    // Requested again long after it has ended: it already ran, and its owner must be checked.
    REQUIRE(w.keeper().launch({launch}));
    std::vector<Ended> again;
    CHECK(eventually([&] {
        const auto news = w.keeper().read();
        REQUIRE(news);
        again.insert(again.end(), news->begin(), news->end());
        return w.keeper().take_begun() == std::vector{AttemptId{launch.run, 1}};
    }));
    // The first result may be reported twice: from disk, then by the keeper. A second start would add another.
    CHECK(again.size() <= 1);
    for (const Ended& end : again) CHECK((end.run == launch.run && end.attempt == 1 && end.exit_code == 0));
    w.keeper().watch(launch.run, 1);
    CHECK(eventually([&] {
        const auto news = w.keeper().read();
        return news && !news->empty() && news->front().exit_code == 0;
    }));
    CHECK(w.output(launch.run) == out);
    Launch second = launch;
    second.attempt = 2;
    w.start(second);
    CHECK(w.end_of(launch.run, 2).exit_code == 0);
}

TEST_CASE("removing a run's files keeps those of other runs") {
    KeeperWorld w;
    Launch first = w.command("echo 1");
    w.run(first);
    Launch again = first;
    again.attempt = 2;
    w.start(again);
    w.end_of(first.run, 2);
    const Ended other = w.run("echo 2");
    remove_attempts(w.state(), first.run);
    CHECK(w.kind(first.run, 1) == Kind::absent);
    CHECK(w.kind(first.run, 2) == Kind::absent);
    CHECK_FALSE(std::filesystem::exists(attempt_file(w.state(), first.run, 2, "output")));
    CHECK(w.output(other.run) == "2\n");
    remove_attempts(w.state(), other.run);
    CHECK(std::filesystem::is_empty(w.state() + "/runs"));
}

TEST_CASE("a state directory whose path is longer than a socket address") {
    KeeperWorld w(std::string(60, 'a') + "/" + std::string(60, 'b') + "/" + std::string(60, 'c'));
    CHECK(w.run("true").exit_code == 0);
}

TEST_CASE("a job of another user") {
    KeeperWorld w;
    Launch launch = w.command("id -u; id -g; id -G; echo again >> /dev/stdout");
    const std::uint32_t other = ::geteuid() == 65534 ? 65533 : 65534;
    launch.uid = other;
    launch.gid = 65534;
    launch.groups = {65533, 65534};
    const Ended ended = w.run(launch);
    if (::geteuid() == 0) {
        CHECK(ended.exit_code == 0);
        CHECK(w.output(launch.run) == "65534\n65534\n65534 65533\nagain\n");
        Launch hidden = w.command("true");
        hidden.uid = 65534;
        hidden.cwd = w.state();
        CHECK(w.run(hidden).spawn_error == "cannot enter the directory " + w.state() + ": Permission denied");
    } else {
        CHECK(ended.spawn_error == "cannot switch to user " + std::to_string(other) + ": Operation not permitted");
    }
    // The keeper's own user counts as the same user, and needs no privilege.
    Launch own = w.command("id -u");
    own.uid = ::geteuid();
    CHECK(w.run(own).exit_code == 0);
    CHECK(w.output(own.run) == std::to_string(::geteuid()) + "\n");
}

// A pipe without a reader blocks the process that opens it, like a file server that hangs.
TEST_CASE("child processes that hang before their exec delay no others") {
    KeeperWorld w;
    std::vector<Launch> hanging;
    std::filesystem::create_directories(w.state() + "/runs/0");
    const std::size_t more_than_may_share_memory = 2 * Cradles::capacity;
    for (std::size_t i = 0; i < more_than_may_share_memory; ++i) {
        hanging.push_back(w.command("echo out"));
        const std::string pipe = attempt_file(w.state(), hanging.back().run, 1, "output");
        REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    }
    REQUIRE(w.keeper().launch(hanging));
    const Ended other = w.run("echo 1");
    CHECK(other.exit_code == 0);
    CHECK(w.output(other.run) == "1\n");
    for (const Launch& one : hanging) {
        CHECK(w.kind(one.run) == Kind::running);
        const Descriptor reader{
            ::open(attempt_file(w.state(), one.run, 1, "output").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
        CHECK(w.end_of(one.run).exit_code == 0);
    }
    CHECK(w.run("true").exit_code == 0);
}

TEST_CASE("a thousand launches in one batch all end, each exactly once") {
    KeeperWorld w;
    std::vector<Launch> all;
    for (int i = 0; i < 1000; ++i) all.push_back(w.command("echo " + std::to_string(i)));
    REQUIRE(w.keeper().launch(all));
    for (int i = 0; i < 1000; ++i) {
        const std::int64_t run = all[static_cast<std::size_t>(i)].run;
        CHECK(w.end_of(run).exit_code == 0);
        CHECK(w.output(run) == std::to_string(i) + "\n");
    }
}

}  // namespace mc::os::test
