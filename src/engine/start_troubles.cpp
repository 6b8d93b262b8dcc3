#include "engine/start_troubles.h"

#include <algorithm>

namespace mc {

namespace {

constexpr Seconds first_pause{5}, longest_pause{30};
// A start that was not refused within this time has succeeded.
constexpr Seconds refused_within{2};

bool needs_process(const Job& job) { return !std::holds_alternative<SlackPost>(job.action); }

}  // namespace

StartTroubles::StartTroubles(Step& step, const Definitions& jobs, const RunBook& book)
    : step_(step), jobs_(jobs), book_(book) {}

void StartTroubles::Trouble::again(const std::string& why, Now now) {
    pause = pause == Seconds{0} ? first_pause : std::min(2 * pause, longest_pause);
    next_up = after(now, pause);
    text = why;
}

bool StartTroubles::ends_trial(const Run& run) {
    if (trial_ != run.id) return false;
    trial_ = 0;
    return true;
}

void StartTroubles::refused(const Run& run, const Hindrance& why) {
    const bool is_trial = ends_trial(run);
    if (why.of == Hindrance::Of::this_run) {
        if (is_trial) every_start_.reset();
        of_run_[run.id].again(why.text, step_.now);
    } else if (is_trial || !every_start_) {
        if (!every_start_) every_start_ = Trouble{};  // not emplace(): clang 14 takes Trouble for not constructible
        every_start_->again(why.text, step_.now);
    }
}

void StartTroubles::has_begun(const Run& run) {
    if (ends_trial(run)) every_start_.reset();
    of_run_.erase(run.id);
}

void StartTroubles::note_start(const Job& job, const Run& run) {
    if (!every_start_ || !needs_process(job)) return;
    trial_ = run.id;
    trial_until_ = after(step_.now, refused_within);
}

void StartTroubles::judge_trial() {
    const Run* tried = book_.find(trial_);
    const bool runs = tried && tried->state == State::running;
    if (trial_ != 0 && runs && step_.now.up < trial_until_) return;
    if (std::exchange(trial_, 0) != 0 && runs) every_start_.reset();
    const auto waits = [](const auto& one) { return one.second->reason == Reason::resources; };
    if (every_start_ && std::none_of(book_.active().begin(), book_.active().end(), waits)) every_start_.reset();
    std::erase_if(of_run_, [&](const auto& one) { return !book_.find(one.first); });
}

std::optional<StartRefused> StartTroubles::hindrance_of(const Job& job, const Run& run) const {
    if (const auto own = of_run_.find(run.id); own != of_run_.end() && own->second.next_up > step_.now.up)
        return StartRefused{own->second.text};
    if (!every_start_ || !needs_process(job)) return std::nullopt;
    if (trial_ != 0 || every_start_->next_up > step_.now.up) return StartRefused{every_start_->text};
    return std::nullopt;
}

void StartTroubles::add_wakes(Wake& wake) const {
    const auto add = [&](Seconds up) {
        if (up > step_.now.up) wake.up = std::min(wake.up.value_or(up), up);
    };
    if (trial_ != 0) add(trial_until_);
    else if (every_start_) add(every_start_->next_up);
    for (const auto& [id, own] : of_run_)
        if (const Run* run = book_.find(id); run && run->reason == Reason::resources) add(own.next_up);
}

std::map<std::string, std::string> StartTroubles::texts() const {
    std::map<std::string, std::string> texts;
    if (every_start_) texts.emplace("", every_start_->text);
    for (const auto& [id, own] : of_run_) {
        const Run* run = book_.find(id);
        if (!run || run->reason != Reason::resources) continue;
        const Job* job = jobs_.of(*run);
        texts.emplace(job ? job->shown() : run->job, own.text);
    }
    return texts;
}

}  // namespace mc
