// trigger_names.h — the names of the trigger rules as in the configuration, for reading, output and tests.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "config/job.h"

namespace mc {

inline constexpr std::array<std::pair<std::string_view, Trigger>, 12> trigger_names{{
    {"all_success", Trigger::all_success},
    {"all_done", Trigger::all_done},
    {"all_failed", Trigger::all_failed},
    {"all_skipped", Trigger::all_skipped},
    {"one_success", Trigger::one_success},
    {"one_failed", Trigger::one_failed},
    {"one_done", Trigger::one_done},
    {"none_failed", Trigger::none_failed},
    {"none_failed_min_one_success", Trigger::none_failed_min_one_success},
    {"all_done_min_one_success", Trigger::all_done_min_one_success},
    {"none_skipped", Trigger::none_skipped},
    {"always", Trigger::always},
}};
static_assert(trigger_names.size() == static_cast<std::size_t>(Trigger::all_done_min_one_success) + 1);

}  // namespace mc
