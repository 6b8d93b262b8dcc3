// troubles.h — the daemon's own troubles: what is wrong with it now, since when, and what is to be sent about it.
//
// The one place for them. The code that finds a trouble reports it here, as often as it likes; the log, `status`,
// /v1/status and the messages to [daemon] `notify` read it from here. No clock: both clocks are arguments.
//
//   * The beginning is sent at once. A message that only waits for its server (TroubleKind::outbox) is given a minute
//     first.
//   * A trouble that lasts is sent again after 1, 4 and 24 hours, then every 24 hours (calendars: every 7 days).
//   * The end is sent when the trouble has stayed away for a minute. One that returns earlier is the same trouble, and
//     each return doubles that minute, up to an hour: flapping sends one beginning, reminders and one end.
//   * An event (happened()) is over at once. It is listed for an hour and sent at once; more events of the same kind
//     and subject in that hour are counted, and sent as one message when it is over.
//   * All that is due at once is one message for each target. A target is not sent the news that it does not work.
//   * Without a target nothing counts as sent: one that is configured later gets what lasts then.
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
    disk,           // little room is left where the state is
    keeper,         // no process waits for jobs
    full,           // no room, process or descriptor for an attempt; about "output": none to put away what it printed
    clock,          // the wall clock was set
    configuration,  // a reload was refused
    calendars,      // one ends soon, or its file cannot be used
    crontabs,       // a file of [crontab] is not read
    other_cron,     // another cron daemon runs the same crontabs
    outbox,         // a target's messages cannot be delivered
    identity,       // records of attempts that are not this ledger's
    records,        // those of running attempts cannot be read
    output,         // what an attempt printed cannot be masked any more
    log,            // lines of the daemon's log are lost
    socket,         // the control socket was removed, and cannot be made again
    internal,       // an error of the program itself
};
std::string_view to_text(TroubleKind kind);  // "other_cron"

struct Trouble {
    TroubleKind kind = TroubleKind::internal;
    std::string about;  // which one, where a kind has several at a time: "slack:ops", a file; else ""
    std::string text;   // a sentence: what is wrong, and what to do
    Instant since;
    int times = 1;  // begun so often without a calm between; of events: how many
    bool operator==(const Trouble&) const = default;
};

class Troubles {
   public:
    using Log = std::function<void(const std::string& line)>;
    explicit Troubles(Log log) : log_(std::move(log)) {}

    // It is so now. Saying it again costs nothing; a new text replaces the old one.
    void begin(TroubleKind kind, const std::string& about, const std::string& text, Now now);
    // It is so no longer, if it was.
    void end(TroubleKind kind, const std::string& about, Now now);
    // begin(), or end() with an empty text.
    void set(TroubleKind kind, const std::string& about, const std::string& text, Now now);
    // All of that kind, by subject: those begin, all others of the kind end.
    void set_all(TroubleKind kind, const std::map<std::string, std::string>& texts, Now now);
    // It happened, and is over.
    void happened(TroubleKind kind, const std::string& about, const std::string& text, Now now);

    // Those that last, and the events of the last hour, in the order of the kinds.
    std::vector<Trouble> list() const;
    bool lasts(TroubleKind kind) const;

    // What is to be sent now to these targets; it counts as sent from here on. To be asked after each change, and at
    // next(); also without targets, so that what is over is forgotten.
    std::vector<TroubleMessage> take_messages(const std::vector<std::string>& targets, const std::string& host,
                                              Now now);
    // When take_messages() has something next, on the monotonic clock. In the past: now.
    std::optional<Seconds> next() const;

   private:
    using Key = std::pair<TroubleKind, std::string>;
    struct Entry {
        Trouble trouble;
        bool is_event = false;
        Seconds begun{0};              // on the monotonic clock; of an event: the first one
        std::optional<Seconds> ended;  // it is away since then
        std::string logged;            // the text that the log has, and since when
        Seconds logged_at{0};
        Seconds calm{60};  // and over when it has been away for so long
        int reminders = 0;
        std::optional<Seconds> sent;  // the latest message
        int sent_times = 0;           // of events: how many the messages spoke of
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
