#include "notify/courier.h"

#include <fmt/format.h>

#include <algorithm>

#include "notify/answer.h"
#include "notify/retry_after.h"
#include "notify/slack.h"

namespace mc::notify {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds between_posts = 1s;
constexpr Milliseconds first_wait = 1s, longest_wait = 5min;
constexpr Milliseconds longest_rest = 24h;  // also when Retry-After, or a clock set back, says more
constexpr Milliseconds secret_look = 5min;  // a secret that could not be read is looked at again
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

std::vector<const Notice*> pointers(const std::vector<Notice>& notices) {
    std::vector<const Notice*> out;
    for (const Notice& notice : notices) out.push_back(&notice);
    return out;
}

void wake_by(Decision& decision, Milliseconds when) {
    decision.wake = decision.wake ? std::min(*decision.wake, when) : when;
}

}  // namespace

Courier::Courier(std::string host, Milliseconds born) : host_(std::move(host)), born_(born) {}

// ---- what to post

Decision Courier::decide(const std::vector<OutboxRow>& rows, const Targets& targets, Moment now) {
    remember(rows, targets, now);
    Decision decision;
    std::map<std::uint64_t, Queue> queues;
    const std::set<std::int64_t> flying = in_flight();
    for (const OutboxRow& row : rows) {
        if (flying.contains(row.notice.id)) continue;
        const auto target = targets.find(row.notice.target);
        if (target == targets.end() || target->second.kind == Target::Kind::removed) give_up_removed(row, decision);
        else if (target->second.kind == Target::Kind::unreadable) tell_unreadable(row, target->second, now, decision);
        else queues[target->second.webhook].push_back(&row);
    }
    for (const auto& [webhook, queue] : queues) serve(webhooks_.at(webhook), queue, now, decision);
    return decision;
}

// Takes in rows and webhooks that are new, forgets rows that are gone. A row that comes with a time to wait
// was deferred by a predecessor; whatever kept it (an outage, a Retry-After) most likely holds for its
// whole webhook.
void Courier::remember(const std::vector<OutboxRow>& rows, const Targets& targets, Moment now) {
    std::map<std::int64_t, Waiting> known;
    for (const OutboxRow& row : rows) {
        const auto target = targets.find(row.notice.target);
        Webhook* webhook = nullptr;
        if (target != targets.end() && target->second.kind == Target::Kind::ready)
            webhook =
                &webhooks_.try_emplace(target->second.webhook, Webhook{born_ + between_posts, 0, {}}).first->second;
        if (auto old = waiting_.extract(row.notice.id)) {
            known.insert(std::move(old));
            continue;
        }
        Waiting fresh{now.up, row.tries, false, {}};
        if (row.next_try && *row.next_try > now.wall) {
            fresh.not_before = now.up + std::min<Milliseconds>(longest_rest, *row.next_try - now.wall);
            if (webhook) webhook->not_before = std::max(webhook->not_before, fresh.not_before);
        }
        known.emplace(row.notice.id, std::move(fresh));
    }
    waiting_ = std::move(known);
}

std::set<std::int64_t> Courier::in_flight() const {
    std::set<std::int64_t> ids;
    for (const auto& [key, webhook] : webhooks_)
        if (webhook.in_flight)
            ids.insert(webhook.in_flight->post.notices.begin(), webhook.in_flight->post.notices.end());
    return ids;
}

void Courier::give_up_removed(const OutboxRow& row, Decision& decision) const {
    append(decision.updates, given_up(row.notice.target, {&row.notice},
                                      fmt::format("{} is no longer in the configuration", row.notice.target)));
}

void Courier::tell_unreadable(const OutboxRow& row, const Target& target, Moment now, Decision& decision) {
    wake_by(decision, now.up + secret_look);
    Waiting& waiting = waiting_.at(row.notice.id);
    if (waiting.told == target.why) return;
    waiting.told = target.why;
    // Its time is now, not later: once the secret is there, nothing else is to be waited for.
    decision.updates.emplace_back(Deferred{row.notice.target, {row.notice.id}, now.wall, target.why});
}

void Courier::serve(Webhook& webhook, const Queue& queue, Moment now, Decision& decision) {
    if (webhook.in_flight) return;
    const std::optional<Milliseconds> first = earliest(queue);
    if (!first) return;
    const Milliseconds due = std::max(webhook.not_before, *first);
    if (due > now.up) return wake_by(decision, due);
    decision.posts.push_back(make_post(webhook, choose(queue, now)));
}

// When the first of the jobs' oldest rows may go.
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

