// answer.h — what a webhook's answer means, and in what words it is recorded. Pure.
#pragma once

#include <string>

#include "notify/courier.h"

namespace mc::notify {

enum class Verdict {
    delivered,
    throttled,  // 429: the webhook asks for rest
    outage,     // it may work later: 5xx, 408, a redirect, no answer, no HTTP
    malformed,  // 400: what we sent was not understood
    refused,    // any other 4xx: it will never work as it is
};
Verdict judge(const PostAnswer& answer);

// "slack:ops: 404 no_service; the webhook no longer exists: make a new one in Slack". Of the body only
// Slack's own error words are repeated, never what a proxy may have written there.
std::string answer_text(const std::string& target, const PostAnswer& answer);

}  // namespace mc::notify
