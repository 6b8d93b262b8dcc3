#include "notify/pump.h"

#include <catch2/catch.hpp>
#include <deque>
#include <nlohmann/json.hpp>

using namespace mc;
using namespace mc::notify;
using Json = nlohmann::json;
using namespace std::chrono_literals;

namespace {

constexpr const char* url = "https://hooks.slack.example/services/T012345/B678901/s3cr3tTOKEN";

// A ledger in memory whose disk can be full.
class FullDisk final : public RunStore {
   public:
    bool full = false;

    Result<void> commit(const Batch& batch) override { return inner_->commit(batch); }
    Result<Recovered> recover() const override { return inner_->recover(); }
    Result<std::vector<Run>> runs(const RunFilter& filter) const override { return inner_->runs(filter); }
    Result<std::vector<Attempt>> attempts(RunId run) const override { return inner_->attempts(run); }
    Result<std::vector<Alert>> alerts(bool closed_too) const override { return inner_->alerts(closed_too); }
    Result<std::vector<OutboxRow>> pending(std::size_t limit) const override { return inner_->pending(limit); }
    Result<void> delivered(const std::vector<std::int64_t>& ids, Instant at) override {
        return full ? refusal() : inner_->delivered(ids, at);
    }
    Result<void> try_later(const std::vector<std::int64_t>& ids, Instant when, std::string_view error) override {
        return full ? refusal() : inner_->try_later(ids, when, error);
    }
    Result<void> given_up(const std::vector<std::int64_t>& ids, Instant at, std::string_view error) override {
        return full ? refusal() : inner_->given_up(ids, at, error);
    }
    Result<std::optional<SlackThread>> thread(std::string_view target, RunId alert) const override {
        return inner_->thread(target, alert);
    }
    Result<void> keep_thread(const SlackThread& thread) override { return inner_->keep_thread(thread); }
    Result<void> drop_thread(std::string_view target, RunId alert) override {
        return inner_->drop_thread(target, alert);
    }
    Result<void> remember_boot(std::string_view boot_id) override { return inner_->remember_boot(boot_id); }
    Result<std::vector<RunId>> prune(Instant older_than, std::size_t limit) override {
        return inner_->prune(older_than, limit);
    }
    std::optional<Run> by_key(std::string_view job, std::string_view key) const override {
        return inner_->by_key(job, key);
    }
    std::optional<Run> by_id(RunId id) const override { return inner_->by_id(id); }
    std::optional<Run> spanning(std::string_view job, Instant fire) const override {
        return inner_->spanning(job, fire);
    }
    std::optional<JobRecord> record_of(std::string_view job) const override { return inner_->record_of(job); }
    std::vector<Run> by_date(std::string_view job, Date date) const override { return inner_->by_date(job, date); }
    std::optional<Run> newest_before(std::string_view job, Date date, Instant fire) const override {
        return inner_->newest_before(job, date, fire);
    }
    std::vector<Run> upstream_failed_since(Instant fire) const override { return inner_->upstream_failed_since(fire); }

   private:
    static Result<void> refusal() { return fail(Error::Kind::store, "the disk is full", "make room"); }
    std::unique_ptr<RunStore> inner_ = make_memory_store();
};

SlackTarget webhook_in(const std::string& variable, const std::string& address) {
    SlackTarget target;
    target.webhook_env = variable;
    target.webhook = address;
    return target;
}

// The shell around a pump: a clock that is moved by hand, posts that wait for the test's answer.
struct Desk {
    struct Sent {
        std::string url, body, token;
        Hands::Done done;
    };
    Moment now{parse_instant("2026-11-20T21:00:00Z").value(), 1h};
    FullDisk store;
    std::deque<Sent> sent;
    std::vector<Mail> mails;
    Hands::Mailed mailed;
    bool has_mailer = true;
    std::optional<Milliseconds> wake;
    std::vector<std::string> log;
    std::map<std::string, std::string> variables{{"SLACK_OPS", url}};
    std::vector<ActionEnded> ended;
    std::int64_t last = 0;
    Pump pump{store, "desk-1", hands(), [this](const ActionEnded& action) { ended.push_back(action); }};

    Desk() {
        pump.use({{"ops", webhook_in("SLACK_OPS", "")}}, {});
        run_for(2s);
    }

