// A bot's messages: one for each alert, its thread, its updates, and what happens to them when Slack refuses.
#include "notify/bot.h"

#include <set>

#include "base/json.h"
#include "unit/notify/desk.h"

using namespace mc;
using namespace mc::notify;

namespace {

struct BotDesk : Desk {
    BotDesk() {
        variables["BOT"] = "xoxb-very-secret";
        use_bot("C1");
        StepWrites batch;
        batch.inserted.emplace_back();
        batch.inserted.back().id = 7;
        batch.inserted.back().job = JobName("a");
        REQUIRE(store.commit(batch));
    }

    void use_bot(const std::string& channel) {
        auto bot = std::make_shared<SlackChannel>();
        bot->secret = {&slack_token, "", "BOT", ""};
        bot->channel = channel;
        bot->api = "https://slack.test/api";
        pump.use({{slack_bot, bot}});
    }

    void tell_of_alert(NoticeKind kind, bool again = false) {
        put_alert(kind, 7, again);
        run_for(3s);
    }

    void put_alert(NoticeKind kind, RunId alert, bool again = false) {
        StepWrites batch;
        Notice& notice = batch.notices.emplace_back();
        notice.id = ++last;
        notice.target = "slack:bot";
        notice.kind = kind;
        notice.job = alert == 7 ? "a" : "a" + std::to_string(alert);
        notice.run = notice.alert = alert;
        notice.created = now.wall;
        if (again) notice.open_since = now.wall - Seconds{3600};
        REQUIRE(store.commit(batch));
        pump.poke();
    }

    // The method of the last request, and its body.
    std::pair<std::string, Json> asked() {
        REQUIRE_FALSE(sent.empty());
        CHECK(sent.front().token == variables.at("BOT"));
        const std::string base = "https://slack.test/api/";
        REQUIRE(sent.front().url.substr(0, base.size()) == base);
        return {sent.front().url.substr(base.size()), Json::parse(sent.front().body).value()};
    }
    void says(const std::string& body) { answer({200, "", "", body}); }
};

}  // namespace

TEST_CASE("a bot posts one message for each alert, updates it, and replies in its thread") {
    BotDesk desk;
    desk.tell_of_alert(NoticeKind::failure);
    auto [method, body] = desk.asked();
    CHECK(method == "chat.postMessage");
    CHECK(body["channel"] == "C1");
    CHECK_FALSE(body.contains("thread_ts"));
    const std::size_t blocks = body["blocks"].size();
    desk.says(R"({"ok":true,"channel":"C99","ts":"17.5","message":{"text":"x"}})");
    CHECK(desk.waiting() == 0);
    CHECK(desk.store.thread("slack:bot", 7).value()->ts == "17.5");

    desk.tell_of_alert(NoticeKind::failure, true);
    std::tie(method, body) = desk.asked();
    CHECK(method == "chat.update");
    CHECK(body["channel"] == "C99");
    CHECK(body["ts"] == "17.5");
    CHECK(body["blocks"].size() == blocks + 1);
    CHECK(body["text"].get<std::string>().find("the alert is still open") != std::string::npos);
    desk.says(R"({"ok":true,"channel":"C99","ts":"17.5"})");
    std::tie(method, body) = desk.asked();
    CHECK(method == "chat.postMessage");
    CHECK(body["thread_ts"] == "17.5");
    CHECK(body["reply_broadcast"] == true);
    desk.says(R"({"ok":true,"channel":"C99","ts":"18.5"})");
    CHECK(desk.waiting() == 0);

    // An acknowledgement is shown at the top of the message.
    desk.tell_of_alert(NoticeKind::acked);
    CHECK(desk.asked().first == "chat.update");
    CHECK(desk.asked().second["text"].get<std::string>().find("alert acknowledged") != std::string::npos);
    desk.says(R"({"ok":true,"channel":"C99","ts":"17.5"})");
    CHECK_FALSE(desk.asked().second.contains("reply_broadcast"));
    desk.says(R"({"ok":true,"channel":"C99","ts":"18.7"})");
    CHECK(desk.store.thread("slack:bot", 7).value());

    desk.tell_of_alert(NoticeKind::recovery);
    desk.says(R"({"ok":true,"channel":"C99","ts":"17.5"})");
    CHECK_FALSE(desk.asked().second.contains("reply_broadcast"));
    desk.says(R"({"ok":true,"channel":"C99","ts":"19.5"})");
    CHECK_FALSE(desk.store.thread("slack:bot", 7).value());
    CHECK(desk.waiting() == 0);
}

