#include "notify/courier.h"

#include <catch2/catch.hpp>

#include "notify/slack.h"
#include "unit/notify/post_office.h"

using namespace mc;
using namespace mc::notify;
using namespace std::chrono_literals;

using Ids = std::vector<std::int64_t>;

namespace {

// Seconds between posts.
std::vector<double> gaps(const std::vector<PostOffice::Made>& made) {
    std::vector<double> seconds;
    for (std::size_t i = 1; i < made.size(); ++i)
        seconds.push_back(static_cast<double>((made[i].at - made[i - 1].at).count()) / 1000);
    return seconds;
}

std::string body(const Post& post) { return slack_body(post, "desk-1"); }
bool has_blocks(const Post& post) { return body(post).find("\"blocks\"") != std::string::npos; }

Ids ids(const Post& post) {
    Ids out;
    for (const Notice& notice : post.notices) out.push_back(notice.id);
    return out;
}

}  // namespace

TEST_CASE("a message is posted once and then done") {
    PostOffice office;
    office.run_for(5s);
    const auto id = office.tell("ingest_bars");
    office.run_for(1min);
    CHECK(office.made.size() == 1);
    CHECK(office.arrived == Ids{id});
    CHECK(office.pending().empty());
}

TEST_CASE("without messages the courier sets no timer") {
    PostOffice office;
    CHECK_FALSE(office.courier.decide({}, office.targets, office.now).wake);
}

TEST_CASE("a webhook gets one post at a time, a second after its last answer, in order") {
    PostOffice office;
    office.latency = 400ms;
    for (const char* job : {"a", "b", "c", "a"}) office.tell(job);
    office.run_for(1min);
    CHECK(office.arrived == Ids{1, 2, 3, 4});
    for (const double gap : gaps(office.made)) CHECK(gap >= 1.4);
}

TEST_CASE("two webhooks do not wait for each other; two names of one webhook do") {
    PostOffice office;
    office.run_for(5s);
    office.targets["slack:desk"] = {TargetStatus::Kind::ready, 2, "", slack_pace};
    office.targets["slack:ops-again"] = {TargetStatus::Kind::ready, 1, "", slack_pace};
    for (const char* target : {"slack:ops", "slack:desk", "slack:ops-again"}) {
        Notice notice;
        notice.job = "a";
        notice.target = target;
        office.put(notice);
    }
    office.run_for(1min);
    REQUIRE(office.made.size() == 3);
    CHECK(office.made[0].at == office.made[1].at);
    CHECK(office.made[2].post.target == "slack:ops-again");
    CHECK(office.made[2].at - office.made[0].at >= 1s);
}

TEST_CASE("Retry-After in seconds pauses the whole webhook") {
    PostOffice office;
    office.run_for(5s);
    bool first = true;
    office.webhook = [&](const Post&) { return std::exchange(first, false) ? status(429, "", "30") : ok(); };
    office.tell("a");
    office.tell("b");
    office.run_for(10s);
    CHECK(office.row(1).last_error == "slack:ops: HTTP 429");
    office.run_for(1min);
    CHECK(office.arrived == Ids{1, 2});
    CHECK(gaps(office.made) == std::vector<double>{30.1, 1.1});
}

TEST_CASE("Retry-After as a date") {
    PostOffice office;
    office.run_for(5s);
    bool first = true;
    office.webhook = [&](const Post&) {
        return std::exchange(first, false) ? status(429, "", "Fri, 20 Nov 2026 21:01:00 GMT") : ok();
    };
    office.tell("a");
    office.run_for(50s);
    CHECK(office.made.size() == 1);
    office.run_for(10s);
    CHECK(office.arrived == Ids{1});
}

TEST_CASE("outage: retries after 1 s, 2 s, 4 s up to 5 min; nothing is lost, and all arrives in order") {
    PostOffice office;
    office.latency = 0ms;
    office.run_for(5s);
    bool down = true;
    const PostAnswer outage = GENERATE(status(500), status(503), status(408), status(302), status(429), no_answer());
    office.webhook = [&](const Post&) { return down ? outage : ok(); };
    office.tell("a");
    office.run_for(30min);
    const std::vector<double> seconds = gaps(office.made);
    REQUIRE(seconds.size() >= 11);
    CHECK(std::vector<double>(seconds.begin(), seconds.begin() + 11) ==
          std::vector<double>{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300});
    office.tell("b");
    office.tell("a");
    down = false;
    office.run_for(6min);
    CHECK(office.pending().empty());
    CHECK(office.given_up.empty());
    CHECK(office.arrived.size() == 3);
    CHECK(std::find(office.arrived.begin(), office.arrived.end(), 1) <
          std::find(office.arrived.begin(), office.arrived.end(), 3));
}

