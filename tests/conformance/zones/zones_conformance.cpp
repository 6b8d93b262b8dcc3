// zones_conformance — compares Zone with the C library, in every zone of tzdata, from 1920 to 2169.
//
// The oracle is glibc's localtime_r on the same file. Files come in two kinds that must give the same answers:
// Debian's "fat" ones, and "slim" ones, made here by zic, which use the footer for nearly everything.
// Instants are tried every nine days, and second by second where the oracle's answer changes.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "base/zone.h"

using namespace mc;
namespace fs = std::filesystem;

namespace {

const fs::path zoneinfo = "/usr/share/zoneinfo";
constexpr std::int64_t day = 86400;
constexpr std::int64_t first_instant = -1577923200;  // 1920-01-01
constexpr std::int64_t last_instant = 6311433600;    // 2170-01-01

std::string bytes_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// Every zone in a directory; files with the same bytes only once.
std::map<std::string, fs::path> zones_under(const fs::path& directory) {
    std::map<std::string, fs::path> zones;
    for (auto entry = fs::recursive_directory_iterator(directory); entry != fs::end(entry); ++entry) {
        const std::string name = entry->path().filename().string();
        // "posix" contains the same files; "right" counts leap seconds, which Zone refuses.
        if (entry->is_directory() && (name == "posix" || name == "right")) entry.disable_recursion_pending();
        if (!entry->is_regular_file()) continue;
        std::string bytes = bytes_of(entry->path());
        if (bytes.starts_with("TZif")) zones.emplace(std::move(bytes), entry->path());
    }
    return zones;
}

class SlimZones {
   public:
    SlimZones() {
        std::string pattern = (fs::temp_directory_path() / "marketcron-slim-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        directory_ = pattern;
        // A normal user's PATH does not contain /usr/sbin, where Debian installs zic.
        const std::string make =
            "PATH=$PATH:/usr/sbin zic -b slim -d '" + directory_.string() + "' " + (zoneinfo / "tzdata.zi").string();
        INFO("zic is in Debian's package libc-bin, tzdata.zi in tzdata: apt-get install libc-bin tzdata");
        REQUIRE(std::system(make.c_str()) == 0);
    }
    ~SlimZones() { fs::remove_all(directory_); }
    SlimZones(const SlimZones&) = delete;
    SlimZones& operator=(const SlimZones&) = delete;
    const fs::path& directory() const { return directory_; }

   private:
    fs::path directory_;
};

// The C library's view of one file. A process has one TZ, so only one Oracle exists at a time.
class Oracle {
   public:
    explicit Oracle(const fs::path& file) {
        setenv("TZ", (":" + file.string()).c_str(), 1);
        tzset();
    }
    ~Oracle() {
        unsetenv("TZ");
        tzset();
    }
    Oracle(const Oracle&) = delete;
    Oracle& operator=(const Oracle&) = delete;

    Zone::Offset at(std::int64_t t) const {
        tm local{};
        localtime_r(&t, &local);
        return {Seconds{local.tm_gmtoff}, local.tm_isdst > 0, local.tm_zone};
    }
    std::int64_t wall_at(std::int64_t t) const { return t + at(t).utc_offset.count(); }
};

struct Comparison {
    const Zone& zone;
    const Oracle& oracle;
    std::string what;  // which file
    std::int64_t instants = 0;
    std::int64_t walls = 0;
    std::vector<std::string> differences = {};

    void compare_at(std::int64_t t) { compare_at(t, oracle.at(t)); }
    void compare_at(std::int64_t t, const Zone::Offset& expected) {
        ++instants;
        const Zone::Offset found = zone.offset_at(Instant{Seconds{t}});
        if (found == expected) return;
        differences.push_back(what + " at " + to_string(Instant{Seconds{t}}) + ": " + text(found) + ", not " +
                              text(expected));
    }

    // The instants at which the oracle's clock shows w, assuming these offsets around it.
    std::set<std::int64_t> expected_instants(std::int64_t w, const std::set<std::int64_t>& offsets) const {
        std::set<std::int64_t> result;
        for (const std::int64_t offset : offsets) {
            if (oracle.wall_at(w - offset) == w) result.insert(w - offset);
        }
        return result;
    }

