#include "base/tzif.h"

#include <fmt/format.h>

namespace mc {

namespace {

constexpr std::size_t header_size = 44;
// Later or earlier instants (year 36000) are not real times; the limit leaves room to add offsets.
constexpr std::int64_t instant_limit = std::int64_t{1} << 60;

tl::unexpected<Error> malformed(std::string_view why) {
    return fail(Error::Kind::config, fmt::format("not a valid time zone file: {}", why));
}

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

// A block: the counts in its header and the arrays after the header.
struct Block {
    std::size_t time_size;  // 4 bytes in version 1, 8 later
    std::size_t utc_marks, standard_marks, leaps, times, types, letters;

    std::size_t size() const {
        return times * (time_size + 1) + types * 6 + letters + leaps * (time_size + 4) + standard_marks + utc_marks;
    }
};

// The counts have 32 bits, so their sums do not overflow.
Block read_header(std::string_view bytes, std::size_t time_size) {
    const auto count = [&](std::size_t n) { return static_cast<std::size_t>(big_endian(bytes.substr(20 + 4 * n, 4))); };
    return Block{time_size, count(0), count(1), count(2), count(3), count(4), count(5)};
}

bool begins_like_tzif(std::string_view bytes) { return bytes.size() >= header_size && bytes.substr(0, 4) == "TZif"; }

Result<std::vector<LocalType>> read_types(const Block& block, std::string_view records, std::string_view letters) {
    std::vector<LocalType> types;
    for (std::size_t i = 0; i < block.types; ++i) {
        const std::string_view record = records.substr(i * 6, 6);
        const auto offset = static_cast<std::int32_t>(static_cast<std::uint32_t>(big_endian(record.substr(0, 4))));
        const auto is_dst = static_cast<unsigned char>(record[4]);
        const auto name_at = static_cast<unsigned char>(record[5]);
        if (offset < -utc_offset_limit || offset > utc_offset_limit)
            return malformed("an offset is larger than 26 hours");
        if (is_dst > 1) return malformed("a daylight saving flag is neither 0 nor 1");
        if (name_at >= letters.size()) return malformed("an abbreviation is outside the file");
        const std::size_t name_end = letters.find('\0', name_at);
        if (name_end == std::string_view::npos) return malformed("an abbreviation has no end");
        types.push_back({offset, is_dst == 1, std::string(letters.substr(name_at, name_end - name_at))});
    }
    return types;
}

Result<std::vector<Tzif::Transition>> read_transitions(const Block& block, std::string_view body) {
    std::vector<Tzif::Transition> transitions;
    transitions.reserve(block.times);
    for (std::size_t i = 0; i < block.times; ++i) {
        const std::uint64_t raw = big_endian(body.substr(i * block.time_size, block.time_size));
        const std::int64_t at = block.time_size == 4 ? static_cast<std::int32_t>(static_cast<std::uint32_t>(raw))
                                                     : static_cast<std::int64_t>(raw);
        const auto type = static_cast<unsigned char>(body[block.times * block.time_size + i]);
        if (at < -instant_limit || at > instant_limit) return malformed("a transition is out of range");
        if (!transitions.empty() && at <= transitions.back().at) return malformed("its transitions are not in order");
        if (type >= block.types) return malformed("a transition has an unknown local time type");
        transitions.push_back({at, type});
    }
    return transitions;
}

Result<Tzif> read_body(const Block& block, std::string_view body) {
    if (block.types == 0) return malformed("it has no local time type");
    if (block.types > 256) return malformed("it has more than 256 local time types");
    if (block.leaps > 0) {
        return fail(Error::Kind::config, "it has leap seconds", "write the zone's name without \"right/\" in front");
    }
    const std::size_t types_at = block.times * (block.time_size + 1);
    const std::size_t letters_at = types_at + block.types * 6;
    auto types = read_types(block, body.substr(types_at), body.substr(letters_at, block.letters));
    if (!types) return tl::unexpected(types.error());
    auto transitions = read_transitions(block, body);
    if (!transitions) return tl::unexpected(transitions.error());
    return Tzif{std::move(*transitions), std::move(*types), {}};
}

// "\nRULE\n": a newline before and after the rule.
Result<std::string> read_footer(std::string_view bytes) {
    if (bytes.empty() || bytes.front() != '\n') return malformed("its footer is missing");
    const std::size_t end = bytes.find('\n', 1);
    if (end == std::string_view::npos) return malformed("its footer has no end");
    return std::string(bytes.substr(1, end - 1));
}

}  // namespace

Result<Tzif> read_tzif(std::string_view bytes) {
    if (!begins_like_tzif(bytes)) return malformed("it does not begin with TZif");
    const char version = bytes[4];
    const Block first = read_header(bytes, 4);
    bytes.remove_prefix(header_size);
    if (first.size() > bytes.size()) return malformed("it is truncated");
    if (version == '\0') return read_body(first, bytes);

    // Later versions keep the first block for old readers and repeat it with 64 bits.
    if (version < '2') return malformed("its version is unknown");
    bytes.remove_prefix(first.size());
    if (!begins_like_tzif(bytes)) return malformed("its second header is missing");
    const Block second = read_header(bytes, 8);
    bytes.remove_prefix(header_size);
    if (second.size() > bytes.size()) return malformed("it is truncated");
    auto content = read_body(second, bytes.substr(0, second.size()));
    if (!content) return content;
    auto footer = read_footer(bytes.substr(second.size()));
    if (!footer) return tl::unexpected(footer.error());
    content->footer = std::move(*footer);
    return content;
}

}  // namespace mc
