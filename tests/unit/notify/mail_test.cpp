#include "notify/mail.h"

#include <catch2/catch.hpp>

#include "notify/mime.h"
#include "unit/notify/notices.h"

using namespace mc;
using namespace mc::notify;

namespace {

const Instant now = parse_instant("2026-11-20T21:00:05Z").value();

Post post_of(Notice notice) { return {1, "mail:ops@example.com", {}, {std::move(notice)}, false}; }

std::string message(const Post& post, const std::string& output = "") {
    return mail_message(post, {"desk@example.com", "ops@example.com", "desk-1.example.com", now}, output);
}

Notice cron_notice(std::string command) {
    Notice notice = failed_notice();
    notice.kind = NoticeKind::output;
    notice.cron_mail = CronMail{"ann", std::move(command), "", "", "", false};
    return notice;
}

}  // namespace

TEST_CASE("a failure as a mail: what failed, where, and what to type next") {
    CHECK(message(post_of(failed_notice())) ==
          "From: \"marketcron\" <desk@example.com>\n"
          "To: ops@example.com\n"
          "Subject: =?UTF-8?Q?=F0=9F=94=B4_ingest=5Fbars_failed_for_2026-11-20?=\n"
          "Date: Fri, 20 Nov 2026 21:00:05 +0000\n"
          "Message-ID: <marketcron.5.0@desk-1.example.com>\n"
          "MIME-Version: 1.0\n"
          "Content-Type: text/plain; charset=UTF-8\n"
          "Content-Transfer-Encoding: 8bit\n"
          "Auto-Submitted: auto-generated\n"
          "Precedence: bulk\n"
          "\n"
          "🔴 ingest_bars failed for 2026-11-20\n"
          "failed (exit_code) · attempt 3/3 · took 12m31s · on desk-1.example.com\n"
          "exit code 3\n\n"
          "loading 412 symbols\nERROR: price < 0 for BRK.B & 2 others\n\n"
          "Details: marketcron logs 17\n"
          "Rerun: marketcron rerun 17\n"
          "Runbook: https://wiki.example.com/runbooks/ingest?team=data&page=2\n");
}

TEST_CASE("the output of a crontab's line, as cron mails it") {
    const std::string mail = message(post_of(cron_notice("echo hi")), "hi\r\nthere\n");
    CHECK(mail.find("From: \"(Cron Daemon)\" <desk@example.com>\n") == 0);
    CHECK(mail.find("\nSubject: Cron <ann@desk-1> echo hi\n") != std::string::npos);
    CHECK(mail.ends_with("\n\nhi\nthere\n"));
    Notice typed = cron_notice("x");
    typed.cron_mail->content_type = "text/html\nBcc: all@example.com";
    typed.cron_mail->transfer_encoding = "base64";
    const std::string html = message(post_of(typed), "PGI+\n");
    CHECK(html.find("\nContent-Type: text/html Bcc: all@example.com\n") != std::string::npos);
    CHECK(html.find("\nContent-Transfer-Encoding: base64\n") != std::string::npos);
    CHECK(html.ends_with("\n\nPGI+\n"));
}

TEST_CASE("of a long output the beginning and the end are sent") {
    std::string output = "first line\n";
    while (output.size() < 14'000'000) output += "the quick brown fox \xC3\xA9\n";
    output += "last line\n";
    const auto check = [&](const std::string& mail) {
        CHECK(mail.size() < 2'100'000);
        CHECK(mail.find("\n\nfirst line\n") != std::string::npos);
        CHECK(mail.ends_with("\nlast line\n"));
        CHECK(mail.find(" bytes omitted here") != std::string::npos);
    };
    const std::string mail = message(post_of(cron_notice("echo hi")), output);
    check(mail);
    // Whole lines, also at the gap, and the number of the bytes between them.
    const std::string line = "the quick brown fox \xC3\xA9\n";
    const auto note = mail.find("\n... "), end = mail.find(" ...\n\n");
    REQUIRE(end < mail.size());
    CHECK(mail.substr(0, note).ends_with(line));
    CHECK(mail.substr(end + 6).starts_with(line));
    const std::size_t kept = note - mail.find("first line\n") + mail.size() - (end + 6);
    CHECK(mail.find(std::to_string(output.size() - kept) + " bytes omitted here; `marketcron logs 17`") == note + 5);
    // Without line ends, and with bytes that are encoded: below the limits of mail servers.
    std::string binary;
    binary.resize(14'000'000, '\xFF');
    CHECK(message(post_of(cron_notice("echo hi")), binary).size() < 7'000'000);
    std::string letters;
    while (letters.size() < 3'000'000) letters += "\xC3\xA9";
    CHECK(message(post_of(cron_notice("x")), "x" + letters).find("\xC3\n\n... ") == std::string::npos);
    Notice typed = cron_notice("x");
    typed.cron_mail->transfer_encoding = "base64";
    CHECK(message(post_of(typed), output).size() > 14'000'000);
}

