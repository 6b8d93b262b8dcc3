#include "notify/slack_sender.h"

#include <fmt/format.h>

#include <algorithm>

#include "notify/slack.h"
#include "notify/slack_answer.h"
#include "notify/slack_channel.h"

namespace mc::notify {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds head_pause = 1s, head_rest = 1min;  // before the next head is updated; before a retry
constexpr Seconds heads_keep = 72h;                        // as long as the courier keeps messages

bool is_for_later(DeliveryVerdict verdict) {
    return verdict == DeliveryVerdict::outage || verdict == DeliveryVerdict::throttled ||
           verdict == DeliveryVerdict::unusable;
}

}  // namespace

SlackPlace slack_place(const Place& place) {
    const auto& slack = static_cast<const SlackChannel&>(*place.channel);
    if (!slack.of_bot()) return {place.secret, "", ""};
    return {slack.api, place.secret, slack.channel};
}

SlackSender::SlackSender(const ChannelKind& kind, Workplace workplace) : RequestSender(kind, std::move(workplace)) {}

void SlackSender::send(const Post& post, const Place& place, Answered done) {
    Errand errand{post, slack_place(place), std::move(done)};
    if (!errand.place.token.empty()) return send_by_bot(errand);
    workplace_.transport.post(
        {place.secret, slack_body(post, workplace_.host)}, [this, place, errand = std::move(errand)](PostAnswer given) {
            const PostAnswer answer = masked_answer(std::move(given), place);
            errand.done(slack_answer(errand.post.target, answer, workplace_.transport.now().wall));
        });
}

std::optional<Milliseconds> SlackSender::tend() {
    queue_closed_heads();
    update_head();
    return thread_parents_.empty() || head_in_flight_ ? std::nullopt : std::optional(next_head_);
}

void SlackSender::ask_slack(const std::string& target, const SlackPlace& place, const std::string& method,
                            const std::string& body, Asked done) {
    Request request{place.url + "/" + method, body, {{"Authorization", "Bearer " + place.token}}};
    workplace_.transport.post(std::move(request),
                              [this, target, token = place.token, done = std::move(done)](PostAnswer answer) {
                                  answer.error = masked(answer.error, token);
                                  answer.body = masked(answer.body, token);  // its error word gets into texts
                                  done(bot_answer(target, answer, workplace_.transport.now().wall));
                              });
}

// If a message was already posted for the alert, the notice goes into its thread.
void SlackSender::send_by_bot(const Errand& errand) {
    const auto& [post, place, done] = errand;
    const Notice& first = post.notices.front();
    if (post.notices.size() > 1) return post_alone(errand);
    std::erase_if(thread_parents_, [&, &target = post.target](const Notice& old) {
        return old.target == target && old.alert == first.alert;
    });
    const auto thread = thread_of(first);
    if (!thread) return post_alone(errand);
    if (thread->configured.empty() || thread->configured == place.channel) return post_in_thread(errand, *thread);
    // The configuration has another channel now. The old message gets a last update, whose result does not matter.
    ask_slack(post.target, place, "chat.update", bot_update(*thread, first, place.channel),
              [this, errand](const BotAnswer&) { post_alone(errand); });
}

// The thread of the message that opened the notice's alert.
std::optional<SlackThread> SlackSender::thread_of(const Notice& notice) const {
    if (notice.alert == 0) return std::nullopt;
    auto thread = workplace_.threads.thread(notice.target, notice.alert);
    return thread ? *std::move(thread) : std::nullopt;
}

void SlackSender::post_alone(const Errand& errand) {
    const std::string body = slack_body(errand.post, workplace_.host);
    ask_slack(errand.post.target, errand.place, "chat.postMessage", bot_post(body, errand.place.channel),
              [this, errand, body](const BotAnswer& told) {
                  if (told.answer.verdict == DeliveryVerdict::delivered) posted_alone(errand, body, told);
                  errand.done(told.answer);
              });
}

// Errors of the ledger are ignored: without its thread a later notice becomes a message in the channel.
void SlackSender::posted_alone(const Errand& errand, const std::string& body, const BotAnswer& told) {
    const Post& post = errand.post;
    const Notice& first = post.notices.front();
    if (post.notices.size() > 1) {
        for (const Notice& notice : post.notices) queue_head(notice);
        return;
    }
    if (first.alert == 0) return;
    if (ends_alert(first)) (void)workplace_.threads.drop_thread(post.target, first.alert);
    else if (!told.ts.empty())
        (void)workplace_.threads.keep_thread(
            {post.target, first.alert, told.channel, told.ts, body, errand.place.channel});
}

