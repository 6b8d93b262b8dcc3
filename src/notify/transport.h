// transport.h — what the outbox needs from its surroundings: a clock, the network, a mailer, the log.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "notify/answer.h"
#include "notify/courier.h"
#include "notify/secret.h"

namespace mc::notify {

// A POST of JSON. It holds secrets: never put it into a log, an error or a table.
struct Request {
    std::string url;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers{};  // in addition to Content-Type
    std::string ca_file{};                                       // the trusted certificates; "" = the system's
};

// A mail to be sent by a program, or by a server if `command` is empty.
struct Mail {
    std::vector<std::string> command;  // reads the message from its stdin
    MailSettings server;               // `smtp` and its TLS
    std::optional<Login> login;
    std::string from;
    std::vector<std::string> to;
    std::string message;
};

struct Transport {
    using Done = std::function<void(PostAnswer)>;
    using Mailed = std::function<void(MailAnswer)>;
    std::function<Moment()> now;
    // Calls `done` exactly once, later (never from within the call), also when there is no answer.
    std::function<void(Request request, Done done)> post;
    // The same for a mail.
    std::function<void(Mail mail, Mailed done)> mail;
    // The whole output of the notice's attempt, masked; or a sentence that says why it cannot be shown.
    std::function<std::string(const Notice& notice)> output;
    // Whether the program can be executed.
    std::function<bool(const std::string& program)> executable;
    // Schedules OutboxSender::run() for that monotonic time, and cancels any earlier request; absent: only cancels.
    std::function<void(std::optional<Milliseconds> up)> wake;
    std::function<void(const std::string& line)> log;
    // A message to that target was given up. Not called for a job's output, which is kept with its run.
    std::function<void(const std::string& target, const std::string& line)> lost;
    Environment environment;
};

}  // namespace mc::notify
