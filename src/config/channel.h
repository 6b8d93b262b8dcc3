// channel.h — a channel of the configuration, and the reader for the channels of one kind.
//
// A kind (slack, mail, ...) is the prefix of its targets and the name of its sections: [slack.ops] sends for
// `slack:ops`. A kind without names has one section for all of its targets: [mail] sends for `mail:ADDRESS`, which also
// works without a section. ReadContext passes the kinds in; the list of them is in notify/channels.cpp, outside the
// pure core.
//
// Secrets   a Plan holds only the place of a secret, or the secret itself if the file contains it. No message quotes
//           it.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/toml.h"
#include "config/target.h"

namespace mc {

struct Scope;

// The kind of secret that a channel has, for its keys and for messages. KEY_file, KEY_env and KEY hold it.
struct SecretKind {
    std::string_view key;       // "webhook"
    std::string_view noun;      // "webhook": "the webhook file /x", "the webhook of [slack.ops]"
    std::string_view content;   // "the webhook's URL"
    std::string_view lacks;     // "http(s) URL": what is missing if the content is something else
    std::string_view example;   // "https://hooks.slack.com/services/..."
    std::string_view hint;      // where to get it: "copy the webhook's URL from Slack: https://..."
    bool is_url = true;         // else a word without blanks
    bool may_be_plain = false;  // http:// to any host is allowed: the address itself is hardly a secret
};

// Where a channel's secret is: exactly one of the three texts is set.
struct Secret {
    const SecretKind* kind = nullptr;  // null: the channel has none
    std::string file, env, value;      // an absolute path; a variable's name; the secret itself
    bool operator==(const Secret&) const = default;
};

// The settings of a section. Each kind adds its own.
struct Channel {
    Spot spot;  // of the section; line 0: no section
    Secret secret;
    // A failure opens an incident there that stays open until the recovery arrives.
    bool needs_recovery = false;

    Channel() = default;
    Channel(const Channel&) = default;
    Channel& operator=(const Channel&) = default;
    virtual ~Channel() = default;
};

// By the target of the section: "slack:ops"; for a kind without names "mail:".
using Channels = std::map<Target, std::shared_ptr<const Channel>>;

// The channel that sends for the target; null if it is not in the configuration.
std::shared_ptr<const Channel> find_channel(const Channels& channels, const Target& target);

// A section as written: its title, "[slack.ops]", and its tables. A section with a name has one table. A section
// without a name has one table for each file that contains it, or none.
struct ChannelSection {
    std::string title;
    std::vector<const toml::table*> tables;
    Spot spot;

    bool contains(std::string_view key) const;
};

class ChannelReader {
   public:
    enum class Names { declared, free };  // [slack.ops] declares slack:ops; mail's names are addresses

    // `title`: the name as written in text, "PagerDuty".
    constexpr ChannelReader(std::string_view kind, std::string_view title, Names names = Names::declared)
        : kind_(kind), title_(title), names_(names) {}
    virtual ~ChannelReader() = default;
    ChannelReader(const ChannelReader&) = delete;
    ChannelReader& operator=(const ChannelReader&) = delete;

    std::string_view kind() const { return kind_; }
    std::string_view title() const { return title_; }
    bool has_free_names() const { return names_ == Names::free; }

    // Errors are reported to the scope; the channel is known anyway.
    virtual std::shared_ptr<const Channel> read(const ChannelSection& section, Scope& scope) const = 0;
    // For a kind with free names: whether a target may have that name. Error: config, with what to write instead.
    virtual Result<void> check_name(std::string_view name) const;

   private:
    std::string_view kind_, title_;
    Names names_;
};

using ChannelReaders = std::span<const ChannelReader* const>;

// The reader of that kind; null if the kind is unknown.
const ChannelReader* find_reader(ChannelReaders readers, std::string_view kind);

// Whether messages can be sent to that target. Error: config, with what to write instead.
Result<void> check_target(const Target& target, ChannelReaders readers, const Channels& channels);
Result<void> check_target(std::string_view text, ChannelReaders readers, const Channels& channels);

// The names of the declared channels of a kind, for suggestions.
std::vector<std::string> names_of_kind(const Channels& channels, std::string_view kind);

}  // namespace mc