TEST_CASE("an outage of more than three days ends in a recorded error") {
    PostOffice office;
    office.webhook = [](const Post&) { return no_answer("connection refused"); };
    office.act("lunch", 17);
    office.tell("b");
    office.run_for(std::chrono::hours{71});
    CHECK(office.pending() == Ids{1, 2});
    office.run_for(std::chrono::hours{2});
    CHECK(office.pending().empty());
    CHECK(office.given_up.at(2) == "slack:ops: connection refused; given up after 3d");
    REQUIRE(office.ended.size() == 1);
    CHECK(office.ended[0].run == 17);
    CHECK_FALSE(office.ended[0].delivered);
}

TEST_CASE("a machine that was off for a week still tries before it gives up") {
    PostOffice office;
    office.tell("a");
    office.now.wall += std::chrono::hours{24 * 7};
    office.restart();
    office.run_for(1min);
    CHECK(office.arrived == Ids{1});
}

TEST_CASE("an invalid webhook: messages are kept, with Slack's error and what to do, until the webhook is fixed") {
    PostOffice office;
    office.latency = 0ms;
    office.run_for(5s);
    const auto [code, body, error] = GENERATE(table<int, std::string, std::string>({
        {404, "no_service",
         "slack:ops: HTTP 404 no_service; the webhook no longer exists or is disabled: make a new "
         "one in Slack"},
        {403, "invalid_token",
         "slack:ops: HTTP 403 invalid_token; the webhook's URL is wrong: copy it again from Slack"},
        {410, "channel_is_archived\n",
         "slack:ops: HTTP 410 channel_is_archived; its channel is archived: make a webhook for "
         "another channel"},
        {404, "<html>cannot POST /services/T1/B2/s3cr3t", "slack:ops: HTTP 404"},
    }));
    office.webhook = [code = code, body = body](const Post&) { return status(code, body); };
    for (const char* job : {"a", "b", "c"}) office.tell(job);
    office.run_for(30min);
    // One attempt at a time for all waiting messages.
    const std::vector<double> seconds = gaps(office.made);
    REQUIRE(seconds.size() >= 10);
    CHECK(std::vector<double>(seconds.begin(), seconds.begin() + 10) ==
          std::vector<double>{1, 2, 4, 8, 16, 32, 64, 128, 256, 300});
    CHECK(office.pending() == Ids{1, 2, 3});
    CHECK(office.row(1).last_error == error);
    SECTION("for three days") {
        office.run_for(std::chrono::hours{73});
        CHECK(office.pending().empty());
        CHECK(office.given_up.at(1) == error + "; given up after 3d");
    }
    SECTION("a new webhook is tried immediately") {
        office.webhook = [](const Post&) { return ok(); };
        office.targets["slack:ops"] = {TargetStatus::Kind::ready, 2, "", slack_pace};
        office.run_for(3s);
        CHECK(office.arrived.size() == 3);
    }
    SECTION("so is the same one after a reload, because it may be fixed") {
        office.webhook = [](const Post&) { return ok(); };
        office.courier.look_again(office.now);
        office.run_for(4s);
        CHECK(office.arrived.size() == 3);
    }
    SECTION("and after a restart") {
        office.webhook = [](const Post&) { return ok(); };
        office.restart();
        office.run_for(4s);
        CHECK(office.arrived.size() == 3);
    }
}

TEST_CASE("a message job fails immediately if its webhook is invalid") {
    PostOffice office;
    office.webhook = [](const Post&) { return status(404, "no_service"); };
    office.act("lunch", 17);
    office.run_for(5s);
    CHECK(office.made.size() == 1);
    REQUIRE(office.ended.size() == 1);
    CHECK_FALSE(office.ended[0].delivered);
    CHECK(office.pending().empty());
}

TEST_CASE("a message that the webhook will never accept is given up, and the next one is sent") {
    PostOffice office;
    office.webhook = [](const Post& post) { return ids(post) == Ids{1} ? status(413) : ok(); };
    office.tell("a");
    office.tell("a");
    office.run_for(5s);
    CHECK(office.given_up.at(1) == "slack:ops: HTTP 413");
    CHECK(office.arrived == Ids{2});
}

