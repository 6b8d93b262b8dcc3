// deliveries.h — the real courier between the ledger's outbox and simulated receivers, which accept a message, refuse
// it, or do not answer; the daemon may die between a message's arrival and its record.
//
// A message is lost if it has left the outbox and never arrived, unless it was refused or called back. It may arrive
// twice only if the daemon could not know that it had arrived: the answer got lost, or the daemon died before the
// record.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "notify/recorder.h"
#include "sim/planted.h"
#include "sim/random.h"
#include "support/full_disk.h"

namespace mc::sim {

class Deliveries {
   public:
    // Called for each job's own message that was delivered or given up; false: the daemon died during the call.
    using Ended = std::function<bool(const notify::ActionEnded&)>;
    // The arguments must outlive the object.
    Deliveries(test::FullDisk& store, Random& random, Planted planted, Ended ended);

    // These were committed to the outbox.
    void asked(const std::vector<Notice>& notices);
    // These runs' own messages need not arrive any more.
    void called_back(const std::vector<RunId>& runs);
    // The ledger was restored from a backup: it has messages up to that number, and does not know their later results.
    void restored(std::int64_t last);
    // The daemon died, with its messages in flight; a new one starts.
    void restart(Now now);
    // Receives the answers that are due, then sends what may be sent. False: the daemon died meanwhile.
    bool pump(Now now, bool faults);
    // When to call pump() next, monotonic; the time of the last call when no message is in flight.
    std::optional<Seconds> wake() const;

    const std::vector<Notice>& all() const { return all_; }  // every message that was ever requested
    bool arrived(std::int64_t id) const { return letters_.at(id).arrived; }
    // Checker 5: "" or the violation. `over`: the outbox has had enough time to become empty.
    std::string check(bool over) const;

   private:
    struct Letter {
        bool arrived = false;
        bool known = false;    // the daemon knows that it arrived, and must not send it again
        bool refused = false;  // or called back: it need not arrive
    };
    struct Flight {
        notify::Post post;
        notify::DeliveryVerdict verdict;
        bool arrives = false;  // also if the answer gets lost
        Seconds answered_up{0};
    };
    bool record(std::vector<notify::Update> updates, Instant at);
    void send(notify::Post post, Now now, bool faults);
    void land(const Flight& flight, bool is_known);

    test::FullDisk& store_;
    Random& random_;
    Planted planted_;
    std::vector<Notice> all_;
    std::map<std::int64_t, Letter> letters_;
    Ended ended_;
    bool died_ = false;
    std::set<std::int64_t> unrecorded_;                                   // that arrived, or were refused
    std::map<std::pair<std::string, std::string>, std::int64_t> newest_;  // that arrived, by target and job
    std::vector<Flight> flights_;
    std::optional<notify::Courier> courier_;
    std::optional<notify::Recorder> recorder_;
    std::optional<Seconds> courier_wake_;
    std::string broken_;
};

}  // namespace mc::sim
