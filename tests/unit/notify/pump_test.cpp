#include "notify/outbox_sender.h"
#include "unit/notify/desk.h"
#include "unit/notify/kinds.h"

using namespace mc;
using namespace mc::notify;

TEST_CASE("the pump posts waiting messages, records the results, and then sleeps") {
    Desk desk;
    desk.tell("a");
    desk.run_for(1s);
    REQUIRE(desk.sent.size() == 1);
    CHECK(desk.sent[0].url == url);
    desk.answer({200, "", "", "ok"});
    desk.run_for(10s);
    CHECK(desk.waiting() == 0);
    CHECK_FALSE(desk.wake);
    CHECK(desk.log.empty());
}

TEST_CASE("the log contains a trouble once, and its end") {
    Desk desk;
    desk.tell("a");
    for (int i = 0; i < 4; ++i) {
        desk.run_for(30s);
        desk.answer({503, "", "", ""});
    }
    CHECK(desk.pump.troubles().at("slack:ops") == "slack:ops: HTTP 503");
    desk.run_for(30s);
    desk.answer({200, "", "", "ok"});
    CHECK(desk.log ==
          std::vector<std::string>{"slack:ops: HTTP 503; the message is kept and retried", "slack:ops works again"});
    CHECK(desk.pump.troubles().empty());
}

TEST_CASE("the secret is in no log line, no trouble and no row") {
    Desk desk;
    desk.tell("a");
    desk.run_for(1s);
    desk.answer({0, std::string("cannot connect to ") + url, "", ""});
    CHECK(desk.store.pending(1).value()[0].last_error == "slack:ops: cannot connect to [webhook]");
    desk.run_for(2s);
    desk.answer({503, "", "", "proxy: no route to /services/T012345/B678901/s3cr3tTOKEN"});
    desk.run_for(5s);
    desk.answer({403, "", "", "s3cr3tTOKEN"});
    CHECK(desk.all_words().find("s3cr3t") == std::string::npos);
    CHECK(desk.all_words().find("T012345") == std::string::npos);
    CHECK(desk.pump.troubles().at("slack:ops") == "slack:ops: HTTP 403");
    desk.run_for(10s);
    desk.answer({413, "", "", "s3cr3tTOKEN"});
    CHECK(desk.all_words().find("s3cr3t") == std::string::npos);
    CHECK(desk.waiting() == 0);
}

TEST_CASE(
    "an unset variable: the message is kept, and reported; a reload after the variable was set sends it immediately") {
    Desk desk;
    desk.variables.clear();
    desk.tell("a");
    desk.run_for(1h);
    CHECK(desk.sent.empty());
    CHECK(desk.log.size() == 1);
    CHECK(desk.pump.troubles().at("slack:ops") ==
          "slack:ops: the environment variable SLACK_OPS is not set; set it for the daemon (a "
          "systemd unit: "
          "EnvironmentFile=), or use webhook_file");
    desk.pump.use({{slack_ops, webhook_in("", url)}});
    desk.run_for(0s);
    CHECK(desk.sent.size() == 1);
}

TEST_CASE("a result that a full disk cannot record is not sent again, and is recorded when there is room") {
    Desk desk;
    desk.tell("a");
    desk.run_for(1s);
    desk.store.full = true;
    desk.answer({200, "", "", "ok"});
    desk.tell("b");
    desk.run_for(1min);
    CHECK(desk.sent.empty());
    CHECK(desk.waiting() == 2);
    CHECK(desk.log == std::vector<std::string>{"messages wait for the ledger: the disk is full; make room"});
    desk.store.full = false;
    desk.run_for(10s);
    CHECK(desk.waiting() == 1);
    REQUIRE(desk.sent.size() == 1);
    CHECK(desk.sent[0].body.find("*b*") != std::string::npos);
}

TEST_CASE("messages for a removed target are given up, and reported") {
    Desk desk;
    desk.pump.use({});
    desk.tell("a");
    desk.run_for(1s);
    CHECK(desk.waiting() == 0);
    CHECK(desk.log == std::vector<std::string>{"slack:ops is no longer in the configuration; a message was given up"});
}

TEST_CASE("a mail is sent through the default mailer, with the run's output") {
    Desk desk;
    desk.tell("a", "mail:root,ops@example.com", NoticeKind::output);
    desk.run_for(1s);
    REQUIRE(desk.mails.size() == 1);
    CHECK(desk.mails[0].command == std::vector<std::string>{"/usr/sbin/sendmail", "-t", "-oi"});
    CHECK(desk.mails[0].to == std::vector<std::string>{"root", "ops@example.com"});
    CHECK(desk.mails[0].message.ends_with("printed by a\n"));
    desk.mailed({0, 0, ""});
    desk.run_for(1s);
    CHECK(desk.waiting() == 0);
}

TEST_CASE("a mail server does not know this machine's users: their addresses get the sender's domain") {
    Desk desk;
    MailSettings mail;
    mail.smtp = "smtp://127.0.0.1";
    SECTION("of `from`") {
        mail.from = "desk@example.com";
        desk.pump.use({{of_mail, std::make_shared<MailSettings>(mail)}});
        desk.tell("a", "mail:root,ops@example.org");
        desk.run_for(1s);
        REQUIRE(desk.mails.size() == 1);
        CHECK(desk.mails[0].to == std::vector<std::string>{"root@example.com", "ops@example.org"});
        CHECK(desk.mails[0].from == "desk@example.com");
    }
    SECTION("or the host") {
        desk.pump.use({{of_mail, std::make_shared<MailSettings>(mail)}});
        desk.tell("a", "mail:root");
        desk.run_for(1s);
        REQUIRE(desk.mails.size() == 1);
        CHECK(desk.mails[0].to == std::vector<std::string>{"root@desk-1"});
        CHECK(desk.mails[0].from == "marketcron@desk-1");
    }
}

TEST_CASE("a missing mailer is reported once, not at each run") {
    Desk desk;
    desk.has_mailer = false;
    for (int i = 0; i < 5; ++i) {
        desk.tell("a", "mail:root", NoticeKind::output);
        desk.run_for(1min);
    }
    CHECK(desk.waiting() == 0);
    REQUIRE(desk.log.size() == 1);
    CHECK(desk.log[0] ==
          "mail:root: /usr/sbin/sendmail not found; install a mailer, or write [mail]; a message was given up");
}

TEST_CASE("a message that a channel does not send counts as delivered, and says nothing about the channel") {
    Desk desk;
    desk.variables["PAGER"] = "0123456789abcdef0123456789abcdef";
    const auto plan = read_channels_of("[pagerduty.x]\nrouting_key_env = \"PAGER\"\n");
    REQUIRE(plan);
    desk.pump.use(plan->channels);
    desk.tell("a", "pagerduty:x");
    desk.run_for(1s);
    desk.answer({503, "", "", ""});
    desk.tell("b", "pagerduty:x", NoticeKind::success);
    desk.run_for(100ms);
    CHECK(desk.waiting() == 1);
    CHECK(desk.pump.troubles().contains("pagerduty:x"));
    desk.run_for(10s);
    REQUIRE(desk.sent.size() == 1);
    desk.answer({202, "", "", ""});
    CHECK(desk.waiting() == 0);
    CHECK(desk.pump.troubles().empty());
    CHECK(desk.all_words().find(desk.variables["PAGER"]) == std::string::npos);
}