TEST_CASE("one message that a proxy forbids delays no other job") {
    PostOffice office;
    office.webhook = [](const Post& post) { return ids(post) == Ids{1} ? status(403) : ok(); };
    office.tell("forbidden");
    office.run_for(1min);
    for (const char* job : {"a", "b"}) office.tell(job);
    office.run_for(6min);
    CHECK(office.arrived == Ids{2, 3});
    CHECK(office.pending() == Ids{1});
}

TEST_CASE("Retry-After of a service that is down is obeyed if it is longer than the usual pause") {
    PostOffice office;
    office.latency = 0ms;
    office.run_for(5s);
    int left = 3;
    office.webhook = [&](const Post&) { return left-- > 0 ? status(503, "", left == 2 ? "90" : "0") : ok(); };
    office.tell("a");
    office.run_for(10min);
    CHECK(office.arrived == Ids{1});
    CHECK(gaps(office.made) == std::vector<double>{90, 2, 4});
}

TEST_CASE("refused blocks are sent once more as plain text") {
    PostOffice office;
    office.webhook = [](const Post& post) { return has_blocks(post) ? status(400, "invalid_blocks") : ok(); };
    SECTION("one message") { office.tell("a"); }
    SECTION("a flood") {
        for (int i = 0; i < 9; ++i) office.tell("a");
    }
    office.run_for(10s);
    CHECK(office.made.size() == 2);
    CHECK(office.pending().empty());
    CHECK(office.given_up.empty());
}

TEST_CASE("refused plain text is given up; a message job has no plainer form to try") {
    PostOffice office;
    office.webhook = [](const Post&) { return status(400, "invalid_payload"); };
    office.tell("a");
    office.run_for(10s);
    CHECK(office.made.size() == 2);
    CHECK(office.given_up.size() == 1);
    office.act("lunch", 3);
    office.run_for(10s);
    CHECK(office.made.size() == 3);
    CHECK(office.given_up.size() == 2);
}

TEST_CASE("five are sent separately, six as one") {
    PostOffice office;
    const int waiting = GENERATE(5, 6);
    for (int i = 0; i < waiting; ++i) office.tell("job" + std::to_string(i));
    office.run_for(1min);
    CHECK(office.arrived.size() == static_cast<std::size_t>(waiting));
    CHECK(office.made.size() == (waiting == 5 ? 5 : 1));
}

TEST_CASE("a flood during an outage is one post when the webhook works again, and counts all") {
    PostOffice office;
    bool down = true;
    office.webhook = [&](const Post&) { return down ? status(503) : ok(); };
    for (int i = 0; i < 40; ++i) office.tell("job" + std::to_string(i % 4));
    office.run_for(10min);
    down = false;
    const std::size_t before = office.made.size();
    office.run_for(6min);
    REQUIRE(office.made.size() == before + 1);
    CHECK(office.made.back().post.notices.size() == 40);
    CHECK(body(office.made.back().post).find("37 more failed") != std::string::npos);
}

TEST_CASE("message jobs are never folded, and a job's messages stay in order around them") {
    PostOffice office;
    for (int i = 0; i < 4; ++i) office.tell("job" + std::to_string(i));
    const auto action = office.act("lunch", 17);
    const auto behind = office.tell("lunch");
    for (int i = 4; i < 10; ++i) office.tell("job" + std::to_string(i));
    office.run_for(1min);
    const auto place = [&](std::int64_t id) { return std::find(office.arrived.begin(), office.arrived.end(), id); };
    CHECK(place(action) < place(behind));
    for (const auto& made : office.made)
        if (const Ids posted = ids(made.post); posted.size() > 1)
            CHECK(std::count(posted.begin(), posted.end(), action) == 0);
    CHECK(office.pending().empty());
    REQUIRE(office.ended.size() == 1);
    CHECK(office.ended[0].run == 17);
    CHECK(office.ended[0].attempt == 1);
    CHECK(office.ended[0].delivered);
}

TEST_CASE("a message that its webhook cannot process delays only its own job") {
    PostOffice office;
    office.webhook = [](const Post& post) { return ids(post) == Ids{1} ? status(500) : ok(); };
    office.tell("poison");
    office.tell("poison");
    office.run_for(20s);
    for (const char* job : {"a", "b", "a"}) office.tell(job);
    office.run_for(1min);
    CHECK(office.arrived == Ids{3, 4, 5});
    CHECK(office.pending() == Ids{1, 2});
}

