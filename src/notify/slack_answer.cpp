#include "notify/slack_answer.h"

namespace mc::notify {
namespace {

// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors
constexpr AnswerWord slack_words[] = {
    {"no_service", "the webhook no longer exists or is disabled: make a new one in Slack", true},
    {"no_active_hooks", "the webhook no longer exists or is disabled: make a new one in Slack", true},
    {"no_service_id", "the webhook's URL is incomplete: copy it again from Slack", true},
    {"invalid_token", "the webhook's URL is wrong: copy it again from Slack", true},
    {"no_team", "the workspace is unknown: copy the webhook's URL again from Slack", true},
    {"team_disabled", "the workspace is disabled", true},
    {"channel_not_found", "its channel was deleted: make a webhook for another channel", true},
    {"channel_is_archived", "its channel is archived: make a webhook for another channel", true},
    {"action_prohibited", "not allowed: ask the workspace's administrator", true},
    {"posting_to_general_channel_denied", "posting to its channel is restricted: use another channel", true},
    {"user_not_found", "its user does not exist", true},
    {"invalid_payload", "the message was not understood"},
    {"invalid_blocks", "the message was not understood"},
    {"invalid_blocks_format", "the message was not understood"},
    {"too_many_attachments", "the message has too many attachments"},
    {"no_text", "the message has no text: give the job's slack action one"},
    {"missing_text_or_fallback_or_attachments", "the message has no text: give the job's slack action one"},
    {"rollup_error", "Slack has an internal problem"},
};

}  // namespace

Answer slack_answer(const std::string& target, const PostAnswer& answer, Instant now) {
    return web_answer(target, answer, now, slack_words);
}

}  // namespace mc::notify
