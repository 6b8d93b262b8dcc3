// planted.h — faults planted around the engine; each must be caught by the checker named here, which proves that
// the checker can fail.
#pragma once

#include <memory>

#include "config/plan.h"

namespace mc::sim {

enum class Planted {
    none,
    spawn_before_claim,   // 1: a command starts more often than it may
    forget_history,       // 2: fires leave no row
    forget_open_runs,     // 3: a job overlaps with itself
    wide_pools,           // 3: a pool's size is exceeded
    late_by_a_minute,     // 7: the fires that ran are not those that `next` showed
    forget_holds,         // held jobs start
    forget_order,         // 4: runs start before their trigger rule is met
    bent_rules,           // rule: all_success is treated like all_done
    forget_past,          // 4: runs start before their previous date has succeeded
    forget_when,          // when: a branch runs although its `when` is false
    lost_notices,         // 5: there is no message about a failure
    unnamed_victims,      // 5: no message names the jobs that a failure blocks
    recorded_unsent,      // 5: a message in flight is recorded as sent
    unrecorded_arrivals,  // 5: a message that arrived is never recorded
    rewritten_ends,       // 6: the end of a finished run is written again with a later time
    roomy_host,           // capacity: running runs claim more than the capacity
    cramped_host,         // claim: a run waits although its claim fits
    deaf_to_survivors,    // cleared: a run that was told to stop is assumed to be gone
    silent_delays,        // late: there is no message about a late run
    deaf_to_refusals,     // message: a run succeeds although its message was refused
    forget_alerts,        // alert: it stays open although its run has succeeded
    reasonless,           // reason: a run waits without a reason
    deaf_to_ends,         // 8: the backlog never drains
    uncounted_chance,     // 9: the same seed gives another trace
    unwritten_waits,      // 11: the ledger does not have a run's reason to wait
    decides_anew,         // 11: a daemon that starts now decides otherwise
    few_retries,          // 12: a run fails before its last attempt
    hasty_retries,        // 12: an attempt starts before the end of retry_delay
    rare_checks,          // 13: sensors are checked too rarely
    forget_catch_up,      // 14: overdue fires do not run
    uncounted_failures,   // 15: an alert does not count the failures
    unmoved_fires,        // 17: a calendar changes, and no fire moves
    unheard_requests,     // 16: an operator's request does nothing
    failures_are_none,    // 1: a failed question is taken as "none"
    // In recovery, or in its input.
    restored_unseen,         // 1: a restored ledger is not compared with the records
    one_boot_for_all,        // 1: attempts that may have begun in an earlier boot are started again
    other_keepers_unseen,    // 1: a newer keeper does not search for attempts of a keeper of another version
    lost_rebuild_writes,     // writes are lost while the engine is rebuilt
    down_without_a_step,     // 2: a clock set forward while no daemon runs is ignored
    stale_records_believed,  // result: another attempt's record is taken as the run's
};

// The plan that the engine gets instead of the story's.
std::shared_ptr<const Plan> planted_plan(const std::shared_ptr<const Plan>& plan, Planted planted);

}  // namespace mc::sim
