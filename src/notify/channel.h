// channel.h — a kind of channel: reads its sections and sends notices.
//
// A kind is one class in one file and one row in channels.cpp, from which the configuration, the outbox, `check`,
// `notify test` and the completion find it. A typical kind posts JSON to a web address: it overrides read() and
// requests(), and other functions where it differs from the defaults. A kind that needs more than requests and answers
// (a bot's threads, a mailer) has its own Sender.
//
// Purity    all functions except place(), trouble_here() and those of Senders depend only on their arguments.
// Secrets   a Place and its Requests hold them; texts of answers are masked before any other code gets them.
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

// Where a message is sent: the settings, and the secrets as just read. Held while the message is in flight.
struct Place {
    std::shared_ptr<const Channel> channel;
    std::string secret;                                          // "" = none
    std::vector<std::pair<std::string, std::string>> headers{};  // with secrets from files
    std::vector<std::string> masks{};                            // other secrets, to be masked in every text
};

// What a message contains in addition to its notices.
struct Occasion {
    std::string host;
    Instant now;
};

// What a sender uses. Everything it refers to must outlive the sender.
struct Workplace {
    const Transport& transport;
    MessageThreads& threads;
    const Channels& channels;  // of the newest plan
    std::string host;
    std::function<void()> poke;  // asks for a call of tend() soon
};

// Sends the messages of one kind of channel in one daemon.
class Sender {
   public:
    using Answered = std::function<void(const Answer& answer)>;

    Sender() = default;
    virtual ~Sender() = default;
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    // The target's state now; if it is ready, fills `place`.
    virtual TargetStatus look(const Target& target, Place& place) = 0;
    // Sends the post, whose notices have one target. Calls `done` exactly once.
    virtual void send(const Post& post, const Place& place, Answered done) = 0;
    // Other work of the sender, called after each run of the outbox. Returns when to call it again, monotonic; nullopt
    // = only after the next run.
    virtual std::optional<Milliseconds> tend() { return std::nullopt; }
};

class ChannelKind : public ChannelReader {
   public:
    using ChannelReader::ChannelReader;

    virtual Pace pace() const { return {}; }
    // False: the channel does not send such notices; the notice counts as delivered without a request.
    virtual bool takes(const Notice& notice, const Channel& channel) const;
    // Whether the receiver keeps an incident open until its end is sent. The daemon's TROUBLE is then resolved only
    // when no TROUBLE is left.
    virtual bool opens_incidents() const { return false; }
    // Reads the secrets. Error: config, at the section.
    virtual Result<Place> place(std::shared_ptr<const Channel> channel, const Environment& environment) const;
    // Equal for places with the same receiver, which share one pace.
    virtual std::uint64_t lane(const Place& place) const;
    // At least one request; each is sent after the previous one was delivered.
    virtual std::vector<Request> requests(const Post& post, const Place& place, const Occasion& occasion) const;
    // What an answer means. Its texts are already masked.
    virtual Answer judge(const std::string& target, const PostAnswer& answer, Instant now) const;
    virtual std::unique_ptr<Sender> sender(const Workplace& workplace) const;

    // marketcron's own text, and a command in it, formatted for a message of this kind.
    virtual std::string own_text(std::string_view text) const { return std::string(text); }
    virtual std::string own_command(std::string_view command) const { return std::string(command); }

    // For `check`: why nothing can be sent from this machine, or "". By default a secret in a file must be readable.
    virtual std::string trouble_here(const std::shared_ptr<const Channel>& channel) const;
    // For `check`: other files with secrets, by key, for which a too open mode is a warning. For the file of the
    // channel's own secret it is always an error.
    virtual std::vector<std::pair<std::string, std::string>> secret_files(const Channel& channel) const;
};

// The text of an error without its place.
std::string sentence_of(const Error& error);

}  // namespace mc::notify
