// json_template.h — JSON with {{fields}} in it, filled in so that the result is JSON whatever the fields hold. Pure.
//
// Inside of a JSON text a field is its escaped content: "run {{run}} of {{job}}". Outside of one it is a whole value:
// {"run": {{run}}, "job": {{job}}} becomes {"run": 17, "job": "load"}, and an absent number is null. An instant can be
// moved: {{created+24h}}. `{{{{` is a plain `{{`.
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

// Nothing is null outside of a text, and empty inside.
using Field = std::variant<std::monostate, std::string, std::int64_t, Instant>;
using Fields = std::map<std::string, Field, std::less<>>;

class JsonTemplate {
   public:
    // `known`: every field that there can be, each of its kind. The template is tried with texts that need escapes, and
    // with nothing in each field. Error: config; `offset` is then the place in the text, in bytes.
    static Result<JsonTemplate> parse(std::string_view text, const Fields& known, std::size_t& offset);

    std::string fill(const Fields& fields) const;
    bool empty() const { return parts_.empty(); }

   private:
    struct Part {
        std::string text;                // as it is, or a field's name
        std::optional<Seconds> shift{};  // of a field: what is added to its instant
        bool is_field = false;
        bool in_text = false;  // of a field: between quotes
        std::size_t at = 0;    // where it is in the template
    };
    std::optional<Error> read_parts(std::string_view text, const Fields& known, std::size_t& offset);
    std::optional<Error> read_field(std::string_view inside, const Fields& known, Part& part);
    std::optional<Error> try_with(const Fields& fields, std::size_t& offset) const;

    std::vector<Part> parts_;
};

}  // namespace mc::notify