TEST_CASE("an unreadable secret: the message is kept, reported once, and sent when the secret can be read") {
    PostOffice office;
    office.targets["slack:ops"] = {TargetStatus::Kind::unreadable, 0, "the webhook file /x cannot be read"};
    office.tell("a");
    CHECK(office.courier.decide(office.store->pending(1).value(), office.targets, office.now).wake ==
          office.now.up + 5min);  // its file may be readable by then
    office.restart();
    office.run_for(std::chrono::hours{100});
    CHECK(office.made.empty());
    CHECK(office.row(1).last_error == "the webhook file /x cannot be read");
    CHECK(office.row(1).tries == 1);
    office.targets["slack:ops"] = {TargetStatus::Kind::ready, 1, "", slack_pace};
    SECTION("a reload tries immediately") {
        office.run_for(1s);
        CHECK(office.arrived == Ids{1});
    }
    SECTION("so does a restart") {
        office.restart();
        office.run_for(2s);
        CHECK(office.arrived == Ids{1});
    }
}

TEST_CASE("a removed target: its messages are given up, and a message job fails") {
    PostOffice office;
    office.tell("a");
    office.act("lunch", 17);
    office.targets.clear();
    office.run_for(1s);
    CHECK(office.given_up.at(1) == "slack:ops is no longer in the configuration");
    REQUIRE(office.ended.size() == 1);
    CHECK(office.ended[0].error == "slack:ops is no longer in the configuration");
}

TEST_CASE("a webhook's URL that changes during a post causes no second post") {
    PostOffice office;
    office.latency = 5s;
    office.run_for(2s);
    office.tell("a");
    office.run_for(1s);
    office.targets["slack:ops"] = {TargetStatus::Kind::ready, 2, "", slack_pace};
    office.run_for(1min);
    CHECK(office.made.size() == 1);
}

TEST_CASE("a crash between the post and its answer: the message is sent again") {
    PostOffice office;
    office.latency = 3s;
    office.tell("a");
    office.run_for(2s);
    REQUIRE(office.made.size() == 1);
    office.restart();
    office.run_for(1min);
    CHECK(office.made.size() == 2);
    CHECK(body(office.made[0].post) == body(office.made[1].post));
    CHECK(office.arrived == Ids{1});
}

TEST_CASE("a restart keeps the pause that a webhook asked for, also for new messages") {
    PostOffice office;
    office.run_for(2s);
    office.webhook = [](const Post&) { return status(429, "", "600"); };
    office.tell("a");
    office.run_for(1min);
    office.webhook = [](const Post&) { return ok(); };
    office.tell("b");
    office.restart();
    office.run_for(8min);
    CHECK(office.made.size() == 1);
    office.run_for(2min);
    CHECK(office.pending().empty());
}

TEST_CASE("after a restart the first post waits a second, because of the previous daemon's posts") {
    PostOffice office;
    for (int i = 0; i < 3; ++i) office.tell("a");
    for (int i = 0; i < 20; ++i) {
        office.run_for(700ms);
        office.restart();
    }
    office.run_for(10s);
    for (const double gap : gaps(office.made)) CHECK(gap >= 1);
    CHECK(office.pending().empty());
}

TEST_CASE("setting the wall clock back by a year changes no wait of a running courier") {
    PostOffice office;
    office.run_for(2s);
    bool down = true;
    office.webhook = [&](const Post&) { return down ? status(503) : ok(); };
    office.tell("a");
    office.run_for(10s);
    office.now.wall -= std::chrono::hours{24 * 365};
    down = false;
    office.run_for(10s);
    CHECK(office.arrived == Ids{1});
}

TEST_CASE("after the clock was set back, a new courier waits at most a day") {
    PostOffice office;
    office.run_for(2s);
    bool down = true;
    office.webhook = [&](const Post&) { return down ? status(503) : ok(); };
    office.tell("a");
    office.run_for(10s);
    office.now.wall -= std::chrono::hours{24 * 365};
    down = false;
    office.restart();
    office.run_for(std::chrono::hours{25});
    CHECK(office.arrived == Ids{1});
}

