// handed_over.h — the attempts that the keeper was given and that have not begun yet: a keeper that hangs (stopped, or
// waiting for a disk) takes them and does nothing, and no error tells.
//
// An attempt has begun when its record is on disk, or is over when the keeper says how it ended. When neither has come
// for a while, the keeper is asked: the record may have been removed. When it does not answer, and nothing else of the
// keeper's has come, it hangs. Nothing is done about it but to say so: a launch may still be carried out, so that it must
// not be started elsewhere.
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
    // The keeper has spoken of it.
    void remove(AttemptName attempt, Now now);
    // Another keeper, who is given all of them anew.
    void clear();
    // To be called with every step; looks when next() has come. `begun` says when, by the wall clock, the attempt began;
    // 1970 of one that need not begin any more; nothing of one that has not. Returns those that the keeper is to be asked
    // about, each once.
    std::vector<AttemptName> look(Now now, const std::function<std::optional<Instant>(AttemptName)>& begun);
    // On the monotonic clock.
    std::optional<Seconds> next() const;
    // "" or what does not answer, since when, and what to do.
    std::string trouble(int keeper_pid) const;

   private:
    struct Entry {
        std::string job;
        Now at;
        bool is_asked = false;
        Seconds due() const { return at.up + (is_asked ? patience : asked_after); }
    };
    std::map<AttemptName, Entry> entries_;
    Seconds next_{0};
    Seconds last_sign_{0};  // of the keeper's life
    bool is_silent_ = false;
};

}  // namespace mc::app
