#include "notify/json_template.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/suggest.h"
#include "notify/text.h"

namespace mc::notify {
namespace {

Error bad(std::string what, std::string hint) { return {Error::Kind::config, std::move(what), std::move(hint), {}}; }

// Whether a JSON string is still open where the literal ends.
bool in_text_after(std::string_view literal, bool in_text) {
    for (std::size_t i = 0; i < literal.size(); ++i) {
        if (in_text && literal[i] == '\\') ++i;
        else if (literal[i] == '"') in_text = !in_text;
    }
    return in_text;
}

std::string quoted(const std::string& text) { return Json(text).dump(); }

std::string value_of(const Field& field, Seconds shift, bool in_text) {
    struct Writer {
        Seconds shift;
        bool in_text;
        std::string operator()(std::monostate) const { return in_text ? "" : "null"; }
        std::string operator()(std::int64_t number) const { return std::to_string(number); }
        std::string operator()(Instant at) const { return (*this)(to_string(at + shift)); }
        std::string operator()(const std::string& text) const {
            const std::string json = quoted(text);
            return in_text ? json.substr(1, json.size() - 2) : json;
        }
    };
    return std::visit(Writer{shift, in_text}, field);
}

// The same fields, with strings that need escapes.
Fields hard(const Fields& known) {
    Fields fields = known;
    for (auto& [name, field] : fields)
        if (std::holds_alternative<std::string>(field)) field = "\"\\\n\t{{\x01";
    return fields;
}

Fields empty_of(const Fields& known) {
    Fields fields;
    for (const auto& [name, field] : known)
        fields[name] = std::holds_alternative<std::string>(field) ? Field("") : Field{};
    return fields;
}

// "unexpected end of input; expected ']'", without the library's own words around it.
std::string cause_of(const std::string& what) {
    const std::size_t dash = what.find(" - ");
    return fit_start(clean_text(dash == std::string::npos ? what : what.substr(dash + 3)), 200);
}

}  // namespace

Result<JsonTemplate> JsonTemplate::parse(std::string_view text, const Fields& known, std::size_t& offset) {
    JsonTemplate made;
    if (auto error = made.read_parts(text, known, offset)) return tl::unexpected(*std::move(error));
    if (made.empty()) return made;
    for (const Fields& fields : {hard(known), empty_of(known)})
        if (auto error = made.try_with(fields, offset)) return tl::unexpected(*std::move(error));
    return made;
}

std::optional<Error> JsonTemplate::read_parts(std::string_view text, const Fields& known, std::size_t& offset) {
    bool in_text = false;
    const auto add_literal = [&](std::string_view literal, std::size_t at) {
        if (literal.empty()) return;
        in_text = in_text_after(literal, in_text);
        parts_.push_back({std::string(literal), {}, false, false, at});
    };
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t open = std::min(text.find("{{", at), text.size());
        add_literal(text.substr(at, open - at), at);
        if (open == text.size()) break;
        offset = open;
        const bool is_plain = text.substr(open, 4) == "{{{{";
        if (is_plain || text.substr(open, 3) == "{{{") {  // the first of three belongs to the JSON
            add_literal(is_plain ? "{{" : "{", open);
            at = open + (is_plain ? 4 : 1);
            continue;
        }
        const std::size_t close = text.find("}}", open);
        if (close == text.npos) return bad("a field is not closed", "write {{job}}, or {{{{ for a plain {{");
        Part part{{}, {}, true, in_text, open};
        if (auto error = read_field(text.substr(open + 2, close - open - 2), known, part)) return error;
        parts_.push_back(std::move(part));
        at = close + 2;
    }
    return std::nullopt;
}

// "created+24h"
std::optional<Error> JsonTemplate::read_field(std::string_view inside, const Fields& known, Part& part) {
    const std::size_t plus = std::min(inside.find('+'), inside.size());
    part.text = inside.substr(0, plus);
    const auto found = known.find(part.text);
    if (found == known.end()) {
        std::vector<std::string> names;
        for (const auto& [name, field] : known) names.push_back(name);
        return bad(fmt::format("unknown field {{{{{}}}}}", part.text), did_you_mean(part.text, names));
    }
    if (plus == inside.size()) return std::nullopt;
    if (!std::holds_alternative<Instant>(found->second))
        return bad(fmt::format("{{{{{}}}}} is not an instant", part.text), fmt::format("write {{{{{}}}}}", part.text));
    const Result<Seconds> shift = parse_duration(inside.substr(plus + 1));
    if (!shift) return bad(shift.error().what, shift.error().hint);
    part.shift = *shift;
    return std::nullopt;
}

std::optional<Error> JsonTemplate::try_with(const Fields& fields, std::size_t& offset) const {
    const auto parsed = Json::parse(fill(fields));
    if (parsed) return std::nullopt;
    // Where that byte of the filled text comes from.
    const std::size_t byte = parsed.error().byte;
    std::size_t end = 0;
    for (const Part& part : parts_) {
        const std::size_t begin = end;
        end += part.is_field ? value_of(fields.find(part.text)->second, Seconds{0}, part.in_text).size()
                             : part.text.size();
        offset = part.at + (part.is_field || byte <= begin ? 0 : std::min(byte, end) - begin - 1);
        if (byte <= end) break;
    }
    return bad(fmt::format("the template is not JSON here: {}", cause_of(parsed.error().text)),
               "write JSON; a field is a whole value, {{run}}, or part of a text, \"run {{run}}\"");
}

std::string JsonTemplate::fill(const Fields& fields) const {
    std::string text;
    for (const Part& part : parts_) {
        if (!part.is_field) {
            text += part.text;
            continue;
        }
        const auto found = fields.find(part.text);
        text +=
            value_of(found == fields.end() ? Field{} : found->second, part.shift.value_or(Seconds{0}), part.in_text);
    }
    return text;
}

}  // namespace mc::notify
