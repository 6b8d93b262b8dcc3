// desk.h — a small world for the pump: a ledger in memory whose disk can be full, secrets in variables, and a shell
// that answers when the test wants it.
#pragma once

#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "notify/outbox_sender.h"
#include "notify/slack_channel.h"
#include "support/full_disk.h"

namespace mc::notify {

using namespace std::chrono_literals;

inline constexpr const char* url = "https://hooks.slack.example/services/T012345/B678901/s3cr3tTOKEN";

inline std::shared_ptr<const Channel> webhook_in(const std::string& variable, const std::string& address) {
    auto slack = std::make_shared<SlackChannel>();
    slack->secret = {&slack_webhook, "", variable, address};
    return slack;
}

inline const Target slack_ops{"slack", "ops"}, slack_bot{"slack", "bot"}, of_mail{"mail", ""};

// The shell around a pump: a clock that the test moves, posts that wait for the test's answer.
struct Desk {
    struct Sent {
        std::string url, body, token;
        Transport::Done done;
    };
    Moment now{parse_instant("2026-11-20T21:00:00Z").value(), 1h};
    test::FullDisk store;
    std::deque<Sent> sent;
    std::vector<Mail> mails;
    Transport::Mailed mailed;
    bool has_mailer = true;
    std::optional<Milliseconds> wake;
    std::vector<std::string> log;
    std::vector<std::string> lost;  // targets of messages that were given up
    std::map<std::string, std::string> variables{{"SLACK_OPS", url}};
    std::vector<ActionEnded> ended;
    std::int64_t last = 0;
    OutboxSender pump{
        {store, store}, "desk-1", transport(), [this](const ActionEnded& action) { ended.push_back(action); }};

    Desk() {
        pump.use({{slack_ops, webhook_in("SLACK_OPS", "")}});
        run_for(2s);
    }

    Transport transport() {
        return {[this] { return now; },
                [this](Request request, Transport::Done done) {
                    const std::string bearer = "Bearer ";
                    std::string token;
                    for (const auto& [name, value] : request.headers)
                        if (name == "Authorization" && value.starts_with(bearer)) token = value.substr(bearer.size());
                    sent.push_back({request.url, request.body, token, std::move(done)});
                },
                [this](Mail mail, Transport::Mailed done) {
                    mails.push_back(std::move(mail));
                    mailed = std::move(done);
                },
                [](const Notice& notice) { return "printed by " + notice.job + "\n"; },
                [this](const std::string&) { return has_mailer; },
                [this](std::optional<Milliseconds> up) { wake = up; },
                [this](const std::string& line) { log.push_back(line); },
                [this](const std::string& target, const std::string&) { lost.push_back(target); },
                [this](const std::string& name) {
                    const auto found = variables.find(name);
                    return found == variables.end() ? std::nullopt : std::optional(found->second);
                }};
    }

    void tell(const std::string& job, const std::string& target = "slack:ops", NoticeKind kind = NoticeKind::failure) {
        StepWrites batch;
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

}  // namespace mc::notify