void SlackSender::queue_head(const Notice& notice) {
    if (notice.alert == 0) return;
    std::erase_if(thread_parents_,
                  [&](const Notice& old) { return old.target == notice.target && old.alert == notice.alert; });
    thread_parents_.push_back(notice);
}

// For alerts that closed without a message, or whose last message was folded just before a daemon stopped.
void SlackSender::queue_closed_heads() {
    const auto threads = workplace_.threads.closed_threads();
    if (!threads) return;
    for (const auto& [thread, alert] : *threads) {
        const auto is_it = [&, &of = thread](const Notice& head) {
            return head.target == of.target && head.alert == of.alert;
        };
        if (std::any_of(thread_parents_.begin(), thread_parents_.end(), is_it)) continue;
        Notice notice;
        notice.target = thread.target;
        notice.job = alert.job;
        notice.kind = NoticeKind::closed;
        notice.created = workplace_.transport.now().wall;
        notice.alert = thread.alert;
        notice.detail = alert.closed_by.empty() ? alert.close_reason
                                                : fmt::format("by {}: {}", alert.closed_by, alert.close_reason);
        queue_head(notice);
    }
}

// One head a second, within Slack's rate limit.
void SlackSender::update_head() {
    while (!thread_parents_.empty() && !head_in_flight_ && next_head_ <= workplace_.transport.now().up) {
        const Notice notice = thread_parents_.front();
        Place found;
        const auto target = Target::parse(notice.target);
        const bool is_ready = target && look(*target, found).kind == TargetStatus::Kind::ready;
        const SlackPlace place = is_ready ? slack_place(found) : SlackPlace{};
        const auto thread = place.token.empty() ? std::nullopt : thread_of(notice);
        if (!thread || workplace_.transport.now().wall - notice.created > heads_keep) {
            if (ends_alert(notice)) (void)workplace_.threads.drop_thread(notice.target, notice.alert);
            thread_parents_.pop_front();
            continue;
        }
        head_in_flight_ = true;
        ask_slack(notice.target, place, "chat.update", bot_update(*thread, notice),
                  [this, notice](const BotAnswer& told) { head_updated(notice, told); });
    }
}

void SlackSender::head_updated(const Notice& notice, const BotAnswer& told) {
    head_in_flight_ = false;
    const bool again = !is_gone(told) && is_for_later(told.answer.verdict);
    const Milliseconds rest = std::max<Milliseconds>(told.answer.rest.value_or(0s), head_rest);
    next_head_ = workplace_.transport.now().up + (again ? rest : head_pause);
    const bool is_newest = !thread_parents_.empty() && thread_parents_.front() == notice;
    if (!again && is_newest) {
        if (ends_alert(notice)) (void)workplace_.threads.drop_thread(notice.target, notice.alert);
        thread_parents_.pop_front();
    }
    workplace_.poke();
}

// First the message in the channel, because updating it twice does no harm; then the reply, whose result is the post's.
void SlackSender::post_in_thread(const Errand& errand, const SlackThread& thread) {
    const Post& post = errand.post;
    const Notice& first = post.notices.front();
    const std::string reply = bot_reply(slack_body(post, workplace_.host), thread, first);
    ask_slack(post.target, errand.place, "chat.update", bot_update(thread, first),
              [this, errand, reply](const BotAnswer& updated) {
                  if (is_gone(updated)) return post_alone(errand);  // as a new message
                  if (is_for_later(updated.answer.verdict)) return errand.done(updated.answer);
                  reply_in_thread(errand, reply);
              });
}

void SlackSender::reply_in_thread(const Errand& errand, const std::string& reply) {
    ask_slack(errand.post.target, errand.place, "chat.postMessage", reply, [this, errand](const BotAnswer& told) {
        if (is_gone(told)) return post_alone(errand);
        const Notice& notice = errand.post.notices.front();
        if (ends_alert(notice) && told.answer.verdict == DeliveryVerdict::delivered)
            (void)workplace_.threads.drop_thread(errand.post.target, notice.alert);
        errand.done(told.answer);
    });
}

}  // namespace mc::notify
