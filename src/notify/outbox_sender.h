// outbox_sender.h — sends the notices of the outbox: carries out the courier's decisions with the ledger and the senders.
//
// Runs in the daemon's event loop thread. It reads the pending rows, asks each kind of channel for the state of its
// targets, sends what the courier decides and records the results. A secret is read when a message needs it, is held
// while that message is in flight, and never gets into a log, an error or a table.
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
    // Both must outlive the sender.
    struct Stored {
        Outbox& outbox;
        MessageThreads& threads;
    };
    // What `transport` and `ended` refer to must outlive the sender, and the sender must outlive its posts.
    OutboxSender(Stored stored, const std::string& host, Transport transport, Recorder::Ended ended);
    OutboxSender(const OutboxSender&) = delete;
    OutboxSender& operator=(const OutboxSender&) = delete;

    // The channels of the newest plan. Messages that wait for a secret or an unusable channel are retried.
    void use(Channels channels);
    // The outbox may have new rows: asks to be woken at once.
    void poke();
    // To be called when woken.
    void run();

    // Current problems by target ("slack:ops"), for `status`; the next delivery to a target removes its entry.
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
