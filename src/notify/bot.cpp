#include "notify/bot.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "notify/retry_after.h"
#include "notify/slack_answer.h"
#include "notify/text.h"
#include "notify/wording.h"

namespace mc::notify {
namespace {

struct BotWord {
    std::string_view word;
    DeliveryVerdict verdict;
    std::string_view meaning;
};

constexpr BotWord bot_words[] = {
    {"not_authed", DeliveryVerdict::unusable, "the token is missing"},
    {"invalid_auth", DeliveryVerdict::unusable, "the token is wrong: copy it again from Slack"},
    {"account_inactive", DeliveryVerdict::unusable, "the bot was removed: install its app again"},
    {"token_revoked", DeliveryVerdict::unusable, "the token was revoked: make a new one"},
    {"token_expired", DeliveryVerdict::unusable, "the token has expired: make a new one"},
    {"missing_scope", DeliveryVerdict::unusable, "the app needs the scope chat:write"},
    {"channel_not_found", DeliveryVerdict::unusable,
     "channel not found, or not visible to the bot: write the channel's ID"},
    {"not_in_channel", DeliveryVerdict::unusable, "invite the bot into the channel"},
    {"is_archived", DeliveryVerdict::unusable, "the channel is archived"},
    {"restricted_action", DeliveryVerdict::unusable, "an administrator forbids it"},
    {"message_not_found", DeliveryVerdict::refused, "the message was deleted"},
    {"thread_not_found", DeliveryVerdict::refused, "the message was deleted"},
    {"cant_update_message", DeliveryVerdict::refused, "the message cannot be changed any more"},
    {"edit_window_closed", DeliveryVerdict::refused, "the message cannot be changed any more"},
    {"invalid_blocks", DeliveryVerdict::malformed, "the message was not understood"},
    {"invalid_blocks_format", DeliveryVerdict::malformed, "the message was not understood"},
    {"msg_too_long", DeliveryVerdict::refused, "the message is too long"},
    {"no_text", DeliveryVerdict::refused, "the message has no text"},
    {"ratelimited", DeliveryVerdict::throttled, "Slack's rate limit was reached"},
    {"rate_limited", DeliveryVerdict::throttled, "Slack's rate limit was reached"},
};

std::string text_of(const Json& json, const char* key) {
    const Json* found = json.find(key);
    return found && found->is_string() ? found->get<std::string>() : std::string();
}

std::string write(const Json& json) { return json.dump(); }

// "#ops" unchanged; an ID as a link to the channel.
std::string channel_link(const std::string& channel) {
    return channel.starts_with('#') ? slack_escape(channel) : fmt::format("<#{}>", slack_escape(channel));
}

bool is_bad_news(const Notice& notice) {
    return notice.kind == NoticeKind::failure || notice.kind == NoticeKind::missed || notice.kind == NoticeKind::late;
}

}  // namespace

BotAnswer bot_answer(const std::string& target, const PostAnswer& answer, Instant now) {
    BotAnswer made;
    made.answer = slack_answer(target, answer, now);
    if (made.answer.verdict != DeliveryVerdict::delivered) return made;
    const Json json = Json::parse(answer.body).value_or(Json());
    if (!json.is_object() || !json.contains("ok")) {
        made.answer = {DeliveryVerdict::outage, target + ": the answer is not from Slack's web API", {}};
        return made;
    }
    if (json["ok"] == true) {
        made.channel = text_of(json, "channel");
        made.ts = text_of(json, "ts");
        return made;
    }
    made.error = text_of(json, "error");
    // An unknown word is most likely a problem inside Slack: internal_error, service_unavailable.
    const std::string word = fit_start(clean_text(made.error), 100);
    made.answer = {
        DeliveryVerdict::outage, target + ": " + (word.empty() ? "Slack refused without a reason" : word), {}};
    for (const BotWord& known : bot_words)
        if (made.error == known.word)
            made.answer = {known.verdict, fmt::format("{}: {}; {}", target, known.word, known.meaning), {}};
    if (made.answer.verdict == DeliveryVerdict::throttled)
        made.answer.rest = parse_retry_after(answer.retry_after, now);
    return made;
}

bool ends_alert(const Notice& notice) {
    return notice.kind == NoticeKind::recovery || notice.kind == NoticeKind::closed;
}

bool is_gone(const BotAnswer& answer) {
    constexpr std::string_view words[] = {"message_not_found", "thread_not_found", "channel_not_found", "is_archived",
                                          "not_in_channel"};
    return std::find(std::begin(words), std::end(words), answer.error) != std::end(words);
}

std::string bot_post(const std::string& body, const std::string& channel) {
    Json json = Json::parse(body).value();
    json["channel"] = channel;
    return write(json);
}

std::string bot_reply(const std::string& body, const SlackThread& thread, const Notice& notice) {
    Json json = Json::parse(body).value();
    json["channel"] = thread.channel;
    json["thread_ts"] = thread.ts;
    if (is_bad_news(notice)) json["reply_broadcast"] = true;
    return write(json);
}

std::string bot_update(const SlackThread& thread, const Notice& notice, const std::string& told_in) {
    Json json = Json::parse(thread.body).value_or(Json());
    if (!json.is_object()) json = Json::object();
    std::string now = fmt::format("{} *{}*", sign(notice.kind), slack_escape(what_happened(notice)));
    const bool is_a_word = notice.kind == NoticeKind::acked || notice.kind == NoticeKind::closed;
    if (is_a_word) now += " " + slack_escape(clean_text(notice.detail));
    for (const std::string& remark : remarks(notice)) now += "\n" + slack_escape(clean_text(remark));
    if (!told_in.empty()) now += fmt::format("\nlater updates are posted in {}", channel_link(told_in));
    const Json section{{"type", "section"}, {"text", {{"type", "mrkdwn"}, {"text", now}, {"verbatim", true}}}};
    if (json.contains("blocks") && json["blocks"].is_array()) json["blocks"].push_front(section);
    json["text"] = now + "\n" + text_of(json, "text");
    json["channel"] = thread.channel;
    json["ts"] = thread.ts;
    return write(json);
}

}  // namespace mc::notify
