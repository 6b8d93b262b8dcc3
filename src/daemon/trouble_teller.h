// trouble_teller.h — sends the messages of Troubles to the targets of [daemon] `notify`.
//
// It uses the ledger's outbox, like every message. While the ledger cannot be written, it uses an outbox in memory with a
// separate courier, which retries with the same pauses until the daemon ends.
#pragma once

#include "daemon/troubles.h"
#include "notify/outbox_sender.h"
#include "os/event_loop.h"
#include "shell/shell.h"
#include "store/store.h"

namespace mc::app {

class TroubleTeller {
   public:
    // `transport`: the one of the ledger's outbox; its `wake` wakes that outbox. All references must outlive the teller.
    TroubleTeller(os::EventLoop& loop, Troubles& troubles, Shell& shell, notify::Transport transport);

    // The new plan, with the targets and their channels.
    void use(const Plan& plan);
    // Sends what is due, and sets a timer for what is due later. Call it after each step.
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
