// planted.h — faults planted in the world around the engine; each must be caught by the checker of its name,
// which proves that the checker can fail.
#pragma once

#include <memory>

#include "config/plan.h"

namespace mc::sim {

enum class Planted {
    none,
    spawn_before_claim,   // 1: a command starts more often than it may
    forget_history,       // 2: fires leave no row
    forget_open_runs,     // 3: a job overlaps with itself
    wide_pools,           // 3: a pool's width is exceeded
    late_by_a_minute,     // 7: what ran is not what `next` said
    forget_holds,         // held jobs start
    forget_order,         // 4: runs start before their trigger rule is met
    bent_rules,           // rule: all_done is taken for all_success
    forget_past,          // 4: runs start before their own past has succeeded
    forget_when,          // when: a branch that is not to be taken is run
    lost_notices,         // 5: nobody is told of what went wrong
    unnamed_victims,      // 5: nobody is told what a failure keeps from running
    recorded_unsent,      // 5: a message is recorded as sent when it is only on its way
    unrecorded_arrivals,  // 5: what arrived is never recorded
    rewritten_ends,       // 6: what a finished run came to is written once more, as of later
    roomy_host,           // capacity: what runs claims more than there is
    cramped_host,         // claim: a run waits for what is free
    deaf_to_survivors,    // cleared: a run that was told to stop is taken for gone
    silent_delays,        // late: nobody is told of what takes too long
    deaf_to_refusals,     // message: a run succeeds whose message was refused
    forget_alerts,        // alert: it stays open when its run has succeeded
    reasonless,           // reason: a run waits, and nobody says for what
    deaf_to_ends,         // 8: the backlog never drains
    uncounted_chance,     // 9: the same seed, another trace
    failures_are_none,    // 1: a question that fails is taken for the answer that there is none
    // In recovery, or in what it is told.
    restored_unseen,         // 1: a restored ledger is not compared with the records
    one_boot_for_all,        // 1: what a lost boot may have begun is begun again
    other_keepers_unseen,    // 1: a keeper of another version has what a newer one does not look for
    lost_rebuild_writes,     // a write that is made while the engine is rebuilt is lost
    down_without_a_step,     // 2: a clock that is set forward while no daemon runs is taken for no time
    stale_records_believed,  // result: another attempt's record is taken for the run's
};

// The plan that the engine is given in place of the story's.
std::shared_ptr<const Plan> planted_plan(const std::shared_ptr<const Plan>& plan, Planted planted);

}  // namespace mc::sim
