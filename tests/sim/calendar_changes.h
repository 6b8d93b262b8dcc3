// calendar_changes.h — single days of calendars change, as by `calendar override`; and checker 17: the fires move with
// them (marketcron(1)).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "sim/model.h"
#include "sim/random.h"

namespace mc::sim {

// The local hours of a changed day; nullopt: it is closed.
struct ChangedHours {
    Seconds open, close;
};
using ChangedDay = std::optional<ChangedHours>;
// What the ledger notes about the change.
inline constexpr std::string_view change_note = "a calendar changes";
// By calendar.
using ChangedDays = std::map<std::string, std::map<Date, ChangedDay>>;

// The plan with these days changed in the calendars of the tests.
std::shared_ptr<const Plan> with_days(const Plan& plan, const ChangedDays& days);

struct DrawnDay {
    ChangedDays days;  // all that are changed then
    Date date;         // the one that is changed now
};
// Closes a day that is near, moves its close, or undoes a change; nullopt: no job uses a calendar, or no change fits.
std::optional<DrawnDay> draw_changed_day(Random& random, const Plan& plan, const ChangedDays& days, Instant now);

// A write of the step that changed the plan's calendars; `world` has the new plan, and the ledger before the write. ""
// or the violation.
std::string check_moved_fires(const StepWrites& batch, const Plan& before, const World& world);
// What the answer to that change must have.
struct ChangeAnswer {
    std::string counts;
    std::set<RunId> due;
};
ChangeAnswer answer_to_change(const StepWrites& batch, const Plan& before, const World& world);
std::string check_answer(const Reply& reply, const ChangeAnswer& expected);

}  // namespace mc::sim