TEST_CASE("a bot's deleted message is posted again, and the error of a failed delivery does not show the token") {
    BotDesk desk;
    desk.tell_of_alert(NoticeKind::failure);
    desk.says(R"({"ok":true,"channel":"C99","ts":"17.5"})");
    desk.tell_of_alert(NoticeKind::failure, true);
    desk.says(R"({"ok":false,"error":"message_not_found"})");
    CHECK(desk.asked().first == "chat.postMessage");
    CHECK_FALSE(desk.asked().second.contains("thread_ts"));
    desk.says(R"({"ok":true,"channel":"C99","ts":"27.5"})");
    CHECK(desk.store.thread("slack:bot", 7).value()->ts == "27.5");

    // An outage and an unknown error are retried with growing pauses, a wrong token is kept as trouble.
    desk.tell_of_alert(NoticeKind::failure, true);
    desk.answer({0, "no route, xoxb-very-secret", "", ""});
    CHECK(desk.waiting() == 1);
    desk.run_for(5s);
    desk.says(R"({"ok":false,"error":"fatal_error"})");
    CHECK(desk.waiting() == 1);
    desk.run_for(10s);
    desk.answer({200, "", "", "<html>a proxy</html>"});
    CHECK(desk.waiting() == 1);
    desk.run_for(20s);
    desk.says(R"({"ok":true,"channel":"C99","ts":"27.5"})");
    desk.says(R"({"ok":false,"error":5})");
    CHECK(desk.pump.troubles().at("slack:bot") == "slack:bot: Slack refused without a reason");
    desk.run_for(1min);
    desk.says(R"({"ok":true,"channel":"C99","ts":"27.5"})");
    desk.says(R"({"ok":false,"error":"invalid_auth"})");
    CHECK(desk.waiting() == 1);
    CHECK(desk.all_words().find("the token is wrong: copy it again from Slack; the message is kept and retried") !=
          std::string::npos);
    CHECK(desk.all_words().find("very-secret") == std::string::npos);
}

TEST_CASE("a bot's token or channel is invalid: nothing is lost, and a reload tries immediately") {
    BotDesk desk;
    const std::string word = GENERATE("invalid_auth", "token_expired", "token_revoked", "missing_scope",
                                      "not_in_channel", "is_archived", "channel_not_found");
    desk.tell_of_alert(NoticeKind::failure);
    desk.says(R"({"ok":false,"error":")" + word + R"("})");
    for (int i = 0; i < 20; ++i) {
        desk.run_for(5min);
        desk.says(R"({"ok":false,"error":")" + word + R"("})");
    }
    CHECK(desk.waiting() == 1);
    CHECK(desk.pump.troubles().at("slack:bot").find(word) != std::string::npos);
    CHECK(desk.log.size() == 1);
    desk.run_for(1s);
    CHECK(desk.sent.empty());
    SECTION("with the same ones") { desk.use_bot("C1"); }
    SECTION("with another channel") { desk.use_bot("C2"); }
    desk.run_for(1s);
    REQUIRE(desk.sent.size() == 1);
    desk.says(R"({"ok":true,"channel":"C99","ts":"17.5"})");
    CHECK(desk.waiting() == 0);
    CHECK(desk.pump.troubles().empty());
}

TEST_CASE("a new token is found without a reload, and then all messages are sent") {
    BotDesk desk;
    desk.tell_of_alert(NoticeKind::failure);
    desk.tell("b", "slack:bot");
    for (int i = 0; i < 20; ++i) {
        desk.says(R"({"ok":false,"error":"token_revoked"})");
        desk.run_for(5min);
    }
    desk.says(R"({"ok":false,"error":"token_revoked"})");
    desk.variables["BOT"] = "xoxb-another";
    desk.tell("c", "slack:bot");
    for (int i = 0; i < 3; ++i) {
        desk.run_for(1s);
        REQUIRE(desk.sent.size() == 1);
        CHECK(desk.sent[0].token == "xoxb-another");
        desk.says(R"({"ok":true,"channel":"C99","ts":"17.5"})");
    }
    CHECK(desk.waiting() == 0);
}

