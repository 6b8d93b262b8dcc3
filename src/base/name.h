// name.h — a name of one kind: a job's name cannot be passed where a calendar's name is expected.
//
// NameOf<Spelling> holds a text. It converts to the text, so that reading it costs nothing; a text becomes a name only
// where the code says so: parse() checks it with Spelling::accepts(), the constructor takes it as it is (from the
// ledger, or from a place that has checked it). The default is "": no name. A std::map with std::less<> finds a name by
// its text.
#pragma once

#include <fmt/core.h>

#include <compare>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace mc {

template <class Spelling>
class NameOf {
   public:
    NameOf() = default;
    explicit NameOf(std::string text) : text_(std::move(text)) {}
    template <class Other>
    explicit NameOf(const NameOf<Other>&) = delete;  // a name of another kind

    // Nothing if the text is not a name of that kind.
    static std::optional<NameOf> parse(std::string_view text) {
        return Spelling::accepts(text) ? std::optional(NameOf(std::string(text))) : std::nullopt;
    }

    const std::string& text() const { return text_; }
    operator const std::string&() const { return text_; }  // NOLINT(google-explicit-constructor)
    operator std::string_view() const { return text_; }    // NOLINT(google-explicit-constructor)
    bool empty() const { return text_.empty(); }

    bool operator==(const NameOf&) const = default;
    auto operator<=>(const NameOf&) const = default;
    template <class Other>
    requires(!std::is_same_v<Other, Spelling>) bool operator==(const NameOf<Other>&) const = delete;
    friend bool operator==(const NameOf& name, std::string_view text) { return name.text_ == text; }
    friend auto operator<=>(const NameOf& name, std::string_view text) { return std::string_view(name.text_) <=> text; }
    friend std::ostream& operator<<(std::ostream& out, const NameOf& name) { return out << name.text_; }

   private:
    std::string text_;
};

inline constexpr std::size_t longest_plain_name = 100;

// Whether the text can be a name in the configuration: 1 to 100 letters, digits, `_`, `-` and the characters of `also`,
// not beginning with `-` or `.`. Names are parts of commands, paths and messages: JOB@DATE, slack:NAME.
bool is_plain_name(std::string_view text, std::string_view also = {});

}  // namespace mc

template <class Spelling>
struct fmt::formatter<mc::NameOf<Spelling>> : fmt::formatter<fmt::string_view> {
    template <class Context>
    auto format(const mc::NameOf<Spelling>& name, Context& context) const {
        return fmt::formatter<fmt::string_view>::format(name.text(), context);
    }
};
