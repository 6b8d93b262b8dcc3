// Looks at files and by commands, on the loop; file systems that hang, and commands that do not end.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>

#include "os/clock.h"
#include "os/command_looker.h"
#include "os/file_looker.h"

using namespace mc;
using namespace mc::os;

namespace {

// Runs the loop until the count is reached, or for ten seconds.
void run_until(EventLoop& loop, const std::function<bool()>& reached) {
    const MonotonicTime end = monotonic_now() + std::chrono::seconds{10};
    std::function<void()> look;
    MonotonicTimer again(loop, [&] { look(); });
    look = [&] {
        if (reached() || monotonic_now() > end) loop.stop();
        else again.arm(monotonic_now().time_since_epoch() + std::chrono::milliseconds{5});
    };
    look();
    loop.run();
    CHECK(reached());
}

}  // namespace

TEST_CASE("a file is there with its size, is not there, or nobody can know") {
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

TEST_CASE("a file system that hangs is told, and takes the threads from nobody else") {
    struct Gate {
        std::mutex lock;
        std::condition_variable changed;
        bool open = false;
    };
    const auto gate = std::make_shared<Gate>();
    EventLoop loop;
    std::map<int, FileSeen> seen;
    FileLooker looker(loop, std::chrono::milliseconds{300}, [gate](const FileQuestion& question) {
        if (question.path.starts_with("/hang")) {
            std::unique_lock hold(gate->lock);
            gate->changed.wait(hold, [&] { return gate->open; });
        }
        return FileSeen{true, 1, 1, ""};
    });
    const auto look = [&](int number, const std::string& path) {
        looker.look({path, {}}, [&seen, number](FileSeen one) { seen[number] = std::move(one); });
    };
    for (int i = 0; i < 10; ++i) look(i, "/hang/x");
    run_until(loop, [&] { return seen.size() == 10; });
    for (const auto& [number, one] : seen) CHECK(one.error == "the file system has not answered for 1 s");
    for (int i = 100; i < 200; ++i) look(i, "/well/" + std::to_string(i));
    run_until(loop, [&] { return seen.size() == 110; });
    for (int i = 100; i < 200; ++i) CHECK(seen[i].is_there);
    look(300, "/hang/y");  // nobody is sent there while one hangs
    run_until(loop, [&] { return seen.contains(300); });
    CHECK_FALSE(seen[300].is_there);
    {
        const std::lock_guard hold(gate->lock);
        gate->open = true;
    }
    gate->changed.notify_all();
    look(400, "/hang/z");
    run_until(loop, [&] { return seen.contains(400); });

    CHECK(seen[400].is_there);
}

TEST_CASE("a command passes with exit code 0; whatever else it does is told") {
    EventLoop loop;
    CommandLooker looker(loop, std::chrono::seconds{1});
    std::map<std::string, CommandSeen> seen;
    const auto look = [&](const std::string& text, const std::string& cwd = "/") {
        Launch launch;
        launch.argv = {"/bin/sh", "-c", text};
        launch.env = {"WHERE=here", "PATH=/usr/bin:/bin"};
        launch.cwd = cwd;
        looker.look(launch, [&seen, text](CommandSeen one) { seen[text] = std::move(one); });
    };
    look("test $WHERE = here && test -z \"$HOME\" && test \"$(pwd)\" = / && ! read line");
    look("exit 1");
    look("exit 3");
    look("nosuchprogram");
    look("kill -9 $$");
    look("sleep 100");
    look("true", "/no/such/place");
    for (int i = 0; i < 20; ++i) look("exit 0 # " + std::to_string(i));
    run_until(loop, [&] { return seen.size() == 27; });
    CHECK(seen["test $WHERE = here && test -z \"$HOME\" && test \"$(pwd)\" = / && ! read line"].passed);
    CHECK(seen["exit 1"].text.empty());
    CHECK_FALSE(seen["exit 1"].passed);
    CHECK(seen["exit 3"].text == "exit code 3");
    CHECK(seen["nosuchprogram"].text == "exit code 127: there is no such program");
    CHECK(seen["kill -9 $$"].text == "it was ended by signal 9");
    CHECK(seen["sleep 100"].text == "it did not end within 1 s");
    CHECK(seen["true"].text == "exit code 125: its user or its directory cannot be had");
    CHECK(seen["exit 0 # 19"].passed);
}
