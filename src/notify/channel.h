// channel.h — a kind of channel: how its sections are read, and how a notice leaves by it.
//
// One class in one file, and one row in channels.cpp: the configuration, the outbox, `check`, `notify test` and the
// completion know a kind from there alone. The usual kind posts JSON to a web address: it overrides read() and
// requests(), and what else differs from the defaults here. What needs more than requests and answers (a bot's threads,
// a mailer) brings a Sender of its own.
//
// Purity    all but place(), secret files and Senders are functions of their arguments.
// Secrets   a Place and its Requests hold them; texts of answers are masked before anything else sees them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/channel.h"
#include "notify/courier.h"
#include "notify/transport.h"
#include "store/message_threads.h"

namespace mc::notify {

// Where a message goes now: the settings, and the secrets as they were just read. Held while a message is in flight.
struct Place {
    std::shared_ptr<const Channel> channel;
    std::string secret;                                          // "" = none
    std::vector<std::pair<std::string, std::string>> headers{};  // with secrets from files
    std::vector<std::string> masks{};                            // other secrets, which no text may show
};

// What a message says besides its notices.
struct Occasion {
    std::string host;
    Instant now;
};

// What a sender works with; all of it outlives the sender.
struct Workplace {
    const Transport& transport;
    MessageThreads& threads;
    const Channels& channels;  // of the newest plan
    std::string host;
    std::function<void()> poke;  // the sender has something to do: tend() is called soon
};

// A kind of channel at work in one daemon.
class Sender {
   public:
    using Answered = std::function<void(const Answer& answer)>;

    Sender() = default;
    virtual ~Sender() = default;
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    // Whether the target can be written to now; if it is ready, `place` is where.
    virtual TargetStatus look(const Target& target, Place& place) = 0;
    // Sends the post, whose notices are of one target. `done` exactly once.
    virtual void send(const Post& post, const Place& place, Answered done) = 0;
    // What it does besides, after each run of the outbox; gives when it is to be called again.
    virtual std::optional<Milliseconds> tend() { return std::nullopt; }
};

class ChannelKind : public ChannelReader {
   public:
    using ChannelReader::ChannelReader;

    virtual Pace pace() const { return {}; }
    // False: the notice is nothing for that channel, and counts as delivered without a request.
    virtual bool takes(const Notice& notice, const Channel& channel) const;
    // Whether an alert is kept open there until its end arrives: trouble counts as over when none is left.
    virtual bool opens_incidents() const { return false; }
    // Reads the secrets. Error: config, at the section.
    virtual Result<Place> place(std::shared_ptr<const Channel> channel, const Environment& environment) const;
    // Equal for places that one receiver stands behind: they share a pace.
    virtual std::uint64_t lane(const Place& place) const;
    // At least one; each is sent when the one before it was delivered.
    virtual std::vector<Request> requests(const Post& post, const Place& place, const Occasion& occasion) const;
    // What an answer means. Its texts are masked already.
    virtual Answer judge(const std::string& target, const PostAnswer& answer, Instant now) const;
    virtual std::unique_ptr<Sender> sender(const Workplace& workplace) const;

    // marketcron's own words as the text of a message, and a command to be typed in it.
    virtual std::string own_text(std::string_view text) const { return std::string(text); }
    virtual std::string own_command(std::string_view command) const { return std::string(command); }

    // For `check`: "" or why nothing can be sent from this machine. By default a secret in a file must be readable.
    virtual std::string trouble_here(const std::shared_ptr<const Channel>& channel) const;
    // For `check`: files of secrets, by key, of which a mode that is too open is a warning. Those of the channel's own
    // secret are errors everywhere.
    virtual std::vector<std::pair<std::string, std::string>> secret_files(const Channel& channel) const;
};

// The text of an error without its place, which the log and `status` would only repeat.
std::string sentence_of(const Error& error);

}  // namespace mc::notify
