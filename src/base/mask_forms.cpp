#include "base/mask_forms.h"

#include <algorithm>

#include "base/mask_reading.h"

namespace mc {

namespace {

constexpr std::size_t shortest_form = 6;
constexpr std::size_t parted_max = 3;  // a value may begin with this many letters before a line break; they are shown

constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

// The base64 letters all of whose bits come from the text, if `before` other bytes come first in their group.
std::string base64_core(std::string_view text, std::size_t before, std::string_view last_two) {
    const std::string bytes = std::string(before, '\0').append(text);
    std::string out;
    const std::size_t first = (before * 8 + 5) / 6, end = bytes.size() * 8 / 6;
    for (std::size_t letter = first; letter < end; ++letter) {
        const std::size_t bit = letter * 6, at = bit / 8;
        const auto byte = [&](std::size_t i) {
            return i < bytes.size() ? static_cast<unsigned>(static_cast<unsigned char>(bytes[i])) : 0U;
        };
        const unsigned six = (((byte(at) << 8U) | byte(at + 1)) >> (10U - bit % 8)) & 63U;
        out += six < letters.size() ? letters[six] : last_two[six - letters.size()];
    }
    return out;
}

void add_lines(std::string_view value, std::vector<std::string>& forms) {
    for (std::size_t at = 0; at < value.size();) {
        const std::size_t end = std::min(value.find('\n', at), value.size());
        std::string_view line = value.substr(at, end - at);
        at = end + 1;
        const std::size_t first = line.find_first_not_of(" \t\r");
        if (first == std::string_view::npos) continue;
        line = line.substr(first, line.find_last_not_of(" \t\r") + 1 - first);
        if (line.size() >= shortest_form) forms.emplace_back(line);
    }
}

// The ways in which shells and their callers write a quote within single quotes, which surround the text.
void add_quoted(std::vector<std::string>& forms) {
    for (std::size_t i = 0, plain = forms.size(); i < plain; ++i) {
        if (forms[i].find('\'') == std::string::npos) continue;
        for (const std::string_view quote : {"'\\''", "'\"'\"'"}) {
            std::string quoted;
            for (const char c : forms[i]) c == '\'' ? quoted.append(quote) : quoted.append(1, c);
            if (quoted.size() >= shortest_form) forms.push_back(std::move(quoted));
        }
    }
}

// Forms of a value that looks encoded itself, such as "a%2Fb": if the text around it is decoded, the value is too.
// `undone`: the encodings that are decoded. `stray`: an introducer before the value that takes its first letters.
void add_readings(const std::string& plain, std::vector<std::string>& forms) {
    forms.push_back(without_plus(plain));
    const auto add = [&](const std::string& text, std::string_view undone) {
        std::string form = without_plus(Reading::decoded(text, Reading::Tail::kept, undone).text());
        const auto contained = [&](const std::string& known) { return form.find(known) != std::string::npos; };
        if (form.size() < shortest_form || std::any_of(forms.begin(), forms.end(), contained)) return;
        forms.push_back(std::move(form));
    };
    for (const std::string_view undone : {"%\\&", "%\\", "%&", "\\&", "%", "\\", "&"}) {
        add(plain, undone);
        for (const char stray : undone) add(stray + plain, undone);
    }
}

}  // namespace

std::string without_plus(std::string text) {
    std::replace(text.begin(), text.end(), '+', ' ');
    return text;
}

MaskForms forms_of(std::string_view value) {
    MaskForms forms;
    forms.plain.emplace_back(value);
    add_lines(value, forms.plain);
    add_quoted(forms.plain);
    for (const std::string& plain : forms.plain) add_readings(plain, forms.read);
    for (std::size_t before = 0; before < 3; ++before)
        for (const std::string_view last_two : {"+/", "-_"}) {
            std::string core = base64_core(value, before, last_two);
            if (core.size() < shortest_form) continue;
            const std::size_t sure_after = std::min(parted_max, core.size() - shortest_form);
            forms.base64.push_back({std::move(core), sure_after});
        }
    return forms;
}

}  // namespace mc
