// troubles.h — the daemon's own troubles: what is wrong now, since when, and which messages are due.
//
// The code that finds a trouble reports it here, as often as it likes. The log, `status`, /v1/status and the messages to
// [daemon] `notify` take it from here. Pure: the wall clock and the monotonic clock are arguments.
//
//   * The beginning is sent at once; that of TroubleKind::outbox after a minute, because a server is often unavailable
//     for a moment.
//   * A trouble that lasts is sent again after 1, 4 and 24 hours, then every 24 hours (calendars: every 7 days).
//   * The end is sent when the trouble has been over for a minute. If it returns earlier, it is the same trouble, and
//     each return doubles that minute, up to an hour: flapping sends one beginning, reminders and one end.
//   * An event (happened()) has no end. It is sent at once and listed for an hour; further events of the same kind and
//     subject in that hour are counted, and sent as one message when the hour is over.
//   * Everything that is due at the same time is one message for each target. A target gets no message about its own
//     failures.
//   * Without a target nothing counts as sent: a target that is configured later gets the troubles that last then.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace mc::app {

// A new kind needs a row in the table of troubles.cpp, its sentence in marketcron.8 and a test in
// tests/e2e/trouble_test.py.
enum class TroubleKind {
    ledger,         // it cannot be read or written
    disk,           // the state directory's file system is nearly full
    keeper,         // there is no keeper, or it does not answer
    full,           // no space, process or descriptor for an attempt; about "output": outputs cannot be sealed
    clock,          // the wall clock was set
    configuration,  // a reload was refused
    calendars,      // a calendar ends soon
    crontabs,       // a file of [crontab] is ignored
    other_cron,     // another cron daemon runs the same crontabs
    outbox,         // a target's messages cannot be delivered
    identity,       // records of attempts that do not belong to this ledger, or that it did not have
    records,        // records of running attempts cannot be read
    output,         // the output of an attempt cannot be masked any more
    log,            // lines of the daemon's log are lost
    socket,         // the control socket was removed, and cannot be created again
    internal,       // a bug in the program
};
std::string_view to_text(TroubleKind kind);  // "other_cron"

struct Trouble {
    TroubleKind kind = TroubleKind::internal;
    std::string about;  // the subject, if a kind can have several: "slack:ops", a file; else ""
    std::string text;   // what is wrong, and what to do
    Instant since;
    int times = 1;  // how often it has begun, returns included; for an event: how many happened
    bool operator==(const Trouble&) const = default;
};

class Troubles {
   public:
    using Log = std::function<void(const std::string& line)>;
    explicit Troubles(Log log) : log_(std::move(log)) {}

    // The trouble exists now. Repeated calls change nothing; a new text replaces the old one.
    void begin(TroubleKind kind, const std::string& about, const std::string& text, Now now);
    // The trouble is over. Does nothing if there was none.
    void end(TroubleKind kind, const std::string& about, Now now);
    // begin(); with an empty text end().
    void set(TroubleKind kind, const std::string& about, const std::string& text, Now now);
    // All troubles of that kind, by subject: these begin, all others of the kind end.
    void set_all(TroubleKind kind, const std::map<std::string, std::string>& texts, Now now);
    // An event, which has no end.
    void happened(TroubleKind kind, const std::string& about, const std::string& text, Now now);

    // The troubles that last and the events of the last hour, in the order of the kinds.
    std::vector<Trouble> list() const;
    bool lasts(TroubleKind kind) const;

    // The messages that are due for these targets; they count as sent from now on. Call it after each change and at
    // next(), also without targets: it removes entries that are over.
    std::vector<TroubleMessage> take_messages(const std::vector<std::string>& targets, const std::string& host,
                                              Now now);
    // When take_messages() is to be called next, on the monotonic clock; a time in the past means now.
    std::optional<Seconds> next() const;

   private:
    using Key = std::pair<TroubleKind, std::string>;
    struct Entry {
        Trouble trouble;
        bool is_event = false;
        Seconds begun{0};              // on the monotonic clock; of an event: the first one
        std::optional<Seconds> ended;  // when it ended, if it has
        std::string logged;            // the text in the log, written at logged_at
        Seconds logged_at{0};
        Seconds calm{60};  // how long it must have ended before it counts as over
        int reminders = 0;
        std::optional<Seconds> sent;  // when the latest message was sent
        int sent_times = 0;           // of events: how many of them were sent
    };
    enum class Word { beginning, reminder, end };
    struct Line {
        Word word;
        Trouble trouble;
        Seconds lasted{0};
    };

    Entry& renew(TroubleKind kind, const std::string& about, Now now);
    std::optional<Seconds> due(const Entry& entry) const;
    std::vector<Line> take_lines(Now now);
    static std::string text_of(const Line& line);

    Log log_;
    std::map<Key, Entry> entries_;
    bool has_targets_ = false;  // at the latest take_messages()
};

}  // namespace mc::app
