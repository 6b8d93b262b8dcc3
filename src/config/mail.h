// mail.h — how mail leaves this machine ([mail]), and what cron's mails look like.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/mail_address.h"
#include "base/result.h"

namespace mc {

// [mail]: a program with the sendmail interface, or a server. Nothing set: /usr/sbin/sendmail.
struct MailSettings {
    enum class Tls {
        required,       // a server that offers none, or whose certificate is not good, gets nothing
        opportunistic,  // encrypted where the server offers it, and the certificate is not looked at
        none,
    };
    std::vector<std::string> command;  // executed as it is; a text is given to /bin/sh
    std::string smtp;                  // "smtp://HOST[:PORT]" or "smtps://HOST[:PORT]"
    std::string login_file;            // "USER:PASSWORD", read when a mail is sent; "" = no login
    std::string ca_file;               // whose certificates are believed; "" = the system's
    std::optional<Tls> tls;            // absent: required, but opportunistic on this machine's own loopback
    std::string from;                  // "" = marketcron@HOST
    Spot spot;                         // of [mail]; line 0: there is none
    bool operator==(const MailSettings&) const = default;
};

// `tls`, or what it is where it is not set.
MailSettings::Tls tls_of(const MailSettings& mail);

// What a mail of a crontab's job shows: as cron writes it.
struct CronMail {
    std::string user, command;                          // "Cron <user@host> command"
    std::string from, content_type, transfer_encoding;  // as the table has them; "" = it has not
    bool only_failures = false;                         // `-n ` before the command
    bool operator==(const CronMail&) const = default;
};

}  // namespace mc
