// sensor_watch.h — checks the sensors of due runs until all of them have passed.
//
// The engine decides when to check and what an answer means; the shell makes the checks (Probe, SensorsAnswered). Which
// sensors have passed is kept in memory only: after a restart they are checked again, which is harmless. The ledger has
// the start of the wait, so that timeouts continue over restarts.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/endings.h"
#include "engine/step_past.h"

namespace mc {

class SensorWatch {
   public:
    SensorWatch(Step& step, const Definitions& jobs, RunBook& book, StepPast& past, Endings& endings);

    // True: all sensors have passed, or there are none. False: the run waits, or has ended because of a sensor.
    bool lets_start(const Job& job, const Run& run);
    void answered(const SensorsAnswered& answered);
    // The run has to wait for something else first; after that, all its sensors are checked again.
    void stop(const Run& run);
    // The run starts, or has ended.
    void forget(RunId id);
    // Call it after a load; `old` is the previous plan, or null. For an unchanged sensor, its state and its probe in
    // progress stay.
    void load(const Plan* old);
    // Checks the sensors on jobs that have just succeeded.
    void check_succeeded_jobs();
    void add_wakes(Wake& wake) const;
    // By job: why its sensors cannot be checked, if the machine lacks the resources.
    std::map<std::string, std::string> troubles() const;

   private:
    struct Known {                       // the state of one sensor
        std::string what;                // the path, the URL, the command, or the job
        bool passed = false;             // does not become false again
        std::optional<Instant> seen;     // when the last answered probe was requested
        std::int64_t probe = 0;          // the probe in progress; 0: none
        Instant asked{};                 // when it was requested; wall clock
        Seconds asked_up{0};             // the same; monotonic clock
        std::optional<Seconds> next_up;  // when to check next
        std::string trouble;             // the text of the last answer
        bool refused = false;            // the machine lacked the resources for the probe
        std::optional<FileFacts> file;
        Seconds file_up{0};  // when the file was first seen in this state
    };
    struct OfRun {
        std::vector<Known> sensors;  // in the order of the job's `wait`
        bool told = false;           // the run's detail is up to date
    };
    bool begin(const Job& job, const Run& run, OfRun& begun);
    void probe(const Job& job, const Run& run, OfRun& of_run);
    void check_job(const JobSensor& other, const Sensor& sensor, const Run& run, Known& known);
    bool times_out(const Job& job, const Run& run, const OfRun& of_run);
    void tell(const Job& job, const Run& run, const OfRun& of_run);
    void take(const SensorAnswer& answer);
    void take_file(const SensorAnswer& answer, Seconds stable, Known& known) const;
    bool renew(const Job& before, const Job& job, const Run& run, OfRun& of_run);
    void add_wakes_of(const Run& run, const OfRun& of_run, Wake& wake) const;

    Step& step_;
    const Definitions& jobs_;
    RunBook& book_;
    StepPast& past_;
    Endings& endings_;
    std::map<RunId, OfRun> runs_;
    std::set<RunId> past_sensors_;   // runs whose sensors have passed, and which wait again for something else
    std::set<JobName> sensed_jobs_;  // jobs that a sensor of another job checks
    std::int64_t last_probe_ = 0;
};

}  // namespace mc