// Of the jobs' oldest rows that may go, the one tried least, then the oldest: a message that its webhook
// cannot digest delays its own job and no other. A flood goes as one; what stands behind a job's action
// waits for it.
Courier::Queue Courier::choose(const Queue& queue, Moment now) const {
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
        if (row->notice.is_action) stopped.insert(job);
        else foldable.push_back(row);
    }
    if (!head->notice.is_action && foldable.size() > alone_max) return foldable;
    return {head};
}

Post Courier::make_post(Webhook& webhook, const Queue& chosen) {
    Sent sent;
    sent.post.number = ++last_post_;
    sent.post.target = chosen.front()->notice.target;
    for (const OutboxRow* row : chosen) {
        sent.notices.push_back(row->notice);
        sent.post.notices.push_back(row->notice.id);
        sent.plain = sent.plain || waiting_.at(row->notice.id).plain;
    }
    if (sent.notices.size() > 1) sent.post.body = slack_folded(sent.notices, host_, !sent.plain);
    else if (sent.plain) sent.post.body = slack_plain_body(sent.notices.front(), host_);
    else sent.post.body = slack_body(sent.notices.front(), host_);
    Post post = sent.post;
    webhook.in_flight = std::move(sent);
    return post;
}

// ---- what an answer means

std::vector<Update> Courier::answered(std::int64_t post, const PostAnswer& answer, Moment now) {
    const auto found = std::find_if(webhooks_.begin(), webhooks_.end(), [&](const auto& entry) {
        return entry.second.in_flight && entry.second.in_flight->post.number == post;
    });
    check(found != webhooks_.end(), "an answer belongs to a post in flight, and each has one");
    Webhook& webhook = found->second;
    const Sent sent = std::move(*webhook.in_flight);
    webhook.in_flight.reset();
    webhook.not_before = now.up + between_posts;
    switch (judge(answer)) {
        case Verdict::delivered: webhook.failures = 0; return delivered(sent);
        case Verdict::outage: return outage(webhook, sent, answer, now);
        case Verdict::malformed:
        case Verdict::refused: webhook.failures = 0; return refused(sent, answer, now);
        case Verdict::throttled: break;
    }
    const std::optional<Seconds> asked = parse_retry_after(answer.retry_after, now.wall);
    if (!asked) return outage(webhook, sent, answer, now);
    const Milliseconds rest = std::clamp<Milliseconds>(*asked, between_posts, longest_rest);
    webhook.not_before = now.up + rest;
    return deferred(sent, now, rest, answer_text(sent.post.target, answer));
}

std::vector<Update> Courier::delivered(const Sent& sent) const {
    std::vector<Update> updates;
    for (const Notice& notice : sent.notices) append(updates, action_ended(notice, true, {}));
    updates.emplace_back(Delivered{sent.post.target, sent.post.notices});
    return updates;
}

// Kept for later; but what is older than `keep` has been tried for all that time, and is given up.
std::vector<Update> Courier::deferred(const Sent& sent, Moment now, Milliseconds wait, const std::string& error) const {
    std::vector<const Notice*> old;
    Deferred later{sent.post.target, {}, now.wall + std::chrono::ceil<Seconds>(wait), error};
    for (const Notice& notice : sent.notices) {
        if (now.wall - notice.created > keep) old.push_back(&notice);
        else later.ids.push_back(notice.id);
    }
    std::vector<Update> updates =
        given_up(sent.post.target, old, fmt::format("{}; given up after {}", error, duration_text(keep)));
    if (!later.ids.empty()) updates.emplace_back(std::move(later));
    return updates;
}

std::vector<Update> Courier::outage(Webhook& webhook, const Sent& sent, const PostAnswer& answer, Moment now) {
    ++webhook.failures;
    Milliseconds longest = backoff(webhook.failures);
    webhook.not_before = now.up + longest;
    for (const std::int64_t id : sent.post.notices) {
        const auto waiting = waiting_.find(id);
        if (waiting == waiting_.end()) continue;
        const Milliseconds own = backoff(++waiting->second.tries);
        waiting->second.not_before = now.up + own;
        longest = std::max(longest, own);
    }
    return deferred(sent, now, longest, answer_text(sent.post.target, answer));
}

std::vector<Update> Courier::refused(const Sent& sent, const PostAnswer& answer, Moment now) {
    const std::string error = answer_text(sent.post.target, answer);
    const bool has_blocks = !sent.plain && (sent.notices.size() > 1 || !sent.notices.front().is_action);
    if (judge(answer) != Verdict::malformed || !has_blocks)
        return given_up(sent.post.target, pointers(sent.notices), error);
    for (const std::int64_t id : sent.post.notices)
        if (const auto waiting = waiting_.find(id); waiting != waiting_.end()) waiting->second.plain = true;
    return deferred(sent, now, between_posts, error + "; tried again as plain text");
}

}  // namespace mc::notify
