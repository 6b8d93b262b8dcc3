// Checks of files on the event loop; file systems that hang.
#include "os/file_looker.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <sstream>

#include "unit/os/looking.h"

namespace mc::os::test {

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

// The points of this machine's mounts.
std::set<std::string> mount_points() {
    std::set<std::string> points;
    std::ifstream table("/proc/self/mountinfo");
    for (std::string line; std::getline(table, line);) {
        std::istringstream words(line);
        std::string word;
        for (int i = 0; i < 5; ++i) words >> word;
        if (word.find('\\') == std::string::npos) points.insert(word);
    }
    return points;
}

}  // namespace

TEST_CASE("four threads check one mount, and 32 all of them") {
    const auto gate = std::make_shared<Gate>();
    const auto inside = std::make_shared<std::atomic<std::size_t>>(0);
    EventLoop loop;
    FileLooker looker(loop, std::chrono::seconds{60}, [gate, inside](const FileQuestion&) {
        ++*inside;
        gate->wait();
        return FileSeen{true, 1, 1, ""};
    });
    const bool one_mount = GENERATE(true, false);
    const std::set<std::string> points = one_mount ? std::set<std::string>{"/"} : mount_points();
    std::size_t asked = 0, answered = 0;
    for (const std::string& point : points)
        for (int i = 0; i < 6; ++i, ++asked)
            looker.look({fmt::format("{}/marketcron-none-{}", point, i), {}}, [&](const FileSeen&) { ++answered; });
    const std::size_t expected = std::min<std::size_t>(32, 4 * points.size());
    run_until(loop, [&] { return *inside >= expected; });
    const MonotonicTime soon = monotonic_now() + std::chrono::milliseconds{50};
    run_until(loop, [&] { return monotonic_now() > soon; });
    CHECK(*inside == expected);
    gate->let_through();
    run_until(loop, [&] { return answered == asked; });
    CHECK(*inside == asked);
}

TEST_CASE("a mount that hangs holds eight threads at most") {
    const auto gate = std::make_shared<Gate>();
    const auto inside = std::make_shared<std::atomic<std::size_t>>(0);
    EventLoop loop;
    FileLooker looker(loop, std::chrono::milliseconds{50}, [gate, inside](const FileQuestion&) {
        ++*inside;
        gate->wait();
        return FileSeen{true, 1, 1, ""};
    });
    std::size_t asked = 0, answered = 0;
    for (int round = 0; round < 10; ++round) {
        for (int i = 0; i < 6; ++i, ++asked)
            looker.look({fmt::format("/marketcron-none-{}/{}/x", round, i), {}}, [&](const FileSeen&) { ++answered; });
        run_until(loop, [&] { return answered == asked; });
    }
    run_until(loop, [&] { return *inside >= 8; });
    CHECK(*inside == 8);
    gate->let_through();
}

TEST_CASE("a directory that hangs is not entered again, the one next to it is") {
    const auto gate = std::make_shared<Gate>();
    const auto inside = std::make_shared<std::atomic<std::size_t>>(0);
    EventLoop loop;
    FileLooker looker(loop, std::chrono::milliseconds{50}, [gate, inside](const FileQuestion&) {
        ++*inside;
        gate->wait();
        return FileSeen{true, 1, 1, ""};
    });
    const auto ask = [&](const char* path, std::size_t threads_then) {
        bool is_answered = false;
        looker.look({path, {}}, [&](const FileSeen&) { is_answered = true; });
        run_until(loop, [&] { return is_answered && *inside >= threads_then; });
        CHECK(*inside == threads_then);
    };
    ask("/marketcron-none/aa/x", 1);
    ask("/marketcron-none/aa/y", 1);
    ask("/marketcron-none/ab/x", 2);
    gate->let_through();
}

}  // namespace mc::os::test
