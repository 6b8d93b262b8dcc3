// shell_desk.h — the real shell with one job, on a virtual clock, with a launcher and a ledger that fail when a test
// wants it.
#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "shell/shell.h"
#include "sim/virtual_executor.h"
#include "store/forwarding_store.h"
#include "support/context.h"

namespace mc::app::test {

inline Instant at(std::string_view text) { return parse_instant(text).value(); }

class DeskLauncher final : public Launcher {
   public:
    std::vector<Result<os::Launch>> make(const std::vector<Order>& orders, const Plan& plan) override {
        std::vector<Result<os::Launch>> made = usual_.make(orders, plan);
        if (refusal)
            for (Result<os::Launch>& one : made) one = tl::unexpected(*refusal);
        return made;
    }
    void plan_loaded(std::shared_ptr<const Plan>) override {}
    void found_living(const Order& order) override { living.push_back(order.run.id); }
    void record_living(const std::string&, Home, const Plan&) override {}
    Printed printed(AttemptName, const Job&) const override { return {true, "the last line"}; }

    std::optional<Error> refusal;  // of every launch
    std::vector<RunId> living;

   private:
    VirtualLauncher usual_;
};

class DeskStore final : public ForwardingStore {
   public:
    using ForwardingStore::ForwardingStore;
    Result<void> commit(const StepWrites& batch) override {
        if (cannot_write) return fail(Error::Kind::store, "the disk is full");
        return ForwardingStore::commit(batch);
    }
    Result<Recovered> recover() const override {
        if (cannot_read) return fail(Error::Kind::store, "the disk fails");
        return ForwardingStore::recover();
    }

    bool cannot_write = false, cannot_read = false;
};

// Job `a` runs at 12:00 UTC; it is 11:59, and no daemon runs.
class Desk {
   public:
    explicit Desk(const std::string& more = "") {
        const std::string job =
            "[slack.ops]\nwebhook_env = \"NONE\"\n[job.a]\ntimezone = \"UTC\"\nschedule = \"0 12 * * *\"\n";
        auto read = read_plan({"desk.toml", job + "command = \"true\"\n" + more}, mc::test::read_context());
        if (!read) FAIL(read.error().front().text());
        plan = std::make_shared<const Plan>(*std::move(read));
    }

    // A daemon starts, on this machine or another one.
    Result<void> start() {
        if (shell) stop();
        REQUIRE(executor->connect());
        shell = std::make_unique<Shell>(
            Shell::Surroundings{*executor, clock, launcher, store}, mc::test::read_context(),
            Shell::Listeners{[this](const Run& run) { written.push_back(run.id); },
                             [this](const std::string& about, const std::string& text) { happened[about] = text; },
                             [this](const std::string& about, const std::string& text) { lasts[about] = text; }});
        return shell->load(plan);
    }
    void stop() {
        shell.reset();
        executor->disconnect();
    }
    void use_another_machine() {
        stop();
        executor = std::make_unique<VirtualExecutor>(clock, choose);
    }
    // Time passes, and the daemon does what is due then.
    void pass(Seconds time) {
        clock.advance(time);
        settle();
    }
    void settle() {
        if (executor->has_news()) shell->keeper_readable();
        for (int i = 0; i < 3; ++i) shell->step(Woke{});
    }
    Run run(RunId id = 1) const {
        const auto found = store.by_id(id).value();
        REQUIRE(found);
        return *found;
    }
    std::vector<Notice> notices() const {
        std::vector<Notice> all;
        const auto rows = store.pending(100).value();
        for (const OutboxRow& row : rows) all.push_back(row.notice);
        return all;
    }

    VirtualClock clock{at("2026-11-27T11:59:00Z"), Seconds{1000}};
    Behaviour behaviour;  // of each attempt that starts
    VirtualExecutor::Choose choose = [this](const os::Launch&) { return behaviour; };
    std::unique_ptr<VirtualExecutor> executor = std::make_unique<VirtualExecutor>(clock, choose);
    DeskLauncher launcher;
    DeskStore store{make_memory_store()};
    std::shared_ptr<const Plan> plan;
    std::vector<RunId> written;
    std::map<std::string, std::string> happened, lasts;
    std::unique_ptr<Shell> shell;  // null: no daemon
};

}  // namespace mc::app::test
