// backfills.h — creates the runs of a backfill, for the fires that plan_backfill() chooses.
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
    // Creates the run of a chosen fire, or resets its row; without jitter. Also for a start by hand.
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
