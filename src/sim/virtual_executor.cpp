#include "sim/virtual_executor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mc {

namespace {

constexpr Seconds up_after_boot{0};
constexpr std::size_t young_in_a_row = 1000;  // remove_old() stops after this many records that are too young

}  // namespace

std::vector<Result<os::Launch>> VirtualLauncher::make(const std::vector<Order>& orders, const Plan&) {
    std::vector<Result<os::Launch>> launches;
    for (const Order& order : orders) {
        os::Launch launch;
        launch.run = order.run.id;
        launch.attempt = order.run.attempt;
        launch.argv = {order.run.job, order.run.key.text()};
        launches.emplace_back(std::move(launch));
    }
    return launches;
}

void VirtualExecutor::write_missing_ends() const {
    for (auto it = without_record_.begin(); it != without_record_.end();) {
        const Process& process = processes_.at(*it);
        if (lives(process)) {
            ++it;
            continue;
        }
        if (!process.gone) records_.try_emplace(process.launched_as, Record{*it, ""});
        it = without_record_.erase(it);
    }
}

void VirtualExecutor::remove_record(os::AttemptId attempt) {
    const auto record = records_.find(attempt);
    if (record == records_.end()) return;
    if (lives(processes_.at(record->second.process))) without_record_.insert(record->second.process);
    records_.erase(record);
}

void VirtualExecutor::leave_record(os::AttemptId attempt, const std::string& owner, int exit_code) {
    Process process;
    process.launched_as = attempt;
    process.owner = owner;
    process.behaviour.exit_code = exit_code;
    process.boot = boot();
    process.began = clock_.wall_seconds();
    process.finished = process.began;
    process.began_up = process.ends_up = clock_.up_seconds();
    if (records_.try_emplace(attempt, Record{last_pid_ + 1, owner}).second)
        processes_.emplace(++last_pid_, std::move(process));
}

VirtualExecutor::Process* VirtualExecutor::process_of(os::AttemptId attempt) {
    write_missing_ends();
    const auto record = records_.find(attempt);
    return record == records_.end() ? nullptr : &processes_.at(record->second.process);
}

const VirtualExecutor::Process* VirtualExecutor::process_of(os::AttemptId attempt) const {
    return const_cast<VirtualExecutor*>(this)->process_of(attempt);
}

Result<void> VirtualExecutor::connect() {
    disconnect();
    is_connected_ = true;
    is_lost_ = false;
    return {};
}

void VirtualExecutor::disconnect() {
    is_connected_ = false;
    watched_.clear();
    news_ = {};
}

Result<void> VirtualExecutor::launch(const std::vector<os::Launch>& launches) {
    if (loses_launches_) return {};
    for (const os::Launch& launch : launches) begin(launch);
    return {};
}

void VirtualExecutor::begin(const os::Launch& launch) {
    const os::AttemptId id{launch.run, launch.attempt};
    write_missing_ends();
    if (records_.contains(id)) {
        if (news_.begun.empty()) news_up_ = clock_.up_seconds();
        news_.begun.push_back(id);
        return;
    }
    const Behaviour behaviour = hindrance_ ? Behaviour{} : choose_(launch);
    if (hinders(launch, behaviour)) return;
    Process process;
    process.launched_as = id;
    process.identity = launch.identity;
    process.owner = launch.owner;
    process.behaviour = behaviour;
    process.boot = boot();
    process.began = clock_.wall_seconds();
    process.began_up = clock_.up_seconds();
    process.ends_up = process.began_up + behaviour.takes;
    watched_.emplace(process.ends_up, id);
    starts_.push_back(
        {JobName(launch.argv.at(0)), FireKey(launch.argv.at(1)), launch.run, launch.attempt, process.began});
    records_.emplace(id, Record{++last_pid_, launch.owner});
    processes_.emplace(last_pid_, std::move(process));
}