    void compare_wall(std::int64_t w, const std::set<std::int64_t>& offsets) {
        ++walls;
        const Zone::Wall found = zone.wall(WallTime{Seconds{w}});
        const std::int64_t first = found.first.time_since_epoch().count();
        const std::int64_t second = found.second.time_since_epoch().count();
        const auto expected = expected_instants(w, offsets);
        bool right = false;
        switch (found.kind) {
            case Zone::Wall::Kind::unique: right = expected == std::set{first} && second == first; break;
            case Zone::Wall::Kind::overlap: right = first < second && expected == std::set{first, second}; break;
            case Zone::Wall::Kind::gap:
                right =
                    expected.empty() && first == second && oracle.wall_at(first) > w && oracle.wall_at(first - 1) < w;
                break;
        }
        if (!right)
            differences.push_back(what + " has another view of the wall time " + to_string(Instant{Seconds{w}}));
    }

    // The first instant in (before, after] at which `at` gives another answer than at `before`.
    template <class At>
    static std::int64_t change_between(std::int64_t before, std::int64_t after, At at) {
        const Zone::Offset old = at(before);
        while (after - before > 1) {
            const std::int64_t middle = before + (after - before) / 2;
            (at(middle) == old ? before : after) = middle;
        }
        return after;
    }

    // The oracle is slow: ask the zone first, and search with the oracle only if the zone was wrong.
    std::int64_t oracle_change(std::int64_t before, std::int64_t after) const {
        const std::int64_t guess =
            change_between(before, after, [this](std::int64_t t) { return zone.offset_at(Instant{Seconds{t}}); });
        const bool confirmed = oracle.at(guess - 1) == oracle.at(before) && !(oracle.at(guess) == oracle.at(before));
        return confirmed ? guess : change_between(before, after, [this](std::int64_t t) { return oracle.at(t); });
    }

    void compare_around(std::int64_t change) {
        for (const std::int64_t distance : {-3600, -1, 0, 1, 3600}) compare_at(change + distance);
        const std::int64_t old_wall = change + oracle.at(change - 1).utc_offset.count();
        const std::int64_t new_wall = oracle.wall_at(change);
        if (old_wall == new_wall) return;
        std::set<std::int64_t> offsets;
        for (const std::int64_t hours : {-30, -12, -1, 0, 12, 30}) {
            offsets.insert(oracle.at(change + hours * 3600).utc_offset.count());
        }
        for (const std::int64_t edge : {old_wall, new_wall}) {
            compare_wall(edge - 1, offsets);
            compare_wall(edge, offsets);
        }
        compare_wall((old_wall + new_wall) / 2, offsets);
    }

    void compare_all() {
        std::int64_t before = first_instant;
        Zone::Offset told = oracle.at(before);
        for (std::int64_t t = first_instant; t < last_instant; t += 9 * day - 1201) {
            const Zone::Offset now = oracle.at(t);
            compare_at(t, now);
            while (!(told == now)) {
                before = oracle_change(before, t);
                told = oracle.at(before);
                compare_around(before);
            }
            before = t;
        }
    }

    static std::string text(const Zone::Offset& offset) {
        return duration_text(offset.utc_offset) + (offset.is_dst ? " DST " : " ") + std::string(offset.abbreviation);
    }
};

void compare_directory(const fs::path& directory) {
    const auto zones = zones_under(directory);
    INFO("the zones are in Debian's package tzdata: apt-get install tzdata");
    REQUIRE(zones.size() > 300);
    std::int64_t instants = 0;
    std::int64_t walls = 0;
    for (const auto& [bytes, path] : zones) {
        const auto zone = Zone::parse(path.lexically_relative(directory).string(), bytes);
        INFO(path);
        REQUIRE(zone);
        const Oracle oracle(path);
        Comparison comparison{**zone, oracle, path.string()};
        comparison.compare_all();
        instants += comparison.instants;
        walls += comparison.walls;
        INFO(comparison.differences.size()
             << " differences, the first: " << (comparison.differences.empty() ? "" : comparison.differences.front()));
        CHECK(comparison.differences.empty());
    }
    std::printf("%s: %zu zones, %lld instants, %lld wall times\n", directory.c_str(), zones.size(),
                static_cast<long long>(instants), static_cast<long long>(walls));
    // If the loop above examined nothing, it would agree with everything.
    CHECK(instants > 3'000'000);
    CHECK(walls > 100'000);
}

}  // namespace

TEST_CASE("fat zones agree with the C library") { compare_directory(zoneinfo); }

TEST_CASE("slim zones agree with the C library") {
    const SlimZones slim;
    compare_directory(slim.directory());
}
