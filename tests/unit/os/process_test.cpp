// What this process shows to others: its name, its sockets; and changes in directories that it hears of.
#include <sys/socket.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "os/directory_watch.h"
#include "os/process_name.h"
#include "os/unix_socket.h"
#include "unit/os/forked.h"
#include "unit/os/looking.h"
#include "unit/os/temporary.h"

namespace mc::os::test {

TEST_CASE("a process is renamed as a whole: its short name, its command line, and nothing behind that") {
    const Forked process([] { name_this_process("mc-test"); });
    const std::string proc = "/proc/" + std::to_string(process.pid());
    CHECK(text_of(proc + "/comm") == "mc-test\n");
    const std::string line = text_of(proc + "/cmdline");
    CHECK(line.substr(0, 8) == std::string("mc-test\0", 8));
    CHECK(line.find_first_not_of('\0', 8) == std::string::npos);
}

TEST_CASE("a socket is found by its path, however long that is") {
    const TemporaryDirectory directory;
    const std::string folder = directory / std::string(GENERATE(4, 100, 200), 'd');
    std::filesystem::create_directories(folder);
    const std::string path = folder + "/socket";
    CHECK_FALSE(connect_unix(path));
    CHECK(errno == ENOENT);
    write_text(path, "an old file");
    {
        const Descriptor listener = listen_unix(path, 0600).value();
        CHECK(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC) < 0);  // does not wait
        const Descriptor client = connect_unix(path);
        REQUIRE(client);
        const Descriptor server(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        REQUIRE(server);
        REQUIRE(::send(client.get(), "x", 1, MSG_NOSIGNAL) == 1);
        char byte = 0;
        CHECK(::recv(server.get(), &byte, 1, 0) == 1);
        struct stat status {};
        REQUIRE(::stat(path.c_str(), &status) == 0);
        CHECK((status.st_mode & 0777) == 0600);
        CHECK(::stat((path + ".new").c_str(), &status) != 0);
    }
    CHECK_FALSE(connect_unix(path));
    CHECK(errno == ECONNREFUSED);
    CHECK(listen_unix(path, 0660));  // it replaces what is there
}

TEST_CASE("a socket in a missing directory is an error") {
    const TemporaryDirectory directory;
    const std::string path = directory / "none/socket";
    CHECK_FALSE(connect_unix(path));
    const auto listener = listen_unix(path, 0600);
    REQUIRE_FALSE(listener);
    CHECK(listener.error().what.starts_with("cannot listen on " + path + ": "));
}

TEST_CASE("a change in a watched directory is reported, in another one it is not") {
    const TemporaryDirectory directory;
    std::filesystem::create_directories(directory / "a");
    std::filesystem::create_directories(directory / "b");
    EventLoop loop;
    int changes = 0;
    DirectoryWatch watch(loop, [&] { ++changes; });
    REQUIRE(watch.watch({directory / "a", directory / "b"}));
    write_text(directory / "a/file", "x");
    run_until(loop, [&] { return changes == 1; });
    write_text(directory / "b/file", "x");
    run_until(loop, [&] { return changes == 2; });

    REQUIRE(watch.watch({directory / "b"}));
    write_text(directory / "a/other", "x");
    std::filesystem::permissions(directory / "b/file", std::filesystem::perms::owner_all);
    run_until(loop, [&] { return changes == 3; });
    write_text(directory / "a/third", "x");
    std::filesystem::rename(directory / "b/file", directory / "b/renamed");
    run_until(loop, [&] { return changes == 4; });
}

TEST_CASE("for a missing directory its nearest parent is watched, until it is there") {
    const TemporaryDirectory directory;
    EventLoop loop;
    int changes = 0;
    DirectoryWatch watch(loop, [&] { ++changes; });
    REQUIRE(watch.watch({directory / "a/b/c"}));
    std::filesystem::create_directories(directory / "a/b");
    run_until(loop, [&] { return changes == 1; });
    REQUIRE(watch.watch({directory / "a/b/c"}));
    std::filesystem::create_directories(directory / "a/b/c");
    run_until(loop, [&] { return changes == 2; });
    REQUIRE(watch.watch({directory / "a/b/c"}));
    write_text(directory / "a/b/c/file", "x");
    run_until(loop, [&] { return changes == 3; });
}

}  // namespace mc::os::test
