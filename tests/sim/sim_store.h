// sim_store.h — the shell's ledger in the simulator: each write and question may fail, and the daemon may die before
// and after a write.
#pragma once

#include <functional>

#include "support/failing_questions.h"

namespace mc::sim {

// Thrown where the daemon dies.
struct Crash {};

class SimStore final : public test::UnsureStore {
   public:
    struct Hooks {
        std::function<Result<void>(const StepWrites&)> commit;
        std::function<Result<Recovered>()> recover;
        std::function<void()> point;  // throws Crash sometimes
        std::function<bool()> fails;  // whether the current question fails
        bool takes_failures_for_none = false;
    };
    SimStore(std::shared_ptr<Store> behind, Hooks hooks) : UnsureStore(std::move(behind)), hooks_(std::move(hooks)) {}

    Result<void> commit(const StepWrites& batch) override {
        hooks_.point();
        auto done = hooks_.commit(batch);
        hooks_.point();
        return done;
    }
    Result<Recovered> recover() const override {
        hooks_.point();
        return hooks_.recover();
    }
    Result<void> remember_boot(std::string_view boot_id) override {
        hooks_.point();
        return behind().remember_boot(boot_id);
    }

   protected:
    Fate fate() const override {
        if (!hooks_.fails()) return Fate::answered;
        return hooks_.takes_failures_for_none ? Fate::taken_for_none : Fate::failed;
    }

   private:
    Hooks hooks_;
};

}  // namespace mc::sim
