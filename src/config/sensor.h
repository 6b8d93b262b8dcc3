// sensor.h — wait = [{ file = "..." }, ...]: what a due run waits for, looked at every now and then.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "config/command.h"
#include "config/http_call.h"

namespace mc {

// Passes when there is such a file, or anything else of that name, for the job's user.
struct FileSensor {
    Template path;                  // absolute, or beginning with a name
    std::optional<Seconds> stable;  // and its size and time of change have stayed the same for so long
};
// Passes when a GET is answered so.
struct HttpSensor {
    Template url;
    std::vector<int> status;  // empty: 200 to 299
    std::string ca_file;      // whose certificates are believed; "" = the system's
};
// Passes when it ends with exit code 0, run as the job's own command would be.
struct CommandSensor {
    std::variant<ShellCommand, ExecCommand> command;
};
// Passes when all that job's runs for the date (or its newest earlier one) have ended, the latest with success.
struct JobSensor {
    std::string job;
    bool previous = false;
    Spot spot;  // where it is named
};

// Passes when the store has such an object.
struct S3Sensor {
    Template address;      // "s3://BUCKET/KEY"
    std::string endpoint;  // "http://HOST:PORT" of a store that is not Amazon's; "" = Amazon's
    std::string ca_file;   // as of HttpSensor
    AwsSigning signing;
};

struct Sensor {
    std::variant<FileSensor, HttpSensor, CommandSensor, JobSensor, S3Sensor> kind;
    Seconds poll{30};
    std::optional<Seconds> timeout;  // since the run began to wait for its sensors
    enum class OnTimeout { fail, skip } on_timeout = OnTimeout::fail;
};

constexpr std::size_t sensors_max = 100;  // of one job

}  // namespace mc
