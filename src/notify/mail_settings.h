// mail_settings.h — [mail]: how mail leaves this machine.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/mail_address.h"
#include "config/channel.h"

namespace mc {

// A program with the sendmail interface, or a server. Nothing set: /usr/sbin/sendmail.
struct MailSettings : Channel {
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
};

// `tls`, or what it is where it is not set.
MailSettings::Tls tls_of(const MailSettings& mail);

// Reads the tables of [mail]; none are the usual mailer.
std::shared_ptr<const MailSettings> read_mail_settings(const ChannelSection& section, Scope& scope);

}  // namespace mc
