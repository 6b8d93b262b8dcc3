#include "exec/command_looker.h"

#include <fmt/format.h>

#include <list>
#include <map>
#include <utility>
#include <vector>

#include "exec/small_command.h"
#include "os/clock.h"

namespace mc::os {

namespace {

constexpr std::size_t running_max = 24, of_an_owner = 3, hanging_max = 100;
// The exit codes of a shell.
constexpr int cannot_execute = 126, no_such_program = 127;

CommandSeen seen_of(const SmallEnd& end, std::chrono::seconds patience) {
    if (!end.failure.empty()) return {false, end.failure, end.cannot_now};
    if (end.too_late) return {false, fmt::format("it did not end within {} s", patience.count())};
    if (end.signal) return {false, fmt::format("it was ended by signal {}", *end.signal)};
    switch (end.exit_code.value_or(1)) {
        case 0: return {true, ""};
        case 1: return {};
        case cannot_execute: return {false, "exit code 126: not executable"};
        case no_such_program: return {false, "exit code 127: program not found"};
        default: return {false, fmt::format("exit code {}", *end.exit_code)};
    }
}

}  // namespace

struct CommandLooker::Body {
    struct Waiting {
        Launch command;
        std::string owner;
        Done done;
        MonotonicTime until;
    };

    std::chrono::seconds patience;
    SmallCommands commands;
    std::list<Waiting> waiting;
    std::map<std::string, std::size_t> running;  // by owner
    std::size_t running_in_all = 0;
    std::vector<Done> refused;  // answered from the loop
    MonotonicTimer telling, late;

    Body(EventLoop& on, std::chrono::seconds longest)
        : patience(longest),
          commands(on, longest),
          telling(on,
                  [this] {
                      for (const Done& done : std::exchange(refused, {}))
                          done({false, "earlier commands hang and cannot be killed"});
                  }),
          late(on, [this] { give_up(); }) {}

    void give_up() {
        std::vector<Done> told;
        for (; !waiting.empty() && waiting.front().until <= monotonic_now(); waiting.pop_front())
            told.push_back(std::move(waiting.front().done));
        arm();
        for (const Done& done : told)
            done({false, fmt::format("not started: other commands took all slots for {} s", patience.count()), true});
    }

    void arm() {
        late.arm(waiting.empty() ? std::nullopt
                                 : std::optional<std::chrono::nanoseconds>(waiting.front().until.time_since_epoch()));
    }

    bool is_hopeless(const std::string& owner) const {
        return commands.hanging() >= hanging_max || commands.hanging(owner) >= of_an_owner;
    }

    void begin_what_may() {
        for (auto at = waiting.begin(); at != waiting.end() && running_in_all < running_max;) {
            const bool hopeless = is_hopeless(at->owner);
            const auto found = running.find(at->owner);
            if (!hopeless && found != running.end() && found->second >= of_an_owner) {
                ++at;
                continue;
            }
            Waiting next = std::move(*at);
            at = waiting.erase(at);
            if (hopeless) refused.push_back(std::move(next.done));
            else begin(std::move(next));
        }
        if (!refused.empty()) telling.arm(monotonic_now().time_since_epoch());
        arm();
    }

    void begin(Waiting next) {
        ++running_in_all;
        ++running[next.owner];
        SmallCommand command{std::move(next.command), -1, -1, next.owner, true};
        commands.start(std::move(command),
                       [this, owner = next.owner, done = std::move(next.done)](const SmallEnd& end) {
                           --running_in_all;
                           if (const auto found = running.find(owner); --found->second == 0) running.erase(found);
                           begin_what_may();
                           done(seen_of(end, patience));
                       });
    }
};

CommandLooker::CommandLooker(EventLoop& loop, std::chrono::seconds patience)
    : body_(std::make_unique<Body>(loop, patience)) {}
CommandLooker::~CommandLooker() = default;

void CommandLooker::look(Launch command, std::string owner, Done done) {
    body_->waiting.push_back(
        {std::move(command), std::move(owner), std::move(done), monotonic_now() + body_->patience});
    body_->begin_what_may();
}

}  // namespace mc::os
