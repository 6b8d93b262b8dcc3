// parts_fixture.h — single parts of the engine, with a plan in force, to test one part without the others.
#pragma once

#include <string>

#include "engine/fresh_run.h"
#include "engine/parts.h"
#include "store/store.h"
#include "support/context.h"
#include "support/world.h"

namespace mc::test {

struct Bench {
    std::shared_ptr<Store> store = make_memory_store();
    EngineParts parts;

    // No fire is planned: the plan is in force since `now`.
    Bench(const std::string& toml, std::string_view now) : parts(Recovered{}, *store, read_context(), "boot") {
        set(now);
        auto plan = read_plan({"test.toml", "[defaults]\ncommand = 'true'\ntimezone = 'UTC'\n" + toml}, read_context());
        if (!plan) FAIL(plan.error().front().text());
        parts.planner.load({std::make_shared<const Plan>(*std::move(plan))});
        write();
    }
    void set(std::string_view now) { set(utc(now)); }
    void set(Instant now) {
        if (parts.step.now.wall != Instant{}) parts.step.now.up += now - parts.step.now.wall;
        parts.step.now.wall = now;
    }
    const Job& job(const std::string& name) const { return *parts.jobs.planned(JobName(name)); }
    // A run for a fire at that instant, as a live fire makes it; nothing has been decided about it.
    const Run& run(const std::string& name, std::string_view due) {
        Fire fire;
        fire.due = utc(due);
        fire.key = FireKey(std::string(due));
        fire.date = fire.logical_date = date_of(job(name).schedule.zone->to_wall(fire.due));
        return parts.book.insert(make_run(job(name), fire, Origin::live, parts.jobs.calendars()));
    }
    const Run& begin(const Run& run) {
        parts.book.begin(run, {parts.step.now.wall, std::nullopt, "g", ""});
        return run;
    }
    // Ends a step: its writes are in the store.
    StepWrites write() {
        parts.causes.tell();
        parts.alerts.write();
        parts.book.write();
        StepWrites batch = std::exchange(parts.step.batch, {});
        REQUIRE(store->commit(batch));
        return batch;
    }
    std::string reply() {
        for (const Action& action : std::exchange(parts.step.effects, {}))
            if (const auto* reply = std::get_if<Reply>(&action)) return reply->text;
        return "";
    }
};

}  // namespace mc::test
