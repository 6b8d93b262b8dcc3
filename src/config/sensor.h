// sensor.h — wait = [{ file = "..." }, ...]: the sensors that a due run waits for, checked at intervals.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "config/command.h"
#include "config/http_call.h"
#include "schedule/job_name.h"

namespace mc {

// Passes if the path exists for the job's user, as a file or anything else.
struct FileSensor {
    Template path;                  // absolute, or beginning with a {{name}}
    std::optional<Seconds> stable;  // and its size and modification time have not changed for this long
};
// Passes if the answer to a GET has such a status.
struct HttpSensor {
    Template url;
    std::vector<int> status;  // empty: 200 to 299
    std::string ca_file;      // trusted certificates; "" = the system's
};
// Passes if it ends with exit code 0. It runs with the settings of the job's command.
struct CommandSensor {
    std::variant<ShellCommand, ExecCommand> command;
};
// Passes if all runs of that job for the date (or its newest earlier date) have ended, the latest with success.
struct JobSensor {
    JobName job;
    bool previous = false;
    Spot spot;  // where the job is named
};

// Passes if the store has the object.
struct S3Sensor {
    Template address;      // "s3://BUCKET/KEY"
    std::string endpoint;  // "http://HOST:PORT" of another store; "" = Amazon's
    std::string ca_file;   // as in HttpSensor
    AwsSigning signing;
};

struct Sensor {
    std::variant<FileSensor, HttpSensor, CommandSensor, JobSensor, S3Sensor> kind;
    Seconds poll{30};
    std::optional<Seconds> timeout;  // from the start of waiting for sensors
    enum class OnTimeout { fail, skip } on_timeout = OnTimeout::fail;
};

constexpr std::size_t sensors_max = 100;  // of one job

}  // namespace mc
