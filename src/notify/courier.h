// courier.h — which message to post next, and what an answer means for it. Pure: no clock, no network.
//
// The shell gives the rows that wait and what it knows of their targets; decide() answers with posts to
// make. The shell makes them and transport each answer to answered(). Both return updates for the shell to
// carry out in order; the outbox in the database stays the truth, so that a new courier made after a crash
// goes on, and posts again what may have arrived (at least once).
//
//   * a lane (a webhook, or a mail's address) has at most one message in flight, and the pause of its pace between an
//     answer and the next request: a second for Slack;
//   * the messages of one job go in order; a job that waits does not hold up the others;
//   * 2xx: delivered. 429: the webhook rests as long as Retry-After says. An outage (5xx, 408, 3xx, no
//     answer): again after 1 s, 2 s, 4 s ... 5 min, or what Retry-After says, and given up only when it is 3 days
//     old;
//   * a place that is unusable (a token, a channel, a webhook: other 4xx, Slack's words) is treated like an
//     outage, but tried at once when it changes, or when a person may have mended it (look_again()); a job's
//     own message is given up;
//   * a message that is refused: given up with the reason, but blocks refused with 400 are tried once as plain
//     text;
//   * more than five that wait for one lane become one message, where its pace folds; a job's own action never
//     does, nor does what a job printed, to be mailed;
//   * a secret that cannot be read: kept, told, and looked at again. A target taken out of the file: given
//     up; so is what a job printed, where there is no mailer at all: it is kept with the run.
//
// URLs are never seen here, so that no error can hold one.
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

// How messages leave by a kind of channel.
struct Pace {
    Milliseconds gap{1000};     // between an answer and the next request
    bool folds = true;          // a flood becomes one message
    bool output_alone = false;  // but what a job printed is a message of its own
    bool falls_back = false;    // a message that was not understood is tried once more as plain text
};

// What is known of a target now.
struct TargetStatus {
    enum class Kind { ready, unreadable, absent, removed } kind = Kind::removed;
    std::uint64_t lane = 0;  // ready: equal for the same URL and token, or address, whatever the targets' names
    std::string why;         // unreadable, absent: what is wrong and what to do
    Pace pace{};
};
using Targets = std::map<std::string, TargetStatus>;  // by name, "slack:ops"; one that is not there is removed

// A message for the shell to send: one notice, or several as one.
struct Post {
    std::int64_t number = 0;  // to answer by
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
    bool no_loss = false;  // what a job printed, which is kept with its run: told once
};
// A job's own message has reached its end; comes before the Delivered or GivenUp of the same notice, so
// that a crash between the two repeats a message and never leaves a run without an end.
struct ActionEnded {
    RunId run = 0;
    int attempt = 0;
    Instant begun;  // the message was written then
    bool delivered = false;
    std::string error;
};
using Update = std::variant<ActionEnded, Delivered, Deferred, GivenUp>;

struct Decision {
    std::vector<Update> updates;
    std::vector<Post> posts;
    std::optional<Milliseconds> wake;  // ask again then, on the monotonic clock; absent: only when told
};

class Courier {
   public:
    // `born`: the predecessor may have posted a moment ago, so the first second is a rest.
    explicit Courier(Milliseconds born);

    // `rows`: all that is not delivered, in order of id.
    Decision decide(const std::vector<OutboxRow>& rows, const Targets& targets, Moment now);
    std::vector<Update> answered(std::int64_t post, const Answer& answer, Moment now);
    // A person may have mended what was unusable: it is tried again, now.
    void look_again(Moment now);

   private:
    struct Waiting {  // what is remembered of a row
        Milliseconds not_before{0};
        int tries = 0;
        bool plain = false;                       // blocks were refused
        std::string told;                         // the trouble with its secret that was last recorded
        std::optional<std::uint64_t> unusable{};  // the lane that was so when it was tried last
    };
    struct Lane {
        Pace pace{};
        Milliseconds not_before{0};
        int failures = 0;  // in a row
        std::optional<Post> in_flight{};
        bool unusable = false;  // its last answer said so
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
