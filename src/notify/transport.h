// transport.h — what the outbox asks of the shell: a clock, the network, a mailer, the log.
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

// A POST of JSON. It holds secrets, and stands in no log, error or table.
struct Request {
    std::string url;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers{};  // besides Content-Type
    std::string ca_file{};                                       // whose certificates are believed; "" = the system's
};

// A mail to be sent, by a program or by a server.
struct Mail {
    std::vector<std::string> command;  // reads the message from its stdin; else
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
    // `done` exactly once, later (never from within), also when nothing answers.
    std::function<void(Request request, Done done)> post;
    // The same for a mail.
    std::function<void(Mail mail, Mailed done)> mail;
    // All that the notice's attempt printed, masked; or a sentence that says why it cannot be shown.
    std::function<std::string(const Notice& notice)> output;
    // Whether that program can be executed.
    std::function<bool(const std::string& program)> executable;
    // Call OutboxSender::run() at that monotonic time, and forget any time asked for before; absent: not at all.
    std::function<void(std::optional<Milliseconds> up)> wake;
    std::function<void(const std::string& line)> log;
    // A message of that target was given up, not only one that says what a job printed.
    std::function<void(const std::string& target, const std::string& line)> lost;
    Environment environment;
};

}  // namespace mc::notify
