// shell_records.cpp — the records of attempts, compared with the runs that the ledger has as running.
#include <fmt/format.h>

#include "shell/shell.h"

namespace mc::app {

namespace {

// How long the shell waits for the keeper. One that stays silent for longer is reported by HandedOver.
constexpr std::chrono::seconds answer_patience{2};

bool is_message(const Job* job) { return job && std::holds_alternative<SlackPost>(job->action); }

}  // namespace

Outcome Shell::lost(const Run& run) {
    Outcome outcome;
    outcome.run = run.id;
    outcome.attempt = run.attempt;
    outcome.lost = true;
    return outcome;
}

std::optional<os::AttemptState> Shell::record_of(const Run& run) {
    os::AttemptState files = executor_.state({run.id, run.attempt});
    const bool has_no_owner = files.kind == os::AttemptState::Kind::absent ||
                              files.kind == os::AttemptState::Kind::garbled ||
                              files.kind == os::AttemptState::Kind::unclear;
    if (has_no_owner || is_own(files, run, ledger_, boots_)) return files;
    const bool lives = files.kind == os::AttemptState::Kind::running;
    const auto moved = lives ? Result<std::string>(fail(Error::Kind::process, "its process is still running"))
                             : executor_.set_aside({run.id, run.attempt}, now().wall);
    if (moved) {
        tell_aside();
        return os::AttemptState{};
    }
    held_back_.insert(run.id);
    if (listeners_.happened)
        listeners_.happened(
            fmt::format("{}.{}", run.id, run.attempt),
            fmt::format("run {} waits: the files of its attempt {} belong to another run and cannot be moved: {}",
                        run.id, run.attempt, moved.error().what));
    return std::nullopt;
}

bool Shell::absence_proves_nothing(const Run& run) const {
    // Older files may have been removed.
    const Seconds kept = std::min(plan_->daemon.keep_runs, plan_->daemon.keep_output);
    const bool is_old = run.started && *run.started < now().wall - kept;
    return before_boot_.contains(run.id) || from_elsewhere_.contains({run.id, run.attempt}) || is_old;
}

// Whether the attempt has started although the executor reports that it did not: it may have been requested twice, and
// only one of the two starts failed.
bool Shell::has_begun(const os::Ended& hindered) {
    switch (executor_.state({hindered.run, hindered.attempt}).kind) {
        case os::AttemptState::Kind::absent:
        case os::AttemptState::Kind::garbled:
        case os::AttemptState::Kind::unknown: return false;  // its record could not be removed yet
        case os::AttemptState::Kind::running:
        case os::AttemptState::Kind::ended:
        case os::AttemptState::Kind::unclear: break;
    }
    executor_.watch({hindered.run, hindered.attempt});
    return true;
}

void Shell::mend() {
    if (mend_up_ && now().up < *mend_up_) return;
    if (!executor_.is_connected()) return find_keeper();
    mend_up_.reset();
    reconcile();  // for runs that were held back, or whose record could not be read
}

// Whether the attempt's state is known only to the keeper: the files do not show it, or belong to another run, and the
// machine was not booted since.
bool Shell::needs_keeper(const Run& run) const {
    if (before_boot_.contains(run.id)) return false;
    const os::AttemptState files = executor_.state({run.id, run.attempt});
    if (files.kind == os::AttemptState::Kind::unclear) return false;
    return files.is_doubtful() || !is_own(files, run, ledger_, boots_);
}

std::set<RunId> Shell::lacked(const std::vector<Run>& runs) {
    std::set<RunId> ids;
    std::vector<Run> asked;
    for (const Run& run : runs)
        if (needs_keeper(run)) asked.push_back(run);
    if (!executor_.is_connected()) return ids;
    for (const os::Answer& answer : executor_.ask_now(questions(asked), answer_patience))
        if (!answer.is_held) ids.insert(answer.id.run);
    return ids;
}

// Called before the engine decides anything, so that a run that has ended is not late, not timed out, and blocks no
// run.
std::vector<Outcome> Shell::ended_meanwhile(const std::vector<Run>& unfinished) {
    std::vector<Run> running;
    for (const Run& run : unfinished) {
        const auto found = plan_->jobs.find(run.job);
        if (run.state == State::running && !is_message(found == plan_->jobs.end() ? nullptr : &found->second))
            running.push_back(run);
    }
    std::vector<Outcome> over;
    std::set<RunId> in_doubt;
    const std::set<RunId> lacking = lacked(running);
    for (const Run& run : running) {
        if (needs_keeper(run) && !lacking.contains(run.id)) continue;  // reconcile() asks again
        const auto found = plan_->jobs.find(run.job);
        const auto files = record_of(run);
        const bool absent = !files || files->kind == os::AttemptState::Kind::absent;
        if (absent && absence_proves_nothing(run)) over.push_back(lost(run));
        else if (auto end =
                     files ? end_of(run, *files, found == plan_->jobs.end() ? nullptr : &found->second) : std::nullopt)
            over.push_back(std::move(*end));
        else if (files && files->kind == os::AttemptState::Kind::unclear && absence_proves_nothing(run))
            in_doubt.insert(run.id);
    }
    before_boot_ = std::move(in_doubt);
    return over;
}

std::optional<Outcome> Shell::end_of(const Run& run, const os::AttemptState& attempt, const Job* job) const {
    switch (attempt.kind) {
        case os::AttemptState::Kind::absent:
        case os::AttemptState::Kind::garbled:
            return before_boot_.contains(run.id) ? std::optional(lost(run)) : std::nullopt;
        case os::AttemptState::Kind::running:
        case os::AttemptState::Kind::unclear: return std::nullopt;
        case os::AttemptState::Kind::ended: return outcome_of(attempt.ended, job);
        case os::AttemptState::Kind::unknown: return lost(run);
    }
    return std::nullopt;
}

// Reads the state of each attempt that is running according to the ledger.
void Shell::reconcile() {
    if (!engine_) return;
    held_back_.clear();
    std::vector<Run> running;
    for (const auto& [id, run] : engine_->unfinished())
        if (run.state == State::running) running.push_back(run);
    std::erase_if(unread_, [&](const auto& one) {
        return std::none_of(running.begin(), running.end(), [&](const Run& run) { return run.id == one.first; });
    });
    reconcile(running, Keepers::silent);
}

// The same for attempts that had already started when they were requested (requested twice, or another run's attempt
// with the same number), and for attempts whose files became unclear.
void Shell::reconcile(const std::vector<os::AttemptId>& attempts, Keepers word) {
    std::vector<Run> running;
    for (const os::AttemptId& one : attempts) {
        if (!engine_) return;
        const auto run = engine_->unfinished().find(one.run);
        if (run == engine_->unfinished().end() || run->second.state != State::running) continue;
        if (run->second.attempt == one.attempt) running.push_back(run->second);
    }
    if (!running.empty()) reconcile(running, word);
}

void Shell::reconcile(const std::vector<Run>& running, Keepers word) {
    std::vector<Run> to_ask, again, live;
    std::vector<Outcome> over;
    for (const Run& run : running) {
        const Job* job = engine_->job_of(run);
        held_back_.erase(run.id);
        if (is_message(job)) continue;
        if (word == Keepers::silent && needs_keeper(run)) {  // until it answers, `unread_` keeps its entry
            to_ask.push_back(run);
            continue;
        }
        unread_.erase(run.id);
        const auto attempt = record_of(run);
        if (!attempt) continue;
        if (attempt->is_doubtful() && word == Keepers::has_it) unread_[run.id] = "";
        else if (auto end = end_of(run, *attempt, job)) over.push_back(std::move(*end));
        else if (attempt->kind == os::AttemptState::Kind::absent && !absence_proves_nothing(run)) again.push_back(run);
        else if (attempt->is_doubtful()) over.push_back(lost(run));
        else if (attempt->kind == os::AttemptState::Kind::unclear) unread_[run.id] = attempt->trouble;
        else if (executor_.is_connected()) executor_.watch({run.id, run.attempt});
        if (attempt->kind == os::AttemptState::Kind::running && word == Keepers::silent) live.push_back(run);
        if (attempt->kind == os::AttemptState::Kind::running && job != nullptr) launcher_.found_living({run, *job});
    }
    for (const Run& run : running)
        if (!unread_.contains(run.id)) before_boot_.erase(run.id);
    ask_keeper(to_ask);
    ask_about_living(live);
    if (!time_again(again)) return;
    for (Outcome& failed : launch(again, {})) over.push_back(std::move(failed));
    stop_again(again);
    if (!held_back_.empty() || !unread_.empty()) mend_up_ = now().up + mend_after;
    if (!over.empty()) step(AttemptsEnded{std::move(over)});
}

// A daemon may have been down, or the executor away, for longer than the timeout of an attempt that never began.
bool Shell::time_again(const std::vector<Run>& late) {
    AttemptsNotBegun event;
    for (const Run& run : late)
        if (run.timeout_up || run.ending == State::timed_out) event.runs.push_back(run.id);
    if (event.runs.empty()) return true;
    step(event);
    if (!engine_) return false;
    for (const RunId id : event.runs) {
        const auto run = engine_->unfinished().find(id);
        if (run != engine_->unfinished().end() && !run->second.ending) unsent_.erase(id);
    }
    return true;
}

// The signal that ends such an attempt was lost with the keeper that got it. Sent again right behind the launch, it ends
// the attempt before its command is executed, or as it begins.
void Shell::stop_again(const std::vector<Run>& launched) {
    for (const Run& run : launched) {
        if (!engine_ || !executor_.is_connected()) return;
        const auto now = engine_->unfinished().find(run.id);
        if (now == engine_->unfinished().end() || !now->second.ending) continue;
        const Signal signal{run.id, run.attempt};
        if (send(signal)) unsent_.erase(run.id);
        else unsent_.insert_or_assign(run.id, signal);
    }
}

std::vector<os::Question> Shell::questions(const std::vector<Run>& runs) const {
    std::vector<os::Question> all;
    for (const Run& run : runs) all.push_back({{run.id, run.attempt}, attempt_identity(ledger_, run)});
    return all;
}

void Shell::ask_keeper(const std::vector<Run>& runs) {
    if (!executor_.is_connected()) return;  // the next keeper is asked
    for (const Run& run : runs) handed_over_.add({run.id, run.attempt}, plan_->title(run.job), now());
    if (!runs.empty()) (void)executor_.ask(questions(runs));
}

// A record may name a running process of another attempt. The keeper corrects the record, and the right process is
// watched then.
void Shell::ask_about_living(const std::vector<Run>& runs) {
    if (!executor_.is_connected() || runs.empty()) return;
    std::vector<os::Question> asked = questions(runs);
    for (os::Question& one : asked) one.look = os::Question::Look::at_own;
    (void)executor_.ask(asked);
}

std::string Shell::record_trouble() const {
    if (!engine_) return "";
    const Run* first = nullptr;
    std::size_t more = 0;
    for (const auto& [id, why] : unread_) {
        const auto run = engine_->unfinished().find(id);
        if (run == engine_->unfinished().end() || run->second.state != State::running) continue;
        if (first != nullptr) ++more;
        else first = &run->second;
    }
    if (first == nullptr) return "";
    const std::string others = more == 0 ? "" : fmt::format(" (and {} more)", more);
    if (unread_.at(first->id).empty())
        return fmt::format(
            "run {} of {}{} is running, but its record is gone and the keeper cannot write it again; it retries every "
            "{}",
            first->id, plan_->title(first->job), others, duration_text(mend_after));
    return fmt::format(
        "it is not known whether run {} of {}{} has ended: {}; it counts as running, and its record is read again "
        "every {}, until it can be read",
        first->id, plan_->title(first->job), others, unread_.at(first->id), duration_text(mend_after));
}

}  // namespace mc::app
