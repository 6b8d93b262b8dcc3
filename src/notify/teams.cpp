// teams.cpp — [teams.NAME]: a card in a channel or chat of Microsoft Teams, by a Workflows webhook.
//
// The card has the same content as the Slack message. Foreign text is in text runs, in which Markdown is not
// interpreted: no output can make a link or mention a user. A body has at most 28 KB: the beginning of the output is
// left out until it fits.
// Source: https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using (the
// body, and rate limits reported within a 200) and .../add-incoming-webhook (28 KB, four requests a second);
// https://adaptivecards.io/explorer (AdaptiveCard 1.4: RichTextBlock, TextRun, Action.OpenUrl).
#include <fmt/format.h>

#include <charconv>

#include "base/json.h"
#include "config/keys.h"
#include "notify/channel.h"
#include "notify/secret_keys.h"
#include "notify/text.h"
#include "notify/wording.h"

namespace mc::notify {
namespace {

constexpr std::size_t body_max = 27 * 1024;  // of 28 KB: leaves room for what a relay may add
constexpr std::size_t one_line_max = 300, name_max = 100, text_max = 8000;
constexpr std::size_t folded_named = 3, folded_jobs_max = 15, behind_max = 400;

constexpr SecretKind teams_url{
    "url",
    "URL",
    "the workflow's URL",
    "http(s) URL",
    "https://NAME.environment.api.powerplatform.com/...",
    "copy the URL of the Teams workflow \"Post to a channel when a webhook request is received\""};

constexpr Key<Channel> teams_keys[] = {
    {"url_file", "url_file = \"/etc/marketcron/secrets/teams-ops\"",
     [](const Value& v, Channel& t) { read_secret_file(v, teams_url, t.secret); }},
    {"url_env", "url_env = \"TEAMS_WEBHOOK\"",
     [](const Value& v, Channel& t) { read_secret_env(v, teams_url, t.secret); }},
    {"url", "url = \"https://NAME.environment.api.powerplatform.com/...\"",
     [](const Value& v, Channel& t) { read_secret_value(v, teams_url, t.secret); }},
};

std::string write(const Json& body) { return body.dump(); }

std::string foreign(std::string_view text, std::size_t limit = one_line_max) {
    return fit_start(clean_text(text), limit);
}

Json run_of(std::string text) { return {{"type", "TextRun"}, {"text", std::move(text)}}; }
Json bold(std::string text) {
    Json run = run_of(std::move(text));
    run["weight"] = "Bolder";
    return run;
}
Json code(std::string text) {
    Json run = run_of(std::move(text));
    run["fontType"] = "Monospace";
    return run;
}

// One line of the card. Each line is a block because clients differ in how they show a newline.
Json line(Json inlines, bool close = true) {
    Json block{{"type", "RichTextBlock"}, {"inlines", std::move(inlines)}};
    if (close) block["spacing"] = "None";
    return block;
}

void add_lines(Json& body, std::string_view text, bool as_code) {
    bool close = !as_code;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string one(text.substr(0, end));
        // An empty text run is invalid.
        const std::string shown = one.empty() ? " " : one;
        body.push_back(line(Json::array({as_code ? code(shown) : run_of(shown)}), close));
        text.remove_prefix(std::min(end + 1, text.size()));
        close = true;
    }
}

Json headline(const Notice& notice) {
    return Json::array({run_of(sign(notice.kind) + " "), bold(foreign(shown_job(notice), name_max)),
                        run_of(" " + foreign(what_happened(notice)))});
}

Json message(Json body, Json actions) {
    Json card{{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
              {"type", "AdaptiveCard"},
              {"version", "1.4"},
              {"msteams", {{"width", "Full"}}},
              {"body", std::move(body)}};
    if (!actions.empty()) card["actions"] = std::move(actions);
    return {{"type", "message"},
            {"attachments", Json::array({{{"contentType", "application/vnd.microsoft.card.adaptive"},
                                          {"contentUrl", nullptr},
                                          {"content", std::move(card)}}})}};
}

bool is_link(const std::string& text) {
    return (text.starts_with("https://") || text.starts_with("http://")) && text.size() <= 2 * one_line_max &&
           text.find_first_of(" \n\t\"<>") == text.npos;
}

// The card, with this part of the output.
std::string card(const Notice& notice, const std::string& host, const std::string& output) {
    Json body = Json::array({line(headline(notice), false), line(Json::array({run_of(foreign(facts(notice, host)))}))});
    if (!notice.detail.empty()) add_lines(body, foreign(notice.detail), false);
    for (const std::string& remark : remarks(notice)) add_lines(body, foreign(remark), false);
    if (notice.retry_at) add_lines(body, "next attempt at " + to_string(*notice.retry_at), false);
    add_lines(body, output, true);
    bool close = false;
    for (const NextCommand& next : next_commands(notice)) {
        body.push_back(line(Json::array({run_of(next.label + ": "), code(foreign(next.command))}), close));
        close = true;
    }
    Json actions = Json::array();
    if (is_link(notice.runbook))
        actions.push_back({{"type", "Action.OpenUrl"}, {"title", "Runbook"}, {"url", clean_text(notice.runbook)}});
    else if (!notice.runbook.empty()) add_lines(body, "Runbook: " + foreign(notice.runbook), false);
    return write(message(std::move(body), std::move(actions)));
}

std::string one_body(const Notice& notice, const std::string& host) {
    if (notice.is_action) {
        Json body = Json::array();
        add_lines(body, foreign(notice.text, text_max), false);
        return write(message(std::move(body), Json::array()));
    }
    std::string output = output_lines(notice);
    for (std::size_t room = text_max;; room /= 2) {
        output = fit_end(output, room);
        std::string body = card(notice, host, room == 0 ? "" : output);
        if (body.size() <= body_max || room == 0) return body;
    }
}

// "ingest_bars ×12, risk_model ×9, and 5 other jobs"
std::string jobs_text(const std::vector<Notice>& notices) {
    const auto sorted = counts_of_jobs(notices);
    std::string text;
    for (std::size_t i = 0; i < std::min(sorted.size(), folded_jobs_max); ++i)
        text += fmt::format("{}{} ×{}", i == 0 ? "" : ", ", foreign(sorted[i].first, name_max), sorted[i].second);
    if (sorted.size() > folded_jobs_max) text += fmt::format(", and {} other jobs", sorted.size() - folded_jobs_max);
    return text;
}

std::string folded_body(const std::vector<Notice>& notices, const std::string& host) {
    Json body = Json::array({line(Json::array({run_of(sign(gravest(notices)) + " "), bold(counts_by_kind(notices)),
                                               run_of(host.empty() ? "" : " on " + foreign(host))}),
                                  false)});
    const std::size_t named = std::min(folded_named, notices.size());
    for (auto notice = notices.rbegin(); notice != notices.rbegin() + static_cast<std::ptrdiff_t>(named); ++notice)
        body.push_back(line(headline(*notice)));
    if (named < notices.size())
        add_lines(body, "… " + counts_by_kind(std::span(notices).first(notices.size() - named), " more"), false);
    add_lines(body, "Jobs: " + jobs_text(notices), false);
    if (const std::string behind = behind_all(notices, behind_max); !behind.empty())
        add_lines(body, foreign(behind, 2 * behind_max), false);
    body.push_back(line(Json::array({run_of("Details: "), code(look_at_all(notices))}), false));
    return write(message(std::move(body), Json::array()));
}

class TeamsKind : public ChannelKind {
   public:
    TeamsKind() : ChannelKind("teams", "Teams") {}

    std::shared_ptr<const Channel> read(const ChannelSection& section, Scope& scope) const override {
        auto teams = std::make_shared<Channel>();
        teams->spot = section.spot;
        for (const toml::table* table : section.tables)
            read_table<Channel>(*table, section.title, teams_keys, scope, *teams);
        check_secret_keys(section, teams_url, scope);
        return teams;
    }

    std::vector<Request> requests(const Post& post, const Place& place, const Occasion& occasion) const override {
        const bool several = post.notices.size() > 1;
        return {{place.secret,
                 several ? folded_body(post.notices, occasion.host) : one_body(post.notices.front(), occasion.host)}};
    }

    // A connector answers 200; the status of the channel behind it is in the body.
    Answer judge(const std::string& target, const PostAnswer& answer, Instant now) const override {
        constexpr std::string_view inner = "endpoint returned HTTP error ";
        const std::size_t at = answer.body.find(inner);
        if (answer.status < 200 || answer.status >= 300 || at == answer.body.npos)
            return web_answer(target, answer, now);
        PostAnswer within = answer;
        within.status = 0;
        const char* digits = answer.body.data() + at + inner.size();
        std::from_chars(digits, answer.body.data() + answer.body.size(), within.status);
        within.body.clear();
        return web_answer(target, within, now);
    }
};

}  // namespace

const ChannelKind& teams_channel() {
    static const TeamsKind kind;
    return kind;
}

}  // namespace mc::notify
