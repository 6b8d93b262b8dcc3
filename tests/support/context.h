// context.h — what reading a plan needs from outside: this repository's calendars, the machine's zones.
#pragma once

#include "config/plan.h"

namespace mc::test {

// Read once; without includes.
const ReadContext& read_context();

}  // namespace mc::test
