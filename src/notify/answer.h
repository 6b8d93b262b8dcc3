// answer.h — what the answer to a message means, for every channel, and the text that is recorded for it. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"

namespace mc::notify {

// The answer to an HTTP request.
struct PostAnswer {
    int status = 0;  // 0: no answer; `error` is the cause, without the URL
    std::string error;
    std::string retry_after, body;
};

// The answer of a mailer or a mail server.
struct MailAnswer {
    std::optional<int> exit_code;  // of a mailer that has exited
    int reply = 0;                 // of a server: 250, 550; 0: none
    std::string error;             // its text, or why there is none; without a password
};

enum class DeliveryVerdict {
    delivered,
    throttled,  // 429: the receiver's rate limit was reached
    outage,     // a retry may succeed: 5xx, 408, a redirect, no answer, not HTTP; a mailer that failed
    unusable,   // the token, the channel or the webhook is wrong: works once an operator has fixed it
    malformed,  // 400: the receiver did not understand the message
    refused,    // the message or a mail's address is wrong: a retry cannot succeed
};

struct Answer {
    DeliveryVerdict verdict = DeliveryVerdict::outage;
    std::string text;             // "slack:ops: 404 no_service; the webhook no longer exists: make a new one in Slack"
    std::optional<Seconds> rest;  // throttled, outage: how long the receiver asks us to wait
};

// An error word that a service answers with, and what to do about it.
struct AnswerWord {
    std::string_view word, meaning;
    bool of_place = false;  // the channel is wrong, not the message
};

// What an HTTP answer means: by its status, and by its body if that is one of `words`. Nothing else of the body is
// repeated, because a proxy may have written it.
Answer web_answer(const std::string& target, const PostAnswer& answer, Instant now,
                  std::span<const AnswerWord> words = {});

// Source of the codes: sysexits.h, as sendmail(8) uses them; RFC 5321, 4.2.1; RFC 4954, 6, for a refused login, which
// is an outage because it is fixed in the configuration, not in the message.
Answer mail_answer(const std::string& target, const MailAnswer& answer);

}  // namespace mc::notify
