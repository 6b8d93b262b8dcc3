// admission.h — starts the runs that can start, in order and within limits, and records why the others wait.
#pragma once

#include "engine/holds.h"

namespace mc {

// What comes after a fire: the next fire of its job in the same step, or nothing.
enum class Follows { nothing, another_fire };

class Admission {
   public:
    Admission(Step& step, const Definitions& jobs, RunBook& book, const JobRecords& records, Gates& gates, Holds& holds,
              SensorWatch& sensors, StartTroubles& troubles, Endings& endings, Notices& notices);

    // Applies `overlap` to the new run of a live fire. another_fire: starts the run at once if it can start, because
    // `overlap` compares the job's next fire with it.
    void arrive(const Job& job, const Run& run, Follows follows);
    // Starts the runs that can start now, and records what the others wait for.
    void admit();
    // Repeats admit() until nothing changes: a run may end in it, and another run may wait for that run.
    void admit_all();

    // No run starts any more.
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
