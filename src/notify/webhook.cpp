// webhook.cpp — [webhook.NAME]: any receiver of JSON; the body comes from the user's template.
//
// Only the status of an answer is judged, because the receiver can be anything: 2xx means delivered.
// A notice whose template is empty is not sent.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/http_keys.h"
#include "config/keys.h"
#include "notify/channel.h"
#include "notify/incident.h"
#include "notify/json_template.h"
#include "notify/secret_keys.h"
#include "notify/webhook_fields.h"

namespace mc::notify {
namespace {

constexpr SecretKind webhook_url{"url",
                                 "URL",
                                 "the receiver's URL",
                                 "http(s) URL",
                                 "http://127.0.0.1:9093/api/v2/alerts",
                                 "write the address to post to: https://...",
                                 true,
                                 true};

struct WebhookChannel : Channel {
    std::optional<JsonTemplate> usual, resolved;
    std::map<NoticeKind, JsonTemplate> by_kind;
    HttpCall call;  // for its headers
    std::string ca_file;

    // The template for the notice; null when it is not sent.
    const JsonTemplate* of(const Notice& notice) const {
        const auto own = notice.is_action ? by_kind.end() : by_kind.find(notice.kind);
        const bool ends = incident_step(notice) == IncidentStep::resolve;
        const JsonTemplate* found = own != by_kind.end() ? &own->second : ends && resolved ? &*resolved : &*usual;
        return found->empty() ? nullptr : found;
    }

    // False if a template was refused: that error is enough.
    bool sends_nothing() const {
        const auto is_empty = [](const auto& one) { return one.second.empty(); };
        return usual && usual->empty() && (!resolved || resolved->empty()) &&
               std::all_of(by_kind.begin(), by_kind.end(), is_empty);
    }
};

std::optional<JsonTemplate> read_template(const Value& value) {
    const std::optional<std::string> text = value.any_text();
    if (!text) return {};
    std::size_t offset = 0;
    Result<JsonTemplate> made = JsonTemplate::parse(*text, known_webhook_fields(), offset);
    if (made) return *std::move(made);
    value.scope().problems.report(value.spot_at(*text, offset), std::move(made.error()));
    return {};
}

template <NoticeKind kind>
void read_template_of(const Value& value, WebhookChannel& webhook) {
    if (auto made = read_template(value)) webhook.by_kind.insert_or_assign(kind, *std::move(made));
}

void read_header_table(const Value& value, WebhookChannel& webhook) {
    read_http_headers(value, webhook.call);
    for (const HttpHeader& header : webhook.call.headers)
        if (header.value.text.text().find("{{") != std::string::npos)
            value.report(fmt::format("the header `{}` has a field", header.name),
                         "use fields only in `template`; a header is the same in each request");
}

constexpr const char* example = "template = '{\"text\": {{text}}}'";
using V = const Value&;
using W = WebhookChannel&;
constexpr Key<WebhookChannel> webhook_keys[] = {
    {"url_file", "url_file = \"/etc/marketcron/secrets/alertmanager\"",
     [](V v, W w) { read_secret_file(v, webhook_url, w.secret); }},
    {"url_env", "url_env = \"ALERTMANAGER_URL\"", [](V v, W w) { read_secret_env(v, webhook_url, w.secret); }},
    {"url", "url = \"http://127.0.0.1:9093/api/v2/alerts\"",
     [](V v, W w) { read_secret_value(v, webhook_url, w.secret); }},
    {"headers", "headers = { Authorization = { file = \"/etc/marketcron/secrets/token\", prefix = \"Bearer \" } }",
     read_header_table},
    {"ca_file", "ca_file = \"/etc/ssl/certs/desk.pem\"", [](V v, W w) { set(w.ca_file, v.path()); }},
    {"template", example, [](V v, W w) { w.usual = read_template(v); }},
    {"template_resolved", example, [](V v, W w) { w.resolved = read_template(v); }},
    {"template_failure", example, read_template_of<NoticeKind::failure>},
    {"template_retry", example, read_template_of<NoticeKind::retry>},
    {"template_success", example, read_template_of<NoticeKind::success>},
    {"template_late", example, read_template_of<NoticeKind::late>},
    {"template_missed", example, read_template_of<NoticeKind::missed>},
    {"template_recovery", example, read_template_of<NoticeKind::recovery>},
    {"template_output", example, read_template_of<NoticeKind::output>},
    {"template_acked", example, read_template_of<NoticeKind::acked>},
    {"template_closed", example, read_template_of<NoticeKind::closed>},
};

const WebhookChannel& as_webhook(const Channel& channel) { return static_cast<const WebhookChannel&>(channel); }

class WebhookKind : public ChannelKind {
   public:
    WebhookKind() : ChannelKind("webhook", "webhook") {}

    std::shared_ptr<const Channel> read(const ChannelSection& section, Scope& scope) const override {
        auto webhook = std::make_shared<WebhookChannel>();
        webhook->spot = section.spot;
        for (const toml::table* table : section.tables)
            read_table<WebhookChannel>(*table, section.title, webhook_keys, scope, *webhook);
        check_secret_keys(section, webhook_url, scope);
        if (!section.contains("template"))
            scope.problems.report(section.spot, section.title + " has no template", fmt::format("write {}", example));
        else if (webhook->sends_nothing())
            scope.problems.report(section.spot, section.title + " sends nothing: all its templates are empty",
                                  fmt::format("write {}, or remove the section", example));
        webhook->needs_recovery = webhook->resolved && !webhook->resolved->empty();
        return webhook;
    }

    // The receiver is a program: each notice is one request, and notices are never folded.
    Pace pace() const override { return {.gap = Milliseconds{100}, .folds = false}; }
    bool opens_incidents() const override { return true; }
    bool takes(const Notice& notice, const Channel& channel) const override {
        return as_webhook(channel).of(notice) != nullptr;
    }

    Result<Place> place(std::shared_ptr<const Channel> channel, const Environment& environment) const override {
        Result<Place> made = ChannelKind::place(channel, environment);
        if (!made) return made;
        return with_headers(*std::move(made), as_webhook(*channel));
    }

    std::vector<Request> requests(const Post& post, const Place& place, const Occasion& occasion) const override {
        const WebhookChannel& webhook = as_webhook(*place.channel);
        std::vector<Request> made;
        for (const Notice& notice : post.notices)
            if (const JsonTemplate* text = webhook.of(notice))
                made.push_back(
                    {place.secret, text->fill(webhook_fields(notice, occasion.host)), place.headers, webhook.ca_file});
        return made;
    }

    std::string trouble_here(const std::shared_ptr<const Channel>& channel) const override {
        if (std::string trouble = ChannelKind::trouble_here(channel); !trouble.empty()) return trouble;
        const Result<Place> found = with_headers({channel, ""}, as_webhook(*channel));
        return found ? "" : found.error().what;
    }

   private:
    static Result<Place> with_headers(Place place, const WebhookChannel& webhook) {
        for (const HttpHeader& header : webhook.call.headers) {
            std::string value = header.value.text.text();
            if (const std::string& file = header.value.secret_file; !file.empty()) {
                const Result<std::string> secret =
                    read_secret_word(file, "the header file " + file, "the header's secret", webhook.spot);
                if (!secret) return tl::unexpected(secret.error());
                value += *secret;
                place.masks.push_back(*secret);
            }
            place.headers.emplace_back(header.name, value);
        }
        return place;
    }
};

}  // namespace

const ChannelKind& webhook_channel() {
    static const WebhookKind kind;
    return kind;
}

}  // namespace mc::notify
