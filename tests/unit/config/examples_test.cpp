// The files of examples/ are read without errors and warnings.
#include <catch2/catch.hpp>

#include "config/warnings.h"
#include "world.h"

using namespace mc;
using namespace mc::test;

namespace {

const std::filesystem::path examples = std::filesystem::path(MARKETCRON_ROOT) / "examples";

ResultAll<Plan> read_example(const std::string& name) {
    Files parts;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(examples)) {
        if (entry.is_regular_file()) parts[std::filesystem::relative(entry.path(), examples)] = file_text(entry.path());
    }
    ReadContext with_parts = context(parts);
    with_parts.working_directory = examples;
    return read_plan({name, parts.at(name)}, with_parts);
}

}  // namespace

TEST_CASE("every example is read without errors and warnings") {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(examples)) {
        if (!entry.is_regular_file()) continue;
        ++count;
        const std::string name = entry.path().filename();
        INFO(name);
        const ResultAll<Plan> plan = read_example(name);
        REQUIRE(errors_of(plan) == "");
        std::string warnings;
        for (const Warning& warning : plan_warnings(*plan, *parse_instant("2026-11-20T12:00:00Z")))
            warnings += warning.text() + "\n";
        CHECK(warnings == "");
    }
    CHECK(count >= 4);
}

TEST_CASE("the quickstart uses only the checkout and runs jobs within seconds") {
    const ResultAll<Plan> plan = read_example("quickstart.toml");
    REQUIRE(plan);
    const std::string root = std::filesystem::path(MARKETCRON_ROOT).lexically_normal();
    CHECK(plan->daemon.state == root + "/build/quickstart");
    CHECK(plan->daemon.socket == root + "/build/quickstart/control");
    const Instant now = *parse_instant("2026-11-21T12:00:01Z");  // a Saturday
    int soon = 0;
    for (const auto& [name, job] : plan->jobs) {
        CHECK(job.cwd->text() == root);
        const auto fires = next_fires(job.schedule, *plan->calendars, now, now + Seconds{12});
        REQUIRE(fires);
        soon += fires->empty() ? 0 : 1;
    }
    CHECK(soon >= 2);
}

TEST_CASE("a desk's own calendar moves the fires of its jobs") {
    const ResultAll<Plan> plan = read_example("multi-market.toml");
    REQUIRE(plan);
    const CalendarPtr desk = *plan->calendars->find("DESK");
    CHECK(*desk->session(make_date(2026, 12, 24)) == nullptr);
    CHECK(to_string((*desk->session(make_date(2026, 12, 23)))->close) == "2026-12-23T12:00:00Z");
    CHECK((*desk->session(make_date(2026, 12, 23)))->early_close);
    CHECK((*desk->session(make_date(2026, 12, 22)))->close ==
          (*(*plan->calendars->find("XLON"))->session(make_date(2026, 12, 22)))->close);
}
