#include "notify/slack_channel.h"

#include "base/hash.h"
#include "config/keys.h"
#include "notify/secret_keys.h"
#include "notify/slack_sender.h"
#include "notify/text.h"

namespace mc::notify {

const SecretKind slack_webhook{"webhook",
                               "webhook",
                               "the webhook's URL",
                               "http(s) URL",
                               "https://hooks.slack.com/services/...",
                               "copy the webhook's URL from Slack: https://hooks.slack.com/services/..."};
const SecretKind slack_token{"token", "token",    "the bot's token",
                             "token", "xoxb-...", "copy the bot's token from Slack: it begins with xoxb-",
                             false};

namespace {

// The bot's token is sent to this URL, so it must be https or local.
void read_slack_api(const Value& value, SlackChannel& slack) {
    const std::optional<std::string> url = value.text();
    if (!url) return;
    if (is_https_or_local(*url)) slack.api = url->substr(0, url->find_last_not_of('/') + 1);
    else value.report("`api` must be an https URL", "write api = \"https://slack.com/api\", or remove it");
}

// Called after the value was read as a webhook's: if a token's key holds a webhook's URL, the hint names the webhook.
void as_token(SlackChannel& slack) { slack.secret.kind = &slack_token; }

constexpr Key<SlackChannel> slack_keys[] = {
    {"webhook_file", "webhook_file = \"/etc/marketcron/secrets/slack-ops\"",
     [](const Value& v, SlackChannel& s) { read_secret_file(v, slack_webhook, s.secret); }},
    {"webhook_env", "webhook_env = \"SLACK_WEBHOOK\"",
     [](const Value& v, SlackChannel& s) { read_secret_env(v, slack_webhook, s.secret); }},
    {"webhook", "webhook = \"https://hooks.slack.com/services/...\"",
     [](const Value& v, SlackChannel& s) { read_secret_value(v, slack_webhook, s.secret); }},
    {"token_file", "token_file = \"/etc/marketcron/secrets/slack-bot\"",
     [](const Value& v, SlackChannel& s) {
         read_secret_file(v, slack_webhook, s.secret);
         as_token(s);
     }},
    {"token_env", "token_env = \"SLACK_BOT_TOKEN\"",
     [](const Value& v, SlackChannel& s) {
         read_secret_env(v, slack_webhook, s.secret);
         as_token(s);
     }},
    {"channel", "channel = \"C0123456789\"", [](const Value& v, SlackChannel& s) { set(s.channel, v.text()); }},
    {"api", "api = \"https://slack.com/api\"", read_slack_api},
};

// Reports keys that are missing or exclude each other.
void check_slack(const ChannelSection& section, Scope& scope) {
    int given = 0;
    for (const char* key : {"webhook_file", "webhook_env", "webhook", "token_file", "token_env"})
        given += section.contains(key) ? 1 : 0;
    const bool of_bot = section.contains("token_file") || section.contains("token_env");
    const bool has_channel = section.contains("channel");
    const auto report = [&](std::string what, std::string hint) {
        scope.problems.report(section.spot, section.title + std::move(what), std::move(hint));
    };
    if (given == 0 && has_channel)
        report(" has no token",
               "write token_file = \"/etc/marketcron/secrets/slack-bot\", a file with the bot's token");
    else if (given != 1)
        report(given == 0 ? " has no webhook" : " has more than one webhook",
               "write one of webhook_file, webhook_env and webhook, or a bot's token_file or token_env");
    else if (of_bot && !has_channel) report(" has no channel for the bot", "write channel = \"C0123456789\"");
    for (const char* key : {"channel", "api"})
        if (!of_bot && given > 0 && section.contains(key))
            report(fmt::format(" has a webhook, but `{}` is only for bots", key),
                   "remove it; a webhook already has its channel");
}

class SlackKind : public ChannelKind {
   public:
    SlackKind() : ChannelKind("slack", "Slack") {}

    std::shared_ptr<const Channel> read(const ChannelSection& section, Scope& scope) const override {
        auto slack = std::make_shared<SlackChannel>();
        slack->spot = section.spot;
        for (const toml::table* table : section.tables)
            read_table<SlackChannel>(*table, section.title, slack_keys, scope, *slack);
        check_slack(section, scope);
        return slack;
    }

    Pace pace() const override { return {.falls_back = true}; }
    std::uint64_t lane(const Place& place) const override {
        const auto& slack = static_cast<const SlackChannel&>(*place.channel);
        if (!slack.of_bot()) return stable_hash("", stable_hash("", stable_hash(place.secret)));
        return stable_hash(slack.channel, stable_hash(place.secret, stable_hash(slack.api)));
    }
    std::unique_ptr<Sender> sender(const Workplace& workplace) const override {
        return std::make_unique<SlackSender>(*this, workplace);
    }

    std::string own_text(std::string_view text) const override { return slack_escape(text); }
    std::string own_command(std::string_view command) const override { return fmt::format("`{}`", command); }
};

}  // namespace

bool SlackChannel::of_bot() const { return secret.kind == &slack_token; }

const ChannelKind& slack_channel() {
    static const SlackKind kind;
    return kind;
}

}  // namespace mc::notify
