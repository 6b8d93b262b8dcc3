// sensors.h — makes the checks that the engine asks for (Probe): of files, URLs and S3 objects, and by commands.
//
// Each probe is answered once, after two minutes at the latest. A check that waits for a free slot longer than a check
// may take is refused: its answer says nothing about the file or URL. A file system, a server or a command that hangs
// does not delay other checks (file_looker.h, curl_client.h, command_looker.h). Answers within 20 ms are passed on
// together, so that 1,000 waiting runs need few steps. The part of a URL after `?` is never shown.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "engine/engine.h"
#include "exec/command_looker.h"
#include "net/curl_client.h"
#include "os/crypto_library.h"
#include "os/event_loop.h"
#include "os/file_looker.h"
#include "os/user.h"

namespace mc::app {

class Sensors {
   public:
    using Answered = std::function<void(SensorsAnswered)>;

    // `answered` is called from the loop.
    Sensors(os::EventLoop& loop, os::CurlClient& poster, Answered answered);

    void look(const std::vector<Probe>& probes, const Engine& engine, const Plan& plan);

   private:
    void look(const Probe& probe, const Job& job, const Run& run, const Plan& plan, os::Users& users);
    void look_at_file(const Probe& probe, const Job& job, os::Users& users);
    void look_at_url(const Probe& probe, const HttpSensor& sensor);
    void look_by_command(const Probe& probe, const CommandSensor& sensor, const Job& job, const Run& run,
                         const Plan& plan, os::Users& users);
    void look_at_object(const Probe& probe, const S3Sensor& sensor, const Job& job, const Run& run, const Plan& plan,
                        os::Users& users);
    void answer(const Probe& probe, bool passed, std::string text, std::optional<FileFacts> file = {},
                bool refused = false);
    void answer(const Probe& probe, const Error& error);
    void no_answer(const Probe& probe, const os::PostAnswer& seen);

    os::CurlClient& poster_;
    Answered answered_;
    std::vector<SensorAnswer> answers_;
    os::MonotonicTimer telling_;
    os::FileLooker files_;
    os::CommandLooker commands_;
    std::optional<os::CryptoLibrary> crypto_;  // loaded for the first object
};

}  // namespace mc::app
