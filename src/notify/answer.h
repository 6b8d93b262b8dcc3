// answer.h — what came of a message, whatever carried it, and in what words it is recorded. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"

namespace mc::notify {

// The answer to a request.
struct PostAnswer {
    int status = 0;  // 0: no answer, and `error` says why, without the URL
    std::string error;
    std::string retry_after, body;
};

// A mailer's, or a mail server's.
struct MailAnswer {
    std::optional<int> exit_code;  // of a mailer that came to its end
    int reply = 0;                 // of a server: 250, 550; 0: none
    std::string error;             // what it said, or why it said nothing; without a password
};

enum class DeliveryVerdict {
    delivered,
    throttled,  // 429: the receiver asks for rest
    outage,     // it may work later: 5xx, 408, a redirect, no answer, no HTTP; a mailer that failed
    unusable,   // it is the token, the channel or the webhook: once a person has mended that, it will work
    malformed,  // 400: what we sent was not understood
    refused,    // it is the message, or a mail's address: it will never work as it is
};

struct Answer {
    DeliveryVerdict verdict = DeliveryVerdict::outage;
    std::string text;             // "slack:ops: 404 no_service; the webhook no longer exists: make a new one in Slack"
    std::optional<Seconds> rest;  // throttled, outage: how long it asks us to wait
};

// A word that a service answers with, and what to do about it.
struct AnswerWord {
    std::string_view word, meaning;
    bool of_place = false;  // not of the message
};

// What an HTTP answer means: by its status, and by its body if that is one of these words. Nothing else of the body is
// repeated, which a proxy may have written.
Answer web_answer(const std::string& target, const PostAnswer& answer, Instant now,
                  std::span<const AnswerWord> words = {});

// Source of the codes: sysexits.h, as sendmail(8) uses them; RFC 5321, 4.2.1, and RFC 4954, 6, for a server's
// own trouble with a login, which is mended here and not by another message.
Answer mail_answer(const std::string& target, const MailAnswer& answer);

}  // namespace mc::notify
