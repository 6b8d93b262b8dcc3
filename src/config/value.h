// value.h — reads one value of the configuration as the type that its key needs.
//
// Each function returns the value if it has that type; else it reports what is wrong and what to write instead, and
// returns nothing. So the reader of a key is one line: set(job.retries, value.whole(0, 1000)).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "calendar/calendar_set.h"
#include "config/channel.h"
#include "config/problems.h"
#include "config/template.h"

namespace mc {

// What the values of a file may refer to, and where their errors go.
struct Scope {
    Problems& problems;
    const CalendarSet& calendars;  // including those of the configuration
    ZonePtr host_zone;
    std::string working_directory;  // for the relative path of a file
    const Channels& channels;       // of all kinds
    ChannelReaders readers;
    const std::map<std::string, int>& pools;
};

// Whether the text is a URL, a token of Slack, or a name and a password, where a name or path is expected.
bool is_secret_itself(std::string_view text);

class Value {
   public:
    // `example` is an example of the whole line: `retries = 2`.
    Value(const toml::node& node, std::string_view key, std::string_view example, Scope& scope)
        : node_(node), key_(key), example_(example), scope_(scope) {}

    const toml::node& node() const { return node_; }
    Scope& scope() const { return scope_; }
    Spot spot() const { return spot_of(node_); }
    // The place in the file of the text's nth column (from 1).
    Spot spot_inside(std::uint32_t column) const;
    // The place of the byte at `offset` of the text, also if the text has several lines. For a text with escapes it is
    // the place of the value.
    Spot spot_at(std::string_view text, std::size_t offset) const;
    void report(std::string what, std::string hint = {}) const;

    std::optional<bool> flag() const;
    std::optional<int> whole(int least, int most) const;
    std::optional<double> number(double least) const;
    std::optional<std::string> text() const;  // not empty
    // A NUL is an error because the kernel ends a text there, except for a text that the job reads.
    enum class Nuls { refused, kept };
    std::optional<std::string> any_text(Nuls nuls = Nuls::refused) const;  // may be empty
    std::optional<Template> filled(Nuls nuls = Nuls::refused) const;       // may be empty; its calendars are checked
    std::optional<std::string> path() const;  // absolute; a relative path is relative to the file
    // The same for a file with a secret. If the value is the secret itself, the message does not repeat it.
    std::optional<std::string> secret_path() const;
    std::optional<Seconds> duration(Seconds least = Seconds{0}) const;
    std::optional<Seconds> age() const;  // a duration, or years: "7y"
    std::optional<std::uint64_t> size() const;
    std::optional<std::vector<std::string>> texts() const;  // a list, or one text
    std::optional<std::vector<int>> wholes(int least, int most) const;
    std::optional<unsigned> umask() const;

    // `choices`: pairs of a word and its meaning, as a list in braces or a table.
    template <class Choice, class Choices = std::initializer_list<std::pair<std::string_view, Choice>>>
    std::optional<Choice> choice(const Choices& choices) const;

    // The entries of a table, each as a Value named "key.entry"; empty (and reported) if it is not a table.
    std::vector<std::pair<std::string, Value>> entries() const;
    // The elements of a list, or the value itself as the only one.
    std::vector<Value> elements() const;

   private:
    void wants(std::string_view kind) const;
    void unknown_choice(const std::string& word, const std::vector<std::string>& words) const;

    const toml::node& node_;
    std::string key_;
    std::string_view example_;
    Scope& scope_;
};

template <class Target, class Given>
void set(Target& target, std::optional<Given> given) {
    if (given) target = *std::move(given);
}

template <class Choice, class Choices>
std::optional<Choice> Value::choice(const Choices& choices) const {
    const std::optional<std::string> word = text();
    if (!word) return {};
    std::vector<std::string> words;
    for (const auto& [name, choice] : choices) {
        if (name == *word) return choice;
        words.emplace_back(name);
    }
    unknown_choice(*word, words);
    return {};
}

}  // namespace mc
