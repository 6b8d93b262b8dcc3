#include "config/sections.h"

#include "config/notify_rules.h"

namespace mc {

namespace {

constexpr Key<DaemonSettings> capacity_keys[] = {
    {"memory", "memory = \"64G\"", [](const Value& v, DaemonSettings& d) { set(d.capacity_memory, v.size()); }},
    {"cpus", "cpus = 16", [](const Value& v, DaemonSettings& d) { set(d.capacity_cpus, v.number(0.01)); }},
};

void read_capacity(const Value& value, DaemonSettings& daemon) {
    const toml::table* table = value.node().as_table();
    if (table) read_table<DaemonSettings>(*table, "`capacity`", capacity_keys, value.scope(), daemon);
    else value.report("`capacity` wants a table", "write capacity = { memory = \"64G\", cpus = 16 }");
}

constexpr Key<DaemonSettings> daemon_keys[] = {
    {"state", "state = \"/var/lib/marketcron\"", [](const Value& v, DaemonSettings& d) { set(d.state, v.path()); }},
    {"socket", "socket = \"/run/marketcron/control\"",
     [](const Value& v, DaemonSettings& d) { set(d.socket, v.path()); }},
    {"capacity", "capacity = { memory = \"64G\", cpus = 16 }", read_capacity},
    {"keep_runs", "keep_runs = \"7y\"", [](const Value& v, DaemonSettings& d) { set(d.keep_runs, v.age()); }},
    {"keep_output", "keep_output = \"90d\"", [](const Value& v, DaemonSettings& d) { set(d.keep_output, v.age()); }},
    {"notify", "notify = [\"slack:ops\"]", [](const Value& v, DaemonSettings& d) { read_targets(v, d.notify); }},
    {"max_output", "max_output = \"10M\"", [](const Value& v, DaemonSettings& d) { set(d.max_output, v.size()); }},
};

void read_paths(const Value& value, std::vector<std::string>& paths) {
    for (const Value& element : value.elements())
        if (auto path = element.path()) paths.push_back(*std::move(path));
}

constexpr Key<CrontabSettings> crontab_keys[] = {
    {"files", "files = [\"/etc/crontab\"]", [](const Value& v, CrontabSettings& c) { read_paths(v, c.files); }},
    {"dirs", "dirs = [\"/etc/cron.d\"]", [](const Value& v, CrontabSettings& c) { read_paths(v, c.dirs); }},
    {"spool", "spool = \"/var/spool/cron/crontabs\"",
     [](const Value& v, CrontabSettings& c) { set(c.spool, v.path()); }},
    {"names", "names = \"debian\"",
     [](const Value& v, CrontabSettings& c) {
         set(c.cronies_names, v.choice<bool>({{"debian", false}, {"cronie", true}}));
     }},
    {"notify", "notify = { failure = [\"slack:ops\"] }",
     [](const Value& v, CrontabSettings& c) { read_notify_rules(v, c.notify); }},
};

void read_mail_command(const Value& value, MailSettings& mail) {
    if (value.node().is_array()) return set(mail.command, value.texts());
    if (const auto text = value.text()) mail.command = {"/bin/sh", "-c", *text};
}

// A name alone is a server too.
void read_smtp(const Value& value, MailSettings& mail) {
    const std::optional<std::string> text = value.text();
    if (!text) return;
    const std::size_t scheme = text->find("://");
    const std::string server = scheme == std::string::npos ? *text : text->substr(scheme + 3);
    const bool known = scheme == std::string::npos || text->starts_with("smtp://") || text->starts_with("smtps://");
    if (known && !server.empty() && server.find_first_of("/@ \"'<>?#") == std::string::npos)
        mail.smtp = scheme == std::string::npos ? "smtp://" + *text : *text;
    else if (server.find('@') != std::string::npos)  // the message must not repeat a password
        value.report("`smtp` has a login",
                     "write login_file = \"/etc/marketcron/secrets/mail\", with USER:PASSWORD in it");
    else value.report(fmt::format("\"{}\" is no mail server", *text), "write smtp = \"smtp://mail.example.com:587\"");
}

void read_sender(const Value& value, MailSettings& mail) {
    const std::optional<std::string> text = value.text();
    if (!text) return;
    if (is_mail_address(*text) && text->find(',') == std::string::npos) mail.from = *text;
    else value.report(fmt::format("\"{}\" is no mail address", *text), "write from = \"marketcron@example.com\"");
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

// What does not go together.
void check_mail(const MailSettings& mail, bool has_server, Scope& scope) {
    if (!mail.command.empty() && !mail.smtp.empty())
        scope.problems.report(mail.spot, "[mail] has both `command` and `smtp`", "write one of them");
    const bool of_smtp = !mail.login_file.empty() || !mail.ca_file.empty() || mail.tls.has_value();
    if (!has_server && of_smtp)
        scope.problems.report(mail.spot, "[mail] has a setting of `smtp` and no `smtp`",
                              "write smtp = \"smtp://mail.example.com:587\"");
    MailSettings usual;
    usual.smtp = mail.smtp;
    const bool far = tls_of(usual) == Tls::required;
    if (!mail.login_file.empty() && far && tls_of(mail) != Tls::required)
        scope.problems.report(mail.spot, "a login would cross the network in the clear", "write tls = \"required\"");
    if (mail.smtp.starts_with("smtps://") && mail.tls == Tls::none)
        scope.problems.report(mail.spot, "smtps:// is TLS, and tls = \"none\" forbids it",
                              "write smtp://, or take `tls` out");
}

bool is_https_or_local(const std::string& url) {
    return url.starts_with("https://") || url.starts_with("http://127.0.0.1") || url.starts_with("http://localhost");
}

// Its value is a secret: no message may quote it.
void read_webhook(const Value& value, SlackTarget& target) {
    const std::optional<std::string> url = value.text();
    if (!url) return;
    if (is_https_or_local(*url)) target.webhook = *url;
    else value.report("`webhook` is no https URL", "write webhook = \"https://hooks.slack.com/services/...\"");
}

// Who writes the secret itself in place of where it is must not find it in a message.
std::optional<std::string> read_place(const Value& value, std::optional<std::string> (Value::*read)() const) {
    const std::optional<std::string> text = value.text();
    if (!text) return {};
    if (!is_secret_itself(*text)) return (value.*read)();
    value.report("this is the secret itself, and not where it is",
                 "write webhook = \"https://...\", or the secret into a file, and its path here");
    return {};
}

// A token is sent there.
void read_slack_api(const Value& value, SlackTarget& target) {
    const std::optional<std::string> url = value.text();
    if (!url) return;
    if (is_https_or_local(*url)) target.api = url->substr(0, url->find_last_not_of('/') + 1);
    else value.report("`api` is no https URL", "write api = \"https://slack.com/api\", or leave it out");
}

constexpr Key<SlackTarget> slack_keys[] = {
    {"webhook_file", "webhook_file = \"/etc/marketcron/secrets/slack-ops\"",
     [](const Value& v, SlackTarget& t) { set(t.webhook_file, read_place(v, &Value::path)); }},
    {"webhook_env", "webhook_env = \"SLACK_WEBHOOK\"",
     [](const Value& v, SlackTarget& t) { set(t.webhook_env, read_place(v, &Value::text)); }},
    {"webhook", "webhook = \"https://hooks.slack.com/services/...\"", read_webhook},
    {"token_file", "token_file = \"/etc/marketcron/secrets/slack-bot\"",
     [](const Value& v, SlackTarget& t) { set(t.token_file, read_place(v, &Value::path)); }},
    {"token_env", "token_env = \"SLACK_BOT_TOKEN\"",
     [](const Value& v, SlackTarget& t) { set(t.token_env, read_place(v, &Value::text)); }},
    {"channel", "channel = \"C0123456789\"", [](const Value& v, SlackTarget& t) { set(t.channel, v.text()); }},
    {"api", "api = \"https://slack.com/api\"", read_slack_api},
};

constexpr Key<int> pool_keys[] = {
    {"slots", "slots = 4", [](const Value& v, int& slots) { set(slots, v.whole(1, 1'000'000)); }},
};

}  // namespace

DaemonSettings read_daemon(const Document& document, Scope& scope) {
    DaemonSettings daemon;
    for (const toml::table* table : document.daemon)
        read_table<DaemonSettings>(*table, "[daemon]", daemon_keys, scope, daemon);
    return daemon;
}

CrontabSettings read_crontab_settings(const Document& document, Scope& scope) {
    CrontabSettings crontab;
    for (const toml::table* table : document.crontab) {
        read_table<CrontabSettings>(*table, "[crontab]", crontab_keys, scope, crontab);
        crontab.spot = spot_of(*table);
    }
    return crontab;
}

MailSettings read_mail_settings(const Document& document, Scope& scope) {
    MailSettings mail;
    bool has_server = false;  // be it a bad one
    for (const toml::table* table : document.mail) {
        has_server = has_server || table->contains("smtp");
        read_table<MailSettings>(*table, "[mail]", mail_keys, scope, mail);
        mail.spot = spot_of(*table);
    }
    check_mail(mail, has_server, scope);
    return mail;
}

SlackTarget read_slack_target(const std::string& name, const Section& section, Scope& scope) {
    SlackTarget target;
    target.spot = section.spot;
    read_table<SlackTarget>(*section.table, fmt::format("[slack.{}]", name), slack_keys, scope, target);
    int given = 0;
    for (const char* key : {"webhook_file", "webhook_env", "webhook", "token_file", "token_env"})
        given += section.table->contains(key) ? 1 : 0;
    const bool of_bot = section.table->contains("token_file") || section.table->contains("token_env");
    if (given != 1)
        scope.problems.report(
            section.spot,
            fmt::format("[slack.{}] has {}", name,
                        given == 0 ? (section.table->contains("channel") ? "no token" : "no webhook")
                                   : "more than one webhook"),
            given == 0 && section.table->contains("channel")
                ? "write token_file = \"/etc/marketcron/secrets/slack-bot\", a file with the bot's token"
                : "write one of webhook_file, webhook_env and webhook, or a bot's token_file or token_env");
    else if (of_bot && !section.table->contains("channel"))
        scope.problems.report(section.spot,
                              fmt::format("[slack.{}] does not say which channel the bot writes to", name),
                              "write channel = \"C0123456789\"");
    for (const char* key : {"channel", "api"})
        if (!of_bot && given > 0 && section.table->contains(key))
            scope.problems.report(section.spot, fmt::format("[slack.{}] has a webhook, and `{}` is a bot's", name, key),
                                  "take it out; a webhook has its channel");
    return target;
}

int read_pool(const std::string& name, const Section& section, Scope& scope) {
    int slots = 1;
    read_table<int>(*section.table, fmt::format("[pool.{}]", name), pool_keys, scope, slots);
    if (!section.table->contains("slots"))
        scope.problems.report(section.spot, fmt::format("[pool.{}] has no slots", name), "write slots = 4");
    return slots;
}

}  // namespace mc
