// find_rules.h — how a calendar file that extends another one gets at it.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace mc {

struct CalendarRules;  // calendar/rules.h

// The rules of the calendar of that name, or why there are none.
using FindRules = std::function<Result<std::shared_ptr<const CalendarRules>>(std::string_view name)>;
// Where nothing can be extended: always an error.
Result<std::shared_ptr<const CalendarRules>> no_rules_to_extend(std::string_view name);

}  // namespace mc
