#include "os/zone_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/suggest.h"

namespace mc::os {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_zone_file = 1 << 20;  // the largest of tzdata has 4 kB
constexpr std::string_view zoneinfo = "zoneinfo/";

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

// The bytes of a regular file; nullopt if there is none or its size cannot be that of a time zone.
std::optional<std::string> read_file(const std::string& path) {
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) return std::nullopt;
    std::ifstream in(path, std::ios::binary);
    const auto size = fs::file_size(path, ignored);
    if (ignored || size == 0 || size > largest_zone_file) return std::nullopt;
    std::string bytes(static_cast<std::size_t>(size), '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (in.bad()) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(in.gcount()));
    return bytes;
}

// Letters, digits and "_+-" in parts between slashes: nothing that can leave the directory.
bool is_zone_name(std::string_view name) {
    const auto allowed = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '+' ||
               c == '-' || c == '/';
    };
    const bool has_edge_slash = name.empty() || name.front() == '/' || name.back() == '/';
    return !has_edge_slash && name.find("//") == std::string_view::npos &&
           std::all_of(name.begin(), name.end(), allowed);
}

// The names in tzdata.zi ("Z NAME ...", "L TARGET NAME"), or else in zone1970.tab (the third column).
std::vector<std::string> known_names(const std::string& directory) {
    std::vector<std::string> names;
    std::string line;
    std::ifstream compact(directory + "/tzdata.zi");
    while (std::getline(compact, line)) {
        std::istringstream words(line);
        std::string kind, first, second;
        words >> kind >> first >> second;
        if (kind == "Z") names.push_back(first);
        if (kind == "L") names.push_back(second);
    }
    if (!names.empty()) return names;
    std::ifstream table(directory + "/zone1970.tab");
    while (std::getline(table, line)) {
        std::istringstream words(line);
        std::string countries, place, name;
        if (!line.starts_with('#') && words >> countries >> place >> name) names.push_back(name);
    }
    return names;
}

// Also compares the city alone: "New_York" suggests "America/New_York".
std::string nearest_zone(std::string_view name, const std::vector<std::string>& names) {
    std::string whole = nearest(name, names);
    if (!whole.empty()) return whole;
    std::vector<std::string> cities;
    for (const std::string& known : names) cities.push_back(known.substr(known.rfind('/') + 1));
    const std::string city = nearest(name, cities);
    if (city.empty()) return {};
    const auto found = std::find(cities.begin(), cities.end(), city) - cities.begin();
    return names[static_cast<std::size_t>(found)];
}

tl::unexpected<Error> unknown_zone(std::string_view name, const std::string& directory) {
    std::error_code ignored;
    const std::string what = fmt::format("unknown time zone \"{}\"", name);
    if (!fs::is_directory(directory, ignored)) {
        return fail(Error::Kind::config, what, fmt::format("{} does not exist: install the package tzdata", directory));
    }
    const std::string near = nearest_zone(name, known_names(directory));
    return fail(Error::Kind::config, what,
                near.empty() ? "write an IANA name such as America/New_York" : fmt::format("did you mean {}?", near));
}

Result<ZonePtr> read_zone(std::string_view name, const std::string& directory) {
    const auto bytes = is_zone_name(name) ? read_file(fmt::format("{}/{}", directory, name)) : std::nullopt;
    if (bytes) return Zone::parse(std::string(name), *bytes);
    if (name == "UTC") return Zone::utc();
    return unknown_zone(name, directory);
}

// The part after ".../zoneinfo/" in a path, or "".
std::string name_in_path(const std::string& path) {
    const std::size_t at = path.find(zoneinfo);
    return at == std::string::npos ? std::string() : path.substr(at + zoneinfo.size());
}

// The zone of a file, with its name in zoneinfo or else its file name.
ZonePtr zone_of_path(const std::string& path, const std::string& place, const ZoneLookup& lookup) {
    if (const std::string name = name_in_path(place); !name.empty()) {
        if (auto zone = lookup(name)) return *zone;
    }
    const auto bytes = read_file(path);
    if (!bytes) return nullptr;
    auto zone = Zone::parse(fs::path(path).filename().string(), *bytes);
    return zone ? *zone : nullptr;
}

ZonePtr zone_of_environment(std::string text, const ZoneLookup& lookup) {
    if (text.starts_with(':')) text.erase(0, 1);
    if (text.empty()) return nullptr;
    if (text.starts_with('/')) return zone_of_path(text, text, lookup);
    if (auto zone = lookup(text)) return *zone;
    auto zone = Zone::from_rule(text);
    return zone ? *zone : nullptr;
}

}  // namespace

ZoneLookup zone_files(std::string directory) {
    if (directory.empty()) directory = environment("TZDIR");
    if (directory.empty()) directory = "/usr/share/zoneinfo";
    auto known = std::make_shared<std::map<std::string, ZonePtr, std::less<>>>();
    return [known, directory](std::string_view name) -> Result<ZonePtr> {
        const auto found = known->find(name);
        if (found != known->end()) return found->second;
        auto zone = read_zone(name, directory);
        if (zone) known->emplace(name, *zone);
        return zone;
    };
}

ZonePtr host_zone(const ZoneLookup& lookup, const std::string& localtime) {
    ZonePtr zone;
    if (const char* text = std::getenv("TZ")) {
        zone = zone_of_environment(text, lookup);
    } else {
        std::error_code ignored;
        zone = zone_of_path(localtime, fs::read_symlink(localtime, ignored).string(), lookup);
    }
    return zone ? zone : Zone::utc();
}

}  // namespace mc::os
