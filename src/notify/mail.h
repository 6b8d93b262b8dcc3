// mail.h — notices as a mail (RFC 5322), for a mailer's stdin or a server. Pure.
//
// The output of a crontab's job is mailed as cron does it: the subject "Cron <user@host> command", only the output as
// body, and the crontab's CONTENT_TYPE. All other mails have our own text with the command to type next. The
// headers hold no environment, and no foreign text can begin another header.
#pragma once

#include <string>

#include "notify/courier.h"
#include "notify/mail_settings.h"

namespace mc::notify {

constexpr const char* usual_mailer = "/usr/sbin/sendmail";

// The program and arguments that send a mail: [mail] `command`, or else the usual mailer. A program without
// arguments gets `-t -oi`, with which it reads the message and its addresses from stdin.
std::vector<std::string> mailer(const MailSettings& mail);

struct Envelope {
    std::string from;  // an address
    std::string to;    // one, or several with commas between
    std::string host;
    Instant now;
};

// The sender's address: the crontab's MAILFROM, else [mail] `from`, else cron's user or marketcron@HOST.
std::string sender(const Post& post, const MailSettings& settings, const std::string& host);

// The whole message, lines ending in "\n". `output` is what the run printed, for a post of kind output. The
// Message-ID depends only on the notice, so that a reader can recognize a duplicate.
std::string mail_message(const Post& post, const Envelope& envelope, const std::string& output);

}  // namespace mc::notify
