// mail.h — what cron's mails look like.
#pragma once

#include <string>

#include "base/mail_address.h"

namespace mc {

// What a mail of a crontab's job shows: as cron writes it.
struct CronMail {
    std::string user, command;                          // "Cron <user@host> command"
    std::string from, content_type, transfer_encoding;  // as the table has them; "" = it has not
    bool only_failures = false;                         // `-n ` before the command
    bool operator==(const CronMail&) const = default;
};

}  // namespace mc
