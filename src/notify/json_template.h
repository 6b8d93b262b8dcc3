// json_template.h — JSON with {{fields}}, filled in so that the result is valid JSON for every value of the fields.
// Pure.
//
// Inside a JSON string a field is replaced by its escaped content: "run {{run}} of {{job}}". Outside a string it is a
// whole value: {"run": {{run}}, "job": {{job}}} becomes {"run": 17, "job": "load"}, and an absent number is null. A
// duration can be added to an instant: {{created+24h}}. `{{{{` is a literal `{{`.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace mc::notify {

// monostate is null outside a JSON string, and empty inside.
using Field = std::variant<std::monostate, std::string, std::int64_t, Instant>;
using Fields = std::map<std::string, Field, std::less<>>;

class JsonTemplate {
   public:
    // `known`: every possible field, with a value of its type. The template is tried with strings that need escapes,
    // and with empty fields. Error: config; `offset` is then the error's place in the text, in bytes.
    static Result<JsonTemplate> parse(std::string_view text, const Fields& known, std::size_t& offset);

    std::string fill(const Fields& fields) const;
    bool empty() const { return parts_.empty(); }

   private:
    struct Part {
        std::string text;                // literal text, or a field's name
        std::optional<Seconds> shift{};  // for a field: what is added to its instant
        bool is_field = false;
        bool in_text = false;  // for a field: inside a JSON string
        std::size_t at = 0;    // offset in the template
    };
    std::optional<Error> read_parts(std::string_view text, const Fields& known, std::size_t& offset);
    std::optional<Error> read_field(std::string_view inside, const Fields& known, Part& part);
    std::optional<Error> try_with(const Fields& fields, std::size_t& offset) const;

    std::vector<Part> parts_;
};

}  // namespace mc::notify
