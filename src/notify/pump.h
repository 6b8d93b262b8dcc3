// pump.h — the outbox's hands: the courier's decisions between the ledger, the secrets and the network.
//
// Lives in the daemon's one thread. It reads the rows that wait, resolves their webhooks, makes the posts
// that the courier asks for and records what came of them. A webhook's URL is read when a post needs it,
// is held while that post is in flight, and stands in no log, error or table.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "notify/courier.h"
#include "notify/recorder.h"
#include "notify/secret.h"

namespace mc::notify {

// What the pump asks of the shell.
struct Hands {
    using Done = std::function<void(PostAnswer)>;
    std::function<Moment()> now;
    // POST the JSON body; `done` exactly once, later (never from within), also when nothing answers.
    std::function<void(const std::string& url, const std::string& body, Done done)> post;
    // Call Pump::run() at that monotonic time, and forget any time asked for before; absent: not at all.
    std::function<void(std::optional<Milliseconds> up)> wake;
    std::function<void(const std::string& line)> log;
    Environment environment;
};

class Pump {
   public:
    // `store` and what `hands` and `ended` refer to must outlive the pump, and the pump its posts.
    Pump(RunStore& store, std::string host, Hands hands, Recorder::Ended ended);

    // The targets of the newest plan; whatever waited for a secret is looked at again.
    void use(std::map<std::string, SlackTarget> slack);
    // Something may be new in the outbox: asks to be woken at once.
    void poke();
    // When woken.
    void run();

    // What is wrong now, by target ("slack:ops"), for `status`: gone with the next delivery.
    const std::map<std::string, std::string>& troubles() const { return troubles_; }

   private:
    using Urls = std::map<std::string, std::string>;  // by target

    Targets resolve(const std::vector<OutboxRow>& rows, Urls& urls) const;
    void send(const Post& post, const std::string& url);
    bool record(std::vector<Update> updates, Instant at);
    void take_note(const Update& update);
    void store_failed(const Error& error);

    RunStore& store_;
    Hands hands_;
    Recorder recorder_;
    Courier courier_;
    std::map<std::string, SlackTarget> slack_;
    std::map<std::string, std::string> troubles_;
    std::string store_trouble_;
    bool poked_ = false;  // while running: there is more to do
};

}  // namespace mc::notify