TEST_CASE("mails: one at a time for each address, without a pause between them, and job output is never folded") {
    PostOffice office;
    for (int i = 0; i < 20; ++i) office.print("job" + std::to_string(i % 3));
    office.print("other", "mail:ops@example.com");
    office.run_for(2100ms);
    CHECK(office.made.size() == 21);
    CHECK(office.arrived.size() == 21);
    CHECK(office.made[0].at == office.made[1].at);  // two addresses
}

TEST_CASE("trouble with a mailer delays mails but no webhook") {
    PostOffice office;
    office.mailer = [](const Post&) { return MailAnswer{75, 0, "queue full"}; };
    office.run_for(2s);
    const auto mail = office.print("a");
    const auto message = office.tell("a");
    office.run_for(1s);
    CHECK(office.arrived == Ids{message});
    CHECK(office.row(mail).last_error == "mail:root: the mailer exited with 75: queue full");
    office.mailer = [](const Post&) { return MailAnswer{0, 0, ""}; };
    office.run_for(10min);
    CHECK(office.arrived == Ids{message, mail});
}

TEST_CASE("without a mailer a job's output is given up, because it is kept with its run; an alert is not") {
    PostOffice office;
    office.targets["mail:root"] = {TargetStatus::Kind::absent, 0, "there is no mailer"};
    const auto printed = office.print("a");
    Notice alert;
    alert.job = "a";
    alert.target = "mail:root";
    const auto waiting = office.put(alert);
    office.run_for(1h);
    CHECK(office.given_up.at(printed) == "there is no mailer");
    CHECK(office.pending() == Ids{waiting});
}

TEST_CASE("the output of many jobs is given up in one write") {
    PostOffice office;
    office.targets["mail:root"] = {TargetStatus::Kind::absent, 0, "there is no mailer"};
    for (int i = 0; i < 100; ++i) office.print("job" + std::to_string(i));
    const Decision decision =
        office.courier.decide(office.store->pending(SIZE_MAX).value(), office.targets, office.now);
    REQUIRE(decision.updates.size() == 1);
    CHECK(std::get<GivenUp>(decision.updates[0]).ids.size() == 100);
}

TEST_CASE("the answers of a webhook: a page of a proxy is not a delivery") {
    const auto of = [](int status, const std::string& body) {
        return slack_answer("slack:x", {status, "", "", body}, {});
    };
    CHECK(of(200, "ok").verdict == DeliveryVerdict::delivered);
    CHECK(of(200, "").verdict == DeliveryVerdict::delivered);
    CHECK(of(200, "{\"success\":true}").verdict == DeliveryVerdict::delivered);
    for (const char* page : {"<html><title>Blocked</title>", "\r\n <!DOCTYPE html>", "\xEF\xBB\xBF<?xml"}) {
        CHECK(of(200, page).verdict == DeliveryVerdict::outage);
        CHECK(of(200, page).text ==
              "slack:x: HTTP 200 with an HTML page, as from a proxy or a login; nothing was delivered");
    }
}

TEST_CASE("the answers of a mailer and a mail server") {
    const auto [answer, verdict] = GENERATE(table<MailAnswer, DeliveryVerdict>({
        {{0, 0, "noise"}, DeliveryVerdict::delivered},
        {{75, 0, ""}, DeliveryVerdict::outage},
        {{127, 0, "not found"}, DeliveryVerdict::outage},
        {{65, 0, ""}, DeliveryVerdict::refused},
        {{66, 0, ""}, DeliveryVerdict::outage},
        {{67, 0, ""}, DeliveryVerdict::refused},
        {{68, 0, ""}, DeliveryVerdict::refused},
        {{{}, 0, "no answer"}, DeliveryVerdict::outage},
        {{{}, 199, ""}, DeliveryVerdict::outage},
        {{{}, 200, ""}, DeliveryVerdict::delivered},
        {{{}, 250, "250 ok"}, DeliveryVerdict::delivered},
        {{{}, 299, ""}, DeliveryVerdict::delivered},
        {{{}, 300, ""}, DeliveryVerdict::outage},
        {{{}, 499, ""}, DeliveryVerdict::outage},
        {{{}, 500, ""}, DeliveryVerdict::refused},
        {{{}, 599, ""}, DeliveryVerdict::refused},
        {{{}, 600, ""}, DeliveryVerdict::outage},
        {{{}, 451, "451 busy"}, DeliveryVerdict::outage},
        {{{}, 550, "550 no such user"}, DeliveryVerdict::refused},
        {{{}, 552, "552 5.2.2 mailbox full"}, DeliveryVerdict::outage},
        {{{}, 552, "552 5.3.4 Message size exceeds fixed limit"}, DeliveryVerdict::refused},
        {{{}, 552, "552 5.2.3 exceeds administrative limit"}, DeliveryVerdict::refused},
        {{{}, 533, ""}, DeliveryVerdict::refused},
        {{{}, 534, "534 weak login"}, DeliveryVerdict::outage},
        {{{}, 535, "535 login"}, DeliveryVerdict::outage},
        {{{}, 538, "538 login without encryption"}, DeliveryVerdict::outage},
        {{{}, 539, ""}, DeliveryVerdict::refused},
        {{{}, 530, "530 login first"}, DeliveryVerdict::outage},
    }));
    CHECK(mail_answer("mail:root", answer).verdict == verdict);
}

