#include "os/zone_files.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/tzif_bytes.h"

using namespace mc;
namespace fs = std::filesystem;

namespace {

// A directory of test zones, removed at the end; the environment is restored.
class ZoneDirectory {
   public:
    ZoneDirectory() {
        std::string pattern = (fs::temp_directory_path() / "marketcron-zones-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        root_ = pattern;
        if (const char* tz = std::getenv("TZ")) tz_before_ = tz;
        unsetenv("TZ");
    }
    ~ZoneDirectory() {
        tz_before_ ? setenv("TZ", tz_before_->c_str(), 1) : unsetenv("TZ");
        fs::remove_all(root_);
    }
    ZoneDirectory(const ZoneDirectory&) = delete;
    ZoneDirectory& operator=(const ZoneDirectory&) = delete;

    std::string path(const std::string& name) const { return root_ + "/" + name; }
    void write(const std::string& name, std::string_view bytes) const {
        fs::create_directories(fs::path(path(name)).parent_path());
        std::ofstream(path(name), std::ios::binary) << bytes;
    }

   private:
    std::string root_;
    std::optional<std::string> tz_before_;
};

// A file without a table: only the rule is used.
std::string zone_with_rule(const std::string& rule) { return test::tzif_bytes({{0, false, "UTC"}}, {}, rule); }

Seconds winter_offset(const ZonePtr& zone) {
    return zone->offset_at(*parse_instant("2026-01-15T12:00:00Z")).utc_offset;
}

std::string error_of(const ZoneLookup& lookup, std::string_view name) {
    const auto zone = lookup(name);
    return zone ? "no error" : zone.error().text();
}

}  // namespace

TEST_CASE("a zone is read once and then kept") {
    const ZoneDirectory zones;
    zones.write("Asia/Tokyo", zone_with_rule("JST-9"));
    const ZoneLookup lookup = os::zone_files(zones.path(""));
    const auto tokyo = lookup("Asia/Tokyo");
    REQUIRE(tokyo);
    CHECK((*tokyo)->name() == "Asia/Tokyo");
    CHECK(winter_offset(*tokyo) == std::chrono::hours{9});
    fs::remove(zones.path("Asia/Tokyo"));
    REQUIRE(lookup("Asia/Tokyo"));
    CHECK(*lookup("Asia/Tokyo") == *tokyo);
}

TEST_CASE("an unknown zone gets a suggestion from the directory's list") {
    const ZoneDirectory zones;
    SECTION("tzdata.zi") {
        zones.write("tzdata.zi", "# version x\nZ America/New_York -5 u E%sT\nL America/New_York US/Eastern\n");
    }
    SECTION("zone1970.tab") { zones.write("zone1970.tab", "#codes\nUS\t+404251-0740023\tAmerica/New_York\tEastern\n"); }
    const ZoneLookup lookup = os::zone_files(zones.path(""));
    const std::string expected = "error: unknown time zone \"America/NewYork\"; did you mean America/New_York?";
    CHECK(error_of(lookup, "America/NewYork") == expected);
    CHECK(error_of(lookup, "new_york") == "error: unknown time zone \"new_york\"; did you mean America/New_York?");
    CHECK(error_of(lookup, "Mars") == "error: unknown time zone \"Mars\"; write an IANA name such as America/New_York");
}

TEST_CASE("a name cannot lead out of the directory") {
    const ZoneDirectory zones;
    zones.write("secret", zone_with_rule("JST-9"));
    zones.write("inside/UTC", zone_with_rule("UTC0"));
    const ZoneLookup lookup = os::zone_files(zones.path("inside"));
    for (const std::string& name : {std::string("../secret"), zones.path("secret"), std::string(""), std::string("."),
                                    std::string("UTC/"), std::string("UTC\0x", 5), std::string("inside")}) {
        INFO(name);
        CHECK_FALSE(lookup(name));
    }
}

TEST_CASE("without zone files only UTC is available, and the error names the package") {
    const ZoneLookup lookup = os::zone_files("/nonexistent/zoneinfo");
    REQUIRE(lookup("UTC"));
    CHECK(winter_offset(*lookup("UTC")) == Seconds{0});
    CHECK(error_of(lookup, "Asia/Tokyo") ==
          "error: unknown time zone \"Asia/Tokyo\"; /nonexistent/zoneinfo does not exist: install the package tzdata");
}

TEST_CASE("a file that is not a zone is an error") {
    const ZoneDirectory zones;
    zones.write("Notes", "hello");
    zones.write("Empty", "");
    const ZoneLookup lookup = os::zone_files(zones.path(""));
    CHECK(error_of(lookup, "Notes") ==
          "error: time zone \"Notes\" cannot be read: not a valid time zone file: it does not begin with TZif");
    CHECK_FALSE(lookup("Empty"));
}

TEST_CASE("the host's zone is the target of the link /etc/localtime") {
    const ZoneDirectory zones;
    zones.write("zoneinfo/Asia/Tokyo", zone_with_rule("JST-9"));
    const ZoneLookup lookup = os::zone_files(zones.path("zoneinfo"));
    fs::create_symlink("zoneinfo/Asia/Tokyo", zones.path("localtime"));
    CHECK(os::host_zone(lookup, zones.path("localtime"))->name() == "Asia/Tokyo");
}

TEST_CASE("a copied /etc/localtime is read under its own name; if it is missing or broken, the zone is UTC") {
    const ZoneDirectory zones;
    zones.write("localtime", zone_with_rule("JST-9"));
    zones.write("broken", "TZif2");
    const ZoneLookup lookup = os::zone_files(zones.path(""));
    const ZonePtr copied = os::host_zone(lookup, zones.path("localtime"));
    CHECK(copied->name() == "localtime");
    CHECK(winter_offset(copied) == std::chrono::hours{9});
    CHECK(os::host_zone(lookup, zones.path("missing"))->name() == "UTC");
    CHECK(os::host_zone(lookup, zones.path("broken"))->name() == "UTC");
}

TEST_CASE("TZ has precedence over /etc/localtime") {
    const ZoneDirectory zones;
    zones.write("zoneinfo/Asia/Tokyo", zone_with_rule("JST-9"));
    zones.write("localtime", zone_with_rule("CET-1"));
    const ZoneLookup lookup = os::zone_files(zones.path("zoneinfo"));
    const auto host = [&](const std::string& tz) {
        setenv("TZ", tz.c_str(), 1);
        return os::host_zone(lookup, zones.path("localtime"));
    };
    CHECK(host("Asia/Tokyo")->name() == "Asia/Tokyo");
    CHECK(host(":Asia/Tokyo")->name() == "Asia/Tokyo");
    CHECK(host(zones.path("zoneinfo/Asia/Tokyo"))->name() == "Asia/Tokyo");
    CHECK(winter_offset(host(":" + zones.path("localtime"))) == std::chrono::hours{1});
    CHECK(winter_offset(host("EST5EDT,M3.2.0,M11.1.0")) == std::chrono::hours{-5});
    CHECK(host("")->name() == "UTC");
    CHECK(host("Nowhere/At_All")->name() == "UTC");
}

TEST_CASE("TZDIR sets the directory of the zones") {
    const ZoneDirectory zones;
    zones.write("Asia/Tokyo", zone_with_rule("ABC-1"));
    setenv("TZDIR", zones.path("").c_str(), 1);
    const auto zone = os::zone_files()("Asia/Tokyo");
    unsetenv("TZDIR");
    REQUIRE(zone);
    CHECK(winter_offset(*zone) == std::chrono::hours{1});
}
