// Checks by commands, on the event loop; commands that hang.
#include "exec/command_looker.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>

#include "support/send_signal.h"
#include "unit/os/looking.h"

namespace mc::os::test {

namespace {

Launch shell(const std::string& text) {
    Launch launch;
    launch.argv = {"/bin/sh", "-c", text};
    launch.env = {"WHERE=here", "PATH=/usr/bin:/bin"};
    launch.cwd = "/";
    return launch;
}

pid_t pid_in(const std::filesystem::path& file) {
    pid_t pid = 0;
    std::ifstream(file) >> pid;
    return pid;
}

bool runs(pid_t pid) {
    std::string line;
    std::getline(std::ifstream(fmt::format("/proc/{}/stat", pid)), line);
    return !line.empty() && line.find(") Z") == std::string::npos;
}

}  // namespace

TEST_CASE("a command passes with exit code 0; any other result is reported") {
    EventLoop loop;
    CommandLooker looker(loop, std::chrono::seconds{1});
    std::map<std::string, CommandSeen> seen;
    const auto folder = fresh_folder();
    std::ofstream(folder / "plain") << "exit 0\n";
    std::filesystem::permissions(folder / "plain", std::filesystem::perms::owner_all);
    int asked = 0;
    const auto look = [&](const std::string& name, const Launch& launch) {
        looker.look(launch, std::to_string(++asked), [&seen, name](CommandSeen one) { seen[name] = std::move(one); });
    };
    look("well", shell("test $WHERE = here && test -z \"$HOME\" && test \"$(pwd)\" = / && ! read line"));
    for (const char* text : {"exit 1", "exit 3", "exit 125", "nosuchprogram", "kill -9 $$", "sleep 100"})
        look(text, shell(text));
    Launch lost = shell("true"), missing = shell(""), plain = shell("");
    lost.cwd = "/no/such/place";
    missing.argv = {"nosuchprogram"};
    plain.argv = {folder / "plain"};
    look("lost", lost);
    look("missing", missing);
    look("plain", plain);
    for (int i = 0; i < 40; ++i) look(fmt::format("exit 0 # {}", i), shell("exit 0"));
    run_until(loop, [&] { return static_cast<int>(seen.size()) == asked; });
    CHECK(seen["well"].passed);
    CHECK(seen["exit 1"].text.empty());
    CHECK_FALSE(seen["exit 1"].passed);
    CHECK(seen["exit 3"].text == "exit code 3");
    CHECK(seen["exit 125"].text == "exit code 125");
    CHECK(seen["nosuchprogram"].text == "exit code 127: program not found");
    CHECK(seen["kill -9 $$"].text == "it was ended by signal 9");
    CHECK(seen["sleep 100"].text == "it did not end within 1 s");
    CHECK(seen["lost"].text == "cannot enter its directory: No such file or directory");
    CHECK(seen["missing"].text == "program not found");
    CHECK(seen["plain"].text == "it cannot be executed: Exec format error");  // as for a job
    CHECK(seen["exit 0 # 39"].passed);
    std::filesystem::remove_all(folder);
}

TEST_CASE("a command has none of this process's descriptors, and leaves nothing running") {
    constexpr int high = 77;
    REQUIRE(::dup2(STDERR_FILENO, high) == high);
    EventLoop loop;
    CommandLooker looker(loop);
    const auto folder = fresh_folder();
    std::map<std::string, CommandSeen> seen;
    looker.look(shell("! test -e /proc/self/fd/77"), "a", [&](CommandSeen one) { seen["closed"] = std::move(one); });
    looker.look(shell(fmt::format("sleep 1000 & echo $! > {}/pid; exit 1", folder.string())), "a",
                [&](CommandSeen one) { seen["rest"] = std::move(one); });
    run_until(loop, [&] { return seen.size() == 2; });
    ::close(high);
    CHECK(seen["closed"].passed);
    const pid_t left = pid_in(folder / "pid");
    REQUIRE(left > 1);
    run_until(loop, [&] { return !runs(left); });
    std::filesystem::remove_all(folder);
}

TEST_CASE("a command ends with the process that runs it, even if that is killed") {
    const auto folder = fresh_folder();
    const pid_t daemon = ::fork();
    if (daemon == 0) {
        EventLoop loop;
        CommandLooker looker(loop);
        looker.look(shell(fmt::format("echo $$ > {0}/new; mv {0}/new {0}/pid; exec sleep 1000", folder.string())), "a",
                    [](const CommandSeen&) {});
        loop.run();
        ::_exit(0);
    }
    EventLoop loop;
    run_until(loop, [&] { return std::filesystem::exists(folder / "pid"); });
    const pid_t command = pid_in(folder / "pid");
    REQUIRE(command > 1);
    REQUIRE(mc::test::send_signal(daemon, SIGKILL));
    (void)::waitpid(daemon, nullptr, 0);
    run_until(loop, [&] { return !runs(command); });
    std::filesystem::remove_all(folder);
}

TEST_CASE("slow commands of one job do not delay those of other jobs") {
    EventLoop loop;
    CommandLooker looker(loop);
    int of_a = 0, of_b = 0;
    for (int i = 0; i < 30; ++i) looker.look(shell("sleep 1000"), "a", [&](const CommandSeen&) { ++of_a; });
    for (int i = 0; i < 30; ++i) looker.look(shell("true"), "b", [&](const CommandSeen&) { ++of_b; });
    run_until(loop, [&] { return of_b == 30; });
    CHECK(of_a == 0);
}

}  // namespace mc::os::test
