// sensor_watch.h — due runs check their sensors until all of them have passed.
//
// The engine decides when to check and what an answer means; checking is the shell's (Probe, SensorsAnswered). What
// has passed is kept in memory alone: after a restart it is checked again, which harms nothing. The ledger has since
// when a run waits, so that timeouts hold over restarts.
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

    // True: no sensor keeps the run waiting (any more). False: it waits, or has ended because of one.
    bool lets_start(const Job& job, const Run& run);
    void answered(const SensorsAnswered& answered);
    // The run waits for something else first, and checks all its sensors again after that.
    void stop(const Run& run);
    // It starts, or has ended.
    void forget(RunId id);
    // After a load; `old` is the plan before, or null. What is known of a sensor outlasts a load that leaves the sensor
    // as it is, probes under way included.
    void load(const Plan* old);
    // Sensors on jobs that have just succeeded are checked now.
    void check_succeeded_jobs();
    void add_wakes(Wake& wake) const;
    // Why sensors cannot be checked for lack of room on the machine, by job.
    std::map<std::string, std::string> troubles() const;

   private:
    struct Known {                       // of one sensor
        std::string what;                // the path, the URL, the command, the job
        bool passed = false;             // and stays so
        std::optional<Instant> seen;     // when the probe was asked for that was answered last
        std::int64_t probe = 0;          // under way; 0: none
        Instant asked{};                 // when that was asked for
        Seconds asked_up{0};             // the same
        std::optional<Seconds> next_up;  // when to check next
        std::string trouble;             // what the last answer said
        bool refused = false;            // the machine had no room for the probe
        std::optional<FileFacts> file;
        Seconds file_up{0};  // since when the file is known to be so
    };
    struct OfRun {
        std::vector<Known> sensors;  // in the order of the job's `wait`
        bool told = false;           // the run's detail says how they are
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
    std::set<RunId> past_sensors_;       // were about to start, and wait for room or for what has come since
    std::set<std::string> sensed_jobs_;  // that a sensor of another job checks
    std::int64_t last_probe_ = 0;
};

}  // namespace mc
