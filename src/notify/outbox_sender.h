// outbox_sender.h — the outbox at work: the courier's decisions between the ledger and the senders of the channels.
//
// Lives in the daemon's one thread. It reads the rows that wait, asks each kind of channel for the state of its targets,
// sends what the courier asks for and records what came of it. A secret is read when a message needs it, is held while
// that is in flight, and is in no log, error or table.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "notify/channel.h"
#include "notify/courier.h"
#include "notify/recorder.h"
#include "notify/transport.h"

namespace mc::notify {

class OutboxSender {
   public:
    // All outlive the pump.
    struct Stored {
        Outbox& outbox;
        MessageThreads& threads;
    };
    // What `transport` and `ended` refer to must outlive the pump, and the pump its posts.
    OutboxSender(Stored stored, const std::string& host, Transport transport, Recorder::Ended ended);
    OutboxSender(const OutboxSender&) = delete;
    OutboxSender& operator=(const OutboxSender&) = delete;

    // The channels of the newest plan; whatever waited for a secret, or a place that was unusable, is looked at again.
    void use(Channels channels);
    // Something may be new in the outbox: asks to be woken at once.
    void poke();
    // When woken.
    void run();

    // What is wrong now, by target ("slack:ops"), for `status`: gone with the next delivery.
    const std::map<std::string, std::string>& troubles() const { return troubles_; }

   private:
    struct Place {
        Sender* sender = nullptr;
        notify::Place place;
    };
    using Places = std::map<std::string, Place>;  // by target

    Result<void> take_silent(std::vector<OutboxRow>& rows, Instant at);
    Targets resolve(const std::vector<OutboxRow>& rows, Places& places);
    void tend(Decision& decision);
    void answered(std::int64_t number, const Answer& answer);
    bool record(std::vector<Update> updates, Instant at);
    void take_note(const Update& update);
    void store_failed(const Error& error);

    Outbox& outbox_;
    Transport transport_;
    Recorder recorder_;
    Courier courier_;
    Channels channels_;
    std::map<std::string, std::unique_ptr<Sender>, std::less<>> senders_;  // by kind
    std::map<std::string, std::string> troubles_;
    std::string store_trouble_;
    bool poked_ = false;  // while running: there is more to do
};

}  // namespace mc::notify
