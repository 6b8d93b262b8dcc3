#include "daemon/sensors.h"

#include <fmt/format.h>

#include "daemon/launch.h"
#include "daemon/s3_look.h"
#include "desk/secrets.h"
#include "net/web_request.h"
#include "os/clock.h"

namespace mc::app {

namespace {

constexpr auto gather = std::chrono::milliseconds{20};

Result<os::AwsSigner> signer_of(const S3Sensor& sensor, const Job& job, const Run& run, const Plan& plan,
                                os::Users& users) {
    os::AwsSigner signer;
    const auto take = [](std::string& to, const std::string& file) -> Result<void> {
        auto text = file.empty() ? Result<std::string>() : read_secret(file);
        if (!text) return tl::unexpected(text.error());
        to = *std::move(text);
        return {};
    };
    const AwsSigning& keys = sensor.signing;
    for (const auto& [to, file] : {std::pair{&signer.access_key, &keys.access_key_file},
                                   {&signer.secret_key, &keys.secret_key_file},
                                   {&signer.session_token, &keys.session_token_file}})
        if (auto taken = take(*to, *file); !taken) return tl::unexpected(taken.error());
    if (!keys.access_key_file.empty()) return signer;
    auto environment = make_environment(job, run, plan, users);
    if (!environment) return tl::unexpected(environment.error());
    signer.access_key = (*environment)["AWS_ACCESS_KEY_ID"];
    signer.secret_key = (*environment)["AWS_SECRET_ACCESS_KEY"];
    if (keys.session_token_file.empty()) signer.session_token = (*environment)["AWS_SESSION_TOKEN"];
    if (signer.access_key.empty() || signer.secret_key.empty())
        return fail(Error::Kind::process,
                    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not in the job's environment",
                    "declare them in env, secret_env or env_file");
    return signer;
}

}  // namespace

Sensors::Sensors(os::EventLoop& loop, os::CurlClient& poster, Answered answered)
    : poster_(poster),
      answered_(std::move(answered)),
      telling_(loop, [this] { answered_(SensorsAnswered{std::exchange(answers_, {})}); }),
      files_(loop),
      commands_(loop) {}

void Sensors::look(const std::vector<Probe>& probes, const Engine& engine, const Plan& plan) {
    os::Users users(os::current_user());
    for (const Probe& probe : probes) {
        const auto run = engine.unfinished().find(probe.run);
        const Job* job = run == engine.unfinished().end() ? nullptr : engine.job_of(run->second);
        if (job != nullptr && job->wait && probe.sensor < job->wait->size())
            look(probe, *job, run->second, plan, users);
    }
}

void Sensors::look(const Probe& probe, const Job& job, const Run& run, const Plan& plan, os::Users& users) {
    const auto& kind = (*job.wait)[probe.sensor].kind;
    if (std::holds_alternative<FileSensor>(kind)) look_at_file(probe, job, users);
    else if (const auto* http = std::get_if<HttpSensor>(&kind)) look_at_url(probe, *http);
    else if (const auto* command = std::get_if<CommandSensor>(&kind))
        look_by_command(probe, *command, job, run, plan, users);
    else if (const auto* s3 = std::get_if<S3Sensor>(&kind)) look_at_object(probe, *s3, job, run, plan, users);
}

void Sensors::look_at_file(const Probe& probe, const Job& job, os::Users& users) {
    const Result<os::User>& user = users.named(job.user);
    if (!user) return answer(probe, user.error());
    os::FileQuestion question{probe.what, {}};
    if (!job.user.empty() && user->uid != users.named("")->uid)
        question.as = os::FileQuestion::Identity{user->uid, user->gid, user->groups};
    files_.look(std::move(question), [this, probe](const os::FileSeen& seen) {
        answer(probe, seen.is_there, seen.error,
               seen.is_there ? std::optional(FileFacts{seen.size, seen.changed_ns}) : std::nullopt, seen.refused);
    });
}

// `sensor` is copied: the job may have changed when the answer arrives.
void Sensors::look_at_url(const Probe& probe, const HttpSensor& sensor) {
    poster_.look({probe.what, {}, false, sensor.ca_file}, [this, probe, sensor](const os::PostAnswer& seen) {
        if (seen.status == 0) return no_answer(probe, seen);
        const bool passed = os::is_wanted(seen.status, sensor.status);
        answer(probe, passed, passed ? "" : fmt::format("the server answers {}", seen.status));
    });
}

void Sensors::look_by_command(const Probe& probe, const CommandSensor& sensor, const Job& job, const Run& run,
                              const Plan& plan, os::Users& users) {
    auto command = make_look(job, sensor, run, plan, users);
    if (!command) return answer(probe, command.error());
    commands_.look(std::move(*command), job.name, [this, probe](os::CommandSeen seen) {
        answer(probe, seen.passed, std::move(seen.text), {}, seen.refused);
    });
}

void Sensors::look_at_object(const Probe& probe, const S3Sensor& sensor, const Job& job, const Run& run,
                             const Plan& plan, os::Users& users) {
    const auto signer = signer_of(sensor, job, run, plan, users);
    if (!signer) return answer(probe, signer.error());
    const auto address = parse_s3_address(probe.what);
    if (!address) return answer(probe, address.error());
    if (!crypto_) {
        auto loaded = os::CryptoLibrary::load();
        if (!loaded) return answer(probe, loaded.error());
        crypto_ = *std::move(loaded);
    }
    poster_.look(s3_look(sensor, *address, *signer, os::instant_now(), *crypto_),
                 [this, probe](const os::PostAnswer& seen) {
                     if (seen.status == 0) return no_answer(probe, seen);
                     const bool passed = os::is_wanted(seen.status, {});
                     answer(probe, passed, passed ? "" : s3_trouble(seen.status));
                 });
}

// An error of kind resources means that the check could not be made: it says nothing about what is waited for.
void Sensors::answer(const Probe& probe, const Error& error) {
    answer(probe, false, error.sentence(), {}, error.kind == Error::Kind::resources);
}

void Sensors::no_answer(const Probe& probe, const os::PostAnswer& seen) {
    answer(probe, false, seen.refused ? seen.error : "no answer: " + seen.error, {}, seen.refused);
}

void Sensors::answer(const Probe& probe, bool passed, std::string text, std::optional<FileFacts> file, bool refused) {
    if (answers_.empty()) telling_.arm(os::monotonic_now().time_since_epoch() + gather);
    answers_.push_back({probe.run, probe.sensor, probe.look, passed, std::move(text), file, refused});
}

}  // namespace mc::app
