// fire_key.h — the permanent key of one fire of a job: (job, key) is the identity of a run in the ledger.
//
// A key says what the fire is for, not when it is due: a changed offset, roll or jitter does not change the key. Its
// text is in the ledger, in records of attempts and in docs/ledger.md. Only this class writes and reads it.
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
        none,     // "": no fire
        moment,   // "cron 2026-11-20T21:00:00Z": an instant of a cron expression or @every, before roll and jitter
        session,  // "session 2026-11-20 XNYS@close 1"
        date,     // "date 2026-11-20": for a job without a schedule
        boot,     // "boot ID": @reboot
        start,    // "start 17": by hand
        span,     // "span FIRST LAST": one run for several missed fires
        other,    // any other text
    };

    FireKey() = default;
    explicit FireKey(std::string text) : text_(std::move(text)) {}  // as stored in the ledger

    static FireKey of_moment(Instant before_roll);
    // `event`: "XNYS@close", without offset and time. `nth`: the number of the event among those of the same name in
    // the job's schedules, from 1. `count`: the number of a repeated event's instant, from 1; 0 if it does not repeat.
    static FireKey of_session(Date session, std::string_view event, int nth, int count);
    static FireKey of_date(Date date);
    static FireKey of_boot(std::string_view id);
    static FireKey of_start(std::int64_t number);
    static FireKey of_span(Instant first, Instant last);
    // The key of a start from another ledger, whose numbers are independent: the text followed by that ledger.
    FireKey in_ledger_of(std::string_view ledger) const { return FireKey(text_ + " of " + std::string(ledger)); }

    const std::string& text() const { return text_; }
    bool empty() const { return text_.empty(); }
    Kind kind() const;
    bool is_start() const { return kind() == Kind::start; }
    std::optional<Instant> moment() const;  // for Kind::moment: before roll and jitter
    std::string_view calendar() const;      // of a session event: "XNYS"; "" for other kinds

    auto operator<=>(const FireKey&) const = default;

   private:
    std::string text_;
};

// The beginning of every key of that kind, for a condition in SQL.
std::string_view first_word(FireKey::Kind kind);

}  // namespace mc
