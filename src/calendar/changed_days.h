// changed_days.h — a calendar that is made of others, with single days changed by `calendar override`.
//
// A calendar of rules takes such changes into its rules; one without rules (calendar/joint.h) keeps its days, but for
// those that the changes name: closed, or a session with these hours.
#pragma once

#include "calendar/calendar.h"

namespace mc {

// What an override extends: the calendar's rules; of a joint one rules without any session, in its zone.
std::shared_ptr<const CalendarRules> rules_to_change(const Calendar& calendar);

// `base` has no rules. Of `changes` its closed days and extra sessions count.
CalendarPtr with_changed_days(CalendarPtr base, CalendarRules changes);

}  // namespace mc
