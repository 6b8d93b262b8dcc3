// deliveries.h — the real courier between the ledger's outbox and a world that takes a message, refuses it, or does
// not answer; the daemon may die between a message's arrival and its record.
//
// A message is lost when it has left the outbox and never arrived, unless it was refused or called back. It may arrive
// again only where nobody could know that it had: the answer got lost, or the daemon died before it was recorded.
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
    // Hears of each job's own message that reached its end; false: the daemon died of it.
    using Ended = std::function<bool(const notify::ActionEnded&)>;
    // They outlive the object.
    Deliveries(test::FullDisk& store, Random& random, Planted planted, Ended ended);

    // These were committed to the outbox.
    void asked(const std::vector<Notice>& notices);
    // These runs' own messages need not arrive any more.
    void called_back(const std::vector<RunId>& runs);
    // The ledger is one of some time ago: it has messages up to that number, and what came of them since is not known.
    void restored(std::int64_t last);
    // The daemon is gone, with what it had in flight; a new one comes up.
    void restart(Now now);
    // Takes the answers that are due, then sends what may go. False: the daemon died on the way.
    bool pump(Now now, bool faults);
    // When to do so next, on the monotonic clock; the same as the last pump when nothing is on its way.
    std::optional<Seconds> wake() const;

    const std::vector<Notice>& all() const { return all_; }  // each that was ever asked for
    bool arrived(std::int64_t id) const { return letters_.at(id).arrived; }
    // 5. "" or what is broken; `over`: the outbox has had its time to empty.
    std::string check(bool over) const;

   private:
    struct Letter {
        bool arrived = false;
        bool known = false;    // nobody need send it again: the daemon heard that it had arrived
        bool refused = false;  // or called back: nobody waits for it
    };
    struct Flight {
        notify::Post post;
        notify::DeliveryVerdict verdict;
        bool arrives = false;  // also when the answer gets lost
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
