#include "notify/pump.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "notify/mail.h"
#include "notify/slack.h"

namespace mc::notify {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds store_rest = 5s;                    // before a ledger that failed is asked again
constexpr Milliseconds head_pause = 1s, head_rest = 1min;  // before another head is updated; the same again
constexpr Seconds heads_keep = 72h;                        // as long as the courier keeps messages
constexpr std::string_view slack_prefix = "slack:", mail_prefix = "mail:";

// The text of an error without its place, which the log and `status` would only repeat.
std::string sentence(const Error& error) { return error.hint.empty() ? error.what : error.what + "; " + error.hint; }

// A mail server knows no users of this machine.
std::string qualified(const std::string& address, const std::string& domain) {
    return address.find('@') == address.npos ? address + "@" + domain : address;
}

bool is_for_later(Verdict verdict) {
    return verdict == Verdict::outage || verdict == Verdict::throttled || verdict == Verdict::unusable;
}

std::vector<std::string> addresses(std::string_view list) {
    std::vector<std::string> out;
    while (true) {
        const std::size_t comma = list.find(',');
        out.emplace_back(list.substr(0, comma));
        if (comma == list.npos) return out;
        list.remove_prefix(comma + 1);
    }
}

}  // namespace

Pump::Pump(RunStore& store, std::string host, Hands hands, Recorder::Ended ended)
    : store_(store),
      hands_(std::move(hands)),
      recorder_(store, std::move(ended)),
      courier_(hands_.now().up),
      host_(std::move(host)) {}

void Pump::use(std::map<std::string, SlackTarget> slack, MailSettings mail) {
    slack_ = std::move(slack);
    mail_ = std::move(mail);
    courier_.look_again(hands_.now());
    poke();
}

void Pump::poke() {
    poked_ = true;
    hands_.wake(hands_.now().up);
}

void Pump::run() {
    poked_ = false;
    const Moment now = hands_.now();
    // What cannot be recorded as sent would be sent again and again: first the records, then the posts.
    if (!record({}, now.wall)) return;
    const Result<std::vector<OutboxRow>> rows = store_.pending(SIZE_MAX);
    if (!rows) return store_failed(rows.error());
    Places places;
    Decision decision = courier_.decide(*rows, resolve(*rows, places), now);
    const bool recorded = record(std::move(decision.updates), now.wall);
    for (const Post& post : decision.posts) {
        if (post.carrier == Carrier::mail) send_mail(post);
        else send(post, places.at(post.target));
    }
    queue_closed_heads();
    update_head();
    if (!recorded || poked_) return;
    std::optional<Milliseconds> wake = decision.wake;
    if (!heads_.empty() && !head_in_flight_) wake = std::min(wake.value_or(next_head_), next_head_);
    hands_.wake(wake);
}

Targets Pump::resolve(const std::vector<OutboxRow>& rows, Places& places) const {
    Targets targets;
    for (const OutboxRow& row : rows) {
        const std::string& name = row.notice.target;
        if (targets.contains(name)) continue;
        if (name.starts_with(slack_prefix)) targets[name] = slack_target(name, places);
        else if (name.starts_with(mail_prefix)) targets[name] = mail_target(name);
    }
    return targets;
}

Target Pump::slack_target(const std::string& name, Places& places) const {
    const auto declared = slack_.find(name.substr(slack_prefix.size()));
    if (declared == slack_.end()) return {};
    const Result<SlackPlace> place = read_place(declared->second, hands_.environment);
    if (!place) return {Target::Kind::unreadable, 0, name + ": " + sentence(place.error())};
    places[name] = *place;
    return {Target::Kind::ready, stable_hash(place->channel, stable_hash(place->token, stable_hash(place->url))), ""};
}

Target Pump::mail_target(const std::string& name) const {
    if (mail_.smtp.empty() && mail_.command.empty() && !hands_.executable(usual_mailer))
        return {Target::Kind::absent, 0,
                fmt::format("{}: there is no {}; install a mailer, or write [mail]", name, usual_mailer)};
    if (const auto login = read_login(mail_); !login)
        return {Target::Kind::unreadable, 0, name + ": " + sentence(login.error())};
    return {Target::Kind::ready, stable_hash(name), "", Carrier::mail};
}

void Pump::send(const Post& post, const SlackPlace& place) {
    if (!place.token.empty()) return send_by_bot(post, place);
    hands_.post(place.url, slack_body(post, host_), "",
                [this, target = post.target, number = post.number, url = place.url](PostAnswer answer) {
                    answer.error = masked(answer.error, url);
                    answered(number, webhook_answer(target, answer, hands_.now().wall));
                });
}

