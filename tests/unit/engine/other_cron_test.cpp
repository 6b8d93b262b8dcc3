// Another cron daemon runs the machine's crontabs: their lines are skipped; all other jobs run.
#include <catch2/catch.hpp>

#include "config/crontab_jobs.h"
#include "support/world.h"

using namespace mc;
using namespace mc::test;

namespace {

constexpr const char* line = "/etc/cron.d/load:1";
constexpr const char* own_line = "/opt/tables/load:1";

// A desk with a job, a line of the machine's crontab, and a line of its own crontab; each fires every minute.
struct Desk {
    World w{"2026-11-20T05:30:00Z"};
    std::shared_ptr<const Plan> plan;

    Desk() {
        w.plan("[job.a]\ntimezone = \"UTC\"\nschedule = \"* * * * *\"\ncommand = \"x\"\n");
        Plan with_tables = w.loaded();
        const CrontabFile machines{"/etc/cron.d/load", {true, ""}, "* * * * * root x\n", ""};
        const CrontabFile own{"/opt/tables/load", {true, ""}, "* * * * * root x\n", ""};
        add_crontab_jobs(with_tables, {machines, own}, with_tables.jobs.at(JobName("a")).schedule.zone);
        plan = std::make_shared<const Plan>(std::move(with_tables));
        w.event(PlanLoaded{plan});
    }
    std::string name(const std::string& title) const { return plan->find_job(title)->name; }
    std::size_t started(const std::string& title) const { return w.started(name(title)).size(); }
};

}  // namespace

TEST_CASE("while another cron daemon runs, only lines of its crontabs end as skipped") {
    Desk desk;
    World& w = desk.w;
    w.run_until("2026-11-20T05:32:30Z");
    CHECK(desk.started(line) == 2);
    w.event(OtherCron{"cron (pid 517)"});
    w.run_until("2026-11-20T05:34:30Z");
    CHECK(fates(w, desk.name(line)) == "success, success, skipped other_cron, skipped other_cron");
    CHECK(w.runs(desk.name(line)).back().detail == "cron (pid 517) runs the crontabs too");
    CHECK(desk.started(own_line) == 4);
    CHECK(w.started("a").size() == 4);
    w.event(OtherCron{""});
    w.run_until("2026-11-20T05:36:30Z");
    CHECK(desk.started(line) == 4);
    CHECK(w.runs(desk.name(line)).size() == 6);
}

TEST_CASE("a line that is due when the other daemon is noticed is skipped, also when it has just ended") {
    Desk desk;
    const auto fate = [&](const OtherCron& seen, const char* at) {
        const auto actions = desk.w.engine().step(seen, {utc(at), Seconds{2000}}).value();
        for (const Run& run : std::get<Write>(actions.at(0)).batch.inserted)
            if (run.job == desk.name(line)) return std::string(to_text(run.reason));
        return std::string("no run");
    };
    CHECK(fate({"crond (pid 9)"}, "2026-11-20T05:31:00Z") == "other_cron");
    CHECK(fate({""}, "2026-11-20T05:32:00Z") == "other_cron");
    CHECK(fate({""}, "2026-11-20T05:33:00Z").empty());
}

TEST_CASE("a line can be started by hand, and a held line has no backlog at its release") {
    Desk desk;
    World& w = desk.w;
    w.event(OtherCron{"cron (pid 517)"});
    const Reply reply = w.ask(StartAsked{JobName(desk.name(line)), {}, false, "root"});
    CHECK(reply.ok);
    REQUIRE(w.ask(HoldAsked{JobName(desk.name(line)), {}, "root"}).ok);
    w.run_until("2026-11-20T05:31:30Z");
    CHECK(desk.started(line) == 1);
    w.event(OtherCron{""});
    REQUIRE(w.ask(ReleaseAsked{JobName(desk.name(line)), "root"}).ok);
    w.run_until("2026-11-20T05:31:50Z");
    CHECK(desk.started(line) == 1);
    CHECK(w.runs(desk.name(line)).back().reason == Reason::other_cron);
}

TEST_CASE("a daemon that starts while another one runs skips what is due since, and marks earlier fires as down") {
    Desk desk;
    World& w = desk.w;
    const ReadContext& context = read_context();
    Engine engine(w.store().recover().value(), w.store(), context, "a boot");
    const Instant now = utc("2026-11-20T05:35:20Z");
    const auto actions = engine.step(PlanLoaded{desk.plan, {}, "cron (pid 517)"}, {now, Seconds{2000}}).value();
    REQUIRE(!actions.empty());
    std::vector<std::string> found;
    for (const Run& run : std::get<Write>(actions.front()).batch.inserted)
        if (run.job == desk.name(line)) found.emplace_back(to_text(run.reason));
    CHECK(found == std::vector<std::string>{"down", "down", "down", "down", "other_cron"});
    CHECK(engine.next_machine_line() == utc("2026-11-20T05:36:00Z"));
}
