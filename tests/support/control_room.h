// control_room.h — a control API to be asked directly: a shell without a keeper, so that no process is started, and by
// default a ledger in memory and no state directory.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/control.h"
#include "exec/keeper_executor.h"
#include "store/store.h"
#include "support/context.h"

namespace mc::test {

// Two jobs of ann, the second after the first, and one of bob.
inline constexpr std::string_view desk_of_ann_and_bob = R"(
[job.a]
schedule = "@close+15m"
calendar = "XNYS"
command = "true"
user = "ann"
[job.b]
after = ["a"]
command = "true"
user = "ann"
[job.c]
schedule = "0 9 * * *"
command = "true"
user = "bob"
)";

inline std::shared_ptr<const Plan> plan_of(std::string_view text) {
    return std::make_shared<const Plan>(read_plan({"desk.toml", std::string(text)}, read_context()).value());
}

struct ControlRoom {
    explicit ControlRoom(const std::shared_ptr<const Plan>& plan, const std::string& state = "/nonexistent",
                         std::unique_ptr<Store> ledger = make_memory_store())
        : store(std::move(ledger)),
          executor(state, std::nullopt),
          outputs(state, *store),
          shell({executor, os::machine_clock(), outputs, *store}, read_context(), {}),
          control(shell, *store, outputs,
                  {[] { return Reply{}; }, [](const std::string&) { return Reply{}; },
                   [this] { return troubles.list(); }, [this](const std::string& line) { said.push_back(line); },
                   [](const app::CalendarOverride&, const std::string&) { return Reply{}; }},
                  "desk.toml", Instant{}) {
        check(shell.load(plan).has_value(), "the ledger can be written");
    }

    app::Troubles troubles{[](const std::string&) {}};
    std::vector<std::string> said;
    std::unique_ptr<Store> store;
    os::KeeperExecutor executor;
    app::AttemptOutputs outputs;
    app::Shell shell;
    app::Control control;
};

}  // namespace mc::test