bool VirtualExecutor::hinders(const os::Launch& launch, const Behaviour& behaviour) {
    const auto& why = hindrance_ ? hindrance_ : behaviour.hindrance;
    if (!why) return false;
    const bool of_all = why->of == Hindrance::Of::every_run;
    os::Ended ended;
    ended.run = launch.run;
    ended.attempt = launch.attempt;
    ended.hindrance =
        os::Hindrance{of_all ? os::Hindrance::Of::every_attempt : os::Hindrance::Of::this_attempt, why->text};
    if (news_.ended.empty()) news_up_ = clock_.up_seconds();
    news_.ended.push_back(std::move(ended));
    return true;
}

Result<void> VirtualExecutor::signal(os::AttemptId attempt, int number, const std::string& identity) {
    Process* process = process_of(attempt);
    if (!process || process->identity != identity || !lives(*process)) return {};
    if (number == 15 && process->behaviour.ignores_term) return {};
    process->signal = number;
    process->finished = clock_.wall_seconds();
    const bool was_watched = watched_.erase({process->ends_up, attempt}) > 0;
    process->ends_up = clock_.up_seconds();
    if (was_watched) watched_.emplace(process->ends_up, attempt);
    return {};
}

void VirtualExecutor::watch(os::AttemptId attempt) {
    if (const Process* process = process_of(attempt)) watched_.emplace(process->ends_up, attempt);
}

std::optional<Seconds> VirtualExecutor::next_news() const {
    if (!is_connected_) return std::nullopt;
    if (is_lost_) return clock_.up_seconds();
    std::optional<Seconds> next;
    if (!news_.ended.empty() || !news_.begun.empty() || !news_.answers.empty()) next = news_up_;
    if (!watched_.empty() && (!next || watched_.begin()->first < *next)) next = watched_.begin()->first;
    return next;
}

// In order of (run, attempt), so that results are deterministic; a real keeper has no fixed order.
Result<os::Executor::News> VirtualExecutor::read() {
    if (is_lost_) return fail(Error::Kind::process, "the keeper has ended");
    News news = std::exchange(news_, {});
    std::vector<os::AttemptId> over;
    while (!watched_.empty() && watched_.begin()->first <= clock_.up_seconds()) {
        over.push_back(watched_.begin()->second);
        watched_.erase(watched_.begin());
    }
    std::sort(over.begin(), over.end());
    for (const os::AttemptId& attempt : over) {
        Process* process = process_of(attempt);
        if (!process) continue;  // its record was moved aside
        news.ended.push_back(end_of(attempt, *process));
        process->finished = news.ended.back().finished;  // stays so if the wall clock is set later
    }
    return news;
}

os::Ended VirtualExecutor::end_of(os::AttemptId attempt, const Process& process) const {
    os::Ended ended;
    ended.run = attempt.run;
    ended.attempt = attempt.attempt;
    ended.started = process.began;
    if (process.gone) return ended;
    ended.finished = process.finished.value_or(clock_.wall_seconds() - (clock_.up_seconds() - process.ends_up));
    ended.spawn_error = process.behaviour.spawn_error;
    if (process.signal) ended.signal = process.signal;
    else if (ended.spawn_error.empty()) ended.exit_code = process.behaviour.exit_code;
    return ended;
}

// A process whose record was removed or overwritten gets the record back, unless another attempt has that name now.
std::optional<os::Answer> VirtualExecutor::answer(const os::Question& question) {
    for (auto& [pid, process] : processes_) {
        if (process.identity != question.identity || process.launched_as != question.id || !lives(process)) continue;
        if (records_.try_emplace(question.id, Record{pid, process.owner}).second) without_record_.erase(pid);
        return os::Answer{question.id, records_.at(question.id).process == pid};
    }
    if (question.look == os::Question::Look::at_own) return std::nullopt;
    return os::Answer{question.id, false};
}

Result<void> VirtualExecutor::ask(const std::vector<os::Question>& questions) {
    for (const os::Question& question : questions)
        if (auto known = answer(question)) tell(*known);
    return {};
}

