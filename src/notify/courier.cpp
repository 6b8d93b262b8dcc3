#include "notify/courier.h"

#include <fmt/format.h>

#include <algorithm>

namespace mc::notify {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds between_posts = 1s;
constexpr Milliseconds first_wait = 1s, longest_wait = 5min;
constexpr Milliseconds longest_rest = 24h;  // also when Retry-After, or a clock that was set back, gives more
constexpr Milliseconds secret_look = 5min;  // until a secret that could not be read is read again
constexpr Seconds keep = 72h;
constexpr std::size_t alone_max = 5;  // more than these are folded

// 1 s, 2 s, 4 s ... 5 min.
Milliseconds backoff(int failures) {
    constexpr int doublings_max = 9;
    return std::min(longest_wait, first_wait * (1 << std::clamp(failures - 1, 0, doublings_max)));
}

std::vector<Update> action_ended(const Notice& notice, bool delivered, const std::string& error) {
    if (!notice.is_action || !notice.run) return {};
    return {ActionEnded{*notice.run, notice.attempt, notice.created, delivered, error}};
}

void append(std::vector<Update>& to, std::vector<Update> more) {
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::vector<Update> given_up(const std::string& target, const std::vector<const Notice*>& notices,
                             const std::string& error) {
    std::vector<Update> updates;
    GivenUp all{target, {}, error};
    for (const Notice* notice : notices) {
        append(updates, action_ended(*notice, false, error));
        all.ids.push_back(notice->id);
    }
    if (!all.ids.empty()) updates.emplace_back(std::move(all));
    return updates;
}

std::vector<std::int64_t> ids_of(const Post& post) {
    std::vector<std::int64_t> ids;
    for (const Notice& notice : post.notices) ids.push_back(notice.id);
    return ids;
}

// Whether the notice is always a separate message, also in a flood.
bool stands_alone(const Pace& pace, const Notice& notice) {
    return notice.is_action || !pace.folds || (pace.output_alone && notice.kind == NoticeKind::output);
}

std::vector<const Notice*> pointers(const std::vector<Notice>& notices) {
    std::vector<const Notice*> out;
    for (const Notice& notice : notices) out.push_back(&notice);
    return out;
}

void wake_by(Decision& decision, Milliseconds when) {
    decision.wake = decision.wake ? std::min(*decision.wake, when) : when;
}

}  // namespace

Courier::Courier(Milliseconds born) : born_(born) {}

// ---- what to post

Decision Courier::decide(const std::vector<OutboxRow>& rows, const Targets& targets, Moment now) {
    remember(rows, targets, now);
    Decision decision;
    std::map<std::uint64_t, Queue> queues;
    const std::set<std::int64_t> flying = in_flight();
    for (const OutboxRow& row : rows) {
        if (flying.contains(row.notice.id)) continue;
        const auto found = targets.find(row.notice.target);
        const TargetStatus target = found == targets.end() ? TargetStatus{} : found->second;
        const bool kept_elsewhere = row.notice.kind == NoticeKind::output;
        if (target.kind == TargetStatus::Kind::ready) queues[target.lane].push_back(&row);
        else if (target.kind == TargetStatus::Kind::removed)
            give_up(row, fmt::format("{} is no longer in the configuration", row.notice.target), decision);
        else if (target.kind == TargetStatus::Kind::absent && kept_elsewhere) give_up(row, target.why, decision);
        else tell_unreadable(row, target, now, decision);
    }
    for (const auto& [lane, queue] : queues) serve(lanes_.at(lane), queue, now, decision);
    return decision;
}

// Adds new rows and lanes, and forgets rows that are gone. A new row with a time to wait was deferred by an earlier
// daemon; the cause (an outage, a Retry-After) most likely applies to its whole lane.
void Courier::remember(const std::vector<OutboxRow>& rows, const Targets& targets, Moment now) {
    std::map<std::int64_t, Waiting> known;
    for (const OutboxRow& row : rows) {
        const auto target = targets.find(row.notice.target);
        Lane* lane = nullptr;
        if (target != targets.end() && target->second.kind == TargetStatus::Kind::ready) {
            const Pace& pace = target->second.pace;
            lane = &lanes_.try_emplace(target->second.lane, Lane{pace, born_ + pace.gap}).first->second;
        }
        if (auto old = waiting_.extract(row.notice.id)) {
            Waiting& waiting = old.mapped();
            if (lane && waiting.unusable && *waiting.unusable != target->second.lane) {  // it has another lane now
                waiting.not_before = now.up;
                waiting.unusable.reset();
            }
            known.insert(std::move(old));
            continue;
        }
        Waiting fresh{now.up, row.tries, false, {}, {}};
        if (row.next_try && *row.next_try > now.wall) {
            fresh.not_before = now.up + std::min<Milliseconds>(longest_rest, *row.next_try - now.wall);
            if (lane) lane->not_before = std::max(lane->not_before, fresh.not_before);
        }
        known.emplace(row.notice.id, std::move(fresh));
    }
    waiting_ = std::move(known);
}

std::set<std::int64_t> Courier::in_flight() const {
    std::set<std::int64_t> ids;
    for (const auto& [key, lane] : lanes_)
        if (lane.in_flight)
            for (const Notice& notice : lane.in_flight->notices) ids.insert(notice.id);
    return ids;
}

// Many rows at once become one update, because each update is one write.
void Courier::give_up(const OutboxRow& row, const std::string& why, Decision& decision) {
    const bool no_loss = row.notice.kind == NoticeKind::output;
    auto* last = decision.updates.empty() ? nullptr : std::get_if<GivenUp>(&decision.updates.back());
    if (last && !row.notice.is_action && last->target == row.notice.target && last->error == why &&
        last->no_loss == no_loss) {
        last->ids.push_back(row.notice.id);
        return;
    }
    std::vector<Update> updates = given_up(row.notice.target, {&row.notice}, why);
    std::get<GivenUp>(updates.back()).no_loss = no_loss;
    append(decision.updates, std::move(updates));
}

void Courier::tell_unreadable(const OutboxRow& row, const TargetStatus& target, Moment now, Decision& decision) {
    wake_by(decision, now.up + secret_look);
    Waiting& waiting = waiting_.at(row.notice.id);
    if (waiting.told == target.why) return;
    waiting.told = target.why;
    // Deferred until now, not later: it is sent as soon as the secret can be read.
    decision.updates.emplace_back(Deferred{row.notice.target, {row.notice.id}, now.wall, target.why});
}

void Courier::serve(Lane& lane, const Queue& queue, Moment now, Decision& decision) {
    if (lane.in_flight) return;
    const std::optional<Milliseconds> first = earliest(queue);
    if (!first) return;
    const Milliseconds due = std::max(lane.not_before, *first);
    if (due > now.up) return wake_by(decision, due);
    decision.posts.push_back(make_post(lane, choose(lane.pace, queue, now)));
}

// When the first of the jobs' oldest rows may be sent.
std::optional<Milliseconds> Courier::earliest(const Queue& queue) const {
    std::set<std::string_view> jobs;
    std::optional<Milliseconds> first;
    for (const OutboxRow* row : queue) {
        if (!jobs.insert(row->notice.job).second) continue;
        const Milliseconds when = waiting_.at(row->notice.id).not_before;
        first = first ? std::min(*first, when) : when;
    }
    return first;
}

// Of the jobs' oldest rows that may be sent, the one with the fewest tries, then the oldest: a message that its webhook
// cannot process delays only its own job. A flood becomes one message; a job's rows after one that is sent alone
// wait for that one.
Courier::Queue Courier::choose(const Pace& pace, const Queue& queue, Moment now) const {
    std::set<std::string_view> seen, stopped;
    const OutboxRow* head = nullptr;
    Queue foldable;
    for (const OutboxRow* row : queue) {
        const std::string_view job = row->notice.job;
        const bool oldest_of_job = seen.insert(job).second;
        if (stopped.contains(job)) continue;
        const Waiting& waiting = waiting_.at(row->notice.id);
        if (waiting.not_before > now.up) {
            stopped.insert(job);
            continue;
        }
        if (oldest_of_job && (!head || waiting.tries < waiting_.at(head->notice.id).tries)) head = row;
        if (stands_alone(pace, row->notice)) stopped.insert(job);
        else foldable.push_back(row);
    }
    if (!stands_alone(pace, head->notice) && foldable.size() > alone_max) return foldable;
    return {head};
}

Post Courier::make_post(Lane& lane, const Queue& chosen) {
    Post post{++last_post_, chosen.front()->notice.target, lane.pace, {}, false};
    for (const OutboxRow* row : chosen) {
        post.notices.push_back(row->notice);
        post.plain = post.plain || waiting_.at(row->notice.id).plain;
    }
    lane.in_flight = post;
    return post;
}

// ---- what an answer means

std::vector<Update> Courier::answered(std::int64_t post, const Answer& answer, Moment now) {
    const auto found = std::find_if(lanes_.begin(), lanes_.end(), [&](const auto& entry) {
        return entry.second.in_flight && entry.second.in_flight->number == post;
    });
    check(found != lanes_.end(), "an answer belongs to a post in flight, and each has one");
    Lane& lane = found->second;
    const Post sent = std::move(*lane.in_flight);
    lane.in_flight.reset();
    lane.not_before = now.up + lane.pace.gap;
    lane.unusable = answer.verdict == DeliveryVerdict::unusable;
    switch (answer.verdict) {
        case DeliveryVerdict::delivered: lane.failures = 0; return delivered(sent);
        case DeliveryVerdict::outage: return outage(lane, sent, answer, now);
        case DeliveryVerdict::unusable: return unusable(found->first, sent, answer, now);
        case DeliveryVerdict::malformed:
        case DeliveryVerdict::refused: lane.failures = 0; return refused(sent, answer, now);
        case DeliveryVerdict::throttled: break;
    }
    if (!answer.rest) return outage(lane, sent, answer, now);
    const Milliseconds rest = std::clamp<Milliseconds>(*answer.rest, between_posts, longest_rest);
    lane.not_before = now.up + rest;
    return deferred(sent, now, rest, answer.text);
}

std::vector<Update> Courier::delivered(const Post& sent) const {
    std::vector<Update> updates;
    for (const Notice& notice : sent.notices) append(updates, action_ended(notice, true, {}));
    updates.emplace_back(Delivered{sent.target, ids_of(sent)});
    return updates;
}

// Keeps the notices for a retry, except those older than `keep`, which are given up.
std::vector<Update> Courier::deferred(const Post& sent, Moment now, Milliseconds wait, const std::string& error) const {
    std::vector<const Notice*> old;
    Deferred later{sent.target, {}, now.wall + std::chrono::ceil<Seconds>(wait), error};
    for (const Notice& notice : sent.notices) {
        if (now.wall - notice.created > keep) old.push_back(&notice);
        else later.ids.push_back(notice.id);
    }
    std::vector<Update> updates =
        given_up(sent.target, old, fmt::format("{}; given up after {}", error, duration_text(keep)));
    if (!later.ids.empty()) updates.emplace_back(std::move(later));
    return updates;
}

std::vector<Update> Courier::outage(Lane& lane, const Post& sent, const Answer& answer, Moment now) {
    ++lane.failures;
    const Milliseconds asked = std::clamp<Milliseconds>(answer.rest.value_or(Seconds{0}), 0ms, longest_rest);
    Milliseconds longest = std::max(backoff(lane.failures), asked);
    lane.not_before = now.up + longest;
    for (const std::int64_t id : ids_of(sent)) {
        const auto waiting = waiting_.find(id);
        if (waiting == waiting_.end()) continue;
        const Milliseconds own = backoff(++waiting->second.tries);
        waiting->second.not_before = now.up + own;
        longest = std::max(longest, own);
    }
    return deferred(sent, now, longest, answer.text);
}

// Like an outage, but it is retried at once when an operator may have fixed it, also by a new courier after a restart.
std::vector<Update> Courier::unusable(std::uint64_t key, const Post& sent, const Answer& answer, Moment now) {
    std::vector<Update> updates = outage(lanes_.at(key), sent, answer, now);
    // A job's own message is an attempt, so it ends; the daemon's own message waits like a notice.
    if (sent.notices.front().is_action && sent.notices.front().run)
        return given_up(sent.target, pointers(sent.notices), answer.text);
    for (const std::int64_t id : ids_of(sent))
        if (const auto waiting = waiting_.find(id); waiting != waiting_.end()) waiting->second.unusable = key;
    for (Update& update : updates)
        if (auto* later = std::get_if<Deferred>(&update)) later->when = now.wall;
    return updates;
}

void Courier::look_again(Moment now) {
    for (auto& [key, lane] : lanes_) {
        if (!std::exchange(lane.unusable, false)) continue;
        lane.failures = 0;
        lane.not_before = std::min(lane.not_before, now.up + lane.pace.gap);
    }
    for (auto& [id, waiting] : waiting_)
        if (std::exchange(waiting.unusable, std::nullopt)) waiting.not_before = std::min(waiting.not_before, now.up);
}

std::vector<Update> Courier::refused(const Post& sent, const Answer& answer, Moment now) {
    const bool has_blocks =
        sent.pace.falls_back && !sent.plain && (sent.notices.size() > 1 || !sent.notices.front().is_action);
    if (answer.verdict != DeliveryVerdict::malformed || !has_blocks)
        return given_up(sent.target, pointers(sent.notices), answer.text);
    for (const std::int64_t id : ids_of(sent))
        if (const auto waiting = waiting_.find(id); waiting != waiting_.end()) waiting->second.plain = true;
    return deferred(sent, now, between_posts, answer.text + "; retrying as plain text");
}

}  // namespace mc::notify
