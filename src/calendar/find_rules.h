// find_rules.h — how a calendar file that extends another one finds that calendar's rules.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace mc {

struct CalendarRules;  // calendar/rules.h

// The rules of the calendar with that name, or the error.
using FindRules = std::function<Result<std::shared_ptr<const CalendarRules>>(std::string_view name)>;
// For files that cannot extend anything: always an error.
Result<std::shared_ptr<const CalendarRules>> no_rules_to_extend(std::string_view name);

}  // namespace mc
