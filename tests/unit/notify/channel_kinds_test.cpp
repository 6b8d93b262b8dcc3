// Each kind of channel: its sections, and its requests for a notice.
#include <fmt/format.h>

#include <set>

#include "base/json.h"
#include "notify/incident.h"
#include "unit/notify/kinds.h"
#include "unit/notify/notices.h"

using namespace mc;
using namespace mc::notify;

namespace {

const std::string key = "0123456789abcdef0123456789abcdef";
const std::string pager_section = "[pagerduty.oncall]\nrouting_key = \"" + key + "\"\n";
const std::string teams_section = "[teams.ops]\nurl = \"https://teams.example/flow?sig=s3cr3t\"\n";

Json pager_event(Notice notice) {
    const std::vector<Request> requests = requests_of(pager_section, "pagerduty:oncall", {std::move(notice)});
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].url == "https://events.pagerduty.com/v2/enqueue");
    return Json::parse(requests[0].body).value();
}

Json teams_card(std::vector<Notice> notices) {
    const std::vector<Request> requests = requests_of(teams_section, "teams:ops", std::move(notices));
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].body.size() <= 28 * 1024);
    const Json body = Json::parse(requests[0].body).value();
    CHECK(body["attachments"][0]["contentType"] == "application/vnd.microsoft.card.adaptive");
    return body["attachments"][0]["content"];
}

std::string text_of(const Json& card) {
    std::string text;
    for (const Json& block : card["body"]) {
        CHECK(block["type"] == "RichTextBlock");
        for (const Json& run : block["inlines"]) {
            CHECK_FALSE(run["text"] == "");
            text += run["text"].get<std::string>();
        }
        text += "\n";
    }
    return text;
}

Notice own_message(const std::string& job, const std::string& title, const std::string& text) {
    Notice notice;
    notice.id = 9;
    notice.job = job;
    notice.title = title;
    notice.is_action = true;
    notice.text = text;
    return notice;
}

}  // namespace

TEST_CASE("a target has one way to write it") {
    const std::optional<Target> target = Target::parse("mail:ops:x@example.com");
    REQUIRE(target);
    CHECK(target->kind() == "mail");
    CHECK(target->name() == "ops:x@example.com");
    CHECK(*target == Target("mail", "ops:x@example.com"));
    CHECK(Target("slack", "ops").section() == "[slack.ops]");
    CHECK(Target("mail", "").section() == "[mail]");
    CHECK_FALSE(Target::parse("ops"));
    CHECK_FALSE(Target::parse(":ops"));
    CHECK(asked_target("ops") == Target("slack", "ops"));
    CHECK(asked_target("teams:ops") == Target("teams", "ops"));
}

TEST_CASE("each kind is found by its name") {
    std::set<std::string_view> names;
    for (const ChannelKind* kind : channel_kinds()) {
        CHECK(names.insert(kind->kind()).second);
        CHECK(find_kind(kind->kind()) == kind);
        CHECK(find_reader(channel_readers(), kind->kind()) == kind);
    }
    CHECK(find_kind("telegram") == nullptr);
}

TEST_CASE("PagerDuty: every kind of notice gives the right event") {
    const std::map<NoticeKind, std::string> actions{
        {NoticeKind::failure, "trigger"},   {NoticeKind::late, "trigger"},     {NoticeKind::missed, "trigger"},
        {NoticeKind::acked, "acknowledge"}, {NoticeKind::recovery, "resolve"}, {NoticeKind::closed, "resolve"}};
    Notice notice = failed_notice();
    notice.alert = 12;
    for (const auto& [kind, action] : actions) {
        notice.kind = kind;
        const Json event = pager_event(notice);
        CHECK(event["event_action"] == action);
        CHECK(event["dedup_key"] == "desk-1/ingest_bars/12");
        CHECK(event["routing_key"] == key);
        CHECK(event.contains("payload") == (action == "trigger"));
    }
    for (const NoticeKind kind : {NoticeKind::retry, NoticeKind::success, NoticeKind::output}) {
        notice.kind = kind;
        CHECK_FALSE(find_kind("pagerduty")->takes(notice, {}));
    }
}

