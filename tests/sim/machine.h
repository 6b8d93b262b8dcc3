// machine.h — the machine of the simulator: the daemon may die at each call to it, and with a planted fault it lies.
//
// The faults lie where a shell without the mend would be wrong: about whose a record is, which boot it is of, and what
// another keeper has. Then the shell does what it did before, and a checker has to see it.
#pragma once

#include <functional>

#include "sim/planted.h"
#include "sim/virtual_executor.h"

namespace mc::sim {

class Machine final : public VirtualExecutor {
   public:
    struct Hooks {
        std::function<void()> point;                       // throws Crash now and then
        std::function<void(const os::Launch&)> launching;  // each that is asked for
        std::function<void(os::AttemptId, int number)> signalled;
        std::function<void(const os::Launch&)> has_started;  // each that begins
    };
    Machine(const VirtualClock& clock, Planted planted, Choose choose, Hooks hooks);

    // How the process ended that was launched so; nothing while it runs, or when there is none.
    struct Truth {
        std::optional<int> exit_code, signal;
        bool gone = false;
    };
    std::optional<Truth> truth(os::AttemptId launched_as, const std::string& identity) const;

    Result<void> connect() override;
    Result<void> launch(const std::vector<os::Launch>& launches) override;
    Result<void> signal(os::AttemptId attempt, int number, const std::string& identity) override;
    Result<News> read() override;
    Result<void> ask(const std::vector<os::Question>& questions) override;
    std::vector<os::Answer> ask_now(const std::vector<os::Question>& questions,
                                    std::chrono::milliseconds patience) override;
    std::string boot() const override;
    os::AttemptState state(os::AttemptId attempt) const override;
    os::AttemptsOnDisk records(std::optional<Instant> changed_since) const override;
    Result<std::string> set_aside(os::AttemptId attempt, Instant now) override;
    Result<void> give(os::AttemptId from, os::AttemptId to, os::Give how) override;
    Result<void> name_owner(os::AttemptId attempt, const std::string& owner) override;
    Result<void> write_mark(const std::string& text) override;

   private:
    bool lacks(const os::Question& question) const;

    Planted planted_;
    Hooks hooks_;
};

}  // namespace mc::sim