TEST_CASE("the channel changes in the configuration during an alert: the old one links to the new one") {
    BotDesk desk;
    desk.tell_of_alert(NoticeKind::failure);
    desk.says(R"({"ok":true,"channel":"C1","ts":"17.5"})");
    desk.use_bot("C2");
    desk.tell_of_alert(NoticeKind::failure, true);
    CHECK(desk.asked().first == "chat.update");
    CHECK(desk.asked().second["channel"] == "C1");
    CHECK(desk.asked().second["ts"] == "17.5");
    CHECK(desk.asked().second["text"].get<std::string>().find("later updates are posted in <#C2>") !=
          std::string::npos);
    desk.says(R"({"ok":true,"channel":"C1","ts":"17.5"})");
    CHECK(desk.asked().first == "chat.postMessage");
    CHECK(desk.asked().second["channel"] == "C2");
    CHECK_FALSE(desk.asked().second.contains("thread_ts"));
    desk.says(R"({"ok":true,"channel":"C2","ts":"27.5"})");
    desk.tell_of_alert(NoticeKind::acked);
    CHECK(desk.asked().first == "chat.update");
    CHECK(desk.asked().second["channel"] == "C2");
    desk.says(R"({"ok":true,"channel":"C2","ts":"27.5"})");
    desk.says(R"({"ok":true,"channel":"C2","ts":"28.5"})");
    // The last update, to a third channel, while the second one has removed the bot.
    desk.use_bot("#ops & co");
    desk.tell_of_alert(NoticeKind::recovery);
    CHECK(desk.asked().second["text"].get<std::string>().find("posted in #ops &amp; co") != std::string::npos);
    desk.says(R"({"ok":false,"error":"not_in_channel"})");
    CHECK(desk.asked().second["channel"] == "#ops & co");
    desk.says(R"({"ok":true,"channel":"C3","ts":"37.5"})");
    CHECK_FALSE(desk.store.thread("slack:bot", 7).value());
    CHECK(desk.waiting() == 0);
}

TEST_CASE("a bot cannot reply in its thread: the message is posted again") {
    BotDesk desk;
    desk.tell_of_alert(NoticeKind::failure);
    desk.says(R"({"ok":true,"channel":"C1","ts":"17.5"})");
    desk.tell_of_alert(NoticeKind::recovery);
    SECTION("the message is gone between the two requests") {
        desk.says(R"({"ok":true,"channel":"C1","ts":"17.5"})");
        desk.says(R"({"ok":false,"error":"thread_not_found"})");
    }
    SECTION("it could no longer be changed, and then it was deleted") {
        desk.says(R"({"ok":false,"error":"edit_window_closed"})");
        desk.says(R"({"ok":false,"error":"thread_not_found"})");
    }
    SECTION("its channel is archived") { desk.says(R"({"ok":false,"error":"is_archived"})"); }
    CHECK(desk.asked().first == "chat.postMessage");
    CHECK_FALSE(desk.asked().second.contains("thread_ts"));
    CHECK(desk.waiting() == 1);
    desk.says(R"({"ok":true,"channel":"C1","ts":"27.5"})");
    CHECK(desk.waiting() == 0);
    CHECK_FALSE(desk.store.thread("slack:bot", 7).value());
}

TEST_CASE("a folded message also updates the messages of its alerts") {
    BotDesk desk;
    for (RunId alert = 1; alert <= 8; ++alert) {
        desk.put_alert(NoticeKind::failure, alert);
        desk.run_for(3s);
        desk.says(R"({"ok":true,"channel":"C1","ts":")" + std::to_string(alert) + R"(.5"})");
    }
    desk.run_for(3s);
    for (RunId alert = 1; alert <= 8; ++alert)
        desk.put_alert(alert < 8 ? NoticeKind::recovery : NoticeKind::acked, alert);
    desk.run_for(1s);
    REQUIRE(desk.sent.size() == 1);
    CHECK(desk.asked().first == "chat.postMessage");
    desk.says(R"({"ok":true,"channel":"C1","ts":"99.5"})");
    CHECK(desk.waiting() == 0);
    for (RunId alert = 1; alert <= 8; ++alert) {
        desk.run_for(alert == 3 ? 1min : 1s);
        REQUIRE(desk.sent.size() == 1);
        auto [method, body] = desk.asked();
        CHECK(method == "chat.update");
        CHECK(body["ts"] == std::to_string(alert) + ".5");
        CHECK(body["text"].get<std::string>().find(alert < 8 ? "*recovered" : "acknowledged") != std::string::npos);
        if (alert == 2) {  // it is tried again
            desk.answer({429, "", "30", ""});
            desk.run_for(50s);
            CHECK(desk.sent.empty());
            desk.run_for(10s);
        }
        CHECK(desk.store.thread("slack:bot", alert).value());
        desk.says(R"({"ok":true,"channel":"C1","ts":"1.5"})");
        CHECK(desk.store.thread("slack:bot", alert).value().has_value() == (alert == 8));
    }
    desk.run_for(1min);
    CHECK(desk.sent.empty());
    CHECK_FALSE(desk.wake);
}

