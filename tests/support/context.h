// context.h — what is needed to read a plan: this repository's calendars and the machine's time zones.
#pragma once

#include "config/plan.h"

namespace mc::test {

// Read once; does not support includes.
const ReadContext& read_context();

}  // namespace mc::test