TEST_CASE("the sender of a mail") {
    const Post cron = post_of(cron_notice("x"));
    MailSettings settings;
    CHECK(sender(cron, settings, "desk-1") == "ann");
    CHECK(sender(post_of(failed_notice()), settings, "desk-1") == "marketcron@desk-1");
    settings.from = "desk@example.com";
    CHECK(sender(cron, settings, "desk-1") == "desk@example.com");
    Notice own = cron_notice("x");
    own.cron_mail->from = "table@example.com";
    CHECK(sender(post_of(own), settings, "desk-1") == "table@example.com");
}

TEST_CASE("a flood is one mail that counts all") {
    Post post = post_of(failed_notice());
    for (int i = 0; i < 149; ++i) post.notices.push_back(failed_notice());
    post.notices[120].behind = "risk_model";
    const std::string mail = message(post);
    CHECK(mail.find("150_failed_on_desk-1") != std::string::npos);
    CHECK(mail.find("... 50 more failed\n\nBlocked: risk_model\n") != std::string::npos);
    CHECK(mail.find("Details: marketcron runs --state failed -n 150") != std::string::npos);
}

TEST_CASE("no text can start another header") {
    Notice notice = cron_notice("echo\r\nBcc: all@example.com\n\nbody");
    const std::string mail = message(post_of(notice), "x");
    CHECK(mail.find("\nBcc") == std::string::npos);
    notice = failed_notice();
    notice.title = "a\nBcc: all@example.com";
    const std::string other = message(post_of(notice));
    CHECK(other.substr(0, other.find("\n\n")).find("\nBcc") == std::string::npos);
}

TEST_CASE("a carriage return in a command hides no part of the subject") {
    const std::string mail = message(post_of(cron_notice("rm -rf /x #\rinnocent")), "");
    CHECK(mail.find("Subject: Cron <ann@desk-1> rm -rf /x # innocent\n") != std::string::npos);
}

TEST_CASE("a long subject is cut at a character's end, and stays readable") {
    const std::string plain = message(post_of(cron_notice(std::string(5000, 'x'))), "");
    CHECK(plain.find("xxx...\nDate:") != std::string::npos);
    const std::string wide = message(post_of(cron_notice([] {
                                         std::string text;
                                         for (int i = 0; i < 500; ++i) text += "ü";
                                         return text;
                                     }())),
                                     "");
    CHECK(wide.find("=BC=2E=2E=2E?=\nDate:") != std::string::npos);
}

TEST_CASE("headers: encoded words of UTF-8 within their limits, broken between characters") {
    CHECK(header_text("plain text") == "plain text");
    CHECK(header_text("grün") == "=?UTF-8?Q?gr=C3=BCn?=");
    CHECK(header_text("a\nb\tc\x01") == "a b c ");
    const std::string many = header_text([] {
        std::string text;
        for (int i = 0; i < 200; ++i) text += "ü";
        return text;
    }());
    std::size_t begin = 0;
    while (begin < many.size()) {
        const std::size_t end = std::min(many.find('\n', begin), many.size());
        CHECK(end - begin <= 76);
        begin = end + 1;
    }
    CHECK(header_text(std::string(5000, 'x')).size() <= 998);
}

TEST_CASE("bodies: unchanged where allowed, otherwise quoted-printable") {
    CHECK(fits_8bit("a\n" + std::string(998, 'x') + "\n"));
    CHECK_FALSE(fits_8bit(std::string(999, 'x')));
    CHECK_FALSE(fits_8bit(std::string(1, '\0')));
    CHECK(quoted_printable("a=b \nü\t\nx") == "a=3Db=20\n=C3=BC=09\nx");
    const std::string wide = quoted_printable(std::string(200, '='));
    std::size_t begin = 0;
    while (begin < wide.size()) {
        const std::size_t end = std::min(wide.find('\n', begin), wide.size());
        CHECK(end - begin <= 76);
        begin = end + 1;
    }
}
