#include "base/mask_reading.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace mc {

namespace {

// An encoded letter: its size in the text and its decoded letters.
struct Encoded {
    std::size_t size = 0;
    std::string letters;
};
// What is at a position. `begun`: the text ends inside a possible encoded letter.
enum class Kind { none, begun, whole };
struct Look {
    Kind kind = Kind::none;
    Encoded encoded;
};

Look whole(std::size_t size, std::string letters) { return {Kind::whole, {size, std::move(letters)}}; }

int digit(char c, int base) {
    int value = 99;
    if (c >= '0' && c <= '9') value = c - '0';
    else if (c >= 'a' && c <= 'f') value = c - 'a' + 10;
    else if (c >= 'A' && c <= 'F') value = c - 'A' + 10;
    return value < base ? value : -1;
}

// `count` digits from `at` on. `begun`: the text ends first; `none`: another character is among them.
struct Digits {
    Kind kind = Kind::whole;
    std::uint32_t value = 0;
};
Digits digits(std::string_view text, std::size_t at, std::size_t count, int base) {
    Digits found;
    for (std::size_t i = at; i < at + count; ++i) {
        if (i >= text.size()) return {Kind::begun, 0};
        const int one = digit(text[i], base);
        if (one < 0) return {Kind::none, 0};
        found.value = found.value * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(one);
    }
    return found;
}

std::string byte(std::uint32_t value) { return std::string(1, static_cast<char>(value & 0xFFU)); }

std::string utf8(std::uint32_t code) {
    const auto rest = [&](unsigned shift) { return byte(0x80U | ((code >> shift) & 0x3FU)); };
    if (code < 0x80) return byte(code);
    // Python's surrogate for a byte that is not UTF-8.
    if (code >= 0xDC80 && code <= 0xDCFF) return byte(code);
    if (code < 0x800) return byte(0xC0U | (code >> 6U)) + rest(0);
    if (code < 0x10000) return byte(0xE0U | (code >> 12U)) + rest(6) + rest(0);
    return byte(0xF0U | ((code >> 18U) & 7U)) + rest(12) + rest(6) + rest(0);
}

Look percent_at(std::string_view text, std::size_t at) {
    const Digits two = digits(text, at + 1, 2, 16);
    if (two.kind != Kind::whole) return {two.kind, {}};
    return whole(3, byte(two.value));
}

// \uXXXX, and the second one of a pair.
Look unicode_at(std::string_view text, std::size_t at) {
    constexpr std::size_t size = 6;
    const Digits first = digits(text, at + 2, 4, 16);
    if (first.kind != Kind::whole) return {first.kind, {}};
    if (first.value < 0xD800 || first.value > 0xDBFF) return whole(size, utf8(first.value));
    const std::string_view rest = text.substr(at + size);
    if (rest.size() < 2 && std::string_view("\\u").starts_with(rest)) return {Kind::begun, {}};
    if (!rest.starts_with("\\u")) return whole(size, utf8(first.value));
    const Digits second = digits(text, at + size + 2, 4, 16);
    if (second.kind == Kind::begun) return {Kind::begun, {}};
    if (second.kind == Kind::none || second.value < 0xDC00 || second.value > 0xDFFF)
        return whole(size, utf8(first.value));
    return whole(2 * size, utf8(0x10000 + ((first.value - 0xD800) << 10U) + (second.value - 0xDC00)));
}

Look backslash_at(std::string_view text, std::size_t at) {
    if (at + 1 >= text.size()) return {Kind::begun, {}};
    const char c = text[at + 1];
    if (static_cast<unsigned char>(c) < ' ') return {};
    constexpr std::string_view names = "bfnrt", meant = "\b\f\n\r\t";
    if (const std::size_t name = names.find(c); name != std::string_view::npos) return whole(2, {meant[name]});
    Look numbered;
    if (c == 'u') numbered = unicode_at(text, at);
    if (c == 'x') {
        const Digits two = digits(text, at + 2, 2, 16);
        numbered = two.kind == Kind::whole ? whole(4, byte(two.value)) : Look{two.kind, {}};
    }
    if (c >= '0' && c <= '3') {
        const Digits three = digits(text, at + 1, 3, 8);
        numbered = three.kind == Kind::whole ? whole(4, byte(three.value)) : Look{three.kind, {}};
    }
    return numbered.kind == Kind::none ? whole(2, {c}) : numbered;  // \/ \" \\, and \& of a shell
}

Look entity_at(std::string_view text, std::size_t at) {
    constexpr std::size_t longest = 10;
    const std::string_view all = text.substr(at + 1, longest);
    const std::size_t end = all.find_first_not_of("#0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    if (end == std::string_view::npos) return {all.size() < longest ? Kind::begun : Kind::none, {}};
    if (all[end] != ';') return {};
    const std::string_view name = all.substr(0, end);
    constexpr std::array<std::pair<std::string_view, char>, 5> named = {
        {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
    for (const auto& [word, letter] : named)
        if (name == word) return whole(end + 2, {letter});
    if (!name.starts_with('#')) return {};
    const bool is_hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
    const std::size_t first = is_hex ? 2 : 1;
    if (first >= name.size()) return {};
    const Digits number = digits(name, first, name.size() - first, is_hex ? 16 : 10);
    if (number.kind != Kind::whole || number.value > 0x10FFFF) return {};
    return whole(end + 2, utf8(number.value));
}

// The bytes to search for; faster than std::string's own search, which compares each byte with all of them.
struct Wanted {
    explicit Wanted(std::string_view bytes) {
        for (const char c : bytes) is[static_cast<unsigned char>(c)] = true;
    }
    std::size_t next(std::string_view text, std::size_t at) const {
        while (at < text.size() && !is[static_cast<unsigned char>(text[at])]) ++at;
        return at;
    }
    std::array<bool, 256> is{};
};

Look look_at(std::string_view text, std::size_t at) {
    if (text[at] == '%') return percent_at(text, at);
    return text[at] == '\\' ? backslash_at(text, at) : entity_at(text, at);
}

}  // namespace

void Reading::take(std::string_view letters, std::size_t source, std::size_t source_size) {
    joints_.push_back({text_.size(), letters.size(), source, source_size});
    text_ += letters;
}

Reading Reading::decoded(std::string_view text, Tail tail, std::string_view introducers) {
    Reading out;
    const Wanted wanted(introducers);
    std::size_t done = 0;
    for (std::size_t at = wanted.next(text, 0); at < text.size(); at = wanted.next(text, at)) {
        const Look look = look_at(text, at);
        if (look.kind == Kind::begun && tail == Tail::left_out) {
            out.text_ += text.substr(done, at - done);
            return out;
        }
        if (look.kind != Kind::whole) {
            ++at;
            continue;
        }
        out.text_ += text.substr(done, at - done);
        out.take(look.encoded.letters, at, look.encoded.size);
        at += look.encoded.size;
        done = at;
    }
    out.text_ += text.substr(done);
    return out;
}

Reading Reading::joined(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const Wanted wanted(blanks);
    Reading out;
    out.text_.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t blank = wanted.next(text, at);
        out.text_ += text.substr(at, blank - at);
        at = std::min(text.find_first_not_of(blanks, blank), text.size());
        if (at > blank) out.take("", blank, at - blank);
    }
    return out;
}

// The last joint whose letters begin at or before `at`.
const Reading::Joint* Reading::joint_before(std::size_t at) const {
    const auto after = std::upper_bound(joints_.begin(), joints_.end(), at,
                                        [](std::size_t place, const Joint& joint) { return place < joint.at; });
    return after == joints_.begin() ? nullptr : &*std::prev(after);
}

std::size_t Reading::begin_of(std::size_t at) const {
    const Joint* joint = joint_before(at);
    if (joint == nullptr) return at;
    if (at < joint->at + joint->size) return joint->source;
    return joint->source + joint->source_size + (at - joint->at - joint->size);
}

std::size_t Reading::end_of(std::size_t at) const {
    const Joint* joint = joint_before(at);
    if (joint != nullptr && at < joint->at + joint->size) return joint->source + joint->source_size;
    return begin_of(at) + 1;
}

std::size_t Reading::letter_at(std::size_t source) const {
    const auto after = std::upper_bound(joints_.begin(), joints_.end(), source,
                                        [](std::size_t place, const Joint& joint) { return place < joint.source; });
    if (after == joints_.begin()) return source;
    const Joint& joint = *std::prev(after);
    if (source < joint.source + joint.source_size) return joint.at;
    return joint.at + joint.size + (source - joint.source - joint.source_size);
}

Readings::Readings(std::string_view text, Reading::Tail tail) {
    all_.push_back(Reading::decoded(text, tail));
    while (all_.size() < depth_max && all_.back().differs()) {
        Reading next = Reading::decoded(all_.back().text(), tail);
        if (!next.differs() && next.text().size() == all_.back().text().size()) break;
        all_.push_back(std::move(next));
    }
}

std::size_t Readings::begin_of(std::size_t depth, std::size_t at) const {
    for (std::size_t i = depth + 1; i > 0; --i) at = all_[i - 1].begin_of(at);
    return at;
}

std::size_t Readings::end_of(std::size_t depth, std::size_t at) const {
    for (std::size_t i = depth + 1; i > 1; --i) at = all_[i - 1].end_of(at) - 1;
    return all_[0].end_of(at);
}

std::size_t Readings::letter_at(std::size_t depth, std::size_t at) const {
    for (std::size_t i = 0; i <= depth; ++i) at = all_[i].letter_at(at);
    return at;
}

std::size_t Readings::apart(std::size_t at) const {
    return std::min(at, begin_of(all_.size() - 1, letter_at(all_.size() - 1, at)));
}

}  // namespace mc
