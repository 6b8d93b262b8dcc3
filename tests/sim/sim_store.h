// sim_store.h — the shell's ledger in the simulator: each write may fail, and the daemon may die before and after it.
#pragma once

#include <functional>

#include "store/forwarding_store.h"

namespace mc::sim {

// The daemon dies here.
struct Crash {};

class SimStore final : public ForwardingStore {
   public:
    struct Hooks {
        std::function<Result<void>(const Batch&)> commit;
        std::function<Result<Recovered>()> recover;
        std::function<void()> point;  // throws Crash now and then
    };
    SimStore(std::shared_ptr<Store> behind, Hooks hooks)
        : ForwardingStore(std::move(behind)), hooks_(std::move(hooks)) {}

    Result<void> commit(const Batch& batch) override {
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

   private:
    Hooks hooks_;
};

}  // namespace mc::sim
