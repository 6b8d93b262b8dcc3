// Whether another cron daemon runs on this machine.
#include "os/other_cron.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>

#include <catch2/catch.hpp>

#include "unit/os/forked.h"
#include "unit/os/temporary.h"

namespace mc::os::test {

namespace {

void be_named(const char* name) { ::prctl(PR_SET_NAME, name, 0, 0, 0); }

// A process with that name, and a PID file that contains its number and then `rest`.
struct Named {
    explicit Named(const char* name, const std::string& rest = "\n") : process([name] { be_named(name); }) {
        write_text(file(), std::to_string(process.pid()) + rest);
    }
    std::string file() const { return directory / "cron.pid"; }

    TemporaryDirectory directory;
    Forked process;
};

}  // namespace

TEST_CASE("a PID file leads to a cron, whatever follows the number") {
    const std::string name = GENERATE("cron", "crond", "bcron-sched");
    const std::string rest = GENERATE("", "\n", " \n", " 10\n", "\nby ann");
    const Named cron(name.c_str(), rest);
    const auto found = cron_in_pid_file(cron.file());
    REQUIRE(found);
    CHECK(found->text() == fmt::format("{} (pid {})", name, cron.process.pid()));
}

TEST_CASE("a PID file without a running cron leads to none") {
    const Named other("cronie"), cron("cron");
    CHECK_FALSE(cron_in_pid_file(other.file()));
    REQUIRE(cron_in_pid_file(cron.file()));
    SECTION("it is missing") {
        CHECK_FALSE(cron_in_pid_file(cron.directory / "none"));
        return;
    }
    SECTION("it is empty") { write_text(cron.file(), ""); }
    SECTION("it contains no number") { write_text(cron.file(), fmt::format("cron {}\n", cron.process.pid())); }
    SECTION("its process has ended and is not reaped yet") { cron.process.end(); }
    CHECK_FALSE(cron_in_pid_file(cron.file()));
}

TEST_CASE("only root and our own user run a cron that counts") {
    if (::geteuid() != 0) return;
    const auto name_of = [](uid_t uid) {
        return [uid] {
            if (::setuid(uid) == 0) be_named("cron");
        };
    };
    const TemporaryDirectory directory;
    const auto counts = [&](const Forked& process) {
        write_text(directory / "pid", std::to_string(process.pid()));
        return cron_in_pid_file(directory / "pid").has_value();
    };
    const Forked of_root(name_of(0)), of_nobody(name_of(65534));
    CHECK(counts(of_root));
    CHECK_FALSE(counts(of_nobody));
}

TEST_CASE("a cron is found among all processes, and its end is noticed") {
    const Forked cron([] { be_named("crond"); });
    CHECK(other_cron());  // this machine may have another one
    const Descriptor watched = process_descriptor(cron.pid());
    REQUIRE(watched);
    pollfd asked{watched.get(), POLLIN, 0};
    CHECK(::poll(&asked, 1, 0) == 0);
    cron.end();
    CHECK(::poll(&asked, 1, 20'000) == 1);
}

}  // namespace mc::os::test