    Hands hands() {
        return {[this] { return now; },
                [this](const std::string& to, const std::string& body, const std::string& token, Hands::Done done) {
                    sent.push_back({to, body, token, std::move(done)});
                },
                [this](Mail mail, Hands::Mailed done) {
                    mails.push_back(std::move(mail));
                    mailed = std::move(done);
                },
                [](const Notice& notice) { return "printed by " + notice.job + "\n"; },
                [this](const std::string&) { return has_mailer; },
                [this](std::optional<Milliseconds> up) { wake = up; },
                [this](const std::string& line) { log.push_back(line); },
                [this](const std::string& name) {
                    const auto found = variables.find(name);
                    return found == variables.end() ? std::nullopt : std::optional(found->second);
                }};
    }

    void tell(const std::string& job, const std::string& target = "slack:ops", NoticeKind kind = NoticeKind::failure) {
        Batch batch;
        batch.notices.emplace_back();
        batch.notices.back().id = ++last;
        batch.notices.back().target = target;
        batch.notices.back().kind = kind;
        batch.notices.back().job = job;
        batch.notices.back().created = now.wall;
        REQUIRE(store.commit(batch));
        pump.poke();
    }

    void run_for(Milliseconds length) {
        const Milliseconds end = now.up + length;
        while (wake && *wake <= end) {
            move_to(std::max(now.up, *wake));
            wake.reset();
            pump.run();
        }
        move_to(end);
    }

    void move_to(Milliseconds up) {
        now.wall += std::chrono::floor<Seconds>(up) - std::chrono::floor<Seconds>(now.up);
        now.up = up;
    }

    void answer(PostAnswer with) {
        REQUIRE_FALSE(sent.empty());
        const Sent first = std::move(sent.front());
        sent.pop_front();
        first.done(std::move(with));
    }

    std::size_t waiting() const { return store.pending(SIZE_MAX).value().size(); }
    std::string all_words() const {
        std::string all;
        for (const std::string& line : log) all += line + "\n";
        for (const auto& [target, trouble] : pump.troubles()) all += trouble + "\n";
        const std::vector<OutboxRow> rows = store.pending(SIZE_MAX).value();
        for (const OutboxRow& row : rows) all += row.last_error + "\n";
        return all;
    }
};

}  // namespace

