// virtual_executor.h — a machine that runs commands on virtual time: the executor of `simulate`, the simulator and
// tests.
//
// It outlives every shell, as the real keeper and its records outlive the daemon. A process ends when the clock reaches
// its end; the behaviour of a command is chosen when it starts.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "exec/executor.h"
#include "shell/launcher.h"
#include "sim/virtual_clock.h"

namespace mc {

// The behaviour of a command.
struct Behaviour {
    Seconds takes{1};
    int exit_code = 0;
    bool ignores_term = false;
    std::string spawn_error = {};
    std::optional<Hindrance> hindrance = {};  // it does not start
};

// One start of a command.
struct Start {
    JobName job;
    FireKey key;
    RunId run = 0;
    int attempt = 0;
    Instant at;
};

// Makes launches without real commands: argv is the job and the key of its fire.
class VirtualLauncher final : public app::Launcher {
   public:
    std::vector<Result<os::Launch>> make(const std::vector<Order>& orders, const Plan& plan) override;
    void plan_loaded(std::shared_ptr<const Plan>) override {}
    void found_living(const Order&) override {}
    void record_living(const std::string&, app::Home, const Plan&) override {}
    Printed printed(AttemptName, const Job&) const override { return {}; }
};

class VirtualExecutor : public os::Executor {
   public:
    using Choose = std::function<Behaviour(const os::Launch&)>;
    VirtualExecutor(const VirtualClock& clock, Choose choose) : clock_(clock), choose_(std::move(choose)) {}

    // ---- disturbing the machine
    // Refuses all starts for that reason, until the next call; nullopt: accepts them.
    void hinder(std::optional<Hindrance> why) { hindrance_ = std::move(why); }
    // Reboots the machine: records keep the ends of ended processes, but running processes leave no end. Records of
    // processes that started less than `unwritten` ago are lost, because records are not forced to the disk. The
    // monotonic clock starts again.
    void reboot(Seconds unwritten = Seconds{0});
    // While set, launches are lost on the way: the keeper is killed before it reads them.
    void lose_launches(bool lost) { loses_launches_ = lost; }
    // Kills the keeper: the connection is lost, the records stay.
    void lose_connection() { is_lost_ = true; }
    // Removes the record. The record of a running process comes back, without an owner, when the process ends.
    void remove_record(os::AttemptId attempt);
    // Puts the record of another, ended attempt under that name.
    void leave_record(os::AttemptId attempt, const std::string& owner, int exit_code);

    // ---- observing it
    // When read() has news, on the monotonic clock; nullopt: no news is expected.
    std::optional<Seconds> next_news() const;
    bool has_news() const { return next_news().value_or(clock_.up_seconds() + Seconds{1}) <= clock_.up_seconds(); }
    const std::vector<Start>& starts() const { return starts_; }
    // The running processes, by the attempt that they were launched for.
    std::vector<os::AttemptId> alive() const;

    // ---- Executor
    bool is_connected() const override { return is_connected_; }
    Result<void> connect() override;
    void disconnect() override;
    int fd() const override { return is_connected_ ? 0 : -1; }
    int pid() const override { return 1; }
    Result<void> launch(const std::vector<os::Launch>& launches) override;
    Result<void> signal(os::AttemptId attempt, int number, const std::string& identity) override;
    void watch(os::AttemptId attempt) override;
    Result<News> read() override;
    Result<void> ask(const std::vector<os::Question>& questions) override;
    std::vector<os::Answer> ask_now(const std::vector<os::Question>& questions, std::chrono::milliseconds) override;
    std::string boot() const override;
    os::AttemptState state(os::AttemptId attempt) const override;
    os::AttemptsOnDisk records(std::optional<Instant>) const override;
    std::string records_name() const override { return "virtual/runs"; }
    Result<std::string> set_aside(os::AttemptId attempt, Instant now) override;
    Result<void> give(os::AttemptId from, os::AttemptId to, os::Give how) override;
    Result<void> name_owner(os::AttemptId attempt, const std::string& owner) override;
    bool has_aside() const override { return !aside_.empty(); }
    std::size_t count_aside() const override { return aside_.size(); }
    void remove_aside(Instant before) override;
    void remove(std::int64_t run) override;
    void remove_old(Instant before, const std::function<bool(std::int64_t run)>& keep) override;
    std::optional<std::string> mark() const override { return mark_; }
    Result<void> write_mark(const std::string& text) override;
    std::string place() const override { return "virtual"; }

   protected:
    using Pid = std::int64_t;
    struct Process {
        os::AttemptId launched_as;
        std::string identity, owner;
        Behaviour behaviour;
        std::string boot;
        Instant began;
        Seconds began_up{0}, ends_up{0};
        std::optional<Instant> finished;  // on the wall clock, once it has ended
        bool gone = false;                // a reboot ended it
        std::optional<int> signal;
    };
    struct Record {
        Pid process = 0;
        std::string owner;
    };
    // Ended processes without a record get one.
    void write_missing_ends() const;
    bool lives(const Process& process) const { return !process.gone && process.ends_up > clock_.up_seconds(); }
    void tell(const os::Answer& answer);  // the next read() returns it
    Process* process_of(os::AttemptId attempt);
    const Process* process_of(os::AttemptId attempt) const;
    mutable std::map<os::AttemptId, Record> records_;
    std::map<Pid, Process> processes_;
    mutable std::set<Pid> without_record_;

   private:
    void begin(const os::Launch& launch);
    bool hinders(const os::Launch& launch, const Behaviour& behaviour);
    os::Ended end_of(os::AttemptId attempt, const Process& process) const;
    std::optional<os::Answer> answer(const os::Question& question);

    const VirtualClock& clock_;
    Choose choose_;
    int boot_ = 1;
    bool is_connected_ = false, is_lost_ = false, loses_launches_ = false;
    std::set<std::pair<Seconds, os::AttemptId>> watched_;  // by their ends
    News news_;           // answers, and ends of attempts that did not start; other ends are in watched_
    Seconds news_up_{0};  // when the first news came
    std::optional<Hindrance> hindrance_;
    std::vector<Start> starts_;
    std::vector<Instant> aside_;
    std::optional<std::string> mark_;
    Pid last_pid_ = 0;
};

}  // namespace mc
