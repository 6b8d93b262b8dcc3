// Files, users and systemd's notify socket.
#include "os/files.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "os/descriptor.h"
#include "os/notify_socket.h"
#include "os/user.h"
#include "unit/os/temporary.h"

namespace mc::os::test {

namespace {

// Sets a variable during a test, and removes it afterwards.
class Variable {
   public:
    Variable(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
    ~Variable() { ::unsetenv(name_); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

   private:
    const char* name_;
};

}  // namespace

TEST_CASE("a file is read completely, or the error names it") {
    const TemporaryDirectory directory;
    const std::string path = directory / "file";
    const std::string text = std::string("a\0b", 3) + std::string(200'000, 'x');
    write_text(path, text);
    CHECK(read_file(path, 1'000'000).value() == text);
    CHECK(read_file(path, 1000).error().what == path + " is larger than 1000 bytes");
    CHECK(read_file(directory / "none", 10).error().what ==
          "cannot read " + directory / "none: No such file or directory");
    CHECK(read_file(directory.path(), 10).error().what == "cannot read " + directory.path() + ": Is a directory");
}

TEST_CASE("a written file has the text and mode, and no temporary file remains") {
    const TemporaryDirectory directory;
    const std::string path = directory / "file";
    write_text(path, "old and longer");
    REQUIRE(write_file(path, "new", 0600));
    CHECK(text_of(path) == "new");
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK(glob_files(directory / "*") == std::vector<std::string>{path});
    CHECK_FALSE(write_file(directory / "no/such/place", "x", 0600));
}

TEST_CASE("directories are created with their parents, and removed with their contents") {
    const TemporaryDirectory directory;
    REQUIRE(make_directories(directory / "a/b/c", 0700));
    REQUIRE(make_directories(directory / "a/b/c", 0700));
    struct stat status {};
    REQUIRE(::stat((directory / "a/b/c").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0700);
    write_text(directory / "a/b/c/file", "x");
    CHECK_FALSE(make_directories(directory / "a/b/c/file/d", 0700));
    REQUIRE(remove_tree(directory / "a"));
    REQUIRE(remove_tree(directory / "a"));
    CHECK(glob_files(directory / "*").empty());
}

TEST_CASE("a user is found by name, and a missing one is an error") {
    const User root = find_user("root").value();
    CHECK(root.uid == 0);
    CHECK(root.home == "/root");
    CHECK(std::count(root.groups.begin(), root.groups.end(), 0u) == 1);
    CHECK(find_user("no-such-user").error().what == "user no-such-user not found");
    CHECK(current_user().value().uid == ::geteuid());
}

TEST_CASE("systemd is notified if it asks for it, and not otherwise") {
    const TemporaryDirectory directory;
    const Descriptor socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, (directory / "notify").c_str(), sizeof address.sun_path - 1);
    REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    char buffer[64];
    notify_systemd("READY=1");
    CHECK(::recv(socket.get(), buffer, sizeof buffer, 0) < 0);
    const Variable where("NOTIFY_SOCKET", directory / "notify");
    notify_systemd("READY=1");
    const ssize_t got = ::recv(socket.get(), buffer, sizeof buffer, 0);
    REQUIRE(got > 0);
    CHECK(std::string(buffer, static_cast<std::size_t>(got)) == "READY=1");
}

TEST_CASE("the watchdog is notified at half its interval, if it is meant for this process") {
    CHECK_FALSE(watchdog_interval());
    const Variable interval("WATCHDOG_USEC", "30000000");
    CHECK(watchdog_interval() == Seconds{15});
    {
        const Variable other("WATCHDOG_PID", "1");
        CHECK_FALSE(watchdog_interval());
    }
    const Variable ours("WATCHDOG_PID", std::to_string(::getpid()));
    CHECK(watchdog_interval() == Seconds{15});
}

}  // namespace mc::os::test
