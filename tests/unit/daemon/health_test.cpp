#include "daemon/health.h"

#include <fmt/format.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

using namespace mc;
using namespace mc::app;

namespace {

Instant at(int seconds) { return Instant{Seconds{1'800'000'000 + seconds}}; }

}  // namespace

TEST_CASE("a wall clock that was set is reported once, forward or back, with the amount") {
    ClockWatch watch;
    CHECK(watch.look(at(0), Seconds{50}).empty());
    CHECK(watch.look(at(100), Seconds{150}).empty());
    CHECK(watch.look(at(100 + 7200), Seconds{150}) == "the wall clock was set forward by 2h, to 2027-01-15T10:01:40Z");
    CHECK(watch.look(at(110 + 7200), Seconds{160}).empty());
    CHECK(watch.look(at(110), Seconds{160}) == "the wall clock was set back by 2h, to 2027-01-15T08:01:50Z");
    CHECK(watch.look(at(120), Seconds{170}).empty());
}

TEST_CASE("a time service's corrections and a long suspend do not count as setting the clock") {
    ClockWatch watch;
    CHECK(watch.look(at(0), Seconds{50}).empty());
    CHECK(watch.look(at(59), Seconds{50}).empty());
    CHECK(watch.look(at(0), Seconds{50}).empty());
    CHECK(watch.look(at(86400), Seconds{50 + 86400}).empty());
    CHECK_FALSE(watch.look(at(86460), Seconds{50 + 86400}).empty());
}

TEST_CASE("a state directory with enough room, or a missing one, is not a disk trouble") {
    CHECK(little_room("/proc/self").empty());
    CHECK(little_room("/there/is/no/such/place").empty());
}

TEST_CASE("a file that is removed or replaced is noticed, one that is written is not") {
    const auto folder = std::filesystem::temp_directory_path() / fmt::format("marketcron-health-{}", ::getpid());
    std::filesystem::create_directory(folder);
    const std::string path = folder / "ledger.db";
    const auto write = [](const std::string& to) { std::ofstream(to, std::ios::app) << "x"; };
    FileWatch watch(path);
    CHECK(watch.look().empty());  // it does not exist yet
    write(path);
    CHECK(watch.look().empty());
    write(path);
    CHECK(watch.look().empty());
    write(path + ".copy");
    std::filesystem::rename(path + ".copy", path);
    CHECK(watch.look() == "was replaced");
    std::filesystem::remove(path);
    CHECK(watch.look() == "was removed");
    std::filesystem::remove_all(folder);
}
