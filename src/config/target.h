// target.h — where a notification goes: the kind and name of a channel, as "slack:ops" or "mail:ops@example.com".
//
// The one parser and spelling for the configuration, the outbox and the commands. The kind is not empty and has no
// colon. A target with an empty name is the only channel of a kind without names: [mail].
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace mc {

class Target {
   public:
    Target(std::string_view kind, std::string_view name);
    // Parses "KIND:NAME"; nothing if there is no kind or no colon.
    static std::optional<Target> parse(std::string_view text);

    std::string_view kind() const { return std::string_view(text_).substr(0, kind_size_); }
    std::string_view name() const { return std::string_view(text_).substr(kind_size_ + 1); }
    const std::string& text() const { return text_; }
    // A target converts to its spelling; only parse() converts a spelling to a target.
    operator const std::string&() const { return text_; }  // NOLINT(google-explicit-constructor)

    // Its section in the configuration: "[slack.ops]", or "[mail]" without a name.
    std::string section() const;

    bool operator==(const Target& other) const { return text_ == other.text_; }
    bool operator==(const std::string& text) const { return text_ == text; }
    auto operator<=>(const Target& other) const { return text_ <=> other.text_; }

   private:
    std::string text_;
    std::size_t kind_size_;
};

}  // namespace mc
