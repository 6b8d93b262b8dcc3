#include "engine/ledger.h"

namespace mc {

bool StepWrites::empty() const {
    return inserted.empty() && updated.empty() && attempts.empty() && jobs.empty() && removed_jobs.empty() &&
           alerts.empty() && notices.empty() && cancelled_actions.empty() && !planned_through && !coverage_told &&
           operator_note.empty();
}

}  // namespace mc