TEST_CASE("PagerDuty: long texts are cut, and unusual bytes stay valid JSON") {
    Notice notice = failed_notice();
    notice.job = std::string(90, 'j') + std::string(300, '\xc3');
    notice.detail = std::string(5000, '"') + "\xff\x1b[31m<&>";
    notice.tail = std::string(100'000, '<');
    const Json event = pager_event(notice);
    CHECK(event["payload"]["summary"].get<std::string>().size() <= 1024);
    CHECK(event["dedup_key"].get<std::string>().size() <= 255);
    CHECK(event.dump().size() < 512 * 1024);
    Notice same = notice;
    same.kind = NoticeKind::recovery;
    CHECK(pager_event(same)["dedup_key"] == event["dedup_key"]);
}

TEST_CASE("PagerDuty: severities, and the daemon's own messages") {
    CHECK(pager_event(failed_notice())["payload"]["severity"] == "error");
    CHECK(pager_event(example_notices().at("late"))["payload"]["severity"] == "warning");
    CHECK(pager_event(example_notices().at("missed"))["payload"]["severity"] == "warning");
    const Json trouble = pager_event(own_message("marketcron", "TROUBLE", "the disk is full"));
    const Json over = pager_event(own_message("marketcron", "resolved", "there is room again"));
    CHECK(trouble["payload"]["severity"] == "critical");
    CHECK(trouble["dedup_key"] == over["dedup_key"]);
    CHECK(over["event_action"] == "resolve");
    const auto test = requests_of(pager_section, "pagerduty:oncall", {own_message("notify test", "", "hello")});
    REQUIRE(test.size() == 2);
    CHECK(Json::parse(test[0].body).value()["dedup_key"] == Json::parse(test[1].body).value()["dedup_key"]);
    CHECK(Json::parse(test[1].body).value()["event_action"] == "resolve");
}

TEST_CASE("PagerDuty: the meaning of its answers") {
    const ChannelKind& pager = *find_kind("pagerduty");
    const auto judged = [&](int status, const std::string& body = "", const std::string& after = "") {
        return pager.judge("pagerduty:x", {status, "", after, body}, {});
    };
    CHECK(judged(202, R"({"status":"success"})").verdict == DeliveryVerdict::delivered);
    CHECK(judged(400).verdict == DeliveryVerdict::refused);
    CHECK(judged(400, R"({"errors":["too","long"]})").text == "pagerduty:x: HTTP 400 too; long");
    CHECK(judged(400, R"({"errors":17})").text == "pagerduty:x: HTTP 400");
    CHECK(judged(429, "", "7").rest == Seconds{7});
    CHECK(judged(429).verdict == DeliveryVerdict::throttled);
    CHECK(judged(500).verdict == DeliveryVerdict::outage);
    CHECK(judged(503).verdict == DeliveryVerdict::outage);
    CHECK(judged(0).verdict == DeliveryVerdict::outage);
    CHECK(judged(403).verdict == DeliveryVerdict::unusable);
}

TEST_CASE("Teams: a card contains the same as Slack's message") {
    for (const auto& [name, notice] : example_notices()) {
        INFO(name);
        const Json card = teams_card({notice});
        CHECK(card["version"] == "1.4");
        const std::string text = text_of(card);
        if (notice.is_action) continue;
        CHECK(text.find(notice.job) != std::string::npos);
        CHECK(text.find("marketcron ") != std::string::npos);
    }
    const Json card = teams_card({failed_notice()});
    CHECK(text_of(card).find("ERROR: price < 0 for BRK.B & 2 others") != std::string::npos);
    CHECK(card["actions"][0]["url"] == failed_notice().runbook);
}

TEST_CASE("Teams: a runbook is a button if it is a link, otherwise a line, and without one there is neither") {
    Notice notice = failed_notice();
    CHECK(text_of(teams_card({notice})).find("Runbook") == std::string::npos);
    notice.runbook = GENERATE("Data desk, page 12", "ftp://wiki", "https://wiki/a b", "http://wiki/\"");
    const Json line = teams_card({notice});
    CHECK(text_of(line).find("Runbook: " + notice.runbook + "\n") != std::string::npos);
    CHECK_FALSE(line.contains("actions"));
    notice.runbook = "http://wiki/page";
    CHECK(teams_card({notice})["actions"].size() == 1);
    notice.runbook.clear();
    const Json none = teams_card({notice});
    CHECK(text_of(none).find("Runbook") == std::string::npos);
    CHECK_FALSE(none.contains("actions"));
}

TEST_CASE("the secret of a section is in the section, in a file or in a variable") {
    const auto [keys, secret] = GENERATE(table<std::string, std::string>({
        {"url = 'https://teams.example/here'", "https://teams.example/here"},
        {"url_env = 'TEAMS'", "https://teams.example/TEAMS"},
        {"url_file = '/no/such/file'", ""},
    }));
    const auto read = read_channels_of("[teams.ops]\n" + keys + "\n");
    const auto place = find_kind("teams")->place(
        read->channels.at(Target("teams", "ops")),
        [](const std::string& name) { return std::optional("https://teams.example/" + name); });
    REQUIRE(place.has_value() == !secret.empty());
    if (place) CHECK(place->secret == secret);
    else CHECK(place.error().what.find("file /no/such/file cannot be read") != std::string::npos);
}

TEST_CASE("Teams: a card fits 28 KB, and keeps the end of the output") {
    Notice notice = failed_notice();
    const std::string line = GENERATE(std::string(900, '"'), std::string(900, '<'), std::string(300, '\x01') + "\"\\",
                                      std::string("\xf0\x9f\x94\xb4") + std::string(900, '\\'));
    notice.tail.clear();
    for (int i = 0; i < 20; ++i) notice.tail += line + "\n";
    notice.tail += "the end";
    notice.detail = std::string(4000, '"');
    CHECK(text_of(teams_card({notice})).find("the end") != std::string::npos);
}

TEST_CASE("Teams: a flood is one card") {
    std::vector<Notice> notices(37, failed_notice());
    for (std::size_t i = 0; i < notices.size(); ++i) notices[i].job = fmt::format("job_{}", i % 20);
    const std::string text = text_of(teams_card(notices));
    CHECK(text.find("37 failed on desk-1") != std::string::npos);
    CHECK(text.find("… 34 more failed") != std::string::npos);
    CHECK(text.find("and 5 other jobs") != std::string::npos);
}

TEST_CASE("Teams: a rate limit in an answer 200 is recognized") {
    const ChannelKind& teams = *find_kind("teams");
    const std::string within =
        "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error ";
    CHECK(teams.judge("teams:x", {200, "", "", within + "429 with ContextId"}, {}).verdict ==
          DeliveryVerdict::throttled);
    CHECK(teams.judge("teams:x", {200, "", "", within + "413 with"}, {}).verdict == DeliveryVerdict::refused);
    CHECK(teams.judge("teams:x", {200, "", "", "1"}, {}).verdict == DeliveryVerdict::delivered);
    CHECK(teams.judge("teams:x", {202, "", "", ""}, {}).verdict == DeliveryVerdict::delivered);
    CHECK(teams.judge("teams:x", {200, "", "", "<html>"}, {}).verdict == DeliveryVerdict::outage);
}

TEST_CASE("a webhook sends its template, and nothing if the template is empty") {
    const std::string section =
        "[webhook.bus]\nurl = \"http://bus.example/in\"\ntemplate = '[{{job}}, {{run}}, {{kind}}, \"{{summary}}\"]'\n"
        "template_resolved = '[\"over\"]'\ntemplate_late = ''\n";
    const auto body = [&](Notice notice) { return requests_of(section, "webhook:bus", {std::move(notice)})[0].body; };
    CHECK(body(failed_notice()) == "[\"ingest_bars\", 17, \"failure\", \"ingest_bars failed for 2026-11-20\"]");
    CHECK(body(example_notices().at("recovery")) == "[\"over\"]");
    CHECK(body(own_message("marketcron", "resolved", "x")) == "[\"over\"]");
    CHECK(body(own_message("notify test", "", "a\nb")) == "[\"notify test\", null, \"message\", \"a b\"]");
    const auto channel = read_channels_of(section)->channels.at(Target("webhook", "bus"));
    CHECK(channel->needs_recovery);
    CHECK_FALSE(find_kind("webhook")->takes(example_notices().at("late"), *channel));
}

TEST_CASE("an incident's key belongs to its alert, whichever run the message is about") {
    Notice notice = failed_notice();
    CHECK(incident_key(notice, "desk-1") == "desk-1/ingest_bars/17");
    notice.alert = 12;
    CHECK(incident_key(notice, "desk-1") == "desk-1/ingest_bars/12");
    CHECK(incident_key(own_message("marketcron", "TROUBLE", ""), "desk-1") == "desk-1/marketcron");
}

TEST_CASE("no error in a section shows its secret") {
    const std::string text = GENERATE(
        "[teams.a]\nurl = 'http://teams.example/s3cr3t'\n", "[teams.a]\nurl_file = 'https://teams.example/s3cr3t'\n",
        "[pagerduty.a]\nrouting_key = ['s3cr3t']\n", "[webhook.a]\nurl = 'ftp://x/s3cr3t'\ntemplate = '1'\n",
        "[teams.a]\nurl = 'https://x/s3cr3t'\nurl_env = 'X'\n", "[pagerduty.a]\napi = 'http://user:s3cr3t@x/'\n");
    const std::string errors = errors_in(text + "[job.a]\nschedule = '@daily'\ncommand = 'x'\n");
    CHECK(errors.find("desk.toml:") == 0);
    CHECK(errors.find("s3cr3t") == std::string::npos);
}
