#include "exec/mailer.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "os/clock.h"

namespace mc::os::test {

namespace {

// Sends that many mails through that shell command; returns the result of each when all have ended.
std::vector<MailerEnd> mailed(const std::string& command, int count = 1, const std::string& message = "hello\n",
                              std::chrono::seconds patience = std::chrono::seconds{60}) {
    EventLoop loop;
    Mailer mailer(loop, patience);
    std::vector<MailerEnd> ends;
    for (int i = 0; i < count; ++i)
        mailer.send({"/bin/sh", "-c", command}, message, [&](MailerEnd end) {
            ends.push_back(std::move(end));
            if (static_cast<int>(ends.size()) == count) loop.stop();
        });
    loop.run();
    return ends;
}

std::ptrdiff_t open_descriptors() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
}

}  // namespace

TEST_CASE("a mailer reads the message, and its result and output are returned") {
    const auto ends = mailed("test \"$(cat)\" = hello || exit 9; echo queued; echo as 17 >&2; exit 3");
    CHECK(ends.at(0).exit_code == 3);
    CHECK(ends.at(0).text == "queued\nas 17\n");
}

TEST_CASE("its environment is small, its directory is /") {
    CHECK(mailed("pwd; env | grep -Ev '^(PATH|HOME|USER|LOGNAME|LANG|PWD|SHLVL|_|OLDPWD)='; true").at(0).text == "/\n");
}

TEST_CASE("a mailer that is missing, dies, reads nothing or leaves a child with the pipe") {
    EventLoop loop;
    Mailer mailer(loop);
    MailerEnd missing;
    mailer.send({"/nonexistent/mailer"}, "x", [&](MailerEnd end) {
        missing = std::move(end);
        loop.stop();
    });
    loop.run();
    CHECK_FALSE(missing.exit_code);
    CHECK(missing.text == "/nonexistent/mailer: program not found");
    CHECK(mailed("kill -9 $$").at(0).text == "the mailer was ended by signal 9");
    std::string large;
    large.resize(20'000'000, 'x');
    CHECK(mailed("exit 0", 1, large).at(0).exit_code == 0);
    const MonotonicTime begun = monotonic_now();
    CHECK(mailed("sleep 20 & exit 0").at(0).exit_code == 0);
    CHECK(monotonic_now() - begun < std::chrono::seconds{10});
}

TEST_CASE("a mailer that hangs is killed after its timeout, with its children") {
    const auto ends = mailed("sleep 1000 & sleep 1000", 1, "x", std::chrono::seconds{1});
    CHECK_FALSE(ends.at(0).exit_code);
    CHECK(ends.at(0).text == "the mailer did not end within 1 s");
}

TEST_CASE("the programs that a mailer waits for end with it") {
    const auto place = std::filesystem::temp_directory_path() / fmt::format("mailer-test-{}", ::getpid());
    {
        EventLoop loop;
        Mailer mailer(loop);
        MonotonicTimer look(loop, [&] {
            if (std::filesystem::exists(place)) loop.stop();
            else look.arm(monotonic_now().time_since_epoch() + std::chrono::milliseconds{5});
        });
        mailer.send(
            {"/bin/sh", "-c", fmt::format("echo $$ > {0}.new && mv {0}.new {0}; exec sleep 1000", place.string())}, "x",
            [](const MailerEnd&) {});
        look.arm(monotonic_now().time_since_epoch());
        loop.run();
    }
    pid_t pid = 0;
    std::ifstream(place) >> pid;
    std::filesystem::remove(place);
    REQUIRE(pid > 1);
    int status = 0;
    CHECK(::waitpid(pid, &status, 0) == pid);
    CHECK(WTERMSIG(status) == SIGKILL);
}

TEST_CASE("its output is read to the end, and little of it is kept") {
    const auto ends = mailed("yes | head -c 50000000; exit 75");
    CHECK(ends.at(0).exit_code == 75);
    CHECK(ends.at(0).text.size() == 4096);
}

TEST_CASE("many mails leave no descriptor open") {
    const auto before = open_descriptors();
    CHECK(mailed("cat >/dev/null", 60).size() == 60);
    CHECK(open_descriptors() == before);
}

}  // namespace mc::os::test
