// sensing.h — what the simulator knows about the sensors of waiting runs: the checks that were asked for, and their
// answers. It says whether a run's sensors have passed, must be checked, or must have timed out.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace mc::sim {

class Sensing {
   public:
    void asked(const Probe& probe, Now now);
    // The answer reaches the engine now. `job` is the run's.
    void answered(const SensorAnswer& answer, const Job& job, Now now);
    // Another engine: it checks all sensors again.
    void forget_all() { runs_.clear(); }
    // After each step, before asked(): runs that do not wait for their sensors any more, or wait anew, are forgotten.
    void update(const std::map<RunId, Run>& unfinished);

    // Whether the sensor has passed since the run began to wait for its sensors. Sensors on jobs are not known.
    bool has_passed(RunId run, std::size_t sensor) const;
    // Whether each sensor has passed at some time since the run was last reset.
    bool ever_passed(const Job& job, const Run& run) const;
    // A run that waits for its sensors: "" or what is wrong.
    std::string check(const Job& job, const Run& run, Now now) const;
    // Whether that sensor may time out now.
    bool may_time_out(const Run& run, const Sensor& sensor, std::size_t number, Now now) const;

   private:
    struct Known {
        bool has_passed = false, was_refused = false;
        std::int64_t look = 0;  // that is not answered yet; 0: none
        Now asked{}, answered{};
        bool is_answered = false;  // at least once
        std::optional<FileFacts> file;
        Seconds file_up{0};  // the first answer with these facts
    };
    const Known* find(RunId run, std::size_t sensor) const;
    std::map<RunId, std::map<std::size_t, Known>> runs_;
    std::map<RunId, std::set<std::size_t>> ever_;
    std::map<RunId, Instant> since_;  // Run::sensing_since
};

}  // namespace mc::sim
