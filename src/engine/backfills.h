// backfills.h — the runs of a backfill: which fires it chooses is decided by plan_backfill().
#pragma once

#include "engine/backfill.h"
#include "engine/endings.h"
#include "engine/job_records.h"
#include "engine/past.h"

namespace mc {

class Backfills {
   public:
    Backfills(Step& step, const Definitions& jobs, RunBook& book, const JobRecords& records, Past& past,
              Endings& endings);
    void asked(const BackfillAsked& asked);
    // The run of what a backfill or a start by hand has chosen: its row, reset, or a new one; without jitter.
    const Run& take(const BackfillItem& item);

   private:
    const Run* take_part(const BackfillItem& item);

    Step& step_;
    const Definitions& jobs_;
    RunBook& book_;
    const JobRecords& records_;
    Past& past_;
    Endings& endings_;
};

}  // namespace mc
