// rules_table.h — reads a calendar that is a table in another TOML file.
#pragma once

#include <span>

#include "base/toml.h"
#include "calendar/rules.h"

namespace mc {

// As read_calendar_rules() of a whole file; places are those of the table's nodes in `file`. The keys in `apart` belong
// to the caller and are ignored.
ResultAll<CalendarRules> read_calendar_rules(const toml::table& table, const std::string& file,
                                             const FindRules& find = no_rules_to_extend,
                                             std::span<const std::string_view> apart = {});

}  // namespace mc