TEST_CASE("the pump posts what waits, records it, and then sleeps") {
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

TEST_CASE("the log tells a trouble once, and its end") {
    Desk desk;
    desk.tell("a");
    for (int i = 0; i < 4; ++i) {
        desk.run_for(30s);
        desk.answer({503, "", "", ""});
    }
    CHECK(desk.pump.troubles().at("slack:ops") == "slack:ops: HTTP 503");
    desk.run_for(30s);
    desk.answer({200, "", "", "ok"});
    CHECK(desk.log == std::vector<std::string>{"slack:ops: HTTP 503; kept, and tried again", "slack:ops works again"});
    CHECK(desk.pump.troubles().empty());
}

TEST_CASE("the secret stands in no log line, no trouble and no row") {
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
    CHECK(desk.waiting() == 0);
}

TEST_CASE("a variable that is not set: kept and told; a reload after it was set sends at once") {
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
    desk.pump.use({{"ops", webhook_in("", url)}}, {});
    desk.run_for(0s);
    CHECK(desk.sent.size() == 1);
}

TEST_CASE("what a full disk cannot record is not sent again, and is recorded when there is room") {
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

TEST_CASE("a target that left the file is given up, and told") {
    Desk desk;
    desk.pump.use({}, {});
    desk.tell("a");
    desk.run_for(1s);
    CHECK(desk.waiting() == 0);
    CHECK(desk.log == std::vector<std::string>{"slack:ops is no longer in the configuration; a message was given up"});
}

TEST_CASE("a mail goes to the usual mailer, with what the run printed") {
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

TEST_CASE("a mail server knows no users of this machine: they get the sender's domain") {
    Desk desk;
    MailSettings mail;
    mail.smtp = "smtp://127.0.0.1";
    SECTION("of `from`") {
        mail.from = "desk@example.com";
        desk.pump.use({}, mail);
        desk.tell("a", "mail:root,ops@example.org");
        desk.run_for(1s);
        REQUIRE(desk.mails.size() == 1);
        CHECK(desk.mails[0].to == std::vector<std::string>{"root@example.com", "ops@example.org"});
        CHECK(desk.mails[0].from == "desk@example.com");
    }
    SECTION("or the host") {
        desk.pump.use({}, mail);
        desk.tell("a", "mail:root");
        desk.run_for(1s);
        REQUIRE(desk.mails.size() == 1);
        CHECK(desk.mails[0].to == std::vector<std::string>{"root@desk-1"});
        CHECK(desk.mails[0].from == "marketcron@desk-1");
    }
}

TEST_CASE("where there is no mailer, that is told once, not at each run") {
    Desk desk;
    desk.has_mailer = false;
    for (int i = 0; i < 5; ++i) {
        desk.tell("a", "mail:root", NoticeKind::output);
        desk.run_for(1min);
    }
    CHECK(desk.waiting() == 0);
    REQUIRE(desk.log.size() == 1);
    CHECK(desk.log[0] ==
          "mail:root: there is no /usr/sbin/sendmail; install a mailer, or write [mail]; a message was given up");
}

// ---- a bot

namespace {

struct BotDesk : Desk {
    BotDesk() {
        SlackTarget bot;
        bot.token_env = "BOT";
        bot.channel = "C1";
        bot.api = "https://slack.test/api";
        variables["BOT"] = "xoxb-very-secret";
        pump.use({{"bot", bot}}, {});
        Batch batch;
        batch.inserted.emplace_back();
        batch.inserted.back().id = 7;
        batch.inserted.back().job = "a";
        REQUIRE(store.commit(batch));
    }

    void tell_of_alert(NoticeKind kind, bool again = false) {
        Batch batch;
        Notice& notice = batch.notices.emplace_back();
        notice.id = ++last;
        notice.target = "slack:bot";
        notice.kind = kind;
        notice.job = "a";
        notice.run = notice.alert = 7;
        notice.created = now.wall;
        if (again) notice.open_since = now.wall - Seconds{3600};
        REQUIRE(store.commit(batch));
        pump.poke();
        run_for(3s);
    }

    // The method asked for, and its body.
    std::pair<std::string, Json> asked() {
        REQUIRE_FALSE(sent.empty());
        CHECK(sent.front().token == "xoxb-very-secret");
        const std::string base = "https://slack.test/api/";
        REQUIRE(sent.front().url.substr(0, base.size()) == base);
        return {sent.front().url.substr(base.size()), Json::parse(sent.front().body)};
    }
    void says(const std::string& body) { answer({200, "", "", body}); }
};

}  // namespace

TEST_CASE("a bot posts one message an alert, updates it, and replies in its thread") {
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
    CHECK(body["text"].get<std::string>().find("not mended yet") != std::string::npos);
    desk.says(R"({"ok":true,"channel":"C99","ts":"17.5"})");
    std::tie(method, body) = desk.asked();
    CHECK(method == "chat.postMessage");
    CHECK(body["thread_ts"] == "17.5");
    CHECK(body["reply_broadcast"] == true);
    desk.says(R"({"ok":true,"channel":"C99","ts":"18.5"})");
    CHECK(desk.waiting() == 0);

    // A person's word stands at the message's head.
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

TEST_CASE("a bot's message that was deleted is told anew, and what cannot be sent is said without the token") {
    BotDesk desk;
    desk.tell_of_alert(NoticeKind::failure);
    desk.says(R"({"ok":true,"channel":"C99","ts":"17.5"})");
    desk.tell_of_alert(NoticeKind::failure, true);
    desk.says(R"({"ok":false,"error":"message_not_found"})");
    CHECK(desk.asked().first == "chat.postMessage");
    CHECK_FALSE(desk.asked().second.contains("thread_ts"));
    desk.says(R"({"ok":true,"channel":"C99","ts":"27.5"})");
    CHECK(desk.store.thread("slack:bot", 7).value()->ts == "27.5");

    // Trouble: an outage is waited out, a wrong token is not, an unknown word is taken for Slack's own trouble.
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
    desk.says(R"({"ok":false,"error":"invalid_auth"})");
    CHECK(desk.waiting() == 0);
    CHECK(desk.all_words().find("the token is wrong: copy it again from Slack") != std::string::npos);
    CHECK(desk.all_words().find("very-secret") == std::string::npos);
}
