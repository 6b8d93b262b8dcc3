// launcher.h — what the shell needs of jobs' files and secrets: how an attempt is launched, and what of its output may
// be shown.
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
    // One answer for each order. Error: its sentence becomes the run's `spawn_failed`; of kind resources: it may be made
    // later.
    virtual std::vector<Result<os::Launch>> make(const std::vector<Order>& orders, const Plan& plan) = 0;
    // Another plan is in force.
    virtual void plan_loaded(std::shared_ptr<const Plan> plan) = 0;
    // An attempt runs that an earlier daemon launched.
    virtual void found_living(const Order& order) = 0;
    // Before the records are compared with a ledger: those of processes that live are written again where they are gone.
    virtual void record_living(const std::string& ledger, Home home, const Plan& plan) = 0;
    // What an attempt that has ended printed, for messages; masked.
    struct Printed {
        bool anything = false;
        std::string tail;
    };
    virtual Printed printed(AttemptName attempt, const Job& job) const = 0;
};

}  // namespace mc::app
