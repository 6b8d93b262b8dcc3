// keeper_world.h — a state directory with a real keeper, and the daemon's side of its socket.
#pragma once

#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <thread>

#include "exec/keeper.h"
#include "exec/process_tree.h"
#include "os/clock.h"
#include "support/send_signal.h"
#include "unit/os/eventually.h"
#include "unit/os/temporary.h"

namespace mc::os::test {

using namespace std::chrono_literals;

inline bool exists(pid_t pid) {
    const auto process = process_of(pid);
    return process && process->state != 'Z';
}

class KeeperWorld {
   public:
    explicit KeeperWorld(const std::string& below = "") {
        state_ = below.empty() ? directory_.path() : directory_ / below;
        std::filesystem::create_directories(state_);
        connect();
    }
    ~KeeperWorld() {
        // Orderly: the keeper ends after its last job, and then the wardens.
        const pid_t last = keeper_ ? keeper_->pid() : 0;
        if (mc::test::send_signal(last, SIGTERM)) eventually([&] { return !exists(last); });
    }

    const std::string& state() const { return state_; }
    Keeper& keeper() { return *keeper_; }
    void connect() {
        const auto started = start_keeper(state_);
        REQUIRE(started);
        auto keeper = Keeper::connect(state_);
        REQUIRE(keeper);
        keeper_ = std::make_unique<Keeper>(*std::move(keeper));
    }
    void disconnect() { keeper_.reset(); }

    Launch command(const std::string& shell_text, int attempt = 1) {
        Launch launch;
        launch.run = ++last_run_;
        launch.attempt = attempt;
        launch.argv = {"/bin/sh", "-c", shell_text};
        launch.env = {"PATH=/usr/bin:/bin"};
        return launch;
    }
    std::int64_t start(const Launch& launch) {
        REQUIRE(keeper_->launch({launch}));
        return launch.run;
    }
    std::int64_t start(const std::string& shell_text) { return start(command(shell_text)); }

    Ended end_of(std::int64_t run, int attempt = 1) {
        const auto until = monotonic_now() + 20s;
        while (!ended_.contains({run, attempt}) && monotonic_now() < until) {
            pollfd waiting{keeper_->fd(), POLLIN, 0};
            ::poll(&waiting, 1, 1000);
            auto news = keeper_->read();
            REQUIRE(news);
            for (const Ended& one : *news) ended_[{one.run, one.attempt}] = one;
            for (const AttemptId& one : keeper_->take_begun()) keeper_->watch(one.run, one.attempt);
        }
        REQUIRE(ended_.contains({run, attempt}));
        return ended_[{run, attempt}];
    }
    // The next end_of() waits for a new result.
    void forget(std::int64_t run, int attempt = 1) { ended_.erase({run, attempt}); }
    Ended run(const Launch& launch) { return end_of(start(launch)); }
    Ended run(const std::string& shell_text) { return end_of(start(shell_text)); }

    std::string output(std::int64_t run, int attempt = 1) const {
        return text_of(attempt_file(state_, run, attempt, "output"));
    }
    long lines(std::int64_t run) const {
        const std::string text = output(run);
        return std::count(text.begin(), text.end(), '\n');
    }
    // Waits until the job has printed a line, and returns the number in it.
    pid_t printed_number(std::int64_t run) const {
        eventually([&] { return lines(run) > 0; });
        return static_cast<pid_t>(std::atol(output(run).c_str()));
    }
    AttemptState::Kind kind(std::int64_t run, int attempt = 1) const {
        return attempt_state(state_, run, attempt).kind;
    }

   private:
    TemporaryDirectory directory_;
    std::string state_;
    std::unique_ptr<Keeper> keeper_;
    std::map<std::pair<std::int64_t, int>, Ended> ended_;
    std::int64_t last_run_ = 0;
};

}  // namespace mc::os::test
