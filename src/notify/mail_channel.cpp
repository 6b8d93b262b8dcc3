// mail_channel.cpp — mail as a kind of channel: its targets are addresses; [mail] configures how mail is sent.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "notify/channel.h"
#include "notify/mail.h"

namespace mc::notify {
namespace {

// A mail server does not know this machine's users: a bare name gets the domain.
std::string qualified(const std::string& address, const std::string& domain) {
    return address.find('@') == address.npos ? address + "@" + domain : address;
}

std::vector<std::string> addresses(std::string_view list) {
    std::vector<std::string> out;
    while (true) {
        const std::size_t comma = list.find(',');
        out.emplace_back(list.substr(0, comma));
        if (comma == list.npos) return out;
        list.remove_prefix(comma + 1);
    }
}

bool others_read(const std::string& file) {
    struct stat status {};
    return ::stat(file.c_str(), &status) == 0 && (status.st_mode & 077) != 0;
}

const MailSettings& settings_of(const Place& place) {
    static const MailSettings usual;
    return place.channel ? static_cast<const MailSettings&>(*place.channel) : usual;
}

class MailSender : public Sender {
   public:
    MailSender(const ChannelKind& kind, Workplace workplace) : kind_(kind), workplace_(std::move(workplace)) {}

    TargetStatus look(const Target& target, Place& place) override;
    void send(const Post& post, const Place& place, Answered done) override;

   private:
    const ChannelKind& kind_;
    Workplace workplace_;
};

class MailKind : public ChannelKind {
   public:
    MailKind() : ChannelKind("mail", "mail", Names::free) {}

    std::shared_ptr<const Channel> read(const ChannelSection& section, Scope& scope) const override {
        return read_mail_settings(section, scope);
    }
    Result<void> check_name(std::string_view name) const override {
        if (is_mail_address(name) && name.find(',') == name.npos) return {};
        return fail(Error::Kind::config, fmt::format("\"mail:{}\" has no valid mail address", name),
                    "write \"mail:ops@example.com\", one target for each address");
    }

    Pace pace() const override { return {.gap = Milliseconds{0}, .output_alone = true}; }
    std::unique_ptr<Sender> sender(const Workplace& workplace) const override {
        return std::make_unique<MailSender>(*this, workplace);
    }

    std::string trouble_here(const std::shared_ptr<const Channel>& channel) const override;
    std::vector<std::pair<std::string, std::string>> secret_files(const Channel& channel) const override {
        const std::string& file = static_cast<const MailSettings&>(channel).login_file;
        if (file.empty()) return {};
        return {{"login_file", file}};
    }
};

TargetStatus MailSender::look(const Target& target, Place& place) {
    using Kind = TargetStatus::Kind;
    place = {find_channel(workplace_.channels, target), ""};
    const MailSettings& mail = settings_of(place);
    if (mail.smtp.empty() && mail.command.empty() && !workplace_.transport.executable(usual_mailer))
        return {Kind::absent, 0,
                fmt::format("{}: {} not found; install a mailer, or write [mail]", target.text(), usual_mailer),
                kind_.pace()};
    if (const auto login = read_login(mail); !login)
        return {Kind::unreadable, 0, target.text() + ": " + sentence_of(login.error()), kind_.pace()};
    return {Kind::ready, stable_hash(target.text()), "", kind_.pace()};
}

void MailSender::send(const Post& post, const Place& place, Answered done) {
    const MailSettings& settings = settings_of(place);
    const std::string& host = workplace_.host;
    Mail mail;
    mail.from = sender(post, settings, host);
    if (const auto target = Target::parse(post.target)) mail.to = addresses(target->name());
    if (settings.smtp.empty()) {
        mail.command = mailer(settings);
    } else {
        mail.server = settings;
        if (auto login = read_login(settings)) mail.login = *std::move(login);
        const std::size_t at = settings.from.find('@');
        const std::string domain = at == settings.from.npos ? host : settings.from.substr(at + 1);
        mail.from = qualified(mail.from, domain);
        for (std::string& address : mail.to) address = qualified(address, domain);
    }
    const Notice& first = post.notices.front();
    const bool shows_output = first.kind == NoticeKind::output && post.notices.size() == 1;
    const Envelope envelope{mail.from, fmt::format("{}", fmt::join(mail.to, ", ")), host,
                            workplace_.transport.now().wall};
    mail.message = mail_message(post, envelope, shows_output ? workplace_.transport.output(first) : "");
    workplace_.transport.mail(
        std::move(mail), [target = post.target, server = settings.smtp, done = std::move(done)](MailAnswer answer) {
            // A server that did not answer is named in the error.
            if (!answer.exit_code && answer.reply == 0 && !server.empty()) answer.error = server + ": " + answer.error;
            done(mail_answer(target, answer));
        });
}

std::string MailKind::trouble_here(const std::shared_ptr<const Channel>& channel) const {
    const MailSettings& mail = settings_of({channel, ""});
    // A file that others can read has its own warning (secret_files()).
    const bool known = !mail.login_file.empty() && others_read(mail.login_file);
    if (const auto login = read_login(mail); !login && !known) return login.error().what;
    if (!mail.smtp.empty()) return "";
    const std::string program = mailer(mail).front();
    if (program.find('/') == std::string::npos || ::access(program.c_str(), X_OK) == 0) return "";
    return program + " does not exist or is not executable; install a mailer, or write [mail]";
}

}  // namespace

const ChannelKind& mail_channel() {
    static const MailKind kind;
    return kind;
}

}  // namespace mc::notify
