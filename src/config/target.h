// target.h — where a notification goes: a kind of channel and a name in it, spelled "slack:ops", "mail:ops@example.com".
//
// One parse and one spelling for the configuration, the outbox and the commands. The kind is not empty and has no colon.
// A target whose name is empty stands for the one channel of a kind that has no names: [mail].
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace mc {

class Target {
   public:
    Target(std::string_view kind, std::string_view name);
    // "KIND:NAME"; nothing without a kind and a colon.
    static std::optional<Target> parse(std::string_view text);

    std::string_view kind() const { return std::string_view(text_).substr(0, kind_size_); }
    std::string_view name() const { return std::string_view(text_).substr(kind_size_ + 1); }
    const std::string& text() const { return text_; }
    // A target reads as its spelling; a spelling becomes a target only by parse().
    operator const std::string&() const { return text_; }  // NOLINT(google-explicit-constructor)

    // Its section of the file: "[slack.ops]", or "[mail]" without a name.
    std::string section() const;

    bool operator==(const Target& other) const { return text_ == other.text_; }
    bool operator==(const std::string& text) const { return text_ == text; }
    auto operator<=>(const Target& other) const { return text_ <=> other.text_; }

   private:
    std::string text_;
    std::size_t kind_size_;
};

}  // namespace mc
