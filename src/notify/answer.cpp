#include "notify/answer.h"

#include <fmt/format.h>

namespace mc::notify {
namespace {

struct SlackWord {
    std::string_view word, meaning;
};

// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors
constexpr SlackWord slack_words[] = {
    {"no_service", "the webhook no longer exists or is disabled: make a new one in Slack"},
    {"no_active_hooks", "the webhook no longer exists or is disabled: make a new one in Slack"},
    {"no_service_id", "the webhook's URL is incomplete: copy it again from Slack"},
    {"invalid_token", "the webhook's URL is wrong: copy it again from Slack"},
    {"no_team", "the workspace is unknown: copy the webhook's URL again from Slack"},
    {"team_disabled", "the workspace is disabled"},
    {"channel_not_found", "its channel was deleted: make a webhook for another channel"},
    {"channel_is_archived", "its channel is archived: make a webhook for another channel"},
    {"action_prohibited", "an administrator forbids it: ask who manages the workspace"},
    {"posting_to_general_channel_denied", "only some may post to its channel: use another channel"},
    {"user_not_found", "its user does not exist"},
    {"invalid_payload", "the message was not understood"},
    {"invalid_blocks", "the message was not understood"},
    {"invalid_blocks_format", "the message was not understood"},
    {"too_many_attachments", "the message has too many attachments"},
    {"no_text", "the message has no text: give the job's slack action one"},
    {"missing_text_or_fallback_or_attachments", "the message has no text: give the job's slack action one"},
    {"rollup_error", "Slack has a trouble of its own"},
};

std::string words_of(const PostAnswer& answer) {
    for (const SlackWord& known : slack_words)
        if (answer.body.starts_with(known.word) &&
            answer.body.find_first_not_of("\r\n ", known.word.size()) == std::string::npos)
            return fmt::format(" {}; {}", known.word, known.meaning);
    return {};
}

}  // namespace

Verdict judge(const PostAnswer& answer) {
    if (answer.status >= 200 && answer.status < 300) return Verdict::delivered;
    if (answer.status == 429) return Verdict::throttled;
    if (answer.status == 400) return Verdict::malformed;
    if (answer.status > 400 && answer.status < 500 && answer.status != 408) return Verdict::refused;
    return Verdict::outage;
}

std::string answer_text(const std::string& target, const PostAnswer& answer) {
    if (answer.status == 0) return fmt::format("{}: {}", target, answer.error.empty() ? "no answer" : answer.error);
    return fmt::format("{}: HTTP {}{}", target, answer.status, words_of(answer));
}

}  // namespace mc::notify
