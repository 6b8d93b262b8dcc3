// Files, users and systemd's notify socket.
#include "os/files.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstring>
#include <filesystem>

#include "os/descriptor.h"
#include "os/notify_socket.h"
#include "os/user.h"
#include "unit/os/limit.h"
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

TEST_CASE("a FIFO is read if it has a writer, and otherwise named as the cause") {
    const TemporaryDirectory directory;
    const std::string path = directory / "fifo";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    CHECK(read_file(path, 10).error().what == "cannot read " + path + ": it is a FIFO without a writer");
    const Descriptor reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    Descriptor writer(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    REQUIRE(::write(writer.get(), "text", 4) == 4);
    writer.reset();
    CHECK(read_file(path, 4).value() == "text");
}

TEST_CASE("a file may be read by root, and by others as its mode says: the owner, a group, all") {
    using Groups = std::vector<std::uint32_t>;
    const auto by = [](std::uint32_t mode, std::uint32_t user, const Groups& groups) {
        return FileOwner{7, 70, mode}.may_be_read_by(user, groups);
    };
    CHECK(by(0000, 0, {}));
    CHECK(by(0400, 7, {}));
    CHECK_FALSE(by(0377, 7, {70}));
    CHECK(by(0040, 8, {69, 70}));
    CHECK_FALSE(by(0040, 8, {69, 71}));
    CHECK_FALSE(by(0737, 8, {70}));
    CHECK(by(0004, 8, {69}));
    CHECK_FALSE(by(0773, 8, {69}));
}

TEST_CASE("the text of a file comes with its owner and mode") {
    const TemporaryDirectory directory;
    const std::string path = directory / "file";
    REQUIRE(write_file(path, "text", 0640));
    const OwnedText file = read_owned_file(path, 4).value();
    CHECK(file.text == "text");
    CHECK(file.owner.uid == ::geteuid());
    CHECK(file.owner.gid == ::getegid());
    CHECK((file.owner.mode & 0777) == 0640);
}

TEST_CASE("a file has one identity under all its names, and its copy has another") {
    const TemporaryDirectory directory;
    write_text(directory / "file", "x");
    std::filesystem::create_hard_link(directory / "file", directory / "link");
    std::filesystem::copy_file(directory / "file", directory / "copy");
    const std::string identity = file_identity(directory / "file");
    CHECK_FALSE(identity.empty());
    CHECK(file_identity(directory / "link") == identity);
    CHECK(file_identity(directory / "copy") != identity);
    CHECK(file_identity(directory / "none").empty());
    const Descriptor open(::open((directory / "file").c_str(), O_RDONLY | O_CLOEXEC));
    CHECK(file_identity(open.get()) == identity);
    CHECK(file_identity(-1).empty());
}

TEST_CASE("a file that cannot be written completely keeps its old text, and nothing else remains") {
    const TemporaryDirectory directory;
    const std::string path = directory / "file";
    write_text(path, "old");
    auto* before = std::signal(SIGXFSZ, SIG_IGN);
    const Result<void> written = [&] {
        const Limit limit(::getpid(), RLIMIT_FSIZE, 10);
        return write_file(path, "much longer than the limit", 0600);
    }();
    std::signal(SIGXFSZ, before);
    REQUIRE_FALSE(written);
    CHECK(written.error().what == "cannot write " + path + ": File too large");
    CHECK(text_of(path) == "old");
    CHECK(glob_files(directory / "*") == std::vector<std::string>{path});
    std::filesystem::create_directories(directory / "full/of");
    CHECK_FALSE(write_file(directory / "full", "x", 0600));
    CHECK(entries_of(directory.path()).size() == 2);
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
    const mode_t mask = ::umask(0);
    ::umask(mask);
    REQUIRE(::stat((directory / "a/b").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == (0755 & ~mask));  // the mode is for the last one
    write_text(directory / "a/b/c/file", "x");
    CHECK_FALSE(make_directories(directory / "a/b/c/file/d", 0700));
    REQUIRE(remove_tree(directory / "a"));
    REQUIRE(remove_tree(directory / "a"));
    CHECK(glob_files(directory / "*").empty());
}

TEST_CASE("directories are created below the current one, too") {
    const TemporaryDirectory directory;
    const std::filesystem::path before = std::filesystem::current_path();
    std::filesystem::current_path(directory.path());
    const bool made = make_directories("a/b", 0700).has_value();
    std::filesystem::current_path(before);
    CHECK(made);
    CHECK(std::filesystem::is_directory(directory / "a/b"));
}

TEST_CASE("a user is found by name, and a missing one is an error") {
    const User root = find_user("root").value();
    CHECK(root.uid == 0);
    CHECK(root.home == "/root");
    CHECK(std::count(root.groups.begin(), root.groups.end(), 0u) == 1);
    CHECK(find_user("no-such-user").error().what == "user no-such-user not found");
    CHECK(current_user().value().uid == ::geteuid());
    CHECK(user_name(0) == "root");
    CHECK(user_name(4'000'000'000).empty());
    CHECK(group_id("root") == 0u);
    CHECK_FALSE(group_id("no-such-group"));
}

TEST_CASE("a batch looks up each user once, and no name is its own user") {
    User self;
    self.name = "me";
    self.uid = 17;
    Users users(self);
    CHECK(users.named("").value().uid == 17);
    const Result<User>& root = users.named("root");
    CHECK(root.value().uid == 0);
    CHECK(&users.named("root") == &root);
    CHECK_FALSE(users.named("no-such-user"));
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

TEST_CASE("systemd's socket may have an abstract name; one that is no socket's name is ignored") {
    const std::string name = "@marketcron-test-" + std::to_string(::getpid());
    const Descriptor socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path + 1, name.size() - 1, 1);
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), length) == 0);
    char buffer[64];
    for (const std::string& odd : {std::string("relative"), std::string(""), "/" + std::string(107, 'x')}) {
        const Variable where("NOTIFY_SOCKET", odd);
        notify_systemd("READY=1");
    }
    CHECK(::recv(socket.get(), buffer, sizeof buffer, 0) < 0);
    const Variable where("NOTIFY_SOCKET", name);
    notify_systemd("READY=1");
    CHECK(::recv(socket.get(), buffer, sizeof buffer, 0) == 7);
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
    const auto half_of = [](const char* microseconds) {
        const Variable asked("WATCHDOG_USEC", microseconds);
        return watchdog_interval();
    };
    CHECK(half_of("4000000") == Seconds{2});
    CHECK(half_of("3999999") == Seconds{1});
    CHECK(half_of("1") == Seconds{1});  // it cannot be shorter
    CHECK_FALSE(half_of("0"));
    CHECK_FALSE(half_of("-4000000"));
    CHECK_FALSE(half_of("soon"));
}

}  // namespace mc::os::test
