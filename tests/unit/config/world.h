// world.h — what read_plan needs from outside, for tests: calendars and zones from this checkout
// and this machine, included files from a map.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "calendar/rules.h"
#include "config/plan.h"
#include "notify/channel_readers.h"
#include "support/calendars.h"

namespace mc::test {

inline std::string file_text(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

inline Result<ZonePtr> find_zone(std::string_view name) {
    const std::filesystem::path path = std::filesystem::path("/usr/share/zoneinfo") / name;
    if (!std::filesystem::is_regular_file(path))
        return fail(Error::Kind::config, fmt::format("unknown time zone \"{}\"", name),
                    "write a name such as America/New_York");
    return Zone::parse(std::string{name}, file_text(path));
}

inline std::shared_ptr<const CalendarSet> calendars() {
    static const auto set = std::make_shared<const CalendarSet>(
        calendars_of(std::filesystem::path(MARKETCRON_ROOT) / "calendars", find_zone));
    return set;
}

using Files = std::map<std::string, std::string>;

inline ReadContext context(const Files& files = {}) {
    ReadContext context;
    context.calendars = calendars();
    context.host_zone = *find_zone("Europe/Berlin");
    context.channels = notify::channel_readers();
    context.working_directory = "/home/desk";
    context.include = [files](std::string_view pattern, std::string_view) -> Result<std::vector<SourceText>> {
        const std::string_view stem = pattern.substr(0, pattern.find('*'));
        std::vector<SourceText> found;
        for (const auto& [path, text] : files) {
            if (path.rfind(stem, 0) == 0) found.push_back({path, text});
        }
        return found;
    };
    return context;
}

inline ResultAll<Plan> read(std::string text, const Files& files = {}) {
    return read_plan({"jobs.toml", std::move(text)}, context(files));
}

// All errors, one on each line; "" if there are none.
inline std::string errors_of(const ResultAll<Plan>& plan) {
    std::string text;
    if (plan) return text;
    for (const Error& error : plan.error()) text += error.text() + "\n";
    return text;
}

}  // namespace mc::test
