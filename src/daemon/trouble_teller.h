// trouble_teller.h — sends what Troubles has to say to the targets of [daemon] `notify`.
//
// Through the outbox of the ledger, like every message. While the ledger cannot be written a message goes into an
// outbox in memory, with a courier of its own: it is tried with the same pauses for as long as the daemon lives.
#pragma once

#include "daemon/troubles.h"
#include "notify/outbox_sender.h"
#include "os/event_loop.h"
#include "shell/shell.h"
#include "store/store.h"

namespace mc::app {

class TroubleTeller {
   public:
    // `transport` as for the outbox of the ledger; its `wake` wakes that outbox. All must outlive the teller.
    TroubleTeller(os::EventLoop& loop, Troubles& troubles, Shell& shell, notify::Transport transport);

    // The newest plan's targets, and where they are.
    void use(const Plan& plan);
    // Sends what is due, and sees to it that it is called again when there is more. To be called after each step.
    void run();

   private:
    void send(std::vector<TroubleMessage> messages, Now now);
    void send_from_memory(std::vector<TroubleMessage> messages, Instant now);

    Troubles& troubles_;
    Shell& shell_;
    std::vector<std::string> targets_;
    os::MonotonicTimer timer_, pump_timer_;
    std::function<void()> wake_outbox_;
    std::unique_ptr<Store> memory_;
    std::int64_t last_notice_;
    notify::OutboxSender outbox_sender_;
};

}  // namespace mc::app
