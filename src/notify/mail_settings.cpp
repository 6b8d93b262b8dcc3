#include "notify/mail_settings.h"

#include <algorithm>
#include <string_view>

#include "config/keys.h"

namespace mc {

namespace {

// Of "smtp://HOST:PORT".
bool on_loopback(std::string_view smtp) {
    const std::string_view host = smtp.substr(std::min(smtp.find("://") + 3, smtp.size()));
    return host.starts_with("127.") || host.starts_with("[::1]") || host == "localhost" ||
           host.starts_with("localhost:");
}

void read_mail_command(const Value& value, MailSettings& mail) {
    if (value.node().is_array()) return set(mail.command, value.texts());
    if (const auto text = value.text()) mail.command = {"/bin/sh", "-c", *text};
}

// Also accepts a host name without "smtp://".
void read_smtp(const Value& value, MailSettings& mail) {
    const std::optional<std::string> text = value.text();
    if (!text) return;
    const std::size_t scheme = text->find("://");
    const std::string server = scheme == std::string::npos ? *text : text->substr(scheme + 3);
    const bool known = scheme == std::string::npos || text->starts_with("smtp://") || text->starts_with("smtps://");
    if (known && !server.empty() && server.find_first_of("/@ \"'<>?#") == std::string::npos)
        mail.smtp = scheme == std::string::npos ? "smtp://" + *text : *text;
    else if (server.find('@') != std::string::npos)  // the message must not repeat a password
        value.report("`smtp` contains a login",
                     "write login_file = \"/etc/marketcron/secrets/mail\", with USER:PASSWORD in it");
    else
        value.report(fmt::format("\"{}\" is not a mail server", *text), "write smtp = \"smtp://mail.example.com:587\"");
}

void read_sender(const Value& value, MailSettings& mail) {
    const std::optional<std::string> text = value.text();
    if (!text) return;
    if (is_mail_address(*text) && text->find(',') == std::string::npos) mail.from = *text;
    else value.report(fmt::format("\"{}\" is not a mail address", *text), "write from = \"marketcron@example.com\"");
}

using Tls = MailSettings::Tls;
constexpr Key<MailSettings> mail_keys[] = {
    {"command", "command = [\"/usr/sbin/sendmail\", \"-t\", \"-oi\"]", read_mail_command},
    {"smtp", "smtp = \"smtp://mail.example.com:587\"", read_smtp},
    {"login_file", "login_file = \"/etc/marketcron/secrets/mail\"",
     [](const Value& v, MailSettings& m) { set(m.login_file, v.secret_path()); }},
    {"ca_file", "ca_file = \"/etc/ssl/certs/desk.pem\"",
     [](const Value& v, MailSettings& m) { set(m.ca_file, v.path()); }},
    {"tls", "tls = \"required\"",
     [](const Value& v, MailSettings& m) {
         set(m.tls,
             v.choice<Tls>({{"required", Tls::required}, {"opportunistic", Tls::opportunistic}, {"none", Tls::none}}));
     }},
    {"from", "from = \"marketcron@example.com\"", read_sender},
};

// Reports settings that exclude each other.
void check_mail(const MailSettings& mail, bool has_server, Scope& scope) {
    if (!mail.command.empty() && !mail.smtp.empty())
        scope.problems.report(mail.spot, "[mail] has both `command` and `smtp`", "write one of them");
    const bool of_smtp = !mail.login_file.empty() || !mail.ca_file.empty() || mail.tls.has_value();
    if (!has_server && of_smtp)
        scope.problems.report(mail.spot, "[mail] has settings for `smtp`, but no `smtp`",
                              "write smtp = \"smtp://mail.example.com:587\"");
    MailSettings usual;
    usual.smtp = mail.smtp;
    const bool far = tls_of(usual) == Tls::required;
    if (!mail.login_file.empty() && far && tls_of(mail) != Tls::required)
        scope.problems.report(mail.spot, "the login would be sent unencrypted", "write tls = \"required\"");
    if (mail.smtp.starts_with("smtps://") && mail.tls == Tls::none)
        scope.problems.report(mail.spot, "smtps:// needs TLS, but tls = \"none\" forbids it",
                              "write smtp://, or remove `tls`");
}

}  // namespace

MailSettings::Tls tls_of(const MailSettings& mail) {
    using Tls = MailSettings::Tls;
    return mail.tls.value_or(on_loopback(mail.smtp) ? Tls::opportunistic : Tls::required);
}

std::shared_ptr<const MailSettings> read_mail_settings(const ChannelSection& section, Scope& scope) {
    auto mail = std::make_shared<MailSettings>();
    mail->spot = section.spot;
    for (const toml::table* table : section.tables)
        read_table<MailSettings>(*table, section.title, mail_keys, scope, *mail);
    check_mail(*mail, section.contains("smtp"), scope);
    return mail;
}

}  // namespace mc
