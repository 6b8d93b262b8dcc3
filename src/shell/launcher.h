// launcher.h — prepares the launch of an attempt, and gives its output with secrets masked.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/plan.h"
#include "exec/keeper.h"
#include "shell/found_attempts.h"

namespace mc::app {

class Launcher {
   public:
    virtual ~Launcher() = default;
    struct Order {
        const Run& run;
        const Job& job;
    };
    // One result for each order, in their order. Error: its sentence is the detail of the run's `spawn_failed`; of kind
    // resources: a later try may succeed.
    virtual std::vector<Result<os::Launch>> make(const std::vector<Order>& orders, const Plan& plan) = 0;
    // The plan in force has changed.
    virtual void plan_loaded(std::shared_ptr<const Plan> plan) = 0;
    // An attempt that an earlier daemon launched is still running.
    virtual void found_living(const Order& order) = 0;
    // Called before the records are compared with a ledger: writes missing records of running processes again.
    virtual void record_living(const std::string& ledger, Home home, const Plan& plan) = 0;
    // The masked output of an ended attempt, for notifications.
    struct Printed {
        bool anything = false;
        std::string tail;
    };
    virtual Printed printed(AttemptName attempt, const Job& job) const = 0;
};

}  // namespace mc::app
