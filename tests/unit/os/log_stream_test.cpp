// The daemon's log never waits for its reader.
#include "os/log_stream.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "os/descriptor.h"

namespace mc::os::test {

using Catch::Contains;

namespace {

struct Ends {
    Descriptor reader, writer;
};

Ends pipe_of_a_page() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    REQUIRE(::fcntl(ends[1], F_SETPIPE_SZ, 4096) >= 0);
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Ends sockets() {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Ends terminal() {
    Descriptor master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    REQUIRE(master);
    REQUIRE(::grantpt(master.get()) == 0);
    REQUIRE(::unlockpt(master.get()) == 0);
    Descriptor slave(::open(::ptsname(master.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
    REQUIRE(slave);
    return {std::move(master), std::move(slave)};
}

// Everything that can be read now.
std::string read_all(int fd) {
    const int flags = ::fcntl(fd, F_GETFL);
    REQUIRE(::fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0);
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(fd, buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(got));
    REQUIRE(::fcntl(fd, F_SETFL, flags) == 0);
    return text;
}

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
    return count;
}

}  // namespace

TEST_CASE("lines are written unchanged") {
    const Ends ends = pipe_of_a_page();
    LogStream log(ends.writer.get());
    log.write("one\n");
    log.write("two\n");
    CHECK(read_all(ends.reader.get()) == "one\ntwo\n");
    CHECK_FALSE(log.has_unsent());
    CHECK(log.trouble().empty());
}

TEST_CASE("lines for a slow reader are kept up to a limit, then lost, counted and reported") {
    const std::string way = GENERATE("pipe", "socket", "terminal");
    const Ends ends = way == "pipe" ? pipe_of_a_page() : way == "socket" ? sockets() : terminal();
    const int flags = ::fcntl(ends.writer.get(), F_GETFL);
    LogStream log(ends.writer.get());
    int waits = 0;
    log.on_waiting([&] { ++waits; });
    const std::string line(99, 'x');
    constexpr std::size_t lines = 10'000;
    for (std::size_t i = 0; i < lines; ++i) log.write(line + "\n");  // does not wait
    CHECK(waits > 0);
    CHECK(log.has_unsent());
    CHECK_THAT(log.trouble(), Contains("lines of the log are lost so far: the program that reads it does not keep up"));
    std::string read;
    for (int i = 0; i < 10'000 && (log.has_unsent() || i == 0); ++i) {
        read += read_all(ends.reader.get());
        log.flush();
    }
    read += read_all(ends.reader.get());
    CHECK(log.trouble().empty());
    const auto note = read.rfind("marketcron: ");
    REQUIRE(note != std::string::npos);
    const std::size_t lost = std::stoul(read.substr(note + 12));
    CHECK(lost > 0);
    CHECK(count_of(read, line) + lost == lines);
    CHECK_THAT(read.substr(note), Contains(" lines of the log were lost: the program that reads it does not keep up"));
    CHECK(::fcntl(ends.writer.get(), F_GETFL) == flags);
}

TEST_CASE("lines that cannot be written are counted, and reported with the next line that can") {
    const Descriptor file(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    REQUIRE(file);
    LogStream log(file.get());
    log.write("one\n");
    CHECK(log.trouble() == "1 line of the log is lost so far: No space left on device; jobs continue");
    log.write("two\n");
    CHECK(log.trouble() == "2 lines of the log are lost so far: No space left on device; jobs continue");
    const Ends ends = pipe_of_a_page();
    REQUIRE(::dup3(ends.writer.get(), file.get(), O_CLOEXEC) == file.get());
    log.write("three\n");
    CHECK(log.trouble().empty());
    CHECK(read_all(ends.reader.get()) == "marketcron: 2 lines of the log were lost: No space left on device\nthree\n");
}

TEST_CASE("at the end a slow reader gets a moment to read, and no longer") {
    const Ends ends = pipe_of_a_page();
    LogStream log(ends.writer.get());
    const std::string line(99, 'x');
    for (int i = 0; i < 60; ++i) log.write(line + "\n");
    log.finish(20);
    CHECK(log.has_unsent());
    (void)read_all(ends.reader.get());
    log.finish(1000);
    CHECK_FALSE(log.has_unsent());
}

}  // namespace mc::os::test
