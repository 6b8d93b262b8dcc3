// Compares the tables in this directory with parse_schedule and next_cron.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "schedule/schedule.h"
#include "support/zones.h"

using namespace mc;

namespace {

std::vector<std::string> split(const std::string& line, char by) {
    std::vector<std::string> parts;
    std::istringstream in(line);
    for (std::string part; std::getline(in, part, by);) parts.push_back(part);
    return parts;
}

// The rows of a table: lines that are not comments, split at tabs.
std::vector<std::vector<std::string>> rows_of(const std::string& name) {
    std::ifstream file(std::string(MARKETCRON_ROOT) + "/tests/conformance/cron/" + name);
    std::vector<std::vector<std::string>> rows;
    for (std::string line; std::getline(file, line);)
        if (!line.starts_with('#')) rows.push_back(split(line, '\t'));
    REQUIRE(rows.size() > 50);
    return rows;
}

std::string unescaped(std::string text) {
    for (const auto& [written, meant] : {std::pair{"\\t", '\t'}, std::pair{"\\r", '\r'}})
        for (auto at = text.find(written); at != std::string::npos; at = text.find(written))
            text.replace(at, 2, 1, meant);
    return text;
}

// The zone as it was when the tables were made (zones/, tzdata 2025b): future rules change with every release.
ZonePtr zone_of_tables(const std::string& name) {
    return Zone::parse(name, test::text_of(std::string(MARKETCRON_ROOT) + "/tests/conformance/cron/zones/" + name))
        .value();
}

// The first fires after `from`, in the form of the tables.
std::string fires_of(const CronExpr& expr, const Zone& zone, Instant from, std::size_t count) {
    std::string text;
    for (std::size_t n = 0; n < count; ++n) {
        const auto next = next_cron(expr, zone, from);
        if (!next) return text + " none";
        text += (n == 0 ? "" : " ") + to_string(*next);
        from = *next;
    }
    return text;
}

void check_fires(const std::string& table) {
    for (const auto& row : rows_of(table)) {
        INFO(row[0] << " in " << row[1] << " after " << row[2] << ": " << row[4]);
        const auto expr = parse_cron(unescaped(row[0]), row[0]);
        if (row[3].empty()) {
            CHECK_FALSE(expr);
            continue;
        }
        REQUIRE(expr);
        CHECK(fires_of(*expr, *zone_of_tables(row[1]), *parse_instant(row[2]), split(row[3], ' ').size()) == row[3]);
    }
}

}  // namespace

TEST_CASE("cron fires as cronie does, without changes of the clock") { check_fires("utc.tsv"); }
TEST_CASE("cron fires as cronie does when the clock changes") { check_fires("dst.tsv"); }
TEST_CASE("cron fires as cronie does in years beyond the zone file's table") { check_fires("far_future.tsv"); }

TEST_CASE("cron expressions are accepted and refused as the table says") {
    for (const auto& row : rows_of("grammar.tsv")) {
        INFO(row[1] << ": " << row[2]);
        CHECK((row[0] == "accept") == parse_schedule(unescaped(row[1]), "job").has_value());
    }
}
