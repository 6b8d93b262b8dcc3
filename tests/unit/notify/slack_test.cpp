#include "notify/slack.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "base/json.h"
#include "notify/text.h"
#include "unit/notify/notices.h"

using namespace mc;
using namespace mc::notify;

namespace {

Json golden(const std::string& name) {
    std::ifstream file(std::string(MARKETCRON_ROOT) + "/tests/conformance/slack/" + name + ".json");
    INFO("tests/conformance/slack/" << name << ".json");
    REQUIRE(file);
    std::stringstream text;
    text << file.rdbuf();
    return Json::parse(text.str()).value();
}

std::vector<Notice> flood(int count) {
    std::vector<Notice> notices;
    for (int i = 0; i < count; ++i) {
        notices.push_back(failed_notice());
        notices.back().job = "feed_" + std::to_string(i % 7);
    }
    return notices;
}

// The limits that Slack checks before it shows anything.
void check_limits(const std::string& body) {
    CAPTURE(body.substr(0, 300));
    const Json json = Json::parse(body).value();  // also: valid UTF-8
    CHECK(json["text"].get<std::string>().size() <= 40'000);
    CHECK_FALSE(json["text"].get<std::string>().empty());
    if (!json.contains("blocks")) return;
    CHECK(json["blocks"].size() <= 50);
    for (const Json& block : json["blocks"]) {
        const auto text = block["text"]["text"].get<std::string>();
        CHECK(text.size() <= 3000);
        CHECK_FALSE(text.empty());
    }
}

std::string block_text(const std::string& body, std::size_t block) {
    return Json::parse(body).value()["blocks"][block]["text"]["text"].get<std::string>();
}

}  // namespace

TEST_CASE("each kind of message equals its golden file") {
    for (const auto& [name, notice] : example_notices()) {
        const std::string body = slack_body(notice, "desk-1");
        INFO(name << " became\n" << Json::parse(body).value().dump());
        CHECK(Json::parse(body).value() == golden(name));
        check_limits(body);
    }
}

TEST_CASE("a flood equals its golden file") {
    std::vector<Notice> notices = flood(40);
    SECTION("of failures") {
        const std::string body = slack_folded(notices, "desk-1");
        INFO(Json::parse(body).value().dump());
        CHECK(Json::parse(body).value() == golden("flood"));
    }
    SECTION("of several kinds") {
        for (std::size_t i = 0; i < 40; i += 4) {
            notices[i].kind = NoticeKind::late;
            notices[i].state = State::running;
        }
        const std::string body = slack_folded(notices, "desk-1");
        INFO(Json::parse(body).value().dump());
        CHECK(Json::parse(body).value() == golden("flood_mixed"));
    }
}

TEST_CASE("without blocks the text contains the same facts") {
    const Json plain = Json::parse(slack_plain_body(failed_notice(), "desk-1")).value();
    INFO(plain.dump());
    CHECK(plain == golden("failed_plain"));
    const Json folded = Json::parse(slack_folded(flood(40), "desk-1", false)).value();
    CHECK_FALSE(folded.contains("blocks"));
    CHECK(folded["text"].get<std::string>().find("37 more failed") != std::string::npos);
}

TEST_CASE("whatever a job prints, the message fits and stays valid") {
    Notice notice = failed_notice();
    SECTION("a megabyte of what must be escaped") { notice.tail = std::string(1'000'000, '<'); }
    SECTION("backticks") { notice.tail = std::string(50'000, '`'); }
    SECTION("bytes that are no text") {
        for (int i = 0; i < 5000; ++i) notice.tail += static_cast<char>(i * 37 % 256);
    }
    SECTION("characters of four bytes") {
        for (int i = 0; i < 5000; ++i) notice.tail += "📈";
    }
    SECTION("long names and sentences") {
        notice.job = std::string(5000, 'j');
        notice.detail = std::string(50'000, '&');
        notice.runbook = "https://x/" + std::string(50'000, '>');
    }
    const std::string body = slack_body(notice, std::string(64, 'h'));
    check_limits(body);
    check_limits(slack_plain_body(notice, "desk-1"));
    const std::string code = block_text(body, 1);
    CHECK(code.find("```", 3) == code.size() - 3);
}

TEST_CASE("output can mention no one and contains no links") {
    Notice notice = failed_notice();
    notice.tail = "<!channel> <https://evil|click> @here";
    notice.detail = "<!here>";
    notice.runbook = "https://wiki/|<!channel>";
    const std::string body = slack_body(notice, "desk-1");
    CHECK(body.find("<!") == std::string::npos);
    CHECK(body.find("<http") == std::string::npos);
    CHECK(Json::parse(body).value()["blocks"][1]["text"]["verbatim"] == true);
}

TEST_CASE("a flood with long names also fits") {
    std::vector<Notice> notices = flood(500);
    for (std::size_t i = 0; i < notices.size(); ++i) {
        notices[i].job = std::string(300, '&') + std::to_string(i);
        notices[i].kind = static_cast<NoticeKind>(i % 6);
    }
    check_limits(slack_folded(notices, std::string(64, 'h')));
    check_limits(slack_folded(notices, "desk-1", false));
}

TEST_CASE("a flood names the jobs that it blocks, within its limits") {
    std::vector<Notice> notices = flood(9);
    notices[0].behind = "risk & co";
    notices[3].behind = "b, c and 8 more";
    notices[4].behind = "risk & co";
    const std::string expected = "Blocked: b, c and 8 more; risk &amp; co";
    CHECK(Json::parse(slack_folded(notices, "desk-1"))
              .value()["blocks"][0]["text"]["text"]
              .get<std::string>()
              .ends_with(expected));
    CHECK(Json::parse(slack_folded(notices, "desk-1", false)).value()["text"].get<std::string>().find(expected) !=
          std::string::npos);
    for (std::size_t i = 0; i < notices.size(); ++i) notices[i].behind = std::to_string(i) + std::string(300, 'x');
    const auto text =
        Json::parse(slack_folded(notices, "desk-1")).value()["blocks"][0]["text"]["text"].get<std::string>();
    CHECK(text.ends_with("; and 8 more groups of jobs"));
    CHECK(text.size() < 3000);
}

TEST_CASE("a message job's text: its markup is kept, its limit is Slack's") {
    Notice notice = example_notices().at("action");
    CHECK(Json::parse(slack_body(notice, "desk-1")).value() == Json{{"text", notice.text}});
    notice.text = "bad \xff byte" + std::string(50'000, 'x');
    check_limits(slack_body(notice, "desk-1"));
}
