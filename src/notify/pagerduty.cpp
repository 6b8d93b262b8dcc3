// pagerduty.cpp — [pagerduty.NAME]: each alert is one incident; trigger, acknowledge and resolve share its dedup_key.
//
// Texts longer than PagerDuty's limits are cut, so that no output makes an event invalid.
// Source: https://developer.pagerduty.com/docs/send-alert-event and .../events-api-v2-overview (fields and their
// lengths, 202, 400, 429 and 5xx, 512 KB), as in github.com/PagerDuty/developer-docs, docs/events-API-v2.
#include <fmt/format.h>

#include "base/hash.h"
#include "base/json.h"
#include "config/keys.h"
#include "notify/channel.h"
#include "notify/incident.h"
#include "notify/secret_keys.h"
#include "notify/text.h"
#include "notify/wording.h"

namespace mc::notify {
namespace {

constexpr std::size_t summary_max = 1024;  // PagerDuty refuses more characters; this counts bytes, which is stricter
constexpr std::size_t detail_max = 2000;   // our limit for a text in custom_details
constexpr std::size_t output_max = 20'000;
constexpr const char* usual_api = "https://events.pagerduty.com/v2";

constexpr SecretKind routing_key{"routing_key",
                                 "routing key",
                                 "the integration's routing key",
                                 "routing key",
                                 "0123456789abcdef0123456789abcdef",
                                 "copy the Integration Key of an Events API v2 integration from PagerDuty",
                                 false};

struct PagerDutyChannel : Channel {
    std::string api = usual_api;
};

void read_api(const Value& value, PagerDutyChannel& pager) {
    const std::optional<std::string> url = value.text();
    if (!url) return;
    if (is_https_or_local(*url)) pager.api = url->substr(0, url->find_last_not_of('/') + 1);
    else value.report("`api` must be an https URL", fmt::format("write api = \"{}\", or remove it", usual_api));
}

constexpr Key<PagerDutyChannel> pagerduty_keys[] = {
    {"routing_key_file", "routing_key_file = \"/etc/marketcron/secrets/pagerduty\"",
     [](const Value& v, PagerDutyChannel& p) { read_secret_file(v, routing_key, p.secret); }},
    {"routing_key_env", "routing_key_env = \"PAGERDUTY_KEY\"",
     [](const Value& v, PagerDutyChannel& p) { read_secret_env(v, routing_key, p.secret); }},
    {"routing_key", "routing_key = \"0123456789abcdef0123456789abcdef\"",
     [](const Value& v, PagerDutyChannel& p) { read_secret_value(v, routing_key, p.secret); }},
    {"api", "api = \"https://events.eu.pagerduty.com/v2\"", read_api},
};

std::string write(const Json& body) { return body.dump(); }

std::string cut(const std::string& text, std::size_t most) { return fit_start(clean_text(text), most); }

std::string summary(const Notice& notice, const std::string& host) {
    if (notice.is_action) return cut(notice.text, summary_max);
    std::string text = fmt::format("{} {} on {}", shown_job(notice), what_happened(notice), host);
    if (!notice.detail.empty()) text += ": " + notice.detail;
    return cut(text, summary_max);
}

// Unknown fields are left out.
Json custom_details(const Notice& notice, const std::string& host) {
    if (notice.is_action) return {{"text", cut(notice.text, output_max)}};
    Json details{{"job", cut(shown_job(notice), detail_max)}};
    const auto add = [&](const char* name, const std::string& text, std::size_t most = detail_max) {
        if (!text.empty()) details[name] = cut(text, most);
    };
    add("logical_date", notice.logical_date);
    if (notice.run) details["run"] = *notice.run;
    if (notice.attempt > 0) details["attempt"] = attempt_text(notice);
    details["state"] = to_text(notice.state);
    if (notice.reason != Reason::none) details["reason"] = to_text(notice.reason);
    add("detail", notice.detail);
    if (notice.duration) details["duration"] = duration_text(*notice.duration);
    if (notice.fires > 1) details["fires"] = notice.fires;
    std::string told;
    for (const std::string& remark : remarks(notice)) told += (told.empty() ? "" : "; ") + remark;
    add("remarks", told);
    add("host", host);
    for (const NextCommand& next : next_commands(notice)) add(next.label.c_str(), next.command);
    add("runbook", notice.runbook);
    if (const std::string output = output_lines(notice); !output.empty())
        details["output"] = fit_end(output, output_max);
    return details;
}

bool is_link(const std::string& text) {
    return (text.starts_with("https://") || text.starts_with("http://")) && text.find_first_of(" \n\t") == text.npos;
}

Json trigger(const Notice& notice, const std::string& host) {
    Json payload{{"summary", summary(notice, host)},
                 {"source", cut(host.empty() ? "marketcron" : host, detail_max)},
                 {"severity", severity(notice)},
                 {"timestamp", to_string(notice.created)},
                 {"component", cut(notice.is_action ? notice.job : shown_job(notice), detail_max)},
                 {"class", notice.is_action ? "message" : std::string(to_text(notice.kind))},
                 {"custom_details", custom_details(notice, host)}};
    Json event{{"event_action", "trigger"}, {"payload", std::move(payload)}, {"client", "marketcron"}};
    if (is_link(notice.runbook))
        event["links"] = Json::array({{{"href", clean_text(notice.runbook)}, {"text", "Runbook"}}});
    return event;
}

std::string event(Json body, const Notice& notice, const Place& place, const std::string& host) {
    body["routing_key"] = place.secret;
    body["dedup_key"] = incident_key(notice, host);
    return write(body);
}

// PagerDuty's error texts for an invalid event: {"status": "invalid event", "errors": ["..."]}.
std::string errors_of(const std::string& body) {
    const Json json = Json::parse(body).value_or(Json());
    if (!json.is_object()) return "";
    std::string text;
    if (const Json* errors = json.find("errors"))
        for (const Json& error : *errors)
            if (error.is_string()) text += (text.empty() ? "" : "; ") + error.get<std::string>();
    return fit_start(clean_text(text), 300);
}

class PagerDutyKind : public ChannelKind {
   public:
    PagerDutyKind() : ChannelKind("pagerduty", "PagerDuty") {}

