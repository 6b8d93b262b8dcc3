// mail_settings.h — the settings of [mail]: how mail is sent from this machine.
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
        required,       // no mail is sent to a server without TLS or with an invalid certificate
        opportunistic,  // encrypted if the server offers it; the certificate is not checked
        none,
    };
    std::vector<std::string> command;  // the program and its arguments; a string is run by /bin/sh
    std::string smtp;                  // "smtp://HOST[:PORT]" or "smtps://HOST[:PORT]"
    std::string login_file;            // holds "USER:PASSWORD", read when a mail is sent; "" = no login
    std::string ca_file;               // the trusted certificates; "" = the system's
    std::optional<Tls> tls;            // absent: required, except on loopback: opportunistic
    std::string from;                  // "" = marketcron@HOST
};

// `tls`, or its default.
MailSettings::Tls tls_of(const MailSettings& mail);

// Reads the tables of [mail]; no table means the usual mailer.
std::shared_ptr<const MailSettings> read_mail_settings(const ChannelSection& section, Scope& scope);

}  // namespace mc
