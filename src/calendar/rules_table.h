// rules_table.h — a calendar that stands as a table in another TOML file.
#pragma once

#include "base/toml.h"
#include "calendar/rules.h"

namespace mc {

// As read_calendar_rules of a whole file; places are those of the table's nodes in `file`.
ResultAll<CalendarRules> read_calendar_rules(const toml::table& table, const std::string& file,
                                             const FindRules& find = no_rules_to_extend);

}  // namespace mc
