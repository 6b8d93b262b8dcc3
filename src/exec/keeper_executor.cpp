#include "exec/keeper_executor.h"

#include "exec/executor_kinds.h"
#include "os/clock.h"
#include "os/files.h"

namespace mc::os {

namespace {

constexpr std::size_t mark_bytes_max = 4096;
constexpr int tries_to_connect = 3;

std::string mark_path(const std::string& state) { return state + "/runs/ledger"; }

// The keeper can be killed before the connection is made. Then its warden starts another one, or this function does.
Result<std::unique_ptr<Executor>> connect_to_keeper(const std::string& state) {
    auto keeper = Keeper::connect(state);
    for (int tries = 1; !keeper && tries < tries_to_connect; ++tries) {
        if (auto started = start_keeper(state); !started) return tl::unexpected(started.error());
        keeper = Keeper::connect(state);
    }
    if (!keeper) return tl::unexpected(std::move(keeper).error());
    return std::make_unique<KeeperExecutor>(state, std::move(*keeper));
}

}  // namespace

ExecutorKind keeper_kind() { return {local_executor, connect_to_keeper}; }

KeeperExecutor::KeeperExecutor(std::string state, std::optional<Keeper> keeper)
    : state_(std::move(state)), keeper_(std::move(keeper)) {}

Result<void> KeeperExecutor::connect() {
    keeper_.reset();
    auto started = start_keeper(state_);
    if (!started) return started;
    auto keeper = Keeper::connect(state_);
    if (!keeper) return tl::unexpected(std::move(keeper).error());
    keeper_ = std::move(*keeper);
    return {};
}

Result<void> KeeperExecutor::signal(AttemptId attempt, int number, const std::string& identity) {
    return keeper_->signal(attempt.run, attempt.attempt, number, identity);
}

Result<Executor::News> KeeperExecutor::read() {
    auto ended = keeper_->read();
    if (!ended) return tl::unexpected(std::move(ended).error());
    News news;
    news.ended = *std::move(ended);
    news.begun = keeper_->take_begun();
    news.unclear = keeper_->take_unclear();
    news.answers = keeper_->take_answers();
    return news;
}

std::vector<Answer> KeeperExecutor::ask_now(const std::vector<Question>& questions,
                                            std::chrono::milliseconds patience) {
    return keeper_->ask_now(questions, patience);
}

std::string KeeperExecutor::boot() const { return boot_id(); }

AttemptState KeeperExecutor::state(AttemptId attempt) const {
    return attempt_state(state_, attempt.run, attempt.attempt);
}

AttemptsOnDisk KeeperExecutor::records(std::optional<Instant> changed_since) const {
    return attempts_on_disk(state_, changed_since);
}

Result<std::string> KeeperExecutor::set_aside(AttemptId attempt, Instant now) {
    return os::set_aside(state_, attempt, now);
}

Result<void> KeeperExecutor::give(AttemptId from, AttemptId to, Give how) {
    return give_attempt(state_, from, to, how);
}

Result<void> KeeperExecutor::name_owner(AttemptId attempt, const std::string& owner) {
    return os::name_owner(state_, attempt, owner);
}

bool KeeperExecutor::has_aside() const { return os::has_aside(state_); }

std::size_t KeeperExecutor::count_aside() const { return os::count_aside(state_); }

void KeeperExecutor::remove_aside(Instant before) { os::remove_aside(state_, before); }

void KeeperExecutor::remove(std::int64_t run) { remove_attempts(state_, run); }

void KeeperExecutor::remove_old(Instant before, const std::function<bool(std::int64_t run)>& keep) {
    remove_old_attempts(state_, before, keep);
}

std::optional<std::string> KeeperExecutor::mark() const {
    auto text = read_file(mark_path(state_), mark_bytes_max);
    return text ? std::optional(*std::move(text)) : std::nullopt;
}

Result<void> KeeperExecutor::write_mark(const std::string& text) {
    if (auto made = make_directories(state_ + "/runs", 0700); !made) return made;
    return write_file(mark_path(state_), text, 0600);
}

std::string KeeperExecutor::place() const { return file_identity(state_); }

}  // namespace mc::os
