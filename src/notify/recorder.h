// recorder.h — writes the courier's updates to the ledger, and loses none when the ledger fails.
//
// An update that could not be written is kept and written first the next time, in order. Until then (settled() is
// false) do not send new posts: a post that cannot be recorded as sent would be sent again and again.
#pragma once

#include <deque>
#include <functional>

#include "notify/courier.h"
#include "store/outbox.h"

namespace mc::notify {

class Recorder {
   public:
    // `outbox` must outlive the recorder. `ended` is called for each job's own message that was delivered or given up,
    // and passes it to the engine. It may be called again for a run that has already ended; ignore it then.
    using Ended = std::function<void(const ActionEnded&)>;
    Recorder(Outbox& outbox, Ended ended);

    // Writes the kept updates, then these. Error: store; what was not written is kept.
    Result<void> record(std::vector<Update> updates, Instant at);
    bool settled() const { return unwritten_.empty(); }

   private:
    struct Entry {
        Update update;
        Instant at;
    };
    Result<void> write(const Entry& entry);

    Outbox& outbox_;
    Ended ended_;
    std::deque<Entry> unwritten_;
};

}  // namespace mc::notify
