#include "notify/mail.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "notify/mime.h"
#include "notify/text.h"
#include "notify/wording.h"

namespace mc::notify {
namespace {

constexpr std::size_t named_max = 100;    // notices of a flood that are listed
constexpr std::size_t subject_max = 300;  // bytes, our limit
// Bytes of a job's output, our limit. Many servers refuse mails of 10 MB, and encoding can triple the size.
constexpr std::size_t output_max = 2'000'000;
constexpr std::size_t behind_max = 4000;  // bytes, our limit: the jobs that a flood blocks

// "Fri, 20 Nov 2026 21:00:00 +0000"
std::string date_text(Instant at) {
    constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = date::floor<date::days>(at);
    const date::year_month_day ymd(day);
    const date::hh_mm_ss time(at - day);
    return fmt::format("{}, {} {} {} {:02}:{:02}:{:02} +0000", days.at(date::weekday(day).c_encoding()),
                       unsigned{ymd.day()}, months.at(unsigned{ymd.month()} - 1), int{ymd.year()}, time.hours().count(),
                       time.minutes().count(), time.seconds().count());
}

const CronMail* as_cron(const Post& post) {
    const Notice& first = post.notices.front();
    return post.notices.size() == 1 && first.cron_mail ? &*first.cron_mail : nullptr;
}

// The dots are ASCII, which a header can carry unencoded.
std::string cut(const std::string& text) {
    if (text.size() <= subject_max) return text;
    std::size_t end = subject_max - 3;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end) + "...";
}

std::string subject(const Post& post, const std::string& host) {
    const Notice& first = post.notices.front();
    if (const CronMail* cron = as_cron(post)) {
        const std::string short_host = host.substr(0, host.find('.'));
        return cut(fmt::format("Cron <{}@{}> {}", cron->user, short_host, cron->command));
    }
    if (post.notices.size() > 1)
        return fmt::format("{} {} on {}", sign(gravest(post.notices)), counts_by_kind(post.notices), host);
    if (first.is_action) return fmt::format("marketcron on {}{}{}", host, first.title.empty() ? "" : ": ", first.title);
    return cut(fmt::format("{} {} {}", sign(first.kind), shown_job(first), what_happened(first)));
}

std::string folded_body(const std::vector<Notice>& notices) {
    std::string text;
    for (std::size_t i = 0; i < std::min(notices.size(), named_max); ++i)
        text += fmt::format("{} {} {}\n", sign(notices[i].kind), shown_job(notices[i]), what_happened(notices[i]));
    if (notices.size() > named_max)
        text += fmt::format("... {}\n", counts_by_kind(std::span(notices).subspan(named_max), " more"));
    if (const std::string behind = behind_all(notices, behind_max); !behind.empty()) text += "\n" + behind + "\n";
    return fmt::format("{}\nDetails: {}\n", text, look_at_all(notices));
}

// Where the last UTF-8 character begins.
std::size_t last_begin(const std::string& text) {
    std::size_t at = text.size();
    while (at > 0 && (static_cast<unsigned char>(text[at - 1]) & 0xC0U) == 0x80U) --at;
    return at > 0 ? at - 1 : 0;
}

// The beginning and the end of a long text, in whole lines if possible, with a note between them.
std::string bounded(const std::string& text, const Notice& notice) {
    if (text.size() <= output_max) return text;
    std::string head = text.substr(0, output_max / 2), tail = text.substr(text.size() - output_max / 2);
    if (const auto line = head.rfind('\n'); line != std::string::npos) head.resize(line + 1);
    else head.resize(last_begin(head));
    if (const auto line = tail.find('\n'); line != std::string::npos) tail.erase(0, line + 1);
    const std::string run = notice.run ? fmt::format("; `marketcron logs {}` shows them", *notice.run) : "";
    return fmt::format("{}\n... {} bytes omitted here{} ...\n\n{}", head, text.size() - head.size() - tail.size(), run,
                       tail);
}

std::string body(const Post& post, const std::string& host, const std::string& output) {
    if (post.notices.size() > 1) return folded_body(post.notices);
    Notice notice = post.notices.front();
    if (notice.kind != NoticeKind::output) return plain_text(notice, host) + "\n";
    if (!notice.cron_mail) {
        notice.tail.clear();
        return plain_text(notice, host) + "\n\n" + bounded(clean_text(output), notice);
    }
    std::string raw = output;
    std::erase(raw, '\r');
    // The crontab sets its own transfer encoding: a text in an unknown encoding cannot be cut.
    return notice.cron_mail->transfer_encoding.empty() ? bounded(raw, notice) : raw;
}

}  // namespace

std::vector<std::string> mailer(const MailSettings& mail) {
    if (mail.command.empty()) return {usual_mailer, "-t", "-oi"};
    const bool of_shell = mail.command.size() == 3 && mail.command[0] == "/bin/sh" && mail.command[1] == "-c";
    const std::string& program = of_shell ? mail.command[2] : mail.command[0];
    const bool alone = of_shell ? program.find_first_of(" \t;|&<>$'\"\\") == program.npos : mail.command.size() == 1;
    return alone ? std::vector<std::string>{program, "-t", "-oi"} : mail.command;
}

std::string sender(const Post& post, const MailSettings& settings, const std::string& host) {
    const CronMail* cron = as_cron(post);
    if (cron && !cron->from.empty()) return cron->from;
    if (!settings.from.empty()) return settings.from;
    return cron && is_mail_address(cron->user) ? cron->user : "marketcron@" + host;
}

std::string mail_message(const Post& post, const Envelope& envelope, const std::string& output) {
    const Notice& first = post.notices.front();
    const CronMail* cron = as_cron(post);
    const std::string text = body(post, envelope.host, output);
    const bool own_encoding = cron && !cron->transfer_encoding.empty();
    const bool as_it_is = own_encoding || fits_8bit(text);
    const std::string type = cron && !cron->content_type.empty() ? cron->content_type : "text/plain; charset=UTF-8";
    const std::string encoding = own_encoding ? cron->transfer_encoding : as_it_is ? "8bit" : "quoted-printable";

    std::string out = fmt::format("From: \"{}\" <{}>\n", cron ? "(Cron Daemon)" : "marketcron", envelope.from);
    out += fmt::format("To: {}\n", envelope.to);
    out += fmt::format("Subject: {}\n", header_text(subject(post, envelope.host)));
    out += fmt::format("Date: {}\n", date_text(envelope.now));
    out += fmt::format("Message-ID: <marketcron.{}.{}@{}>\n", first.id, first.created.time_since_epoch().count(),
                       envelope.host);
    out += "MIME-Version: 1.0\n";
    out += fmt::format("Content-Type: {}\n", header_text(type));
    out += fmt::format("Content-Transfer-Encoding: {}\n", header_text(encoding));
    // Prevents out-of-office replies.
    out += "Auto-Submitted: auto-generated\nPrecedence: bulk\n\n";
    return out + (as_it_is ? text : quoted_printable(text));
}

}  // namespace mc::notify
