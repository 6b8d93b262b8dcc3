// courier.h — decides which message to send next, and what an answer means for it. Pure: no clock, no network.
//
// The caller passes the pending rows and the state of their targets; decide() returns the posts to send. The caller
// sends them and passes each answer to answered(). Both return updates, which the caller carries out in order. The
// outbox in the database stays authoritative: after a crash a new courier continues from it, and sends again what may
// already have arrived (at least once).
//
//   * a lane (a webhook, or a mail address) has at most one message in flight, and a pause between an answer and the
//     next request: the gap of its pace, for Slack 1 second;
//   * the messages of one job are sent in order; a job that waits does not delay other jobs;
//   * 2xx: delivered. 429: the lane pauses as long as Retry-After says. An outage (5xx, 408, 3xx, no
//     answer): retried after 1 s, 2 s, 4 s ... 5 min, or what Retry-After says, and given up when the notice is 3 days
//     old;
//   * a channel that is unusable (its token, its channel or its webhook is wrong: other 4xx, Slack's words) is treated
//     like an outage, but retried at once when it changes or when an operator may have fixed it (look_again()); a job's
//     own message is given up;
//   * a message that is refused is given up with the reason, except that blocks refused with 400 are retried once as
//     plain text;
//   * if more than five messages wait for one lane and its pace folds, they become one message. A job's own action is
//     always a separate message; so is a mail with a job's output;
//   * if a secret cannot be read, the message is kept, the error is recorded, and the secret is read again later. If
//     the target is no longer in the configuration, the message is given up. If this machine has no mailer, a mail with
//     a job's output is given up; the output is kept with the run.
//
// URLs never get here, so that no error can hold one.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "notify/answer.h"
#include "store/outbox.h"

namespace mc::notify {

using Milliseconds = std::chrono::milliseconds;

// The wall clock for what is stored, the monotonic one for how long to wait.
struct Moment {
    Instant wall;
    Milliseconds up{0};
};

// How a kind of channel sends its messages.
struct Pace {
    Milliseconds gap{1000};     // between an answer and the next request
    bool folds = true;          // a flood becomes one message
    bool output_alone = false;  // except a job's output, which is always a separate message
    bool falls_back = false;    // a message that was not understood is retried once as plain text
};

// The state of a target now.
struct TargetStatus {
    enum class Kind { ready, unreadable, absent, removed } kind = Kind::removed;
    std::uint64_t lane = 0;  // ready: equal for targets with the same URL and token, or the same address
    std::string why;         // unreadable, absent: what is wrong and what to do
    Pace pace{};
};
using Targets = std::map<std::string, TargetStatus>;  // by name, "slack:ops"; a missing target counts as removed

// A message for the caller to send: one notice, or several folded into one.
struct Post {
    std::int64_t number = 0;  // for answered()
    std::string target;
    Pace pace{};
    std::vector<Notice> notices;  // ids ascending
    bool plain = false;           // without blocks, which were refused
};

struct Delivered {
    std::string target;
    std::vector<std::int64_t> ids;
};
struct Deferred {
    std::string target;
    std::vector<std::int64_t> ids;
    Instant when;
    std::string error;
};
struct GivenUp {
    std::string target;
    std::vector<std::int64_t> ids;
    std::string error;
    bool no_loss = false;  // a job's output, which is kept with its run: logged once
};
// A job's own message was delivered or given up. Comes before the Delivered or GivenUp of the same notice, so
// that a crash between the two repeats a message and never leaves a run without a result.
struct ActionEnded {
    RunId run = 0;
    int attempt = 0;
    Instant begun;  // when the message was written
    bool delivered = false;
    std::string error;
};
using Update = std::variant<ActionEnded, Delivered, Deferred, GivenUp>;

struct Decision {
    std::vector<Update> updates;
    std::vector<Post> posts;
    std::optional<Milliseconds> wake;  // when to call decide() again, monotonic; absent: only after the next change
};

class Courier {
   public:
    // `born`: now, monotonic. An earlier courier may just have sent a message, so each lane waits for one gap first.
    explicit Courier(Milliseconds born);

    // `rows`: all undelivered rows, in order of id.
    Decision decide(const std::vector<OutboxRow>& rows, const Targets& targets, Moment now);
    std::vector<Update> answered(std::int64_t post, const Answer& answer, Moment now);
    // An operator may have fixed an unusable channel: its messages are retried now.
    void look_again(Moment now);

   private:
    struct Waiting {  // the state of one row
        Milliseconds not_before{0};
        int tries = 0;
        bool plain = false;                       // blocks were refused
        std::string told;                         // the last recorded error of its secret
        std::optional<std::uint64_t> unusable{};  // its lane, if that was unusable at the last try
    };
    struct Lane {
        Pace pace{};
        Milliseconds not_before{0};
        int failures = 0;  // in a row
        std::optional<Post> in_flight{};
        bool unusable = false;  // according to its last answer
    };
    using Queue = std::vector<const OutboxRow*>;

    void remember(const std::vector<OutboxRow>& rows, const Targets& targets, Moment now);
    std::set<std::int64_t> in_flight() const;
    static void give_up(const OutboxRow& row, const std::string& why, Decision& decision);
    void tell_unreadable(const OutboxRow& row, const TargetStatus& target, Moment now, Decision& decision);
    void serve(Lane& lane, const Queue& queue, Moment now, Decision& decision);
    Queue choose(const Pace& pace, const Queue& queue, Moment now) const;
    std::optional<Milliseconds> earliest(const Queue& queue) const;
    Post make_post(Lane& lane, const Queue& chosen);

    std::vector<Update> delivered(const Post& sent) const;
    std::vector<Update> deferred(const Post& sent, Moment now, Milliseconds wait, const std::string& error) const;
    std::vector<Update> refused(const Post& sent, const Answer& answer, Moment now);
    std::vector<Update> outage(Lane& lane, const Post& sent, const Answer& answer, Moment now);
    std::vector<Update> unusable(std::uint64_t key, const Post& sent, const Answer& answer, Moment now);

    Milliseconds born_;
    std::int64_t last_post_ = 0;
    std::map<std::int64_t, Waiting> waiting_;  // by notice id
    std::map<std::uint64_t, Lane> lanes_;
};

}  // namespace mc::notify
