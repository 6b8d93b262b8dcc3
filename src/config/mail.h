// mail.h — the format of cron's mails.
#pragma once

#include <string>

#include "base/mail_address.h"

namespace mc {

// The format of the mails of a crontab's job, as cron writes them.
struct CronMail {
    std::string user, command;                          // "Cron <user@host> command"
    std::string from, content_type, transfer_encoding;  // as set in the crontab; "" = not set
    bool only_failures = false;                         // `-n ` before the command
    bool operator==(const CronMail&) const = default;
};

}  // namespace mc
