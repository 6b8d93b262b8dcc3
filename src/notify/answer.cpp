#include "notify/answer.h"

#include <fmt/format.h>

#include <algorithm>

#include "notify/retry_after.h"
#include "notify/text.h"

namespace mc::notify {
namespace {

const AnswerWord* word_in(const PostAnswer& answer, std::span<const AnswerWord> words) {
    for (const AnswerWord& known : words)
        if (answer.body.starts_with(known.word) &&
            answer.body.find_first_not_of("\r\n ", known.word.size()) == std::string::npos)
            return &known;
    return nullptr;
}

// Webhooks answer with a word or JSON. An HTML page comes from a proxy or a login: nothing was delivered despite the
// 2xx.
bool is_page_for_delivery(const PostAnswer& answer) {
    const auto begin = answer.body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    return answer.status >= 200 && answer.status < 300 && begin != std::string::npos && answer.body[begin] == '<';
}

// 413, 415 and 422 are about the message (RFC 9110, 15.5); all other 4xx are about the sender or the address.
DeliveryVerdict judge(const PostAnswer& answer, const AnswerWord* word) {
    if (is_page_for_delivery(answer)) return DeliveryVerdict::outage;
    if (answer.status >= 200 && answer.status < 300) return DeliveryVerdict::delivered;
    if (answer.status == 429) return DeliveryVerdict::throttled;
    if (answer.status < 400 || answer.status >= 500 || answer.status == 408) return DeliveryVerdict::outage;
    if (word && word->of_place) return DeliveryVerdict::unusable;
    if (answer.status == 400) return DeliveryVerdict::malformed;
    const bool of_message = answer.status == 413 || answer.status == 415 || answer.status == 422;
    return of_message || word ? DeliveryVerdict::refused : DeliveryVerdict::unusable;
}

// RFC 3463, 3.4: 5.3.4 "message too big for system", 5.2.3 "exceeds administrative limit".
bool is_too_large(std::string_view said) {
    return said.find("5.3.4") != std::string_view::npos || said.find("5.2.3") != std::string_view::npos;
}

DeliveryVerdict judge(const MailAnswer& answer) {
    constexpr int data_error = 65, no_user = 67, no_host = 68;
    if (answer.exit_code) {
        const int code = *answer.exit_code;
        if (code == 0) return DeliveryVerdict::delivered;
        return code == data_error || code == no_user || code == no_host ? DeliveryVerdict::refused
                                                                        : DeliveryVerdict::outage;
    }
    if (answer.reply >= 200 && answer.reply < 300) return DeliveryVerdict::delivered;
    const bool about_login = answer.reply == 530 || (answer.reply >= 534 && answer.reply <= 538);
    const bool full = answer.reply == 552 && !is_too_large(answer.error);  // a full mailbox may have room later
    return answer.reply >= 500 && answer.reply < 600 && !about_login && !full ? DeliveryVerdict::refused
                                                                              : DeliveryVerdict::outage;
}

// The last lines that a mailer or a server printed, as one line.
std::string said(const std::string& error) {
    constexpr std::size_t most = 300;
    std::string text = last_lines(clean_text(error), 5);
    std::replace(text.begin(), text.end(), '\n', ' ');
    return fit_start(text, most);
}

}  // namespace

Answer web_answer(const std::string& target, const PostAnswer& answer, Instant now, std::span<const AnswerWord> words) {
    const AnswerWord* word = word_in(answer, words);
    Answer made;
    made.verdict = judge(answer, word);
    if (answer.status == 0)
        made.text = fmt::format("{}: {}", target, answer.error.empty() ? "no answer" : answer.error);
    else made.text = fmt::format("{}: HTTP {}", target, answer.status);
    if (is_page_for_delivery(answer))
        made.text += " with an HTML page, as from a proxy or a login; nothing was delivered";
    if (word) made.text += fmt::format(" {}; {}", word->word, word->meaning);
    constexpr int unavailable = 503;
    if (made.verdict == DeliveryVerdict::throttled || answer.status == unavailable)
        made.rest = parse_retry_after(answer.retry_after, now);
    return made;
}

Answer mail_answer(const std::string& target, const MailAnswer& answer) {
    const std::string words = said(answer.error);
    std::string text = target + ": ";
    if (answer.exit_code) text += fmt::format("the mailer exited with {}", *answer.exit_code);
    else if (answer.reply != 0 && !words.starts_with(std::to_string(answer.reply)))
        text += fmt::format("the mail server answered {}", answer.reply);
    else if (answer.reply != 0) text += "the mail server answered";
    if (words.empty()) text += answer.exit_code || answer.reply != 0 ? "" : "no answer";
    else text += (text.ends_with(": ") ? "" : ": ") + words;
    return {judge(answer), std::move(text), {}};
}

}  // namespace mc::notify
