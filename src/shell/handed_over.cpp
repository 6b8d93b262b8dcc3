#include "shell/handed_over.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mc::app {

namespace {

constexpr Seconds look_again_after{5};

}  // namespace

void HandedOver::add(AttemptName attempt, const std::string& job, Now now) {
    if (entries_.empty()) next_ = now.up + asked_after;
    entries_.try_emplace(attempt, Entry{job, now});
}

void HandedOver::remove(AttemptName attempt, Now now) {
    last_sign_ = now.up;
    is_silent_ = false;
    entries_.erase(attempt);
}

void HandedOver::clear() {
    entries_.clear();
    is_silent_ = false;
}

std::vector<AttemptName> HandedOver::look(Now now, const std::function<std::optional<Instant>(AttemptName)>& begun) {
    std::vector<AttemptName> to_ask;
    if (entries_.empty() || now.up < next_) return to_ask;
    next_ = now.up + patience;
    bool is_overdue = false;
    for (auto it = entries_.begin(); it != entries_.end();) {
        if (it->second.due() > now.up) {
            next_ = std::min(next_, it->second.due());
            ++it;
            continue;
        }
        if (const auto when = begun(it->first)) {
            const Seconds sign = std::clamp(now.up - (now.wall - *when), it->second.at.up, now.up);
            last_sign_ = std::max(last_sign_, sign);
            it = entries_.erase(it);
            continue;
        }
        if (!std::exchange(it->second.is_asked, true)) to_ask.push_back(it->first);
        if (it->second.due() <= now.up) is_overdue = true;
        else next_ = std::min(next_, it->second.due());
        ++it;
    }
    if (is_overdue) next_ = std::min(next_, now.up + look_again_after);
    is_silent_ = is_overdue && now.up - last_sign_ >= patience;
    return to_ask;
}

std::optional<Seconds> HandedOver::next() const { return entries_.empty() ? std::nullopt : std::optional(next_); }

std::string HandedOver::trouble(int keeper_pid) const {
    if (!is_silent_ || entries_.empty()) return "";
    const auto first = std::min_element(entries_.begin(), entries_.end(), [](const auto& one, const auto& other) {
        return one.second.at.up < other.second.at.up;
    });
    const std::size_t more = entries_.size() - 1;
    return fmt::format(
        "no job can start: the keeper (process {0}) has not answered since {1}; run {2} of {3}{4} was handed to it and "
        "is shown as running, but may not have started; `kill -CONT {0}` continues a keeper that was stopped; after "
        "`kill -9 {0}` another keeper takes over, and running jobs continue",
        keeper_pid, to_string(first->second.at.wall), first->first.run, first->second.job,
        more == 0 ? "" : fmt::format(" (and {} more)", more));
}

}  // namespace mc::app
