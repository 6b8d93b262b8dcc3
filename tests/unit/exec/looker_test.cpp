// Checks of files and by commands, on the event loop; file systems and commands that hang.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>

#include "exec/command_looker.h"
#include "os/clock.h"
#include "os/file_looker.h"
#include "support/send_signal.h"

using namespace mc;
using namespace mc::os;

namespace {

// Runs the loop until the condition is true, or for ten seconds.
void run_until(EventLoop& loop, const std::function<bool()>& reached) {
    const MonotonicTime end = monotonic_now() + std::chrono::seconds{10};
    std::function<void()> look;
    MonotonicTimer again(loop, [&] { look(); });
    look = [&] {
        if (reached() || monotonic_now() > end) loop.stop();
        else again.arm(monotonic_now().time_since_epoch() + std::chrono::milliseconds{5});
    };
    again.arm(monotonic_now().time_since_epoch());
    loop.run();
    CHECK(reached());
}

}  // namespace

TEST_CASE("a file exists, with its size, or does not exist, or cannot be checked") {
    EventLoop loop;
    const auto folder = std::filesystem::temp_directory_path() / ("looker-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder / "closed");
    std::ofstream(folder / "closed" / "x") << "four";
    std::filesystem::permissions(folder / "closed", std::filesystem::perms::owner_all);
    std::map<std::string, FileSeen> seen;
    FileLooker looker(loop);
    const auto look = [&](const std::string& name, FileQuestion question) {
        looker.look(std::move(question), [&seen, name](FileSeen one) { seen[name] = std::move(one); });
    };
    look("x", {folder / "closed" / "x", {}});
    look("none", {folder / "nothing" / "there", {}});
    if (::geteuid() == 0) look("other", {folder / "closed" / "x", FileQuestion::Identity{65534, 65534, {}}});
    look("again", {folder / "closed" / "x", {}});
    const std::size_t asked = ::geteuid() == 0 ? 4 : 3;
    run_until(loop, [&] { return seen.size() == asked; });
    CHECK(seen["x"].is_there);
    CHECK(seen["x"].size == 4);
    CHECK(seen["x"].changed_ns > 1'600'000'000'000'000'000);
    CHECK_FALSE(seen["none"].is_there);
    CHECK(seen["none"].error.empty());
    if (::geteuid() == 0) CHECK(seen["other"].error == "Permission denied");
    CHECK(seen["again"].is_there);
    std::filesystem::remove_all(folder);
}

namespace {

// Keeps a test's threads waiting.
struct Gate {
    std::mutex lock;
    std::condition_variable changed;
    bool open = false;

    void wait() {
        std::unique_lock hold(lock);
        changed.wait(hold, [&] { return open; });
    }
    void let_through() {
        const std::lock_guard hold(lock);
        open = true;
        changed.notify_all();
    }
};

std::filesystem::path fresh_folder() {
    static int number = 0;
    auto folder = std::filesystem::temp_directory_path() / fmt::format("looker-{}-{}", ::getpid(), ++number);
    std::filesystem::create_directories(folder);
    return folder;
}

}  // namespace

TEST_CASE("a file system that hangs is reported; its directories are left alone until it answers") {
    const auto gate = std::make_shared<Gate>();
    EventLoop loop;
    std::map<int, FileSeen> seen;
    FileLooker looker(loop, std::chrono::milliseconds{300}, [gate](const FileQuestion& question) {
        if (question.path.starts_with("/hang")) gate->wait();
        return FileSeen{true, 1, 1, ""};
    });
    const auto look = [&](int number, const std::string& path) {
        looker.look({path, {}}, [&seen, number](FileSeen one) { seen[number] = std::move(one); });
    };
    for (int i = 0; i < 3; ++i) look(i, "/hang/x");
    run_until(loop, [&] { return seen.size() == 3; });
    for (const auto& [number, one] : seen) CHECK(one.error == "the file system has not answered for 1 s");
    for (int i = 100; i < 200; ++i) look(i, "/well/" + std::to_string(i));
    run_until(loop, [&] { return seen.size() == 103; });
    for (int i = 100; i < 200; ++i) CHECK(seen[i].is_there);
    look(300, "/hang/y");  // no thread goes there while another one hangs
    run_until(loop, [&] { return seen.contains(300); });
    CHECK_FALSE(seen[300].is_there);
    gate->let_through();
    look(400, "/hang/z");
    run_until(loop, [&] { return seen.contains(400); });
    CHECK(seen[400].is_there);
}

TEST_CASE("a mount that hangs takes no threads from other directories, whatever links lead to it") {
    const auto gate = std::make_shared<Gate>();
    const auto folder = fresh_folder();
    std::filesystem::create_symlink("/proc", folder / "away");  // a mount on every machine
    std::filesystem::create_symlink("away/../" + (folder / "away").string(), folder / "odd");
    std::filesystem::create_symlink("away", folder / "twice");
    EventLoop loop;
    std::map<int, FileSeen> seen;
    const auto inside = [](const std::string& path) { return path.find("/here/") == std::string::npos; };
    FileLooker looker(loop, std::chrono::milliseconds{200}, [gate, inside](const FileQuestion& question) {
        if (inside(question.path)) gate->wait();
        return FileSeen{true, 1, 1, ""};
    });
    int last = 0;
    const auto look = [&](const std::filesystem::path& path) {
        looker.look({path.string(), {}}, [&seen, number = ++last](FileSeen one) { seen[number] = std::move(one); });
    };
    for (int round = 0; round < 5; ++round) {
        for (int i = 0; i < 40; ++i)
            look(folder / (i % 2 == 0 ? "away" : "twice") / fmt::format("{}-{}", round, i) / "x");
        run_until(loop, [&] { return static_cast<int>(seen.size()) == last; });
    }
    for (const auto& [number, one] : seen) CHECK_FALSE(one.is_there);
    const int before = last;
    for (int i = 0; i < 40; ++i) look(folder / "here" / std::to_string(i));
    run_until(loop, [&] { return static_cast<int>(seen.size()) == last; });
    for (int i = before + 1; i <= last; ++i) CHECK(seen[i].is_there);
    gate->let_through();
    look(folder / "away" / "0-0" / "x");
    run_until(loop, [&] { return static_cast<int>(seen.size()) == last; });
    CHECK(seen[last].is_there);
    std::filesystem::remove_all(folder);
}

TEST_CASE("a thread that checks files has none of this process's descriptors") {
    EventLoop loop;
    std::size_t held = 100;
    FileLooker looker(loop, std::chrono::seconds{10}, [](const FileQuestion&) {
        FileSeen seen;
        for (const auto& entry : std::filesystem::directory_iterator("/proc/thread-self/fd")) {
            (void)entry;
            ++seen.size;
        }
        return seen;
    });
    looker.look({"/x", {}}, [&](const FileSeen& seen) {
        held = static_cast<std::size_t>(seen.size);
        loop.stop();
    });
    loop.run();
    CHECK(held <= 2);  // the eventfd, and the directory itself
}

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
