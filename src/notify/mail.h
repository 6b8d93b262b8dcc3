// mail.h — notices as a mail (RFC 5322), for a mailer's stdin or a server. Pure: facts in, text out.
//
// What a crontab's job printed goes as cron sends it: "Cron <user@host> command", the output and nothing
// else, with the table's CONTENT_TYPE. Everything else is a text of ours with the command to type next. No
// environment stands in the headers, and no foreign text can begin another one.
#pragma once

#include <string>

#include "notify/courier.h"
#include "notify/mail_settings.h"

namespace mc::notify {

constexpr const char* usual_mailer = "/usr/sbin/sendmail";

// What to execute for a mail: [mail] `command`, the usual mailer where it says nothing. A program alone, without
// words of its own, gets `-t -oi`, which make it read the message and its addresses from stdin.
std::vector<std::string> mailer(const MailSettings& mail);

struct Envelope {
    std::string from;  // an address
    std::string to;    // one, or several with commas between
    std::string host;
    Instant now;
};

// Who a mail is from: the table's MAILFROM, else [mail] `from`, else cron's user or marketcron@HOST.
std::string sender(const Post& post, const MailSettings& settings, const std::string& host);

// The whole message, lines ending in "\n". `output` is what the run printed, for a post about that. The
// Message-ID is the notice's own: who gets it twice can tell.
std::string mail_message(const Post& post, const Envelope& envelope, const std::string& output);

}  // namespace mc::notify
