// recorder.h — carries the courier's updates into the ledger, and loses none when the ledger fails.
//
// What could not be written is kept and written first the next time, in order. Until then nothing new
// should be posted (settled() is false): what cannot be recorded as sent would be sent again and again.
#pragma once

#include <deque>
#include <functional>

#include "notify/courier.h"
#include "store/outbox.h"

namespace mc::notify {

class Recorder {
   public:
    // `outbox` must outlive the recorder. `ended` hears of each job's own message that reached its end, and
    // feeds it to the engine; for a run that has ended already it may come again, and then means nothing.
    using Ended = std::function<void(const ActionEnded&)>;
    Recorder(Outbox& outbox, Ended ended);

    // Writes these after what was left over. Error: store; what was not written is kept.
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
