// The first fires of several jobs.
#include "desk/first_fires.h"

#include <catch2/catch.hpp>

#include "engine/forecast.h"
#include "engine/no_ledger.h"
#include "support/context.h"

using namespace mc;
using namespace mc::app;

namespace {

const char* const desk = R"(
[defaults]
timezone = "America/New_York"
command = "true"
[job.a]
calendar = "XNYS"
schedule = ["@close", "@open+6h30m"]
[job.b]
schedule = "0 16 * * *"
[job.c]
after = ["b"]
[job.d]
schedule = "30 8 * * *"
)";

struct Desk {
    std::shared_ptr<const Plan> plan =
        std::make_shared<const Plan>(read_plan({"desk.toml", desk}, test::read_context()).value());
    Instant from = parse_instant("2026-11-20T12:00:00Z").value();  // a Friday, 7:00

    std::vector<std::string> first(std::size_t n, const KnownFire& known = {}) const {
        std::vector<const Job*> jobs;
        for (const auto& [name, job] : plan->jobs) jobs.push_back(&job);
        std::vector<std::string> shown;
        const auto found = first_fires(jobs, *plan, NoLedger(), from, n, known);
        REQUIRE(found);
        for (const auto& [fire, job] : found->fires) shown.push_back(job->name.text() + " " + to_string(fire.due));
        return shown;
    }
};

}  // namespace

TEST_CASE("fires are ordered by time, those of one instant by job") {
    const std::vector<std::string> all = Desk().first(5);
    CHECK(all == std::vector<std::string>{"d 2026-11-20T13:30:00Z", "a 2026-11-20T21:00:00Z", "a 2026-11-20T21:00:00Z",
                                          "b 2026-11-20T21:00:00Z", "c 2026-11-20T21:00:00Z"});
    CHECK(Desk().first(2) == std::vector<std::string>(all.begin(), all.begin() + 2));
    CHECK(Desk().first(0).empty());
}

TEST_CASE("with known next fires the result is the same, also for several fires at one instant") {
    const Desk desk_of_four;
    std::size_t times = 0;
    const auto known = [&](const Job& job) -> Result<std::optional<Fire>> {
        ++times;
        const auto fires = next_to_come(job, *desk_of_four.plan, NoLedger(), desk_of_four.from, Seconds{86400});
        return std::optional(fires->front());
    };
    for (const std::size_t n : {0U, 1U, 3U, 5U, 20U}) CHECK(desk_of_four.first(n, known) == desk_of_four.first(n));
    CHECK(times > 0);
}
