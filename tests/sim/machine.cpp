#include "sim/machine.h"

namespace mc::sim {

Machine::Machine(const VirtualClock& clock, Planted planted, Choose choose, Hooks hooks)
    : VirtualExecutor(clock, std::move(choose)), planted_(planted), hooks_(std::move(hooks)) {}

std::optional<Machine::Truth> Machine::truth(os::AttemptId launched_as, const std::string& identity) const {
    for (const auto& [pid, process] : processes_) {
        if (process.identity != identity || process.launched_as != launched_as || lives(process)) continue;
        Truth truth;
        truth.gone = process.gone;
        truth.signal = process.signal;
        if (!process.gone && !process.signal && process.behaviour.spawn_error.empty())
            truth.exit_code = process.behaviour.exit_code;
        return truth;
    }
    return std::nullopt;
}

Result<void> Machine::connect() {
    hooks_.point();
    return VirtualExecutor::connect();
}

Result<void> Machine::launch(const std::vector<os::Launch>& launches) {
    for (const os::Launch& launch : launches) {
        hooks_.point();
        hooks_.launching(launch);
        const os::AttemptId id{launch.run, launch.attempt};
        if (planted_ == Planted::stale_records_believed && state(id).kind != os::AttemptState::Kind::absent)
            (void)VirtualExecutor::name_owner(id, launch.owner);
        const std::size_t before = starts().size();
        if (auto done = VirtualExecutor::launch({launch}); !done) return done;
        if (starts().size() > before) hooks_.has_started(launch);
    }
    hooks_.point();
    return {};
}

Result<void> Machine::signal(os::AttemptId attempt, int number, const std::string& identity) {
    hooks_.point();
    hooks_.signalled(attempt, number);
    return VirtualExecutor::signal(attempt, number, identity);
}

// With this fault, a keeper of another version does not search for processes of the one before it.
bool Machine::lacks(const os::Question& question) const {
    return planted_ == Planted::other_keepers_unseen && question.look == os::Question::Look::at_all;
}

Result<void> Machine::ask(const std::vector<os::Question>& questions) {
    hooks_.point();
    for (const os::Question& question : questions) {
        if (lacks(question)) tell({question.id, false});
        else if (auto done = VirtualExecutor::ask({question}); !done) return done;
    }
    return {};
}

std::vector<os::Answer> Machine::ask_now(const std::vector<os::Question>& questions,
                                         std::chrono::milliseconds patience) {
    hooks_.point();
    std::vector<os::Answer> answers;
    for (const os::Question& question : questions) {
        if (lacks(question)) answers.push_back({question.id, false});
        else
            for (const os::Answer& answer : VirtualExecutor::ask_now({question}, patience)) answers.push_back(answer);
    }
    return answers;
}

std::string Machine::boot() const { return planted_ == Planted::one_boot_for_all ? "boot" : VirtualExecutor::boot(); }

os::AttemptState Machine::state(os::AttemptId attempt) const {
    os::AttemptState state = VirtualExecutor::state(attempt);
    if (planted_ == Planted::one_boot_for_all && !state.boot.empty()) state.boot = "boot";
    if (planted_ == Planted::deaf_to_ends && state.kind == os::AttemptState::Kind::ended)
        state.kind = os::AttemptState::Kind::running;
    return state;
}

Result<os::Executor::News> Machine::read() {
    auto news = VirtualExecutor::read();
    if (news && planted_ == Planted::deaf_to_ends) news->ended.clear();
    return news;
}

os::AttemptsOnDisk Machine::records(std::optional<Instant> changed_since) const {
    if (planted_ == Planted::restored_unseen) return {};
    return VirtualExecutor::records(changed_since);
}

Result<std::string> Machine::set_aside(os::AttemptId attempt, Instant now) {
    hooks_.point();
    return VirtualExecutor::set_aside(attempt, now);
}

Result<void> Machine::give(os::AttemptId from, os::AttemptId to, os::Give how) {
    hooks_.point();
    return VirtualExecutor::give(from, to, how);
}

Result<void> Machine::name_owner(os::AttemptId attempt, const std::string& owner) {
    hooks_.point();
    return VirtualExecutor::name_owner(attempt, owner);
}

Result<void> Machine::write_mark(const std::string& text) {
    hooks_.point();
    return VirtualExecutor::write_mark(text);
}

}  // namespace mc::sim
