// fire_key.h — names one fire of a job for ever: (job, key) is the identity of a run in the ledger.
//
// A key says what the fire is for, not when it is due: an edited offset, a roll or jitter change no key. Its text stands
// in the ledger, in records of attempts and in docs/ledger.md; only this class writes and reads it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace mc {

class FireKey {
   public:
    enum class Kind {
        none,     // "": of no fire
        moment,   // "cron 2026-11-20T21:00:00Z": a moment of a cron expression or @every, before roll and jitter
        session,  // "session 2026-11-20 XNYS@close 1"
        date,     // "date 2026-11-20": of a job without a schedule
        boot,     // "boot ID": @reboot
        start,    // "start 17": by hand
        span,     // "span FIRST LAST": one run for several missed fires
        other,    // of none of these forms
    };

    FireKey() = default;
    explicit FireKey(std::string text) : text_(std::move(text)) {}  // as it stands in the ledger

    static FireKey of_moment(Instant before_roll);
    // `event`: "XNYS@close", without offset and time. `nth`: of the event's instants in a session, from 1. `count`: of a
    // repeated event's strikes, from 1; 0 for one that does not repeat.
    static FireKey of_session(Date session, std::string_view event, int nth, int count);
    static FireKey of_date(Date date);
    static FireKey of_boot(std::string_view id);
    static FireKey of_start(std::int64_t number);
    static FireKey of_span(Instant first, Instant last);
    // A start's number belongs to one ledger: the same start as another ledger calls it.
    FireKey in_ledger_of(std::string_view ledger) const { return FireKey(text_ + " of " + std::string(ledger)); }

    const std::string& text() const { return text_; }
    bool empty() const { return text_.empty(); }
    Kind kind() const;
    bool is_start() const { return kind() == Kind::start; }
    std::optional<Instant> moment() const;  // of Kind::moment: before roll and jitter
    std::string_view calendar() const;      // of a session's event: "XNYS"; "" for the other kinds

    auto operator<=>(const FireKey&) const = default;

   private:
    std::string text_;
};

// What the text of each key of that kind begins with: for a condition in SQL.
std::string_view first_word(FireKey::Kind kind);

}  // namespace mc