TEST_CASE("the text for the answer of a mailer or a mail server has its code once, and its words") {
    const auto [answer, text] = GENERATE(table<MailAnswer, std::string>({
        {{{}, 550, "550 no such user\x1b[2J\n"}, "mail:root: the mail server answered: 550 no such user"},
        {{{}, 550, "no such user\nask ann"}, "mail:root: the mail server answered 550: no such user ask ann"},
        {{{}, 550, ""}, "mail:root: the mail server answered 550"},
        {{{}, 0, "connection refused"}, "mail:root: connection refused"},
        {{{}, 0, ""}, "mail:root: no answer"},
        {{75, 0, "queue full"}, "mail:root: the mailer exited with 75: queue full"},
        {{75, 0, ""}, "mail:root: the mailer exited with 75"},
    }));
    CHECK(mail_answer("mail:root", answer).text == text);
    CHECK(mail_answer("mail:root", {2, 0, std::string(9000, 'x')}).text.size() < 400);
}

TEST_CASE("the status of an HTTP answer decides what becomes of the message") {
    const auto [code, verdict] = GENERATE(table<int, DeliveryVerdict>({
        {199, DeliveryVerdict::outage},   {200, DeliveryVerdict::delivered}, {299, DeliveryVerdict::delivered},
        {300, DeliveryVerdict::outage},   {399, DeliveryVerdict::outage},    {400, DeliveryVerdict::malformed},
        {401, DeliveryVerdict::unusable}, {407, DeliveryVerdict::unusable},  {408, DeliveryVerdict::outage},
        {409, DeliveryVerdict::unusable}, {412, DeliveryVerdict::unusable},  {413, DeliveryVerdict::refused},
        {414, DeliveryVerdict::unusable}, {415, DeliveryVerdict::refused},   {422, DeliveryVerdict::refused},
        {428, DeliveryVerdict::unusable}, {429, DeliveryVerdict::throttled}, {430, DeliveryVerdict::unusable},
        {499, DeliveryVerdict::unusable}, {500, DeliveryVerdict::outage},
    }));
    CAPTURE(code);
    CHECK(web_answer("teams:x", {code, "", "", ""}, {}).verdict == verdict);
}

TEST_CASE("only a busy or unavailable receiver may ask for a pause") {
    const auto rest = [](int code) { return web_answer("teams:x", {code, "", "90", ""}, {}).rest; };
    CHECK(rest(429) == Seconds{90});
    CHECK(rest(503) == Seconds{90});
    CHECK_FALSE(rest(500));
    CHECK_FALSE(rest(502));
    CHECK_FALSE(rest(504));
    CHECK_FALSE(rest(404));
}

TEST_CASE("without folding, a flood is sent message by message, in order for each job, and paced") {
    PostOffice office;
    office.targets["pagerduty:x"] = {TargetStatus::Kind::ready, 7, "", {.gap = 500ms, .folds = false}};
    for (int i = 0; i < 12; ++i) {
        Notice notice;
        notice.target = "pagerduty:x";
        notice.job = i % 2 == 0 ? "a" : "b";
        office.put(std::move(notice));
    }
    office.run_for(1min);
    REQUIRE(office.made.size() == 12);
    std::map<std::string, std::int64_t> last;
    for (std::size_t i = 0; i < office.made.size(); ++i) {
        const Post& post = office.made[i].post;
        REQUIRE(post.notices.size() == 1);
        CHECK(std::exchange(last[post.notices[0].job], post.notices[0].id) < post.notices[0].id);
        if (i > 0) CHECK(office.made[i].at - office.made[i - 1].at >= 500ms);
    }
}
