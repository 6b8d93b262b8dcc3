// handed_over.h — the attempts that were handed to the keeper and have not started yet. A keeper that hangs (stopped,
// or waiting for a disk) accepts them and does nothing, without an error.
//
// An attempt has started when its record is on disk; it is over when the keeper reports its end. If neither happens for
// `asked_after`, the keeper is asked, because the record may have been removed. If it does not answer and sends nothing
// else either, it hangs. This is only reported: the keeper may still launch the attempt, so it must not be started
// elsewhere.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "store/run_store.h"

namespace mc::app {

class HandedOver {
   public:
    static constexpr Seconds patience{10}, asked_after{5};

    void add(AttemptName attempt, const std::string& job, Now now);
    // The keeper has sent something about it.
    void remove(AttemptName attempt, Now now);
    // There is a new keeper, and all attempts are handed over again.
    void clear();
    // Call it with every step; it does nothing before next(). `begun` returns the wall-clock time at which the attempt
    // started; 1970 if the attempt need not start any more; nullopt if it has not started. Returns the attempts to ask
    // the keeper about, each once.
    std::vector<AttemptName> look(Now now, const std::function<std::optional<Instant>(AttemptName)>& begun);
    // On the monotonic clock.
    std::optional<Seconds> next() const;
    // "", or that the keeper does not answer, since when, and what to do.
    std::string trouble(int keeper_pid) const;

   private:
    struct Entry {
        std::string job;  // as users see it
        Now at;
        bool is_asked = false;
        Seconds due() const { return at.up + (is_asked ? patience : asked_after); }
    };
    std::map<AttemptName, Entry> entries_;
    Seconds next_{0};
    Seconds last_sign_{0};  // when the keeper was last seen to act; monotonic clock
    bool is_silent_ = false;
};

}  // namespace mc::app
