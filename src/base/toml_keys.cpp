#include "base/toml_keys.h"

#include <algorithm>

namespace mc {

namespace {

// The end of the quoted text that begins at `from`: after its closing quote, or the end of the line or file.
std::size_t end_of_quoted(std::string_view text, std::size_t from) {
    const char quote = text[from];
    const bool escapes = quote == '"';
    const std::string_view three = quote == '"' ? R"(""")" : "'''";
    const bool lines = text.substr(from).starts_with(three);
    std::size_t at = from + (lines ? 3 : 1);
    while (at < text.size()) {
        if (escapes && text[at] == '\\') at += 2;
        else if (!lines && text[at] == '\n') return at;
        else if (lines ? text.substr(at).starts_with(three) : text[at] == quote) {
            at += lines ? 3 : 1;
            // """a""""" ends with two quotes that belong to the text.
            for (int more = 0; lines && more < 2 && at < text.size() && text[at] == quote; ++more) ++at;
            return at;
        } else ++at;
    }
    return text.size();
}

bool bare(char c) {
    const bool ascii = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return ascii || c == '_' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

std::optional<TomlKeyFault> too_many_keys(std::string_view text) {
    std::size_t parts = 0, dots = 0;
    bool dotted = false;  // the next part belongs to the previous one
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        const std::size_t part = at;
        if (c == '"' || c == '\'') {
            at = end_of_quoted(text, at);
        } else if (bare(c)) {
            while (at < text.size() && bare(text[at])) ++at;
        } else {
            at = c == '#' ? std::min(text.find('\n', at), text.size()) : at + 1;
            if (c == '.') dotted = true;
            else if (c != ' ' && c != '\t') parts = 0, dotted = false;
            continue;
        }
        parts = dotted ? parts + 1 : 1;
        dots += dotted ? 1 : 0;
        dotted = false;
        if (parts > toml_key_parts_max) return TomlKeyFault{TomlKeyFault::Kind::parts, part};
        if (dots > toml_dots_max) return TomlKeyFault{TomlKeyFault::Kind::dots, part};
    }
    return std::nullopt;
}

}  // namespace mc
