// admission.h — what may start, starts: in order, within limits, each wait with its reason.
#pragma once

#include "engine/holds.h"

namespace mc {

// What comes after a fire: the next fire of its job in the same step, or nothing.
enum class Follows { nothing, another_fire };

class Admission {
   public:
    Admission(Step& step, const Definitions& jobs, RunBook& book, const JobRecords& records, Gates& gates, Holds& holds,
              SensorWatch& sensors, StartTroubles& troubles, Endings& endings, Notices& notices);

    // A live fire has just got its run: `overlap` decides. `more_follow`: fires of the same instant, which are judged
    // after this one has started.
    void arrive(const Job& job, const Run& run, Follows follows);
    // Starts what may start now, and says of the others what they wait for.
    void admit();
    // The same until nothing more follows from it: a run may end in that, and another one may wait for it.
    void admit_all();

    // Nothing starts any more.
    void drain() { draining_ = true; }
    bool draining() const { return draining_; }
    void add_wakes(Wake& wake) const;

   private:
    struct Candidate;
    std::vector<Candidate> candidates();
    bool is_candidate(const Job& job, const Run& run);
    void wait_for_time(const Job& job, const Run& run);
    void start(const Job& job, const Run& run);

    Step& step_;
    const Definitions& jobs_;
    RunBook& book_;
    const JobRecords& records_;
    Gates& gates_;
    Holds& holds_;
    SensorWatch& sensors_;
    StartTroubles& troubles_;
    Endings& endings_;
    Notices& notices_;
    bool draining_ = false;
};

}  // namespace mc
