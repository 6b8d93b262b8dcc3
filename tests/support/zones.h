// zones.h — the machine's time zones and the repository's calendar files, for tests.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "base/zone.h"

namespace mc::test {

inline std::string text_of(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

// Reads /usr/share/zoneinfo, each zone once.
inline Result<ZonePtr> zone(std::string_view name) {
    static std::map<std::string, ZonePtr, std::less<>> known;
    if (const auto found = known.find(name); found != known.end()) return found->second;
    const std::string bytes = text_of(std::filesystem::path("/usr/share/zoneinfo") / name);
    if (bytes.empty()) return fail(Error::Kind::config, "unknown time zone \"" + std::string(name) + "\"");
    auto read = Zone::parse(std::string(name), bytes);
    if (read) known.emplace(std::string(name), *read);
    return read;
}

}  // namespace mc::test
