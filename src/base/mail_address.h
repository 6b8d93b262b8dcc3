// mail_address.h — what may stand as an address in a mail's header, in a command and in a target's name.
#pragma once

#include <string_view>

namespace mc {

// One address, or several with commas between: "ops@example.com", "root". Letters and digits, and behind the first
// `@!:%-._+=`: none can add a header or a word to a command, or be a program or a file to a mailer (cronie's rule, and `=`).
bool is_mail_address(std::string_view text);

}  // namespace mc
