// question_text.h — parts of sentences that several predicates share.
#pragma once

#include <string>
#include <string_view>

#include "calendar/calendar.h"

namespace mc {

// "Thursday"
std::string_view weekday_text(Date date);
// ": Thanksgiving Day", or "" for a day without a reason.
std::string because(const DayFacts& facts);
// "2026-11-26 is not a session of XNYS: Thanksgiving Day"
std::string day_text(const Calendar& calendar, const DayFacts& facts);
// "first", "2nd", "last", "3rd to last"
std::string ordinal(int n);

}  // namespace mc