// What is told of an alert that a message was posted for goes into that message's thread.
void Pump::send_by_bot(const Post& post, const SlackPlace& place) {
    const Notice& first = post.notices.front();
    if (post.notices.size() > 1) return post_alone(post, place);
    std::erase_if(heads_, [&](const Notice& old) { return old.target == post.target && old.alert == first.alert; });
    const auto thread = thread_of(first);
    if (!thread) return post_alone(post, place);
    if (thread->configured.empty() || thread->configured == place.channel) return post_in_thread(post, place, *thread);
    // The file names another channel now. Whether the old one can still be told is no matter.
    ask_slack(post.target, place, "chat.update", bot_update(*thread, first, place.channel),
              [this, post, place](const BotAnswer&) { post_alone(post, place); });
}

// The message that began the notice's alert.
std::optional<SlackThread> Pump::thread_of(const Notice& notice) const {
    if (notice.alert == 0) return std::nullopt;
    auto thread = store_.thread(notice.target, notice.alert);
    return thread ? *std::move(thread) : std::nullopt;
}

void Pump::post_alone(const Post& post, const SlackPlace& place) {
    const std::string body = slack_body(post, host_);
    ask_slack(post.target, place, "chat.postMessage", bot_post(body, place.channel),
              [this, post, place, body](const BotAnswer& told) {
                  if (told.answer.verdict == Verdict::delivered) posted_alone(post, place, body, told);
                  answered(post.number, told.answer);
              });
}

// A thread that is not kept costs a message of its own, later.
void Pump::posted_alone(const Post& post, const SlackPlace& place, const std::string& body, const BotAnswer& told) {
    const Notice& first = post.notices.front();
    if (post.notices.size() > 1) {
        for (const Notice& notice : post.notices) queue_head(notice);
        return;
    }
    if (first.alert == 0) return;
    if (ends_alert(first)) (void)store_.drop_thread(post.target, first.alert);
    else if (!told.ts.empty())
        (void)store_.keep_thread({post.target, first.alert, told.channel, told.ts, body, place.channel});
}

void Pump::queue_head(const Notice& notice) {
    if (notice.alert == 0) return;
    std::erase_if(heads_, [&](const Notice& old) { return old.target == notice.target && old.alert == notice.alert; });
    heads_.push_back(notice);
}

// Of alerts that closed without a message, or whose last one was folded just before a daemon ended.
void Pump::queue_closed_heads() {
    const auto threads = store_.closed_threads();
    if (!threads) return;
    for (const auto& [thread, alert] : *threads) {
        const auto is_it = [&, &of = thread](const Notice& head) {
            return head.target == of.target && head.alert == of.alert;
        };
        if (std::any_of(heads_.begin(), heads_.end(), is_it)) continue;
        Notice notice;
        notice.target = thread.target;
        notice.job = alert.job;
        notice.kind = NoticeKind::closed;
        notice.created = hands_.now().wall;
        notice.alert = thread.alert;
        notice.detail = alert.closed_by.empty() ? alert.close_reason
                                                : fmt::format("by {}: {}", alert.closed_by, alert.close_reason);
        queue_head(notice);
    }
}

// One a second, in pace with Slack.
void Pump::update_head() {
    while (!heads_.empty() && !head_in_flight_ && next_head_ <= hands_.now().up) {
        const Notice notice = heads_.front();
        const auto declared = slack_.find(notice.target.substr(slack_prefix.size()));
        const auto place = declared == slack_.end() ? Result<SlackPlace>(SlackPlace{})
                                                    : read_place(declared->second, hands_.environment);
        const auto thread = place && !place->token.empty() ? thread_of(notice) : std::nullopt;
        if (!thread || hands_.now().wall - notice.created > heads_keep) {
            if (ends_alert(notice)) (void)store_.drop_thread(notice.target, notice.alert);
            heads_.pop_front();
            continue;
        }
        head_in_flight_ = true;
        ask_slack(notice.target, *place, "chat.update", bot_update(*thread, notice),
                  [this, notice](const BotAnswer& told) { head_updated(notice, told); });
    }
}

void Pump::head_updated(const Notice& notice, const BotAnswer& told) {
    head_in_flight_ = false;
    const bool again = !is_gone(told) && is_for_later(told.answer.verdict);
    const Milliseconds rest = std::max<Milliseconds>(told.answer.rest.value_or(0s), head_rest);
    next_head_ = hands_.now().up + (again ? rest : head_pause);
    const bool is_newest = !heads_.empty() && heads_.front() == notice;
    if (!again && is_newest) {
        if (ends_alert(notice)) (void)store_.drop_thread(notice.target, notice.alert);
        heads_.pop_front();
    }
    poke();
}

