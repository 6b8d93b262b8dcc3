// calendars.h — the calendar files of a directory, for tests and the authors of calendars.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "base/toml.h"
#include "calendar/calendar_set.h"
#include "support/zones.h"

namespace mc::test {

// Each is read when it is first requested.
inline CalendarSet calendars_of(const std::filesystem::path& directory, const ZoneLookup& zones = zone) {
    CalendarSet set{zones};
    std::map<std::string, CalendarSource> sources;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        if (entry.path().extension() != ".toml") continue;
        CalendarSource source;
        source.file = entry.path().string();
        source.owned = std::make_shared<const std::string>(text_of(entry.path()));
        source.name = CalendarName(entry.path().stem().string());
        if (const auto head = parse_toml(*source.owned, source.file)) {
            source.name = CalendarName((*head)["name"].value_or(source.name.text()));
            if (const toml::array* aliases = (*head)["aliases"].as_array())
                for (const toml::node& alias : *aliases) source.aliases.push_back(alias.value_or(std::string{}));
        }
        sources[source.file] = source;
    }
    for (const auto& [file, source] : sources) set.add(source);
    return set;
}

}  // namespace mc::test