    std::shared_ptr<const Channel> read(const ChannelSection& section, Scope& scope) const override {
        auto pager = std::make_shared<PagerDutyChannel>();
        pager->spot = section.spot;
        pager->needs_recovery = true;
        for (const toml::table* table : section.tables)
            read_table<PagerDutyChannel>(*table, section.title, pagerduty_keys, scope, *pager);
        check_secret_keys(section, routing_key, scope);
        return pager;
    }

    // Each alert is a separate incident. An integration accepts about 120 events a minute.
    Pace pace() const override { return {.gap = Milliseconds{500}, .folds = false}; }
    bool takes(const Notice& notice, const Channel&) const override {
        return incident_step(notice) != IncidentStep::none;
    }

    std::vector<Request> requests(const Post& post, const Place& place, const Occasion& occasion) const override {
        const std::string url = static_cast<const PagerDutyChannel&>(*place.channel).api + "/enqueue";
        std::vector<Request> made;
        const auto add = [&](Json body, const Notice& notice) {
            made.push_back({url, event(std::move(body), notice, place, occasion.host)});
        };
        for (const Notice& notice : post.notices) {
            switch (incident_step(notice)) {
                case IncidentStep::none: break;
                case IncidentStep::trigger: add(trigger(notice, occasion.host), notice); break;
                case IncidentStep::acknowledge: add({{"event_action", "acknowledge"}}, notice); break;
                case IncidentStep::resolve: add({{"event_action", "resolve"}}, notice); break;
            }
            // A test's incident is resolved at once.
            if (is_test(notice)) add({{"event_action", "resolve"}}, notice);
        }
        return made;
    }

    // 400 means that the event is invalid: a retry cannot succeed.
    Answer judge(const std::string& target, const PostAnswer& answer, Instant now) const override {
        Answer made = web_answer(target, answer, now);
        if (made.verdict == DeliveryVerdict::malformed) made.verdict = DeliveryVerdict::refused;
        if (answer.status < 400 || answer.status >= 500) return made;
        if (const std::string errors = errors_of(answer.body); !errors.empty()) made.text += " " + errors;
        return made;
    }

    std::uint64_t lane(const Place& place) const override {
        return stable_hash(static_cast<const PagerDutyChannel&>(*place.channel).api, ChannelKind::lane(place));
    }
    bool opens_incidents() const override { return true; }
};

}  // namespace

const ChannelKind& pagerduty_channel() {
    static const PagerDutyKind kind;
    return kind;
}

}  // namespace mc::notify
