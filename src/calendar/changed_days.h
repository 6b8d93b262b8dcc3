// changed_days.h — a calendar made of others, with single days changed by `calendar override`.
//
// A calendar with rules includes such changes in its rules. A calendar without rules (calendar/joint.h) keeps its days,
// except those that the changes name: closed, or a session with the given hours.
#pragma once

#include "calendar/calendar.h"

namespace mc {

// The rules that an override extends: those of the calendar; for a joint one, rules without sessions in its zone.
std::shared_ptr<const CalendarRules> rules_to_change(const Calendar& calendar);

// For a `base` without rules. Only the closed days and extra sessions of `changes` are used.
CalendarPtr with_changed_days(CalendarPtr base, CalendarRules changes);

}  // namespace mc
