// machine.h — the simulator's machine: the daemon may die at each call to it, and a planted fault makes it lie.
//
// The faults cause the errors of a shell without certain fixes: about the owner of a record, its boot, and the attempts
// of another keeper. A checker must notice them.
#pragma once

#include <functional>

#include "sim/planted.h"
#include "sim/virtual_executor.h"

namespace mc::sim {

class Machine final : public VirtualExecutor {
   public:
    struct Hooks {
        std::function<void()> point;                       // throws Crash sometimes
        std::function<void(const os::Launch&)> launching;  // called for each requested launch
        std::function<void(os::AttemptId, int number)> signalled;
        std::function<void(const os::Launch&)> has_started;  // called for each attempt that begins
    };
    Machine(const VirtualClock& clock, Planted planted, Choose choose, Hooks hooks);

    // How the process launched with this id and identity ended; nullopt while it runs, or if there is none.
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
