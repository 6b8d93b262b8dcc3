// keeper_executor.h — the keeper and the records in a state directory, as an executor.
#pragma once

#include <optional>
#include <string>

#include "exec/executor.h"

namespace mc::os {

class KeeperExecutor final : public Executor {
   public:
    // If `keeper` is absent, connect() starts one.
    KeeperExecutor(std::string state, std::optional<Keeper> keeper);

    bool is_connected() const override { return keeper_.has_value(); }
    Result<void> connect() override;
    void disconnect() override { keeper_.reset(); }
    int fd() const override { return keeper_ ? keeper_->fd() : -1; }
    int pid() const override { return keeper_ ? keeper_->pid() : -1; }

    Result<void> launch(const std::vector<Launch>& launches) override { return keeper_->launch(launches); }
    Result<void> signal(AttemptId attempt, int number, const std::string& identity) override;
    void watch(AttemptId attempt) override { keeper_->watch(attempt.run, attempt.attempt); }
    Result<News> read() override;
    Result<void> ask(const std::vector<Question>& questions) override { return keeper_->ask(questions); }
    std::vector<Answer> ask_now(const std::vector<Question>& questions, std::chrono::milliseconds patience) override;

    std::string boot() const override;
    AttemptState state(AttemptId attempt) const override;
    AttemptsOnDisk records(std::optional<Instant> changed_since) const override;
    std::string records_name() const override { return state_ + "/runs"; }
    Result<std::string> set_aside(AttemptId attempt, Instant now) override;
    Result<void> give(AttemptId from, AttemptId to, Give how) override;
    Result<void> name_owner(AttemptId attempt, const std::string& owner) override;
    bool has_aside() const override;
    std::size_t count_aside() const override;
    void remove_aside(Instant before) override;
    void remove(std::int64_t run) override;
    void remove_old(Instant before, const std::function<bool(std::int64_t run)>& keep) override;

    std::optional<std::string> mark() const override;
    Result<void> write_mark(const std::string& text) override;
    std::string place() const override;

   private:
    std::string state_;
    std::optional<Keeper> keeper_;
};

}  // namespace mc::os