void VirtualExecutor::tell(const os::Answer& answer) {
    if (news_.answers.empty()) news_up_ = clock_.up_seconds();
    news_.answers.push_back(answer);
}

std::vector<os::Answer> VirtualExecutor::ask_now(const std::vector<os::Question>& questions,
                                                 std::chrono::milliseconds) {
    std::vector<os::Answer> answers;
    for (const os::Question& question : questions)
        if (auto known = answer(question)) answers.push_back(*known);
    return answers;
}

std::string VirtualExecutor::boot() const { return fmt::format("boot-{}", boot_); }

os::AttemptState VirtualExecutor::state(os::AttemptId attempt) const {
    os::AttemptState state;
    state.ended.run = attempt.run;
    state.ended.attempt = attempt.attempt;
    const Process* process = process_of(attempt);
    if (!process) return state;
    using Kind = os::AttemptState::Kind;
    state.kind = process->gone ? Kind::unknown : lives(*process) ? Kind::running : Kind::ended;
    state.owner = records_.at(attempt).owner;
    state.claimed = state.ended.started = process->began;
    state.boot = process->boot;
    if (state.kind == Kind::ended) state.ended = end_of(attempt, *process);
    return state;
}

os::AttemptsOnDisk VirtualExecutor::records(std::optional<Instant>) const {
    write_missing_ends();
    os::AttemptsOnDisk all;
    for (const auto& [id, record] : records_) {
        all.largest_run = std::max(all.largest_run, id.run);
        all.records.push_back(id);
    }
    return all;
}

Result<std::string> VirtualExecutor::set_aside(os::AttemptId attempt, Instant now) {
    records_.erase(attempt);
    aside_.push_back(now);
    return fmt::format("{}/aside/{}.{}", records_name(), attempt.run, attempt.attempt);
}

Result<void> VirtualExecutor::give(os::AttemptId from, os::AttemptId to, os::Give how) {
    records_.insert_or_assign(to, records_.at(from));
    if (how == os::Give::move) records_.erase(from);
    return {};
}

Result<void> VirtualExecutor::name_owner(os::AttemptId attempt, const std::string& owner) {
    records_.at(attempt).owner = owner;
    return {};
}

void VirtualExecutor::remove_aside(Instant before) {
    std::erase_if(aside_, [before](Instant moved) { return moved < before; });
}

void VirtualExecutor::remove(std::int64_t run) {
    records_.erase(records_.lower_bound({run, 0}), records_.lower_bound({run + 1, 0}));
}

void VirtualExecutor::remove_old(Instant before, const std::function<bool(std::int64_t run)>& keep) {
    std::size_t young = 0;
    for (auto it = records_.begin(); it != records_.end() && young < young_in_a_row;) {
        const Process& process = processes_.at(it->second.process);
        const Instant end = process.gone ? process.began : end_of(it->first, process).finished;
        const bool is_old = !lives(process) && end < before && !keep(it->first.run);
        if (!is_old) {
            ++young;
            ++it;
            continue;
        }
        young = 0;
        it = records_.erase(it);
    }
}

Result<void> VirtualExecutor::write_mark(const std::string& text) {
    mark_ = text;
    return {};
}

void VirtualExecutor::reboot(Seconds unwritten) {
    disconnect();
    write_missing_ends();
    std::erase_if(records_, [&](const auto& record) {
        const Process& process = processes_.at(record.second.process);
        return process.boot == boot() && process.began_up > clock_.up_seconds() - unwritten;
    });
    ++boot_;
    for (auto& [pid, process] : processes_) {
        if (process.gone) continue;
        if (lives(process)) process.gone = true;
        else if (!process.finished) process.finished = process.began + (process.ends_up - process.began_up);
        process.ends_up = up_after_boot;
    }
}

std::vector<os::AttemptId> VirtualExecutor::alive() const {
    std::vector<os::AttemptId> all;
    for (const auto& [pid, process] : processes_)
        if (lives(process)) all.push_back(process.launched_as);
    std::sort(all.begin(), all.end());
    return all;
}

}  // namespace mc
