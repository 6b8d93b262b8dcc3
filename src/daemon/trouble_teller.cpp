#include "daemon/trouble_teller.h"

#include "os/clock.h"

namespace mc::app {

namespace {

notify::Transport with_wake(notify::Transport transport, os::MonotonicTimer& timer) {
    transport.wake = [&timer](std::optional<notify::Milliseconds> up) {
        timer.arm(up ? std::optional<std::chrono::nanoseconds>(*up) : std::nullopt);
    };
    return transport;
}

}  // namespace

TroubleTeller::TroubleTeller(os::EventLoop& loop, Troubles& troubles, Shell& shell, notify::Transport transport)
    : troubles_(troubles),
      shell_(shell),
      timer_(loop, [this] { run(); }),
      pump_timer_(loop, [this] { outbox_sender_.run(); }),
      wake_outbox_([wake = transport.wake, now = transport.now] { wake(now().up); }),
      memory_(make_memory_store()),
      // A mail's Message-ID has the notice's number, so a number of the ledger must not be used again here.
      last_notice_(std::chrono::duration_cast<notify::Milliseconds>(os::wall_now().time_since_epoch()).count()),
      outbox_sender_({*memory_, *memory_}, os::host_name(), with_wake(std::move(transport), pump_timer_),
                     [](const notify::ActionEnded&) {}) {}

void TroubleTeller::use(const Plan& plan) {
    targets_.assign(plan.daemon.notify.begin(), plan.daemon.notify.end());
    outbox_sender_.use(plan.channels);
}

void TroubleTeller::run() {
    const Now at = shell_.now();
    if (auto messages = troubles_.take_messages(targets_, os::host_name(), at); !messages.empty())
        send(std::move(messages), at);
    const auto next = troubles_.next();
    // next() is in whole seconds, rounded down: one second later it has passed.
    timer_.arm(next ? std::optional<std::chrono::nanoseconds>(*next + Seconds{1}) : std::nullopt);
}

// To keep the order, messages go into memory while others wait there.
void TroubleTeller::send(std::vector<TroubleMessage> messages, Now at) {
    const auto waiting = memory_->pending(1);
    const bool in_memory = !shell_.trouble().empty() || !waiting || !waiting->empty();
    // Wakes the outbox: if the teller's own timer called (a reminder, the end of a trouble), nothing else does.
    if (!in_memory && shell_.step(TroubleTold{messages}).ok) wake_outbox_();
    else send_from_memory(std::move(messages), at.wall);
}

void TroubleTeller::send_from_memory(std::vector<TroubleMessage> messages, Instant at) {
    StepWrites batch;
    for (TroubleMessage& message : messages) {
        Notice notice;
        notice.id = ++last_notice_;
        notice.target = std::move(message.target);
        notice.job = "marketcron";
        notice.title = std::move(message.title);
        notice.created = at;
        notice.is_action = true;
        notice.text = std::move(message.text);
        batch.notices.push_back(std::move(notice));
    }
    (void)memory_->commit(batch);
    outbox_sender_.poke();
}

}  // namespace mc::app
