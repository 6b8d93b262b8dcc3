// An attempt that lacks a resource now has not started, leaves nothing behind, and starts when requested again.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "os/descriptor.h"
#include "os/obstacle.h"
#include "unit/exec/keeper_world.h"
#include "unit/os/limit.h"

namespace mc::os::test {

using Kind = AttemptState::Kind;
using Of = Hindrance::Of;

namespace {

std::string hindered(KeeperWorld& w, const Launch& launch, Of of) {
    w.forget(launch.run);
    const Ended end = w.run(launch);
    REQUIRE(end.hindrance);
    CHECK(end.hindrance->of == of);
    CHECK_FALSE(end.lost());
    CHECK(end.spawn_error.empty());
    CHECK(w.kind(launch.run) == Kind::absent);
    CHECK_FALSE(std::filesystem::exists(attempt_file(w.state(), launch.run, 1, "output")));
    return end.hindrance->text;
}

void check_begins(KeeperWorld& w, const Launch& launch) {
    w.forget(launch.run);
    CHECK(w.run(launch).exit_code == 3);
    CHECK(w.kind(launch.run) == Kind::ended);
}

}  // namespace

TEST_CASE("no record can be created: the attempt waits for the directory") {
    KeeperWorld w;
    CHECK(w.run("true").exit_code == 0);
    const Launch launch = w.command("exit 3");
    const std::string runs = w.state() + "/runs/0";
    std::filesystem::rename(runs, runs + ".away");
    write_text(runs, "a file");
    CHECK(hindered(w, launch, Of::every_attempt) == "cannot write the attempt's record: Not a directory");
    std::filesystem::remove(runs);
    check_begins(w, launch);
}

TEST_CASE("no output file can be created: the record is removed") {
    KeeperWorld w;
    CHECK(w.run("true").exit_code == 0);
    const Launch launch = w.command("exit 3");
    const std::string output = attempt_file(w.state(), launch.run, 1, "output");
    std::filesystem::create_directory(output);
    const Ended end = w.run(launch);
    REQUIRE(end.hindrance);
    CHECK(end.hindrance->text == "cannot write the output file: Is a directory");
    CHECK(w.kind(launch.run) == Kind::absent);
    std::filesystem::remove(output);
    check_begins(w, launch);
}

TEST_CASE("the keeper has no free descriptor: the attempt does not fail") {
    KeeperWorld w;
    CHECK(w.run("true").exit_code == 0);
    Launch launch = w.command("cat; exit 3");
    {
        const Limit limit(w.keeper().pid(), RLIMIT_NOFILE, 4);
        CHECK(hindered(w, launch, Of::every_attempt) == "cannot write the attempt's record: Too many open files");
        launch.stdin_text = "text";
        hindered(w, launch, Of::every_attempt);
    }
    check_begins(w, launch);
    CHECK(w.output(launch.run) == "text");
}

TEST_CASE("a record that does not fit is removed again") {
    KeeperWorld w;
    CHECK(w.run("true").exit_code == 0);
    const Launch launch = w.command("exit 3");
    {
        const Limit limit(w.keeper().pid(), RLIMIT_FSIZE, 10);
        CHECK(hindered(w, launch, Of::every_attempt) == "cannot write the attempt's record: No space left on device");
    }
    check_begins(w, launch);
}

TEST_CASE("a result that cannot be written to disk is recorded as soon as possible") {
    KeeperWorld w;
    const std::string file = w.state() + "/go";
    const std::int64_t run = w.start("echo $$; while [ ! -e " + file + " ]; do sleep 0.02; done; exit 42");
    w.printed_number(run);
    {
        const Limit limit(w.keeper().pid(), RLIMIT_FSIZE, 1);
        write_text(file, "");
        CHECK(w.end_of(run).exit_code == 42);  // reported anyway
        CHECK(w.kind(run) == Kind::unknown);
        // The same result is the answer to a repeated request.
        Launch again = w.command("true");
        again.run = run;
        w.forget(run);
        CHECK(w.run(again).exit_code == 42);
    }
    CHECK(eventually([&] { return w.kind(run) == Kind::ended; }));
    CHECK(attempt_state(w.state(), run, 1).ended.exit_code == 42);
}

TEST_CASE("a program that is being written is retried; a file that is not a program is a failure") {
    KeeperWorld w;
    const std::string program = w.state() + "/program";
    std::filesystem::copy_file("/bin/true", program);
    Launch launch = w.command("");
    launch.argv = {program};
    {
        const Descriptor writing{::open(program.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC)};
        REQUIRE(writing);
        CHECK(hindered(w, launch, Of::this_attempt) == "cannot execute " + program + ": Text file busy");
    }
    w.forget(launch.run);
    CHECK(w.run(launch).exit_code == 0);
    Launch never = w.command("");
    never.argv = {w.state() + "/missing"};
    CHECK(w.run(never).spawn_error.find("No such file") != std::string::npos);
}

TEST_CASE("a user at the limit of processes: other users' jobs start meanwhile") {
    if (::geteuid() != 0) return;  // only root may start as another user
    KeeperWorld w;
    ::chmod(w.state().c_str(), 0711);
    Launch launch = w.command("exit 3");
    launch.uid = 64123;
    launch.gid = 64123;
    Launch other = w.command("echo $$; exec sleep 60");
    other.uid = launch.uid;
    other.gid = launch.gid;
    w.printed_number(w.start(other));
    {
        // Newer kernels check whether the user is already over the limit, older ones whether this process would be.
        const Limit limit(w.keeper().pid(), RLIMIT_NPROC, 0);
        CHECK(hindered(w, launch, Of::this_attempt) == "cannot execute /bin/sh: Resource temporarily unavailable");
        CHECK(w.run("exit 5").exit_code == 5);
    }
    check_begins(w, launch);
    REQUIRE(w.keeper().signal(other.run, 1, SIGKILL));
    CHECK(w.end_of(other.run).signal == SIGKILL);
}

TEST_CASE("repeated requests that cannot start: the second does not start the attempt unnoticed by the daemon") {
    KeeperWorld w;
    CHECK(w.run("true").exit_code == 0);
    const Launch launch = w.command("exit 3");
    {
        const Limit limit(w.keeper().pid(), RLIMIT_FSIZE, 10);
        REQUIRE(w.keeper().launch({launch, launch, launch}));
        CHECK(w.end_of(launch.run).hindrance);
    }
    CHECK(w.run("true").exit_code == 0);  // handled after them
    check_begins(w, launch);
}

TEST_CASE("files that cannot be read now give no answer") {
    KeeperWorld w;
    const std::int64_t run = w.start("echo $$; sleep 60");
    w.printed_number(run);
    {
        const int used = ::dup(0);
        ::close(used);
        const Limit limit(::getpid(), RLIMIT_NOFILE, static_cast<rlim_t>(used));
        CHECK(w.kind(run) == Kind::unclear);
        CHECK(w.kind(run + 1) == Kind::unclear);
    }
    CHECK(w.kind(run) == Kind::running);
    CHECK(w.kind(run + 1) == Kind::absent);
    std::filesystem::rename(w.state(), w.state() + ".away");
    CHECK(w.kind(run) == Kind::unclear);
    CHECK(attempt_state(w.state(), run, 1).trouble == "cannot open " + w.state() + ": No such file or directory");
    std::filesystem::rename(w.state() + ".away", w.state());
    CHECK(attempt_state(w.state(), run, 1).trouble.empty());
    REQUIRE(w.keeper().signal(run, 1, SIGKILL));
    CHECK(w.end_of(run).signal == SIGKILL);
}

TEST_CASE("a watched attempt whose record cannot be read is returned as unclear") {
    KeeperWorld w;
    const std::int64_t run = w.start("echo $$; sleep 60");
    const auto pid = w.printed_number(run);
    const std::string record = attempt_file(w.state(), run, 1, "record");
    auto daemon = Keeper::connect(w.state());
    REQUIRE(daemon);
    std::filesystem::rename(record, record + ".away");
    std::filesystem::create_symlink(record, record);  // a loop
    daemon->watch(run, 1);
    std::vector<AttemptId> unclear;
    CHECK(eventually([&] {
        CHECK(daemon->read().value().empty());
        unclear = daemon->take_unclear();
        return !unclear.empty();
    }));
    CHECK(unclear == std::vector<AttemptId>{{run, 1}});
    CHECK(attempt_state(w.state(), run, 1).trouble == "cannot read " + record + ": Too many levels of symbolic links");
    std::filesystem::remove(record);
    std::filesystem::rename(record + ".away", record);
    CHECK(mc::test::send_signal(static_cast<pid_t>(pid), SIGKILL));
    CHECK(w.end_of(run).signal == SIGKILL);
}

TEST_CASE("temporary and permanent errors") {
    for (const int error : {ENOSPC, EDQUOT, EMFILE, ENFILE, EAGAIN, ENOMEM, EROFS, EIO, ETXTBSY})
        CHECK(obstacle_of(error) == Obstacle::now);
    for (const int error : {0, ENOENT, ENOTDIR, EACCES, EPERM, ENOEXEC, ELOOP, E2BIG, EISDIR, EINVAL, ENAMETOOLONG})
        CHECK(obstacle_of(error) == Obstacle::never);
}

}  // namespace mc::os::test