// First the message in the channel, which may be changed twice without harm; then the reply, whose end is the post's.
void Pump::post_in_thread(const Post& post, const SlackPlace& place, const SlackThread& thread) {
    const Notice& first = post.notices.front();
    const std::string reply = bot_reply(slack_body(post, host_), thread, first);
    ask_slack(post.target, place, "chat.update", bot_update(thread, first),
              [this, post, place, reply](const BotAnswer& updated) {
                  if (is_gone(updated)) return post_alone(post, place);  // it is told anew
                  if (is_for_later(updated.answer.verdict)) return answered(post.number, updated.answer);
                  ask_slack(post.target, place, "chat.postMessage", reply, [this, post, place](const BotAnswer& told) {
                      if (is_gone(told)) return post_alone(post, place);
                      const Notice& notice = post.notices.front();
                      if (ends_alert(notice) && told.answer.verdict == Verdict::delivered)
                          (void)store_.drop_thread(post.target, notice.alert);
                      answered(post.number, told.answer);
                  });
              });
}

void Pump::ask_slack(const std::string& target, const SlackPlace& place, const std::string& method,
                     const std::string& body, Asked done) {
    hands_.post(place.url + "/" + method, body, place.token,
                [this, target, token = place.token, done = std::move(done)](PostAnswer answer) {
                    answer.error = masked(answer.error, token);
                    answer.body = masked(answer.body, token);  // its word for what is wrong is told
                    done(bot_answer(target, answer, hands_.now().wall));
                });
}

void Pump::send_mail(const Post& post) {
    Mail mail;
    mail.from = sender(post, mail_, host_);
    mail.to = addresses(post.target.substr(mail_prefix.size()));
    if (mail_.smtp.empty()) {
        mail.command = mailer(mail_);
    } else {
        mail.server = mail_;
        if (auto login = read_login(mail_)) mail.login = *std::move(login);
        const std::string domain =
            mail_.from.find('@') == mail_.from.npos ? host_ : mail_.from.substr(mail_.from.find('@') + 1);
        mail.from = qualified(mail.from, domain);
        for (std::string& address : mail.to) address = qualified(address, domain);
    }
    const Notice& first = post.notices.front();
    const bool shows_output = first.kind == NoticeKind::output && post.notices.size() == 1;
    const Envelope envelope{mail.from, fmt::format("{}", fmt::join(mail.to, ", ")), host_, hands_.now().wall};
    mail.message = mail_message(post, envelope, shows_output ? hands_.output(first) : "");
    hands_.mail(std::move(mail),
                [this, target = post.target, number = post.number, server = mail_.smtp](MailAnswer answer) {
                    // Which server it was that said nothing.
                    if (!answer.exit_code && answer.reply == 0 && !server.empty())
                        answer.error = server + ": " + answer.error;
                    answered(number, mail_answer(target, answer));
                });
}

void Pump::answered(std::int64_t number, const Answer& answer) {
    const Moment now = hands_.now();
    if (record(courier_.answered(number, answer, now), now.wall)) poke();
}

bool Pump::record(std::vector<Update> updates, Instant at) {
    for (const Update& update : updates) take_note(update);
    const Result<void> recorded = recorder_.record(std::move(updates), at);
    if (!recorded) {
        store_failed(recorded.error());
        return false;
    }
    store_trouble_.clear();
    return true;
}

// The log tells each trouble when it begins, changes and ends, not at every try.
void Pump::take_note(const Update& update) {
    if (const auto* done = std::get_if<Delivered>(&update)) {
        if (troubles_.erase(done->target) > 0) hands_.log(done->target + " works again");
    } else if (const auto* later = std::get_if<Deferred>(&update)) {
        std::string& known = troubles_[later->target];
        if (known != later->error) hands_.log(later->error + "; kept, and tried again");
        known = later->error;
    } else if (const auto* lost = std::get_if<GivenUp>(&update)) {
        if (std::exchange(troubles_[lost->target], lost->error) == lost->error && lost->no_loss) return;
        const std::string line =
            fmt::format("{}; {} given up", lost->error,
                        lost->ids.size() == 1 ? "a message was" : fmt::format("{} messages were", lost->ids.size()));
        hands_.log(line);
        if (hands_.lost && !lost->no_loss) hands_.lost(lost->target, line);
    }
}

void Pump::store_failed(const Error& error) {
    if (store_trouble_ != error.what) hands_.log("messages wait for the ledger: " + sentence(error));
    store_trouble_ = error.what;
    hands_.wake(hands_.now().up + store_rest);
}

}  // namespace mc::notify
