// post_office.h — a small world for the courier: an outbox in memory, webhooks that answer as the
// test wants, and a clock that advances only when the test says so.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "notify/courier.h"
#include "notify/recorder.h"
#include "notify/slack_answer.h"
#include "store/store.h"

namespace mc::notify {

inline constexpr Pace slack_pace{.falls_back = true}, mail_pace{.gap = Milliseconds{0}, .output_alone = true};

inline PostAnswer ok() { return {200, "", "", "ok"}; }
inline PostAnswer status(int code, std::string body = "", std::string retry_after = "") {
    return {code, "", std::move(retry_after), std::move(body)};
}
inline PostAnswer no_answer(std::string error = "connection refused") { return {0, std::move(error), "", ""}; }

class PostOffice {
   public:
    struct Made {  // a post, as received by the webhook
        Milliseconds at{0};
        Post post;
    };
    using Webhook = std::function<PostAnswer(const Post&)>;
    using Mailer = std::function<MailAnswer(const Post&)>;

    PostOffice() {
        targets["slack:ops"] = {TargetStatus::Kind::ready, 1, "", slack_pace};
        targets["mail:ops@example.com"] = {TargetStatus::Kind::ready, 100, "", mail_pace};
        targets["mail:root"] = {TargetStatus::Kind::ready, 101, "", mail_pace};
        mailer = [](const Post&) { return MailAnswer{0, 0, ""}; };
        webhook = [](const Post&) { return ok(); };
        now.wall = parse_instant("2026-11-20T21:00:00Z").value();
    }

    // A message about that job, now.
    std::int64_t tell(const std::string& job, NoticeKind kind = NoticeKind::failure) {
        Notice notice;
        notice.job = job;
        notice.kind = kind;
        notice.state = State::failed;
        notice.reason = Reason::exit_code;
        notice.logical_date = "2026-11-20";
        return put(std::move(notice));
    }

    // A job's output, to be mailed.
    std::int64_t print(const std::string& job, const std::string& target = "mail:root") {
        Notice notice;
        notice.job = job;
        notice.kind = NoticeKind::output;
        notice.target = target;
        return put(std::move(notice));
    }

    // A message job's message.
    std::int64_t act(const std::string& job, RunId run, const std::string& text = "Order lunch here.") {
        Notice notice;
        notice.job = job;
        notice.run = run;
        notice.attempt = 1;
        notice.is_action = true;
        notice.text = text;
        return put(std::move(notice));
    }

    std::int64_t put(Notice notice) {
        notice.id = ++last_;
        if (notice.target.empty()) notice.target = "slack:ops";
        notice.created = now.wall;
        StepWrites batch;
        batch.notices.push_back(std::move(notice));
        REQUIRE(store->commit(batch));
        return last_;
    }

    // Simulates that much time: the courier runs when it asked to, webhooks answer after
    // `latency`.
    void run_for(Milliseconds length) {
        const Milliseconds end = now.up + length;
        ask();
        while (true) {
            const Milliseconds next = next_event();
            if (next > end) break;
            advance_to(next);
            answer_due();
            ask();
        }
        advance_to(end);
    }

    // The daemon dies, with its posts in flight, and another one starts.
    void restart() {
        in_flight_.clear();
        courier = Courier(now.up);
    }

    void ask() {
        Decision decision = courier.decide(store->pending(SIZE_MAX).value(), targets, now);
        note(decision.updates);
        REQUIRE(recorder.record(decision.updates, now.wall));
        for (Post& post : decision.posts) {
            for (const auto& [at, other] : in_flight_)
                REQUIRE(targets.at(other.target).lane != targets.at(post.target).lane);
            made.push_back({now.up, post});
            in_flight_.emplace(now.up + latency, std::move(post));
        }
        wake_ = decision.wake;
    }

    std::vector<std::int64_t> pending() const {
        std::vector<std::int64_t> ids;
        const std::vector<OutboxRow> rows = store->pending(SIZE_MAX).value();
        for (const OutboxRow& row : rows) ids.push_back(row.notice.id);
        return ids;
    }
    OutboxRow row(std::int64_t id) const {
        const std::vector<OutboxRow> rows = store->pending(SIZE_MAX).value();
        for (const OutboxRow& row : rows)
            if (row.notice.id == id) return row;
        FAIL("notice " << id << " is no longer pending");
        return {};
    }

    Moment now{{}, std::chrono::hours{1}};
    Milliseconds latency{100};
    Webhook webhook;
    Mailer mailer;
    Targets targets;
    std::unique_ptr<Store> store = make_memory_store();
    std::vector<Made> made;
    std::vector<ActionEnded> ended;
    std::vector<std::int64_t> arrived;  // ids in the order of delivery
    std::map<std::int64_t, std::string> given_up;
    Recorder recorder{*store, [this](const ActionEnded& action) { ended.push_back(action); }};
    Courier courier{now.up};

   private:
    Milliseconds next_event() const {
        Milliseconds next = Milliseconds::max();
        if (!in_flight_.empty()) next = in_flight_.begin()->first;
        if (wake_) next = std::min(next, *wake_);
        return next;
    }

    void advance_to(Milliseconds up) {
        REQUIRE(up >= now.up);
        odd_ += up - now.up;
        now.up = up;
        now.wall += std::chrono::floor<Seconds>(odd_);
        odd_ -= std::chrono::floor<Seconds>(odd_);
    }

    Answer answer_to(const Post& post) const {
        if (post.target.starts_with("mail:")) return mail_answer(post.target, mailer(post));
        return slack_answer(post.target, webhook(post), now.wall);
    }

    void answer_due() {
        while (!in_flight_.empty() && in_flight_.begin()->first <= now.up) {
            const Post post = in_flight_.extract(in_flight_.begin()).mapped();
            std::vector<Update> updates = courier.answered(post.number, answer_to(post), now);
            note(updates);
            REQUIRE(recorder.record(updates, now.wall));
        }
    }

    void note(const std::vector<Update>& updates) {
        for (const Update& update : updates) {
            if (const auto* done = std::get_if<Delivered>(&update))
                arrived.insert(arrived.end(), done->ids.begin(), done->ids.end());
            if (const auto* lost = std::get_if<GivenUp>(&update))
                for (const std::int64_t id : lost->ids) given_up[id] = lost->error;
        }
    }

    std::int64_t last_ = 0;
    Milliseconds odd_{0};  // within the wall clock's current second
    std::multimap<Milliseconds, Post> in_flight_;
    std::optional<Milliseconds> wake_;
};

}  // namespace mc::notify
