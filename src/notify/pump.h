// pump.h — the outbox's hands: the courier's decisions between the ledger, the secrets and the network.
//
// Lives in the daemon's one thread. It reads the rows that wait, resolves their targets, sends what the
// courier asks for and records what came of it. A webhook's URL or a login is read when a message needs it,
// is held while that is in flight, and stands in no log, error or table.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "notify/bot.h"
#include "notify/courier.h"
#include "notify/recorder.h"
#include "notify/secret.h"

namespace mc::notify {

// A mail to be sent, by a program or by a server.
struct Mail {
    std::vector<std::string> command;  // reads the message from its stdin; else
    MailSettings server;               // `smtp` and its TLS
    std::optional<Login> login;
    std::string from;
    std::vector<std::string> to;
    std::string message;
};

// What the pump asks of the shell.
struct Hands {
    using Done = std::function<void(PostAnswer)>;
    using Mailed = std::function<void(MailAnswer)>;
    std::function<Moment()> now;
    // POST the JSON body, with a bearer's token where there is one; `done` exactly once, later (never from within),
    // also when nothing answers.
    std::function<void(const std::string& url, const std::string& body, const std::string& token, Done done)> post;
    // The same for a mail.
    std::function<void(Mail mail, Mailed done)> mail;
    // All that the notice's attempt printed, masked; or a sentence that says why it cannot be shown.
    std::function<std::string(const Notice& notice)> output;
    // Whether that program can be executed.
    std::function<bool(const std::string& program)> executable;
    // Call Pump::run() at that monotonic time, and forget any time asked for before; absent: not at all.
    std::function<void(std::optional<Milliseconds> up)> wake;
    std::function<void(const std::string& line)> log;
    // A message of that target was given up, not only one that says what a job printed.
    std::function<void(const std::string& target, const std::string& line)> lost;
    Environment environment;
};

class Pump {
   public:
    // `store` and what `hands` and `ended` refer to must outlive the pump, and the pump its posts.
    Pump(RunStore& store, std::string host, Hands hands, Recorder::Ended ended);

    // The targets of the newest plan; whatever waited for a secret, or a place that was unusable, is looked at again.
    void use(std::map<std::string, SlackTarget> slack, MailSettings mail);
    // Something may be new in the outbox: asks to be woken at once.
    void poke();
    // When woken.
    void run();

    // What is wrong now, by target ("slack:ops"), for `status`: gone with the next delivery.
    const std::map<std::string, std::string>& troubles() const { return troubles_; }

   private:
    using Places = std::map<std::string, SlackPlace>;  // by target

    Targets resolve(const std::vector<OutboxRow>& rows, Places& places) const;
    Target slack_target(const std::string& name, Places& places) const;
    Target mail_target(const std::string& name) const;
    void send(const Post& post, const SlackPlace& place);
    void send_by_bot(const Post& post, const SlackPlace& place);
    void post_alone(const Post& post, const SlackPlace& place);
    void post_in_thread(const Post& post, const SlackPlace& place, const SlackThread& thread);
    std::optional<SlackThread> thread_of(const Notice& notice) const;
    void posted_alone(const Post& post, const SlackPlace& place, const std::string& body, const BotAnswer& told);
    void queue_head(const Notice& notice);
    void queue_closed_heads();
    void update_head();
    void head_updated(const Notice& notice, const BotAnswer& told);
    using Asked = std::function<void(const BotAnswer& answer)>;
    void ask_slack(const std::string& target, const SlackPlace& place, const std::string& method,
                   const std::string& body, Asked done);
    void send_mail(const Post& post);
    void answered(std::int64_t number, const Answer& answer);
    bool record(std::vector<Update> updates, Instant at);
    void take_note(const Update& update);
    void store_failed(const Error& error);

    RunStore& store_;
    Hands hands_;
    Recorder recorder_;
    Courier courier_;
    std::string host_;
    std::map<std::string, SlackTarget> slack_;
    MailSettings mail_;
    std::map<std::string, std::string> troubles_;
    std::string store_trouble_;
    bool poked_ = false;  // while running: there is more to do
    // The heads of a bot's messages that a folded one spoke of, or whose alert closed without a word: brought up to
    // date one by one, as well as it goes.
    std::deque<Notice> heads_;
    bool head_in_flight_ = false;
    Milliseconds next_head_{0};
};

}  // namespace mc::notify
