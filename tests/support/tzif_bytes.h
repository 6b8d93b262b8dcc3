// tzif_bytes.h — writes a small TZif file, version 2, for tests that need their own time zone.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/local_type.h"

namespace mc::test {

inline std::string big_endian(std::int64_t value, int size) {
    std::string bytes;
    for (int n = size - 1; n >= 0; --n) bytes += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * n) & 0xff);
    return bytes;
}

// One block with its header. A transition is its instant and the number of its type.
inline std::string tzif_block(char version, int time_size, const std::vector<LocalType>& types,
                              const std::vector<std::pair<std::int64_t, int>>& transitions, int leap_seconds = 0) {
    std::string times, type_numbers, records, letters;
    for (const auto& [at, type] : transitions) {
        times += big_endian(at, time_size);
        type_numbers += static_cast<char>(type);
    }
    for (const LocalType& type : types) {
        records += big_endian(type.utc_offset, 4) + static_cast<char>(type.is_dst) + static_cast<char>(letters.size());
        letters += type.abbreviation + '\0';
    }
    std::string header = std::string("TZif") + version + std::string(15, '\0');
    const std::size_t counts[] = {
        0, 0, static_cast<std::size_t>(leap_seconds), transitions.size(), types.size(), letters.size()};
    for (const std::size_t count : counts) header += big_endian(static_cast<std::int64_t>(count), 4);
    const auto leap_bytes = static_cast<std::size_t>(leap_seconds) * (static_cast<std::size_t>(time_size) + 4);
    return header + times + type_numbers + records + letters + std::string(leap_bytes, '\0');
}

inline std::string tzif_bytes(const std::vector<LocalType>& types,
                              const std::vector<std::pair<std::int64_t, int>>& transitions, const std::string& footer) {
    return tzif_block('2', 4, {{0, false, "UTC"}}, {}) + tzif_block('2', 8, types, transitions) + "\n" + footer + "\n";
}

}  // namespace mc::test