TEST_CASE("a message whose alert closed without a notification is updated") {
    BotDesk desk;
    desk.tell_of_alert(NoticeKind::failure);
    desk.says(R"({"ok":true,"channel":"C1","ts":"17.5"})");
    StepWrites batch;
    Alert& alert = batch.alerts.emplace_back();
    alert.run = 7;
    alert.job = JobName("a");
    alert.opened = alert.told = desk.now.wall;
    REQUIRE(desk.store.commit(batch));
    desk.use_bot("C1");
    desk.run_for(1min);
    CHECK(desk.sent.empty());  // it is open

    alert.closed = desk.now.wall;
    alert.close_reason = "the job is no longer in the configuration";
    REQUIRE(desk.store.commit(batch));
    desk.put_alert(NoticeKind::success, 8);
    desk.run_for(3s);
    REQUIRE(desk.sent.size() == 2);
    desk.says(R"({"ok":true,"channel":"C1","ts":"18.5"})");
    CHECK(desk.asked().first == "chat.update");
    CHECK(desk.asked().second["ts"] == "17.5");
    CHECK(desk.asked().second["text"].get<std::string>().find("the job is no longer in the configuration") !=
          std::string::npos);
    desk.says(R"({"ok":true,"channel":"C1","ts":"17.5"})");
    CHECK_FALSE(desk.store.thread("slack:bot", 7).value());
}

TEST_CASE("after a folded message, a later update is the last one of a message") {
    BotDesk desk;
    desk.put_alert(NoticeKind::failure, 1);
    desk.run_for(3s);
    desk.says(R"({"ok":true,"channel":"C1","ts":"1.5"})");
    for (RunId alert = 1; alert <= 6; ++alert) desk.put_alert(NoticeKind::failure, alert);
    desk.run_for(3s);
    desk.put_alert(NoticeKind::recovery, 1);
    desk.answer({200, "", "", R"({"ok":true,"channel":"C1","ts":"9.5"})"});
    desk.run_for(3s);
    std::string last;
    while (!desk.sent.empty()) {
        if (desk.asked().first == "chat.update") last = desk.asked().second["text"].get<std::string>();
        desk.says(R"({"ok":true,"channel":"C1","ts":"1.5"})");
        desk.run_for(3s);
    }
    CHECK(last.find("*recovered") != std::string::npos);
    CHECK_FALSE(desk.store.thread("slack:bot", 1).value());
}

TEST_CASE("an update that a newer notice overtakes drops no other message's update") {
    BotDesk desk;
    for (RunId alert = 1; alert <= 6; ++alert) {
        desk.put_alert(NoticeKind::failure, alert);
        desk.run_for(3s);
        desk.says(R"({"ok":true,"channel":"C1","ts":")" + std::to_string(alert) + R"(.5"})");
    }
    desk.run_for(3s);
    for (RunId alert = 1; alert <= 6; ++alert) desk.put_alert(NoticeKind::acked, alert);
    desk.run_for(1s);
    desk.says(R"({"ok":true,"channel":"C1","ts":"99.5"})");
    desk.run_for(1s);
    REQUIRE(desk.asked().second["ts"] == "1.5");
    desk.put_alert(NoticeKind::recovery, 1);  // while the first update is under way
    desk.run_for(3s);
    std::set<std::string> updated;
    while (!desk.sent.empty()) {
        const auto [method, body] = desk.asked();
        if (method == "chat.update") updated.insert(body["ts"].get<std::string>());
        desk.says(R"({"ok":true,"channel":"C1","ts":"1.5"})");
        desk.run_for(3s);
    }
    CHECK(updated == std::set<std::string>{"1.5", "2.5", "3.5", "4.5", "5.5", "6.5"});
    CHECK_FALSE(desk.store.thread("slack:bot", 1).value());
}
